package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

var paperTones = map[string]ui.Tone{
	cooperatives.PaperMissing: ui.Info, cooperatives.PaperWaiting: ui.Warning, cooperatives.PaperApproved: ui.Success,
	cooperatives.PaperRejected: ui.Problem, cooperatives.PaperExpired: ui.Problem, cooperatives.PaperReplaced: ui.Info,
}

// myPapers shows a seller what it has to show and how far it has come.
func (p *Pages) myPapers(c *gin.Context, w *workplace) error {
	return p.showMyPapers(c, w, http.StatusOK, nil)
}

func (p *Pages) showMyPapers(c *gin.Context, w *workplace, status int, failed error) error {
	s := p.speaker(c)
	list, err := p.Sellers.Checklist(c.Request.Context(), w.by, w.seller.ID)
	if err != nil {
		return err
	}
	frame := p.workPage(c, w, s.t("papers.title"))
	v := sheetView{Page: frame.Page, Lead: s.t("papers.lead", "done", list.Done, "needed", list.Needed), Switch: sellerSwitch(frame)}
	v.Notices = paperNotices(s, list)
	upload := p.uploadForm(s, w, list, c)
	sets := p.setsForm(s, w, list)
	slots := map[string]*string{"sets": &sets.Fields[0].Error}
	for i := range upload.Fields {
		slots[upload.Fields[i].Name] = &upload.Fields[i].Error
	}
	v.Wrongs = p.wrongs(s, failed, slots)
	v.Parts = []sheetPart{
		{Title: s.t("fiscal.title"), Text: s.t("fiscal.lead"), Links: []ui.NavItem{{Label: s.t("fiscal.change"), Href: w.here(fiscalPath)}}},
		{ID: "nganh-hang", Title: s.t("papers.sets.label"), Text: p.setNames(s, list.Sets), Forms: []sheetForm{sets}},
		{ID: "giay-to", Title: s.t("papers.list"), Table: p.paperTable(s, list, func(paper *cooperatives.Paper) string { return w.here("/giay-to/" + string(paper.ID)) })},
		{ID: "nop", Title: s.t("papers.upload"), Forms: []sheetForm{upload}},
	}
	return web.Render(c, status, sheetPage(v))
}

func paperNotices(s speaker, list cooperatives.Checklist) []ui.Notice {
	switch {
	case list.Seller.Status == cooperatives.StatusVerified:
		return []ui.Notice{{Tone: ui.Success, Text: s.t("papers.verified")}}
	case list.Ready():
		return []ui.Notice{{Tone: ui.Info, Text: s.t("papers.ready")}}
	case list.Identity == nil && list.Done == list.Needed-1:
		return []ui.Notice{{Tone: ui.Info, Text: s.t("papers.identity.wait")}}
	default:
		return []ui.Notice{{Tone: ui.Warning, Text: s.t("papers.not_yet")}}
	}
}

func (p *Pages) setNames(s speaker, sets []int) string {
	if len(sets) == 0 {
		return s.t("papers.sets.none")
	}
	var names strings.Builder
	for _, n := range sets {
		if set, ok := p.Sets.Find(n); ok {
			names.WriteString(strconv.Itoa(n) + ". " + s.text(set.Name) + "\n\n")
		}
	}
	return names.String()
}

func (p *Pages) paperTable(s speaker, list cooperatives.Checklist, href func(*cooperatives.Paper) string) ui.Table {
	t := ui.Table{Caption: s.t("papers.list"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("papers.paper")}, {Label: s.t("cert.state")}, {Label: s.t("papers.until")}, {Label: s.t("papers.file")},
	}, Note: s.t("papers.private")}
	for _, item := range list.Items {
		name := ui.Cell{Text: s.text(item.Rule.Name), Sub: item.Rule.Basis}
		if !item.Rule.Required {
			name.Text += " (" + s.t("papers.optional") + ")"
		}
		row := []ui.Cell{name, {Text: s.t("papers.state." + item.State), Tag: paperTones[item.State]}, {}, {Text: "–"}}
		if paper := item.Paper; paper != nil {
			row[1].Sub = paper.Reason
			row[3] = ui.Cell{Text: s.t("papers.open"), Sub: joined(paper.Number, s.date(paper.UploadedAt)), Href: href(paper)}
			if paper.ValidTo != nil {
				row[2].Text = s.date(paper.ValidTo.Add(-time.Second))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	identity := []ui.Cell{{Text: s.t("papers.identity"), Sub: s.t("papers.identity.basis")}, {Text: s.t("papers.state.missing"), Tag: ui.Info}, {}, {Text: "–"}}
	if id := list.Identity; id != nil {
		identity[1] = ui.Cell{Text: s.t("papers.state.approved"), Tag: ui.Success}
		identity[3] = ui.Cell{Text: id.Person, Sub: s.t("identity.method."+id.Method) + ", " + s.date(id.VerifiedAt)}
	}
	t.Rows = append(t.Rows, identity)
	return t
}

func (p *Pages) setsForm(s speaker, w *workplace, list cooperatives.Checklist) sheetForm {
	field := ui.Field{Kind: ui.Check, Name: "sets", Label: s.t("papers.sets.ask")}
	for n := 1; n <= 26; n++ {
		if set, ok := p.Sets.Find(n); ok {
			field.Options = append(field.Options, ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n) + ". " + s.text(set.Name), Selected: slices.Contains(list.Sets, n)})
		}
	}
	return sheetForm{
		Action: w.here("/giay-to/nganh-hang"), Folded: s.t("papers.sets.change"), Open: len(list.Sets) == 0,
		Fields: []ui.Field{field}, Button: ui.Button{Label: s.t("papers.sets.save"), Look: ui.Secondary},
	}
}

func (p *Pages) uploadForm(s speaker, w *workplace, list cooperatives.Checklist, c *gin.Context) sheetForm {
	code := ui.Field{Kind: ui.Select, Name: "code", Label: s.t("papers.paper"), Placeholder: s.t("field.choose")}
	for _, item := range list.Items {
		code.Options = append(code.Options, ui.Option{Value: item.Rule.Code, Label: s.text(item.Rule.Name), Selected: c.PostForm("code") == item.Rule.Code})
	}
	return sheetForm{
		Action: w.here("/giay-to"), Upload: true, Hidden: [][2]string{{"id", string(p.Env.NewID())}},
		Fields: []ui.Field{
			code,
			{Kind: ui.File, Name: "file", Label: s.t("papers.file"), Help: s.t("papers.file.help"), Accept: "application/pdf,image/jpeg,image/png"},
			{Name: "number", Label: s.t("papers.number.label"), Value: c.PostForm("number"), Optional: true, MaxLength: "80"},
			{Kind: ui.Day, Name: "valid_to", Label: s.t("papers.until"), Help: s.t("papers.until.help"), Value: c.PostForm("valid_to"), Optional: true},
		},
		Button: ui.Button{Label: s.t("papers.send"), Wide: true},
	}
}

// showPaper takes a document from a seller.
func (p *Pages) showPaper(c *gin.Context, w *workplace) error {
	upload, err := readPaper(c)
	if err == nil {
		err = p.Papers.Show(c.Request.Context(), w.by, w.seller.ID, upload)
	}
	if mendable(err) {
		return p.showMyPapers(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/giay-to"), "papers.sent")
}

func readPaper(c *gin.Context) (cooperatives.Upload, error) {
	u := cooperatives.Upload{ID: market.ID(c.PostForm("id")), Code: c.PostForm("code"), Number: c.PostForm("number")}
	day, err := dayField(c, "valid_to")
	if err != nil {
		return u, err
	}
	u.ValidTo = day
	_, u.Data, err = formFile(c, "file", cooperatives.MaxPaperBytes)
	if market.KindOf(err) == market.KindInvalid {
		return u, market.Invalid("papers.type", "file")
	}
	return u, err
}

// dayField reads a day of Huế; nil when it was left out.
func dayField(c *gin.Context, name string) (*time.Time, error) {
	text := c.PostForm(name)
	if text == "" {
		return nil, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, market.HueZone)
	if err != nil {
		return nil, market.Invalid("input.day", name)
	}
	return &day, nil
}

// declareSets says what the seller sells.
func (p *Pages) declareSets(c *gin.Context, w *workplace) error {
	var sets []int
	for _, text := range c.PostFormArray("sets") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return market.Invalid("papers.sets", "sets")
		}
		sets = append(sets, n)
	}
	err := p.Sellers.Declare(c.Request.Context(), w.by, w.seller.ID, sets)
	if mendable(err) {
		return p.showMyPapers(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/giay-to"), "papers.declared")
}

func (p *Pages) myPaperFile(c *gin.Context, w *workplace) error {
	return p.sendPaper(c, w.by, w.seller.ID, market.ID(c.Param("paper")))
}

// sendPaper sends a document to be kept, never to be run in the page.
func (p *Pages) sendPaper(c *gin.Context, by market.Actor, seller, id market.ID) error {
	paper, data, err := p.Papers.PaperFile(c.Request.Context(), by, seller, id)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+paper.Code+"-"+paper.SHA256[:8]+map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}[paper.Type]+`"`)
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, paper.Type, data)
	return nil
}

// waitingPapers lists the sellers with papers to look at.
func (p *Pages) waitingPapers(c *gin.Context) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page, err := p.Sellers.Waiting(ctx, web.Actor(c), store.Query{Limit: queueShown, After: store.Cursor(c.Query("after"))})
	if err != nil {
		return err
	}
	ids := make([]market.ID, len(page.Items))
	for i, d := range page.Items {
		ids[i] = d.ID
	}
	sellers, err := p.Sellers.Sellers(ctx, ids...)
	if err != nil {
		return err
	}
	t := ui.Table{Caption: s.t("admin.papers.title"), Quiet: true, Columns: []ui.Column{{Label: s.t("admin.papers.seller")}, {Label: s.t("admin.papers.since")}}}
	for _, d := range page.Items {
		if seller := sellers[d.ID]; seller != nil {
			t.Rows = append(t.Rows, []ui.Cell{{Text: s.text(seller.Name), Href: "/quan-tri/nguoi-ban/" + string(d.ID)}, {Text: s.ago(d.ChangedAt)}})
		}
	}
	v := sheetView{Page: p.adminPage(c, s.t("admin.papers.title")), Cursor: cursor(c, string(page.Next)), Parts: []sheetPart{{Table: t}}}
	if len(t.Rows) == 0 {
		v.Lead = s.t("admin.papers.none")
	}
	return web.Render(c, http.StatusOK, sheetPage(v))
}

// dossier shows all that a seller has shown, to decide on it.
func (p *Pages) dossier(c *gin.Context) error { return p.showDossier(c, http.StatusOK, nil) }

func (p *Pages) showDossier(c *gin.Context, status int, failed error) error {
	s, id := p.speaker(c), market.ID(c.Param("id"))
	list, err := p.Sellers.Checklist(c.Request.Context(), web.Actor(c), id)
	if err != nil {
		return err
	}
	at := "/quan-tri/nguoi-ban/" + string(id)
	v := sheetView{Page: p.adminPage(c, s.text(list.Seller.Name)), Lead: s.t("papers.lead", "done", list.Done, "needed", list.Needed)}
	v.Notices, v.Wrongs = paperNotices(s, list), p.wrongs(s, failed, nil)
	table := p.paperTable(s, list, func(paper *cooperatives.Paper) string { return at + "/giay-to/" + string(paper.ID) })
	table.Columns = append(table.Columns, ui.Column{Label: s.t("coop.members.do")})
	for i, item := range list.Items {
		table.Rows[i] = append(table.Rows[i], p.decidePaper(v.Page, s, at, item))
	}
	table.Rows[len(list.Items)] = append(table.Rows[len(list.Items)], ui.Cell{})
	v.Parts = []sheetPart{
		{Title: s.t("admin.sellers.facts"), Rows: s.newSeller(p, list.Seller).Rows, Text: p.setNames(s, list.Sets)},
		{ID: "giay-to", Title: s.t("papers.list"), Table: table},
		{ID: "danh-tinh", Title: s.t("papers.identity"), Forms: []sheetForm{p.identityForm(s, at, c)}},
	}
	if list.Seller.Status != cooperatives.StatusVerified {
		v.Parts = append(v.Parts, sheetPart{Title: s.t("admin.verify"), Text: s.t("admin.verify.when"), Forms: []sheetForm{{Action: at + "/xac-minh", Button: ui.Button{Label: s.t("admin.verify"), Icon: ui.IconShield, Disabled: !list.Ready()}}}})
	}
	v.Parts = append(v.Parts, sheetPart{Links: []ui.NavItem{{Label: s.t("trail.title"), Href: "/quan-tri/nhat-ky/" + string(id)}}})
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) decidePaper(page ui.Page, s speaker, at string, item cooperatives.Item) ui.Cell {
	if item.State != cooperatives.PaperWaiting {
		return ui.Cell{}
	}
	action := at + "/giay-to/" + string(item.Paper.ID)
	return ui.Cell{Other: twoForms(page,
		sheetForm{Action: action, Hidden: [][2]string{{"decision", "approve"}}, Button: ui.Button{Label: s.t("papers.approve"), Small: true}},
		sheetForm{
			Action: action, Folded: s.t("papers.reject"), Hidden: [][2]string{{"decision", "reject"}},
			Fields: []ui.Field{{Name: "reason", ID: "reason-" + string(item.Paper.ID), Label: s.t("papers.reason.label"), MaxLength: "500"}},
			Button: ui.Button{Label: s.t("papers.reject"), Look: ui.Danger, Small: true},
		})}
}

func (p *Pages) identityForm(s speaker, at string, c *gin.Context) sheetForm {
	method := ui.Field{Kind: ui.Select, Name: "method", Label: s.t("identity.method.label")}
	for _, m := range p.Papers.Methods() {
		method.Options = append(method.Options, ui.Option{Value: m, Label: s.t("identity.method." + m)})
	}
	return sheetForm{
		Action: at + "/danh-tinh", Folded: s.t("identity.check"), Open: c.Request.Method == http.MethodPost,
		Fields: []ui.Field{
			method,
			{Name: "person", Label: s.t("identity.person.label"), Value: c.PostForm("person"), MaxLength: "120"},
			{Name: "evidence", Label: s.t("identity.evidence.label"), Help: s.t("identity.evidence.help"), Value: c.PostForm("evidence"), MaxLength: "200"},
		},
		Button: ui.Button{Label: s.t("identity.check")},
	}
}

func (p *Pages) dossierFile(c *gin.Context) error {
	return p.sendPaper(c, web.Actor(c), market.ID(c.Param("id")), market.ID(c.Param("paper")))
}

func (p *Pages) reviewPaper(c *gin.Context) error {
	seller := market.ID(c.Param("id"))
	err := p.Sellers.Review(c.Request.Context(), web.Actor(c), seller, market.ID(c.Param("paper")), c.PostForm("decision") == "approve", c.PostForm("reason"))
	return p.dossierDone(c, err)
}

func (p *Pages) identifySeller(c *gin.Context) error {
	claim := cooperatives.IdentityClaim{Seller: market.ID(c.Param("id")), Person: c.PostForm("person"), Evidence: c.PostForm("evidence")}
	return p.dossierDone(c, p.Papers.Identify(c.Request.Context(), web.Actor(c), c.PostForm("method"), claim))
}

func (p *Pages) dossierDone(c *gin.Context, err error) error {
	if mendable(err) {
		return p.showDossier(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/nguoi-ban/"+c.Param("id"), "papers.reviewed")
}
