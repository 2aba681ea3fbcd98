package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// rights lists the protected names and the permits that wait for a check.
func (p *Pages) rights(c *gin.Context) error { return p.showRights(c, http.StatusOK, nil) }

func (p *Pages) showRights(c *gin.Context, status int, failed error) error {
	ctx, s, by := c.Request.Context(), p.speaker(c), web.Actor(c)
	all, err := p.Catalog.Rights(ctx)
	if err != nil {
		return err
	}
	v := sheetView{Page: p.officePage(c, s.t("rights.title")), Lead: s.t("rights.lead")}
	uses := sheetPart{ID: "giay-phep", Title: s.t("rights.uses"), Table: s.useTable(true)}
	err = p.Catalog.EachUse(ctx, by, func(u *catalog.RightOfUse) error {
		row, err := p.useRow(c, s, all, u)
		uses.Table.Rows = append(uses.Table.Rows, row)
		return err
	})
	if err != nil {
		return err
	}
	if len(uses.Table.Rows) == 0 {
		uses.Text = s.t("rights.use.none")
	}
	v.Parts = []sheetPart{uses, {ID: "ten", Title: s.t("rights.title"), Table: s.rightTable(all)}}
	if by.Is(market.RoleOfficial, market.RoleOperator) {
		form := s.rightForm(c, failed != nil)
		v.Wrongs = p.wrongs(s, failed, slotsOf(form.Fields))
		v.Parts = append(v.Parts, sheetPart{ID: "ghi", Forms: []sheetForm{form}})
	}
	return web.Render(c, status, sheetPage(v))
}

func slotsOf(fields []ui.Field) map[string]*string {
	slots := map[string]*string{}
	for i := range fields {
		slots[fields[i].Name] = &fields[i].Error
	}
	return slots
}

func (s speaker) rightTable(all []*catalog.IPRight) ui.Table {
	tb := ui.Table{Caption: s.t("rights.title"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("rights.name")}, {Label: s.t("rights.type")}, {Label: s.t("rights.number")}, {Label: s.t("rights.holder")}, {Label: s.t("item.fact.set")},
	}}
	for _, r := range all {
		var sets []string
		for _, n := range r.Sets {
			sets = append(sets, strconv.Itoa(n))
		}
		tb.Rows = append(tb.Rows, []ui.Cell{
			{Text: r.Name, Sub: strings.Join(r.Words, "; ")},
			{Text: s.t("rights.type." + string(r.Type))},
			{Text: dash(r.Number), Sub: r.Decision},
			{Text: dash(r.Holder)},
			{Text: dash(strings.Join(sets, ", "))},
		})
	}
	return tb
}

func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func (s speaker) useTable(judging bool) ui.Table {
	tb := ui.Table{Caption: s.t("rights.uses"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("rights.name")}, {Label: s.t("rights.use.no")}, {Label: s.t("rights.to")}, {Label: s.t("rights.use.state")},
	}}
	if judging {
		tb.Columns = append(tb.Columns, ui.Column{Label: s.t("rights.use.seller")})
	}
	return tb
}

// useCells are a permit as both its seller and those who check see it.
func (s speaker) useCells(all []*catalog.IPRight, u *catalog.RightOfUse, scan string) []ui.Cell {
	name := string(u.Right)
	if i := slices.IndexFunc(all, func(r *catalog.IPRight) bool { return r.ID == u.Right }); i >= 0 {
		name = all[i].Name
	}
	state := ui.Cell{Text: s.t("rights.use.waiting"), Tag: ui.Warning}
	switch {
	case u.Refused != "":
		state = ui.Cell{Text: s.t("rights.use.refused", "reason", u.Refused), Tag: ui.Problem}
	case u.Good(s.now):
		state = ui.Cell{Text: s.t("rights.use.good"), Tag: ui.Success, Sub: s.doer(u.VerifiedBy)}
	case u.VerifiedAt != nil:
		state = ui.Cell{Text: s.t("rights.use.over"), Tag: ui.Problem}
	}
	until := "–"
	if !u.ValidTo.IsZero() {
		until = s.date(u.ValidTo.Add(-time.Second))
	}
	return []ui.Cell{{Text: name}, {Text: u.DocumentNo, Sub: u.Issuer, Href: scan}, {Text: until}, state}
}

func (p *Pages) useRow(c *gin.Context, s speaker, all []*catalog.IPRight, u *catalog.RightOfUse) ([]ui.Cell, error) {
	seller, err := p.Sellers.Seller(c.Request.Context(), u.Seller)
	if err != nil {
		return nil, err
	}
	at := "/thong-ke/quyen-ten/" + string(u.Right) + "/" + string(u.Seller)
	row := append(s.useCells(all, u, at+"/ban-quet"), ui.Cell{Text: s.text(seller.Name)})
	if u.VerifiedAt == nil && u.Refused == "" {
		page := ui.Page{T: s.t, Lang: s.lang}
		row[4].Other = twoForms(page,
			sheetForm{Action: at, Button: ui.Button{Label: s.t("rights.use.accept"), Small: true}},
			sheetForm{
				Action: at, Folded: s.t("rights.use.refuse"), Hidden: [][2]string{{"refused", "1"}},
				Fields: []ui.Field{{Name: "reason", Label: s.t("rights.use.reason"), MaxLength: "500"}},
				Button: ui.Button{Label: s.t("rights.use.refuse"), Look: ui.Danger, Small: true},
			})
	}
	return row, nil
}

func (s speaker) rightForm(c *gin.Context, open bool) sheetForm {
	kind := ui.Field{Kind: ui.Select, Name: "type", Label: s.t("rights.type")}
	for _, t := range catalog.RightTypes() {
		kind.Options = append(kind.Options, ui.Option{Value: string(t), Label: s.t("rights.type." + string(t)), Selected: c.PostForm("type") == string(t)})
	}
	text := func(name, key, most string, optional bool) ui.Field {
		return ui.Field{Name: name, Label: s.t(key), Value: c.PostForm(name), MaxLength: most, Optional: optional}
	}
	words := text("words", "rights.words", "1000", true)
	words.Kind = ui.Area
	return sheetForm{
		Action: "/thong-ke/quyen-ten", Folded: s.t("rights.register"), Open: open,
		Fields: []ui.Field{
			kind, text("name", "rights.name", "120", false), text("number", "rights.number", "40", true), text("holder", "rights.holder", "120", true),
			words, text("sets", "rights.sets", "80", true), text("decision", "rights.decision", "120", true),
			{Kind: ui.Day, Name: "valid_from", Label: s.t("rights.from"), Value: c.PostForm("valid_from"), Short: true},
			{Kind: ui.Day, Name: "valid_to", Label: s.t("rights.to"), Value: c.PostForm("valid_to"), Short: true, Optional: true},
		},
		Button: ui.Button{Label: s.t("rights.save"), Wide: true},
	}
}

// registerRight enters a protected name.
func (p *Pages) registerRight(c *gin.Context) error {
	r, err := readRight(c)
	if err == nil {
		_, err = p.Catalog.RegisterRight(c.Request.Context(), web.Actor(c), r)
	}
	if mendable(err) {
		return p.showRights(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/thong-ke/quyen-ten", "rights.saved")
}

func readRight(c *gin.Context) (catalog.IPRight, error) {
	r := catalog.IPRight{
		Type: catalog.RightType(c.PostForm("type")), Name: c.PostForm("name"), Number: c.PostForm("number"), Holder: c.PostForm("holder"), Decision: c.PostForm("decision"),
	}
	for word := range strings.Lines(c.PostForm("words")) {
		if word = strings.TrimSpace(word); word != "" {
			r.Words = append(r.Words, word)
		}
	}
	var checks market.Checks
	for set := range strings.FieldsFuncSeq(c.PostForm("sets"), func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		n, err := strconv.Atoi(set)
		checks.That(err == nil, "sets", "product.set_unknown")
		r.Sets = append(r.Sets, n)
	}
	r.ValidFrom, r.ValidTo = readSpan(c, &checks)
	return r, checks.Err()
}

// readSpan reads the days of validity; the last day is good to its end.
func readSpan(c *gin.Context, checks *market.Checks) (from, to time.Time) {
	from = readDay(checks, "valid_from", "right.valid_from", c.PostForm("valid_from"))
	if text := c.PostForm("valid_to"); text != "" {
		to = readDay(checks, "valid_to", "right.valid_to", text).AddDate(0, 0, 1)
	}
	return from, to
}

// judgeUse accepts or refuses a permit.
func (p *Pages) judgeUse(c *gin.Context) error {
	reason := c.PostForm("reason")
	if c.PostForm("refused") != "" && strings.TrimSpace(reason) == "" {
		return p.sayWrong(c, "/thong-ke/quyen-ten", market.Invalid("product.reason_missing", "reason"))
	}
	_, err := p.Catalog.JudgeUse(c.Request.Context(), web.Actor(c), market.ID(c.Param("right")), market.ID(c.Param("seller")), reason)
	if mendable(err) {
		return p.sayWrong(c, "/thong-ke/quyen-ten", err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/thong-ke/quyen-ten", "rights.use.judged")
}

func (p *Pages) useFile(c *gin.Context) error {
	file, err := p.Catalog.UseEvidence(c.Request.Context(), web.Actor(c), market.ID(c.Param("right")), market.ID(c.Param("seller")))
	if err != nil {
		return err
	}
	return sendEvidence(c, file)
}

// myRights shows a seller's permits and takes another.
func (p *Pages) myRights(c *gin.Context, w *workplace) error {
	return p.showMyRights(c, w, http.StatusOK, nil)
}

func (p *Pages) showMyRights(c *gin.Context, w *workplace, status int, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	all, err := p.Catalog.Rights(ctx)
	if err != nil {
		return err
	}
	uses, err := p.Catalog.UsesOf(ctx, w.by, w.seller.ID)
	if err != nil {
		return err
	}
	frame := p.workPage(c, w, s.t("rights.mine"))
	v := sheetView{Page: frame.Page, Lead: s.t("rights.mine.lead"), Switch: sellerSwitch(frame)}
	mine := sheetPart{ID: "giay-phep", Title: s.t("rights.uses"), Table: s.useTable(false)}
	for _, u := range uses {
		mine.Table.Rows = append(mine.Table.Rows, s.useCells(all, u, w.to(farmDoor+"/quyen-ten/"+string(u.Right)+"/ban-quet")))
	}
	if len(uses) == 0 {
		mine.Text = s.t("rights.use.none")
	}
	form := s.claimForm(c, w, all)
	v.Wrongs = p.wrongs(s, failed, slotsOf(form.Fields))
	v.Parts = []sheetPart{mine, {ID: "nop", Title: s.t("rights.use.send"), Forms: []sheetForm{form}}}
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) claimForm(c *gin.Context, w *workplace, all []*catalog.IPRight) sheetForm {
	right := ui.Field{Kind: ui.Select, Name: "right", Label: s.t("rights.name"), Placeholder: s.t("field.choose")}
	for _, r := range all {
		right.Options = append(right.Options, ui.Option{Value: string(r.ID), Label: r.Name, Selected: c.PostForm("right") == string(r.ID)})
	}
	return sheetForm{
		Action: w.to(farmDoor + "/quyen-ten"), Upload: true,
		Fields: []ui.Field{
			right,
			{Name: "document_no", Label: s.t("rights.use.no"), Value: c.PostForm("document_no"), MaxLength: "40"},
			{Name: "issuer", Label: s.t("rights.use.issuer"), Value: c.PostForm("issuer"), MaxLength: "120"},
			{Kind: ui.Day, Name: "valid_from", Label: s.t("rights.from"), Value: c.PostForm("valid_from"), Short: true},
			{Kind: ui.Day, Name: "valid_to", Label: s.t("rights.to"), Value: c.PostForm("valid_to"), Short: true, Optional: true},
			{Kind: ui.File, Name: "evidence", Label: s.t("rights.use.file"), Help: s.t("certificate.evidence.help"), Accept: "application/pdf,image/jpeg"},
		},
		Button: ui.Button{Label: s.t("rights.use.send"), Wide: true},
	}
}

// claimUse takes a permit from a seller.
func (p *Pages) claimUse(c *gin.Context, w *workplace) error {
	claim := catalog.UseClaim{Right: market.ID(c.PostForm("right")), Seller: w.seller.ID, DocumentNo: c.PostForm("document_no"), Issuer: c.PostForm("issuer")}
	var checks market.Checks
	checks.That(claim.Right != "", "right", "right.name")
	claim.ValidFrom, claim.ValidTo = readSpan(c, &checks)
	var err error
	claim.FileName, claim.File, err = formFile(c, "evidence", catalog.MaxEvidenceBytes)
	checks.That(err == nil, "evidence", "right.evidence")
	if err = checks.Err(); err == nil {
		_, err = p.Catalog.ClaimUse(c.Request.Context(), w.by, claim)
	}
	if mendable(err) {
		return p.showMyRights(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.to(farmDoor+"/quyen-ten"), "rights.use.sent")
}

func (p *Pages) myUseFile(c *gin.Context, w *workplace) error {
	file, err := p.Catalog.UseEvidence(c.Request.Context(), w.by, market.ID(c.Param("right")), w.seller.ID)
	if err != nil {
		return err
	}
	return sendEvidence(c, file)
}

// nameFacts are the rights that a product's name rests on.
func (p *Pages) nameFacts(c *gin.Context, s speaker, product *catalog.Product) ([][2]string, error) {
	held, err := p.Catalog.NameRights(c.Request.Context(), product)
	var rows [][2]string
	for _, h := range held {
		rows = append(rows, [2]string{s.t("rights.shown.label"), s.t("rights.shown", "name", h.Right.Name, "no", h.Use.DocumentNo, "issuer", h.Use.Issuer)})
	}
	return rows, err
}
