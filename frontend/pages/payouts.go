package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

const payoutDoor = "/quan-tri/chi-tra"

// moneySheets are for pages of claims, payouts, differences and what is said
// about them.
var moneySheets = []string{"page-money.css"}

// payoutRoutes are the pages of operators who pay sellers out and declare what
// was withheld.
func (p *Pages) payoutRoutes() []Route {
	return within([]market.Role{market.RoleOperator},
		get(payoutDoor, p.payouts),
		post(payoutDoor, p.preparePayout),
		post(payoutDoor+"/sao-ke", p.takeStatement),
		get(payoutDoor+"/:id", p.payout),
		get(payoutDoor+"/:id/ngan-hang.csv", p.bankFile),
		post(payoutDoor+"/:id/duyet", p.approvePayout),
		post(payoutDoor+"/:id/bo", p.dropPayout),
		post(payoutDoor+"/:id/tra-lai/:seller", p.returnPayout),
	)
}

var payoutTones = map[payments.PayoutState]ui.Tone{
	payments.PayoutPrepared: ui.Warning, payments.PayoutApproved: ui.Warning, payments.PayoutSent: ui.Info,
	payments.PayoutDone: ui.Success, payments.PayoutDropped: ui.Info,
}

var payoutLineTones = map[string]ui.Tone{
	payments.LinePlanned: ui.Info, payments.LineClaimed: ui.Warning, payments.LinePaid: ui.Success,
	payments.LineRejected: ui.Problem, payments.LineReturned: ui.Problem, payments.LineStale: ui.Info,
}

// payouts lists the batches, works the next one out on request, and takes the
// bank's answers.
func (p *Pages) payouts(c *gin.Context) error { return p.showPayouts(c, http.StatusOK, nil, nil) }

func (p *Pages) showPayouts(c *gin.Context, status int, answered *payments.Answered, failed error) error {
	ctx, s, by := c.Request.Context(), p.speaker(c), web.Actor(c)
	page, err := p.Payouts.Payouts(ctx, by, store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	v := sheetView{Page: p.adminPage(c, s.t("payout.title")), Lead: s.t("payout.lead"), Cursor: cursor(c, string(page.Next))}
	v.Sheets, v.Wrongs = moneySheets, p.wrongs(s, failed, nil)
	if answered != nil {
		v.Parts = append(v.Parts, s.answeredPart(answered))
	}
	sources, err := p.payoutSources(c, s)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, sources...)
	t := ui.Table{Caption: s.t("payout.list"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("payout.batch")}, {Label: s.t("cert.state")}, {Label: s.t("payout.total"), Number: true, Lead: true}, {Label: s.t("payout.prepared")}, {Label: s.t("payout.approved")},
	}}
	for _, b := range page.Items {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: s.date(b.PreparedAt) + " · " + s.source(b.Source), Href: payoutDoor + "/" + string(b.ID), Sub: s.t("payout.lines", "n", len(b.Lines))},
			{Text: s.t("payout.state." + string(b.State)), Tag: payoutTones[b.State]},
			{Text: s.vnd(b.Total)},
			{Text: b.PreparedName},
			{Text: b.ApprovedName},
		})
	}
	list := sheetPart{Title: s.t("payout.list"), Table: t}
	if len(t.Rows) == 0 {
		list.Text = s.t("payout.none")
	}
	v.Parts = append(v.Parts, list, s.statementPart())
	return web.Render(c, status, sheetPage(v))
}

// payoutSources shows what can be drawn from, and the preview that was asked for.
func (p *Pages) payoutSources(c *gin.Context, s speaker) ([]sheetPart, error) {
	ctx, by := c.Request.Context(), web.Actor(c)
	sources, err := p.Payouts.Sources(ctx, by)
	if err != nil {
		return nil, err
	}
	part := sheetPart{Title: s.t("payout.new"), Text: s.t("payout.new.text")}
	if len(sources) == 0 {
		part.Text = s.t("payout.no_source")
	}
	for _, source := range sources {
		part.Links = append(part.Links, ui.NavItem{Label: s.t("payout.preview", "source", s.source(source)), Href: payoutDoor + "?nguon=" + string(source) + "#xem"})
	}
	asked := payments.Account(c.Query("nguon"))
	if !slices.Contains(sources, asked) {
		return []sheetPart{part}, nil
	}
	b, err := p.Payouts.Preview(ctx, by, asked)
	if err != nil {
		return nil, err
	}
	preview := s.payoutPart(b)
	preview.ID, preview.Title = "xem", s.t("payout.preview", "source", s.source(asked))
	if len(b.Lines) > 0 {
		preview.Forms = []sheetForm{{Action: payoutDoor, Hidden: [][2]string{{"source", string(asked)}}, Button: ui.Button{Label: s.t("payout.prepare")}}}
	}
	return []sheetPart{part, preview, s.skippedPart(b)}, nil
}

// source names where a payout is drawn from.
func (s speaker) source(a payments.Account) string {
	if a == payments.PlatformVouchers {
		return s.t("payout.vouchers")
	}
	_, provider, _ := strings.Cut(string(a), ":")
	return s.t("method." + provider)
}

func (s speaker) payoutPart(b *payments.Payout) sheetPart {
	t := ui.Table{Caption: s.t("payout.lines.caption"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("payout.seller")}, {Label: s.t("payout.amount"), Number: true, Lead: true}, {Label: s.t("cert.state")}, {Label: s.t("payout.why")},
	}, Totals: []string{s.t("table.total"), s.vnd(b.Total), "", ""}}
	for _, l := range b.Lines {
		state := ui.Cell{Text: s.t("payout.line." + l.State), Tag: payoutLineTones[l.State], Sub: joined(l.Transaction, l.Reason)}
		t.Rows = append(t.Rows, []ui.Cell{{Text: l.Name, Sub: joined(l.Bank.Account, l.Reference)}, {Text: s.vnd(l.Amount)}, state, {Other: sumLines(s.explained(l))}})
	}
	part := sheetPart{Title: s.t("payout.lines.caption"), Table: t}
	if len(t.Rows) == 0 {
		part.Text = s.t("payout.nobody")
	}
	return part
}

// explained is what a line is made of, in đồng.
func (s speaker) explained(l payments.PayoutLine) [][2]string {
	rows := s.sums(l.Opening, l.By)
	if kept := l.Held + l.Left; kept != 0 {
		rows = append(rows, [2]string{s.t("payout.for.kept"), s.signed(-kept)})
	}
	return rows
}

// sums are what a balance is made of, as rows, in the order people think of it.
func (s speaker) sums(opening market.VND, by []payments.Sum) [][2]string {
	var rows [][2]string
	add := func(key string, amount market.VND) {
		if amount != 0 {
			rows = append(rows, [2]string{s.t("payout.for." + key), s.signed(amount)})
		}
	}
	add("opening", opening)
	order := []string{
		payments.ForGoods, payments.ForShipping, payments.ForVoucher, payments.ForRefund, payments.ForFee,
		payments.ForVAT, payments.ForPIT, payments.ForCarriage, payments.ForOwn, payments.ForPayout,
	}
	for _, what := range order {
		for _, sum := range by {
			if sum.Name == what && what == payments.ForPayout && sum.Amount > 0 {
				add("unpaid", sum.Amount) // refused by the bank or sent back
			} else if sum.Name == what {
				add(what, sum.Amount)
			}
		}
	}
	for _, sum := range by {
		if !slices.Contains(order, sum.Name) {
			add("other", sum.Amount)
		}
	}
	return rows
}

func (s speaker) signed(v market.VND) string {
	if v < 0 {
		return "−" + s.vnd(-v)
	}
	return "+" + s.vnd(v)
}

func (s speaker) skippedPart(b *payments.Payout) sheetPart {
	part := sheetPart{Title: s.t("payout.skipped")}
	t := ui.Table{Caption: part.Title, Quiet: true, Columns: []ui.Column{{Label: s.t("payout.seller")}, {Label: s.t("payout.balance"), Number: true, Lead: true}, {Label: s.t("payout.skip")}}}
	for _, skip := range b.Skipped {
		t.Rows = append(t.Rows, []ui.Cell{{Text: skip.Name}, {Text: s.vnd(skip.Amount)}, {Text: s.t("payout.skip." + skip.Why)}})
	}
	if part.Table = t; len(t.Rows) == 0 {
		part.Text = s.t("payout.skipped.none")
	}
	return part
}

// preparePayout keeps a batch for a second person.
func (p *Pages) preparePayout(c *gin.Context) error {
	b, err := p.Payouts.Prepare(c.Request.Context(), web.Actor(c), payments.Account(c.PostForm("source")), web.OnceID(c))
	if mendable(err) {
		return p.sayWrong(c, payoutDoor, err)
	}
	if err != nil {
		return err
	}
	return tell(c, payoutDoor+"/"+string(b.ID), "payout.prepared.done")
}

// payout shows one batch and what can be done with it.
func (p *Pages) payout(c *gin.Context) error {
	s, by := p.speaker(c), web.Actor(c)
	b, err := p.Payouts.Payout(c.Request.Context(), by, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	v := sheetView{Page: p.adminPage(c, s.t("payout.title")), Lead: s.t("payout.holds_nothing"), Trail: []ui.NavItem{{Label: s.t("payout.list"), Href: payoutDoor}}}
	v.Sheets = moneySheets
	head := sheetPart{Title: s.date(b.PreparedAt) + " · " + s.source(b.Source), State: s.t("payout.state." + string(b.State)), Tone: payoutTones[b.State], Rows: [][2]string{
		{s.t("payout.total"), s.vnd(b.Total)},
		{s.t("payout.cutoff"), s.moment(b.Cutoff)},
		{s.t("payout.prepared"), joined(b.PreparedName, s.moment(b.PreparedAt))},
	}}
	if b.ApprovedAt != nil {
		head.Rows = append(head.Rows, [2]string{s.t("payout.approved"), joined(b.ApprovedName, s.moment(*b.ApprovedAt))})
	}
	here := payoutDoor + "/" + string(b.ID)
	switch {
	case b.State == payments.PayoutPrepared && by.Person == b.PreparedBy:
		head.Text = s.t("payout.wait_second")
		head.Forms = []sheetForm{{Action: here + "/bo", Button: ui.Button{Label: s.t("payout.drop"), Look: ui.Secondary}}}
	case b.State == payments.PayoutPrepared:
		head.Forms = []sheetForm{
			{Action: here + "/duyet", Button: ui.Button{Label: s.t("payout.approve"), Confirm: s.t("payout.sure", "total", b.Total)}},
			{Action: here + "/bo", Button: ui.Button{Label: s.t("payout.drop"), Look: ui.Secondary}},
		}
	case b.State == payments.PayoutSent:
		head.Links = []ui.NavItem{{Label: s.t("payout.file"), Href: here + "/ngan-hang.csv"}}
	}
	v.Parts = append(v.Parts, head, s.payoutPart(b), s.skippedPart(b))
	if b.State == payments.PayoutSent {
		v.Parts = append(v.Parts, s.statementPart())
	}
	v.Parts = append(v.Parts, s.returnParts(b, here)...)
	return web.Render(c, http.StatusOK, sheetPage(v))
}

// returnParts lets transfers that came back be noted.
func (s speaker) returnParts(b *payments.Payout, here string) []sheetPart {
	part := sheetPart{Title: s.t("payout.return"), Text: s.t("payout.return.text")}
	for _, l := range b.Lines {
		if l.State == payments.LinePaid {
			part.Forms = append(part.Forms, sheetForm{
				Action: here + "/tra-lai/" + string(l.Seller), Folded: l.Name + " · " + s.vnd(l.Amount),
				Fields: []ui.Field{{Name: "reason", ID: "reason-" + string(l.Seller), Label: s.t("payout.reason"), MaxLength: "400"}},
				Button: ui.Button{Label: s.t("payout.return.do"), Look: ui.Danger},
			})
		}
	}
	if len(part.Forms) == 0 {
		return nil
	}
	return []sheetPart{part}
}

func (s speaker) statementPart() sheetPart {
	file := ui.Field{Kind: ui.File, Name: "file", Label: s.t("payout.statement.file"), Help: s.t("payout.statement.help", "columns", strings.Join(payments.AnswerColumns, ", ")), Accept: ".csv"}
	return sheetPart{Title: s.t("payout.statement"), Text: s.t("payout.statement.text"), Forms: []sheetForm{
		{Action: payoutDoor + "/sao-ke", Upload: true, Fields: []ui.Field{file}, Button: ui.Button{Label: s.t("payout.statement.read")}},
	}}
}

func (s speaker) answeredPart(a *payments.Answered) sheetPart {
	part := sheetPart{Title: s.t("payout.answered"), Rows: [][2]string{
		{s.t("payout.line.paid"), s.number(int64(a.Paid))}, {s.t("payout.line.rejected"), s.number(int64(a.Rejected))}, {s.t("payout.known"), s.number(int64(a.Known))},
	}}
	t := ui.Table{Caption: s.t("payout.differences"), Columns: []ui.Column{
		{Label: s.t("payout.row"), Number: true}, {Label: s.t("payout.reference")}, {Label: s.t("payout.amount"), Number: true}, {Label: s.t("payout.difference")},
	}}
	for _, d := range a.Differences {
		t.Rows = append(t.Rows, []ui.Cell{{Text: s.number(int64(d.Row))}, {Text: d.Reference}, {Text: s.vnd(d.Amount)}, {Text: s.t("payout.diff." + d.Why)}})
	}
	part.Table = t
	return part
}

// takeStatement reads the bank's answers; what fits nothing is shown.
func (p *Pages) takeStatement(c *gin.Context) error {
	_, data, err := formFile(c, "file", payments.MaxStatement)
	var answers []payments.Answer
	if err == nil {
		answers, err = payments.ParseAnswers(strings.NewReader(string(data)))
	}
	if mendable(err) {
		return p.showPayouts(c, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	taken, err := p.Payouts.Take(c.Request.Context(), web.Actor(c), answers)
	if err != nil {
		return err
	}
	return p.showPayouts(c, http.StatusOK, &taken, nil)
}

// bankFile gives what the partner is told to pay.
func (p *Pages) bankFile(c *gin.Context) error {
	var file strings.Builder
	id := market.ID(c.Param("id"))
	if err := p.Payouts.WriteBankFile(c.Request.Context(), web.Actor(c), id, &file); err != nil {
		return err
	}
	return sendFile(c, "chi-tra-"+string(id)+".csv", "text/csv; charset=utf-8", []byte(file.String()))
}

// sendFile gives a file that is nobody else's business.
func sendFile(c *gin.Context, name, kind string, data []byte) error {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, kind, data)
	return nil
}

func (p *Pages) approvePayout(c *gin.Context) error {
	id := market.ID(c.Param("id"))
	_, err := p.Payouts.Approve(c.Request.Context(), web.Actor(c), id)
	return p.afterPayout(c, id, err, "payout.approved.done")
}

func (p *Pages) dropPayout(c *gin.Context) error {
	id := market.ID(c.Param("id"))
	_, err := p.Payouts.Drop(c.Request.Context(), web.Actor(c), id)
	return p.afterPayout(c, id, err, "payout.dropped.done")
}

func (p *Pages) returnPayout(c *gin.Context) error {
	id := market.ID(c.Param("id"))
	_, err := p.Payouts.Return(c.Request.Context(), web.Actor(c), id, market.ID(c.Param("seller")), c.PostForm("reason"))
	return p.afterPayout(c, id, err, "payout.returned.done")
}

// afterPayout shows the batch again. A second person is asked for in words.
func (p *Pages) afterPayout(c *gin.Context, id market.ID, err error, done string) error {
	here := payoutDoor + "/" + string(id)
	if mendable(err) || market.KindOf(err) == market.KindForbidden || market.KindOf(err) == market.KindUnavailable {
		return p.sayWrong(c, here, err)
	}
	if err != nil {
		return err
	}
	return tell(c, here, done)
}
