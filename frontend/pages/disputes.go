package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// disputes is what the platform has to decide: returns, complaints, reviews.
func (p *Pages) disputes(c *gin.Context) error { return p.showDisputes(c, http.StatusOK, nil) }

func (p *Pages) showDisputes(c *gin.Context, status int, failed error) error {
	ctx, by, s := c.Request.Context(), web.Actor(c), p.speaker(c)
	v := sheetView{Page: p.adminPage(c, s.t("dispute.title")), Lead: s.t("dispute.lead")}
	v.Sheets, v.Wrongs = moneySheets, p.wrongs(s, failed, nil)
	returns, err := p.Orders.DisputedReturns(ctx, by, "", pageSize)
	if err != nil {
		return err
	}
	for _, o := range returns.Items {
		for i := range o.Returns {
			if r := &o.Returns[i]; r.State == orders.ReturnDisputed || r.State == orders.ReturnOwed {
				v.Parts = append(v.Parts, p.disputePart(c, s, v.Page, o, r))
			}
		}
	}
	complaints, err := p.Orders.Disputed(ctx, by, "", pageSize)
	if err != nil {
		return err
	}
	reported, err := p.Orders.Reported(ctx, by, "", pageSize)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, s.complaintsPart(complaints))
	for _, r := range reported.Items {
		v.Parts = append(v.Parts, s.reportedPart(r))
	}
	if len(returns.Items) == 0 {
		v.Parts = append([]sheetPart{{Title: s.t("aftercare.returns"), Text: s.t("aftercare.returns.none")}}, v.Parts...)
	}
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) disputePart(c *gin.Context, s speaker, page ui.Page, o *orders.Order, r *orders.Return) sheetPart {
	sheet := p.returnSheet(s, page, o, r, func(photo string) string { return "/don-hang/" + string(o.ID) + "/bang-chung/" + photo })
	part := sheetPart{ID: string(r.ID), Title: s.t("return.one", "code", o.Code), State: s.t("return.state." + string(r.State)), Tone: returnTones[r.State]}
	for _, one := range sheet.Parts {
		part.Rows = append(part.Rows, one.Rows...)
		part.Body = one.Body // the last is what was said
	}
	if shots := s.shotsOf(o, r.Parcel, evidencePath(o.ID, "")); shots != nil {
		part.Body = templ.Join(shots, part.Body)
	}
	if due := s.returnDue(r); due != "" {
		part.Rows = append(part.Rows, [2]string{s.t("return.due"), due})
	}
	if r.State != orders.ReturnDisputed {
		return part
	}
	part.Forms = []sheetForm{{
		Action: "/quan-tri/phan-xu/" + string(o.ID) + "/" + string(r.ID), Folded: s.t("dispute.decide"),
		Fields: []ui.Field{
			{Kind: ui.Amount, Name: "amount", ID: "amount-" + string(r.ID), Label: s.t("dispute.amount"), Help: s.t("dispute.amount.help", "most", r.Goods+r.Shipping), Short: true, MaxLength: "14"},
			{Kind: ui.Check, Name: "back", ID: "back-" + string(r.ID), Label: s.t("dispute.back"), Optional: true, Unmarked: true},
			{Kind: ui.Area, Name: "text", ID: "text-" + string(r.ID), Label: s.t("dispute.text"), Help: s.t("dispute.text.help"), MaxLength: "2000"},
		},
		Button: ui.Button{Label: s.t("dispute.decide"), Wide: true},
	}}
	return part
}

// typedAmount reads đồng as people write them: 45.000.
func typedAmount(text string) int64 {
	return typedNumber(strings.NewReplacer(".", "", " ", "", "₫", "").Replace(text))
}

// decideReturn ends a dispute in writing.
func (p *Pages) decideReturn(c *gin.Context) error {
	amount := typedAmount(c.PostForm("amount"))
	if strings.TrimSpace(c.PostForm("amount")) == "" {
		amount = -1 // nothing typed is not a decision for nothing
	}
	_, err := p.Orders.DecideReturn(c.Request.Context(), web.Actor(c), market.ID(c.Param("order")), market.ID(c.Param("ret")), orders.Verdict{
		Amount: market.VND(amount), Back: c.PostForm("back") != "", Text: c.PostForm("text"),
	})
	if mendable(err) {
		return p.showDisputes(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/phan-xu", "return.done")
}

func (s speaker) reportedPart(r *orders.Review) sheetPart {
	part := sheetPart{ID: string(r.ID), Title: s.t("review.reported.title", "name", s.text(r.Name)), Rows: s.reviewRows(r)}
	for _, report := range r.Reports {
		part.Rows = append(part.Rows, [2]string{s.t("review.report") + " " + s.date(report.At), report.Text})
	}
	action := "/quan-tri/danh-gia/" + string(r.ID)
	part.Forms = []sheetForm{
		{
			Action: action, Folded: s.t("review.hide"), Hidden: [][2]string{{"deed", "hide"}}, Button: ui.Button{Label: s.t("review.hide"), Look: ui.Danger},
			Fields: []ui.Field{{Name: "reason", ID: "reason-" + string(r.ID), Label: s.t("review.hide.why"), MaxLength: "400"}},
		},
		{Action: action, Hidden: [][2]string{{"deed", "keep"}}, Button: ui.Button{Label: s.t("review.keep"), Look: ui.Secondary}},
	}
	return part
}

// judgeReview hides a reported review, or lets it stand.
func (p *Pages) judgeReview(c *gin.Context) error {
	reason := strings.TrimSpace(c.PostForm("reason"))
	var err error
	if c.PostForm("deed") == "hide" && reason == "" {
		err = market.Invalid("review.hide.reason", "reason")
	} else {
		if c.PostForm("deed") != "hide" {
			reason = ""
		}
		_, err = p.Orders.HideReview(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), reason)
	}
	if mendable(err) {
		return p.showDisputes(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/phan-xu", "return.done")
}

// deadlines is the page of everything that happens by itself, drawn from the
// rows that the market goes by.
func (p *Pages) deadlines(c *gin.Context) error {
	s := p.speaker(c)
	v := sheetView{Page: p.page(c, s.t("deadlines.title")), Lead: s.t("deadlines.lead")}
	now := p.Env.Now()
	orderTable := ui.Table{Caption: s.t("deadlines.orders"), Columns: []ui.Column{{Label: s.t("deadlines.what")}, {Label: s.t("deadlines.wait"), Number: true}, {Label: s.t("deadlines.since")}}}
	for _, d := range p.deadlineRows.InForce(now) {
		orderTable.Rows = append(orderTable.Rows, []ui.Cell{{Text: s.t("deadline." + d.What), Sub: d.Basis}, {Text: s.hours(d.Wait)}, {Text: s.date(d.From)}})
	}
	complaintTable := ui.Table{Caption: s.t("deadlines.complaints"), Columns: []ui.Column{{Label: s.t("complaint.category.label")}, {Label: s.t("deadlines.answer"), Number: true}, {Label: s.t("deadlines.resolve"), Number: true}}}
	for _, k := range p.categories.At(now, "") {
		complaintTable.Rows = append(complaintTable.Rows, []ui.Cell{{Text: s.text(k.Name), Sub: k.Basis}, {Text: s.hours(k.Answer)}, {Text: s.hours(k.Resolve)}})
	}
	v.Parts = []sheetPart{{ID: "don-hang", Table: orderTable}, {ID: "khieu-nai", Table: complaintTable}}
	return web.Render(c, http.StatusOK, sheetPage(v))
}

// hours writes a wait in days when it is whole days, else in hours or minutes.
func (s speaker) hours(wait time.Duration) string {
	wait = wait.Abs()
	switch {
	case wait%(24*time.Hour) == 0:
		return s.t("wait.days", "n", int64(wait/(24*time.Hour)))
	case wait%time.Hour == 0:
		return s.t("wait.hours", "n", int64(wait/time.Hour))
	}
	return s.t("wait.minutes", "n", strconv.Itoa(int(wait/time.Minute)))
}
