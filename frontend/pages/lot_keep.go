package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// myLot is what a seller does with one lot after it was noted: hand in tests,
// give the goods a GTIN, correct how many there are.
func (p *Pages) myLot(c *gin.Context, w *workplace) error {
	l, err := p.ownLot(c, w)
	if err != nil {
		return err
	}
	return p.showLot(c, w, l, http.StatusOK, "", nil)
}

// ownLot is the lot of the address; not found when it is another's.
func (p *Pages) ownLot(c *gin.Context, w *workplace) (*catalog.Lot, error) {
	l, err := p.lot(c)
	if err != nil {
		return nil, err
	}
	if w.forSeller(l.Seller) != nil {
		return nil, market.NotFound("lot.missing")
	}
	return l, nil
}

// The forms of the page, by which one was sent.
const (
	lotTest    = "kiem-nghiem"
	lotGTIN    = "gtin"
	lotCorrect = "dieu-chinh"
)

// showLot shows the lot; of the form that was sent, what was typed and what is
// wrong with it.
func (p *Pages) showLot(c *gin.Context, w *workplace, l *catalog.Lot, status int, sent string, failed error) error {
	s := p.speaker(c)
	product, err := p.lotProduct(c, l)
	if err != nil {
		return err
	}
	stocks, err := p.Catalog.Stocks(c.Request.Context(), l.Variant)
	if err != nil {
		return err
	}
	reasons, err := catalog.LoadReasons()
	if err != nil {
		return err
	}
	gtin := ""
	if variant, ok := product.Variant(l.Variant); ok {
		gtin = variant.GTIN
	}
	frame := p.workPage(c, w, s.t("lot.title", "code", l.Code))
	v := sheetView{Page: frame.Page, Lead: s.text(product.Name), Stats: s.lotStats(l, stocks[l.Variant])}
	forms := map[string]*sheetForm{lotTest: p.testForm(c, s, w, l, sent), lotGTIN: gtinForm(c, s, w, l, gtin, sent), lotCorrect: p.correctForm(c, s, w, l, reasons, sent)}
	if form := forms[sent]; form != nil {
		slots := map[string]*string{}
		for i := range form.Fields {
			slots[form.Fields[i].Name] = &form.Fields[i].Error
		}
		v.Wrongs, form.Open = p.wrongs(s, failed, slots), true
	}
	if l.Recall != nil {
		v.Notices = []ui.Notice{{Tone: ui.Problem, Title: s.t("lot.recalled.title"), Text: l.Recall.Reason}}
	}
	done := s.tests(l)
	done.Quiet = true // the part is called the same
	tests := sheetPart{ID: lotTest, Title: s.t("lot.tests.title"), Table: done, Forms: []sheetForm{*forms[lotTest]}}
	if len(l.Tests) == 0 {
		tests.Text = s.t("lot.keep.tests.none")
	}
	v.Parts = []sheetPart{
		{ID: lotCorrect, Title: s.t("lot.keep.stock"), Table: s.moves(l, stocks[l.Variant], reasons), Forms: []sheetForm{*forms[lotCorrect]}},
		tests,
		{ID: lotGTIN, Title: "GTIN", Text: s.t("lot.keep.gtin.text"), Rows: s.gtinRows(p, l, gtin), Forms: []sheetForm{*forms[lotGTIN]}},
		{Links: []ui.NavItem{
			{Label: s.t("lot.keep.trace"), Href: lotPath(l, "")},
			{Label: s.t("lot.labels.sheet"), Href: lotPath(l, "/nhan.pdf?giay=a4&so=24")},
			{Label: s.t("lot.labels.roll"), Href: lotPath(l, "/nhan.pdf?giay=roll&so=10")},
			{Label: s.t("lot.recall.title"), Href: lotPath(l, "/thu-hoi")},
			{Label: s.t("lot.keep.all"), Href: w.here("/lo")},
		}},
	}
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) lotStats(l *catalog.Lot, k *catalog.Stock) []ui.Stat {
	var out []ui.Stat
	for i, n := range k.InLot(l.ID) {
		out = append(out, ui.Stat{Label: s.t("coop.stock." + []string{"available", "held", "sold", "lost"}[i]), Value: s.number(n), Note: l.Unit})
	}
	return out
}

// moves are the last corrections of the lot, newest first.
func (s speaker) moves(l *catalog.Lot, k *catalog.Stock, reasons []catalog.Reason) ui.Table {
	t := ui.Table{Caption: s.t("lot.keep.moves"), Quiet: true, Columns: []ui.Column{{Label: s.t("lot.day")}, {Label: s.t("lot.keep.change"), Number: true}, {Label: s.t("lot.keep.why")}}}
	names := map[string]string{}
	for _, r := range reasons {
		names[r.Code] = s.text(r.Name)
	}
	if k == nil {
		return t
	}
	for i := len(k.Moves) - 1; i >= 0; i-- {
		if m := k.Moves[i]; m.Lot == l.ID && m.Why != "" {
			t.Rows = append(t.Rows, []ui.Cell{{Text: s.moment(m.At)}, {Text: signed(s, m.Quantity)}, {Text: names[m.Why], Sub: m.Reason}})
		}
	}
	return t
}

func signed(s speaker, n int64) string {
	if n > 0 {
		return "+" + s.number(n)
	}
	return "−" + s.number(-n)
}

// gtinRows are the number of the goods now, and the link on this lot's labels.
func (s speaker) gtinRows(p *Pages, l *catalog.Lot, gtin string) [][2]string {
	rows := [][2]string{{s.t("lot.keep.link"), l.DigitalLink(p.cfg.BaseURL)}}
	if gtin == "" {
		return rows
	}
	return append([][2]string{{s.t("lot.keep.gtin.now"), gtin}}, rows...)
}

// kept is what was typed into the form that was sent, and nothing for others.
func kept(c *gin.Context, form, sent string) func(string) string {
	if form != sent {
		return func(string) string { return "" }
	}
	return c.PostForm
}

func (p *Pages) testForm(c *gin.Context, s speaker, w *workplace, l *catalog.Lot, sent string) *sheetForm {
	typed := kept(c, lotTest, sent)
	passed := ui.Field{Kind: ui.Choice, Name: "passed", Label: s.t("lot.keep.passed")}
	for _, value := range []string{"yes", "no"} {
		passed.Options = append(passed.Options, ui.Option{Value: value, Label: s.t("lot.keep.passed." + value), Selected: typed("passed") == value})
	}
	return &sheetForm{
		Action: w.here(lotPath(l, "/"+lotTest)), Upload: true, Folded: s.t("lot.keep.test"), Hidden: [][2]string{{"id", string(p.Env.NewID())}},
		Fields: []ui.Field{
			{Name: "name", Label: s.t("lot.test.name"), Help: s.t("lot.keep.name.help"), Value: typed("name"), MaxLength: "120"},
			{Name: "result", Label: s.t("lot.test.result"), Help: s.t("lot.keep.result.help"), Value: typed("result"), MaxLength: "200"},
			passed,
			{Name: "lab", Label: s.t("lot.test.lab"), Value: typed("lab"), Optional: true, MaxLength: "120"},
			{Kind: ui.Day, Name: "at", Label: s.t("lot.keep.at"), Value: typed("at"), Short: true},
			{Kind: ui.File, Name: "paper", Label: s.t("lot.test.paper"), Help: s.t("lot.keep.paper.help"), Accept: "application/pdf,image/jpeg,image/png", Optional: true},
		},
		Button: ui.Button{Label: s.t("lot.keep.test.do"), Wide: true},
	}
}

func gtinForm(c *gin.Context, s speaker, w *workplace, l *catalog.Lot, value, sent string) *sheetForm {
	if sent == lotGTIN {
		value = c.PostForm("gtin")
	}
	return &sheetForm{
		Action: w.here(lotPath(l, "/"+lotGTIN)), Folded: s.t("lot.keep.gtin"),
		Fields: []ui.Field{{Kind: ui.Number, Name: "gtin", Label: "GTIN", Help: s.t("lot.keep.gtin.help"), Value: value, MaxLength: "14", Autocomplete: "off"}},
		Button: ui.Button{Label: s.t("lot.keep.gtin.do"), Look: ui.Secondary},
	}
}

func (p *Pages) correctForm(c *gin.Context, s speaker, w *workplace, l *catalog.Lot, reasons []catalog.Reason, sent string) *sheetForm {
	typed := kept(c, lotCorrect, sent)
	which := ui.Field{Kind: ui.Choice, Name: "which", Label: s.t("lot.keep.which")}
	for i, value := range []string{"less", "more"} {
		which.Options = append(which.Options, ui.Option{Value: value, Label: s.t("lot.keep." + value), Selected: typed("which") == value || typed("which") == "" && i == 0})
	}
	why := ui.Field{Kind: ui.Select, Name: "why", Label: s.t("lot.keep.why"), Placeholder: s.t("field.choose")}
	for _, r := range reasons {
		why.Options = append(why.Options, ui.Option{Value: r.Code, Label: s.text(r.Name), Selected: typed("why") == r.Code})
	}
	return &sheetForm{
		Action: w.here(lotPath(l, "/"+lotCorrect)), Folded: s.t("lot.keep.correct"), Hidden: [][2]string{{"id", string(p.Env.NewID())}},
		Fields: []ui.Field{
			which,
			{Kind: ui.Number, Name: "quantity", Label: s.t("lot.form.quantity"), Help: s.t("lot.form.quantity.help"), Value: typed("quantity"), Suffix: l.Unit, Short: true},
			why,
			{Name: "reason", Label: s.t("lot.keep.note"), Value: typed("reason"), Optional: true, MaxLength: "200"},
		},
		Button: ui.Button{Label: s.t("lot.keep.correct.do"), Wide: true},
	}
}

// addTest hands in what a laboratory found.
func (p *Pages) addTest(c *gin.Context, w *workplace) error {
	d := catalog.TestDraft{Test: catalog.Test{
		ID: market.ID(c.PostForm("id")), Name: c.PostForm("name"), Lab: c.PostForm("lab"), Result: c.PostForm("result"),
		Passed: c.PostForm("passed") == "yes", At: dayOf(c.PostForm("at")),
	}}
	if _, err := c.FormFile("paper"); err == nil {
		if _, d.Paper, err = formFile(c, "paper", catalog.MaxPaperBytes); err != nil {
			return err
		}
	}
	return p.keepLot(c, w, lotTest, "lot.keep.test.done", func(l *catalog.Lot) error {
		if c.PostForm("passed") != "yes" && c.PostForm("passed") != "no" {
			return market.Invalid("lot.keep.passed.missing", "passed")
		}
		_, err := p.Catalog.AddTest(c.Request.Context(), w.by, l.ID, d)
		return err
	})
}

// setGTIN gives the goods of the lot their number.
func (p *Pages) setGTIN(c *gin.Context, w *workplace) error {
	return p.keepLot(c, w, lotGTIN, "lot.keep.gtin.done", func(l *catalog.Lot) error {
		_, err := p.Catalog.SetGTIN(c.Request.Context(), w.by, l.Product, l.Variant, strings.TrimSpace(c.PostForm("gtin")))
		return err
	})
}

// correctLot says how many there really are, and why.
func (p *Pages) correctLot(c *gin.Context, w *workplace) error {
	return p.keepLot(c, w, lotCorrect, "lot.keep.correct.done", func(l *catalog.Lot) error {
		n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(c.PostForm("quantity")), ".", ""), 10, 64)
		if err != nil || n <= 0 {
			return market.Invalid("stock.quantity", "quantity")
		}
		if c.PostForm("which") == "less" {
			n = -n
		}
		_, err = p.Catalog.Correct(c.Request.Context(), w.by, l.Variant, catalog.Correction{
			ID: market.ID(c.PostForm("id")), Lot: l.ID, Quantity: n, Why: c.PostForm("why"), Note: c.PostForm("reason"),
		})
		return err
	})
}

// keepLot does something with the seller's own lot, and says so on its page.
func (p *Pages) keepLot(c *gin.Context, w *workplace, form, said string, do func(*catalog.Lot) error) error {
	l, err := p.ownLot(c, w)
	if err != nil {
		return err
	}
	err = do(l)
	if mendable(err) {
		return p.showLot(c, w, l, web.Status(err), form, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(lotPath(l, "")), said)
}
