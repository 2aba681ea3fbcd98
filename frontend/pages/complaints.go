package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

var complaintTones = map[orders.ComplaintState]ui.Tone{
	orders.ComplaintOpen: ui.Warning, orders.ComplaintAnswered: ui.Info, orders.ComplaintEscalated: ui.Problem,
	orders.ComplaintResolved: ui.Success, orders.ComplaintWithdrawn: ui.Info,
}

// grieving is the form for a complaint and where it goes.
type grieving struct {
	about, action, key, lead string
}

// complaintForm complains about a parcel.
func (p *Pages) complaintForm(c *gin.Context) error {
	return p.showComplaintForm(c, http.StatusOK, nil)
}

func (p *Pages) showComplaintForm(c *gin.Context, status int, failed error) error {
	o, parcel, key, err := p.ownOrder(c, c.Param("parcel"))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	return p.grieve(c, status, grieving{
		about: orders.AboutOrder, action: "/don-hang/" + string(o.ID) + "/khieu-nai/" + string(parcel.ID), key: key,
		lead: s.t("complaint.lead.order", "code", o.Code, "seller", s.text(parcel.SellerName)),
	}, failed)
}

func (p *Pages) grieve(c *gin.Context, status int, g grieving, failed error) error {
	s := p.speaker(c)
	v := sheetView{Page: p.page(c, s.t("complaint.title")), Lead: g.lead}
	v.Frame, v.NoIndex = ui.FrameTask, true
	category := ui.Field{Kind: ui.Choice, Name: "category", Label: s.t("complaint.category.label")}
	for _, k := range p.categories.At(p.Env.Now(), g.about) {
		category.Options = append(category.Options, ui.Option{
			Value: k.Code, Label: s.text(k.Name), Help: s.t("complaint.deadlines", "answer", s.hours(k.Answer), "resolve", s.hours(k.Resolve)), Selected: c.PostForm("category") == k.Code,
		})
	}
	form := sheetForm{
		Action: g.action, Upload: true, Hidden: [][2]string{{"key", g.key}, {"id", p.formID(c)}},
		Fields: []ui.Field{category, textField(c, s.t("complaint.text"), s.t("complaint.text.help")), photoField(s)},
		Button: ui.Button{Label: s.t("complaint.send"), Wide: true},
	}
	v.Wrongs = p.wrongs(s, failed, slotsOf(form.Fields))
	v.Parts = []sheetPart{{Text: s.t("complaint.how"), Forms: []sheetForm{form}, Links: []ui.NavItem{{Label: s.t("deadlines.title"), Href: "/quy-che/thoi-han"}}}}
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) complain(c *gin.Context) error {
	return p.sendComplaint(c, orders.Grievance{Order: market.ID(c.Param("id")), Parcel: market.ID(c.Param("parcel"))}, p.showComplaintForm)
}

func (p *Pages) sendComplaint(c *gin.Context, g orders.Grievance, again func(*gin.Context, int, error) error) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	g.Category, g.Key, g.Text, g.Photos = c.PostForm("category"), c.PostForm("key"), c.PostForm("text"), photos
	if g.ID = market.ID(c.PostForm("id")); !sensibleID(g.ID) {
		g.ID = ""
	}
	made, err := p.Orders.Complain(c.Request.Context(), web.Actor(c), g)
	if mendable(err) {
		return again(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, withKey("/khieu-nai/"+string(made.ID), g.Key), "complaint.sent")
}

// productComplaintForm complains about a product: somebody signed in may.
func (p *Pages) productComplaintForm(c *gin.Context) error {
	return p.showProductComplaint(c, http.StatusOK, nil)
}

func (p *Pages) showProductComplaint(c *gin.Context, status int, failed error) error {
	if web.Actor(c).Guest() {
		return market.Unauthenticated("signin.needed")
	}
	product, err := p.Catalog.BySlug(c.Request.Context(), web.Actor(c), c.Param("slug"))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	return p.grieve(c, status, grieving{
		about: orders.AboutProduct, action: productPath(product.Slug) + "/khieu-nai",
		lead: s.t("complaint.lead.product", "name", s.text(product.Name), "seller", s.text(product.SellerName)),
	}, failed)
}

func (p *Pages) complainOfProduct(c *gin.Context) error {
	product, err := p.Catalog.BySlug(c.Request.Context(), web.Actor(c), c.Param("slug"))
	if err != nil {
		return err
	}
	return p.sendComplaint(c, orders.Grievance{Product: product.ID}, p.showProductComplaint)
}

// complaint shows a complaint to its three sides, each with what it can do now.
func (p *Pages) complaint(c *gin.Context) error { return p.showComplaint(c, http.StatusOK, nil) }

func (p *Pages) showComplaint(c *gin.Context, status int, failed error) error {
	ctx, by, key := c.Request.Context(), web.Actor(c), c.Query("key")
	if key == "" {
		key = c.PostForm("key")
	}
	k, err := p.Orders.Complaint(ctx, by, market.ID(c.Param("id")), key)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := sheetView{Page: p.page(c, s.t("complaint.one", "subject", s.text(k.Subject)))}
	v.NoIndex, v.Narrow, v.Sheets = true, true, moneySheets
	v.Notices = []ui.Notice{{Tone: complaintTones[k.State], Title: s.t("complaint.state." + string(k.State)), Text: s.complaintEnd(k)}}
	v.Parts = []sheetPart{{Rows: p.complaintRows(s, k)}, s.conversation(k.Says, func(photo string) string {
		return withKey("/khieu-nai/"+string(k.ID)+"/bang-chung/"+photo, key)
	})}
	if k.State.Open() {
		forms := s.complaintDeeds(c, by, k, key)
		for i := range forms {
			v.Wrongs = append(v.Wrongs, p.wrongs(s, failed, slotsOf(forms[i].Fields))...)
			failed = nil
		}
		v.Parts = append(v.Parts, sheetPart{Title: s.t("return.now"), Forms: forms})
	}
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) complaintEnd(k *orders.Complaint) string {
	if k.Outcome == nil {
		return ""
	}
	return joined(s.t("complaint.outcome."+k.Outcome.Kind), k.Outcome.Text)
}

func (p *Pages) complaintRows(s speaker, k *orders.Complaint) [][2]string {
	rows := [][2]string{{s.t("complaint.category.label"), p.categoryName(s, k.Category)}}
	if k.Code != "" {
		rows = append(rows, [2]string{s.t("orders.code"), k.Code})
	}
	return append(rows, [2]string{s.t("complaint.answer_by"), s.moment(k.AnswerBy)}, [2]string{s.t("complaint.resolve_by"), s.moment(k.ResolveBy)})
}

func (p *Pages) categoryName(s speaker, code string) string {
	for _, k := range p.categories {
		if k.Code == code {
			return s.text(k.Name)
		}
	}
	return code
}

func (s speaker) complaintDeeds(c *gin.Context, by market.Actor, k *orders.Complaint, key string) []sheetForm {
	form := func(side orders.Side, deed string, look ui.Look, fields ...ui.Field) sheetForm {
		return sheetForm{
			Action: "/khieu-nai/" + string(k.ID), Upload: len(fields) > 0, Hidden: [][2]string{{"key", key}, {"side", string(side)}, {"deed", deed}},
			Fields: fields, Button: ui.Button{Label: s.t("complaint.do." + deed), Look: look, Wide: true},
		}
	}
	words := []ui.Field{textField(c, s.t("say.text.label"), ""), photoField(s)}
	switch {
	case by.For(k.Seller) && !by.Is(market.RoleModerator, market.RoleOperator):
		return []sheetForm{form(orders.SideSeller, "tra-loi", "", words...)}
	case by.Is(market.RoleModerator, market.RoleOperator):
		resolve := sheetForm{Action: "/quan-tri/khieu-nai/" + string(k.ID), Title: s.t("complaint.resolve"), Fields: []ui.Field{
			{Kind: ui.Choice, Name: "outcome", Label: s.t("complaint.outcome.label"), Options: s.outcomes(c)}, textField(c, s.t("complaint.resolve.text"), s.t("complaint.resolve.help")),
		}, Button: ui.Button{Label: s.t("complaint.resolve"), Wide: true}}
		if k.Product != "" {
			resolve.Fields = append(resolve.Fields, ui.Field{Name: "takedown", Label: s.t("complaint.takedown"), Help: s.t("complaint.takedown.help"), Value: c.PostForm("takedown"), Optional: true, MaxLength: "40"})
		}
		return []sheetForm{resolve, form(orders.SidePlatform, "noi-them", ui.Secondary, words...)}
	}
	forms := []sheetForm{form(orders.SideBuyer, "noi-them", ui.Secondary, words...)}
	if k.State == orders.ComplaintAnswered {
		forms = append([]sheetForm{form(orders.SideBuyer, "hai-long", "")}, forms...)
		escalate := form(orders.SideBuyer, "nho-san", ui.Danger, words...)
		escalate.Folded = s.t("complaint.do.nho-san")
		return append(forms, escalate)
	}
	return append(forms, form(orders.SideBuyer, "rut", ui.Secondary))
}

func (s speaker) outcomes(c *gin.Context) []ui.Option {
	var out []ui.Option
	for _, kind := range []string{orders.OutcomeUpheld, orders.OutcomePartly, orders.OutcomeRejected} {
		out = append(out, ui.Option{Value: kind, Label: s.t("complaint.outcome." + kind), Selected: c.PostForm("outcome") == kind})
	}
	return out
}

// speak adds one side's word to a complaint.
func (p *Pages) speak(c *gin.Context) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	deed := c.PostForm("deed")
	plea := orders.Plea{
		ID: web.OnceID(c), Side: orders.Side(c.PostForm("side")), Key: c.PostForm("key"), Text: c.PostForm("text"), Photos: photos,
		End: deed == "hai-long" || deed == "rut", Escalate: deed == "nho-san",
	}
	k, err := p.Orders.Speak(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), plea)
	if mendable(err) {
		return p.showComplaint(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, withKey("/khieu-nai/"+string(k.ID), plea.Key), "complaint.said")
}

// resolveComplaint is the platform's decision.
func (p *Pages) resolveComplaint(c *gin.Context) error {
	k, err := p.Orders.Resolve(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), orders.Outcome{
		Kind: c.PostForm("outcome"), Text: c.PostForm("text"), Takedown: market.ID(c.PostForm("takedown")),
	})
	if mendable(err) {
		return p.showComplaint(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/khieu-nai/"+string(k.ID), "complaint.said")
}

func (p *Pages) complaintEvidence(c *gin.Context) error {
	data, err := p.Orders.ComplaintEvidence(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.Query("key"), c.Param("photo"))
	return privatePhoto(c, data, err)
}

// myComplaints lists those that the signed-in person made.
func (p *Pages) myComplaints(c *gin.Context) error {
	list, err := p.Orders.MyComplaints(c.Request.Context(), web.Actor(c), store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := sheetView{Page: p.page(c, s.t("complaint.mine")), Cursor: cursor(c, string(list.Next)), Parts: []sheetPart{s.complaintsPart(list)}}
	v.NoIndex = true
	return web.Render(c, http.StatusOK, sheetPage(v))
}

func (s speaker) complaintsPart(list store.Page[orders.Complaint]) sheetPart {
	part := sheetPart{ID: "khieu-nai", Title: s.t("aftercare.complaints")}
	t := ui.Table{Caption: part.Title, Quiet: true, Columns: []ui.Column{{Label: s.t("complaint.subject")}, {Label: s.t("cert.state")}, {Label: s.t("complaint.answer_by")}, {Label: s.t("complaint.resolve_by")}}}
	for _, k := range list.Items {
		late := ui.Cell{Text: s.moment(k.ResolveBy)}
		if k.State.Open() && s.now.After(k.ResolveBy) {
			late.Tag = ui.Problem
		}
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: s.text(k.Subject), Href: "/khieu-nai/" + string(k.ID), Sub: k.Code},
			{Text: s.t("complaint.state." + string(k.State)), Tag: complaintTones[k.State]},
			{Text: s.moment(k.AnswerBy)},
			late,
		})
	}
	if part.Table = t; len(t.Rows) == 0 {
		part.Text = s.t("aftercare.complaints.none")
	}
	return part
}
