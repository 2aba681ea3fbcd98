package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/ui/label"
	"chohue/frontend/web"
	"chohue/market"
)

// lotRoutes are the pages of lots that everybody reaches; the rooms decide who
// may do what there.
func (p *Pages) lotRoutes() []Route {
	return []Route{
		get("/01/:gtin/10/:lot", p.traceLink),
		get("/lo/:id", p.trace),
		get("/lo/:id/giay/:test", p.paper),
		get("/lo/:id/nhan.pdf", p.labels),
		get("/lo/:id/thu-hoi", p.recallForm),
		post("/lo/:id/thu-hoi", p.recall),
	}
}

// traceLink resolves a GS1 Digital Link.
func (p *Pages) traceLink(c *gin.Context) error {
	l, err := p.Catalog.LotByCode(c.Request.Context(), c.Param("gtin"), c.Param("lot"))
	if err != nil {
		return err
	}
	return p.showTrace(c, l)
}

func (p *Pages) trace(c *gin.Context) error {
	l, err := p.lot(c)
	if err != nil {
		return err
	}
	return p.showTrace(c, l)
}

func (p *Pages) lot(c *gin.Context) (*catalog.Lot, error) {
	return p.Catalog.TracedLot(c.Request.Context(), market.ID(c.Param("id")))
}

// lotProduct is what the lot is of, as far as the shop or the seller's own
// eyes show it; a label outlives a listing.
func (p *Pages) lotProduct(c *gin.Context, l *catalog.Lot) (*catalog.Product, error) {
	return p.Catalog.Product(c.Request.Context(), market.System, l.Product)
}

func (p *Pages) showTrace(c *gin.Context, l *catalog.Lot) error {
	product, err := p.lotProduct(c, l)
	if err != nil {
		return err
	}
	seller, err := p.Sellers.Seller(c.Request.Context(), l.Seller)
	if err != nil {
		return err
	}
	items, err := catalog.LoadTraceItems()
	if err != nil {
		return err
	}
	s, by := p.speaker(c), web.Actor(c)
	v := traceView{
		Page: p.page(c, s.t("lot.title", "code", l.Code)), Name: s.text(product.Name), Basis: s.t("lot.basis", "law", items[0].Basis),
		Inputs: s.inputs(l), Tests: s.tests(l), History: s.lotHistory(l),
	}
	v.Canonical = p.cfg.BaseURL + l.TracePath()
	v.Description = s.text(product.Name) + ", " + s.t("lot.title", "code", l.Code)
	if product.Status == catalog.StatusPublished {
		v.Href = productPath(product.Slug)
	}
	if len(product.Photos) > 0 {
		v.Photo = p.gallery(s, product)[0]
	}
	if badge, ok := product.Badge(s.now); ok {
		v.Stars = ui.Stars{Count: badge.Stars, Decision: badge.DecisionNo, Issuer: badge.Issuer, Valid: s.date(catalog.LastDay(badge.ValidTo))}
	}
	if l.Recall != nil {
		v.Recalled = &ui.Notice{Tone: ui.Problem, Title: s.t("lot.recalled.title"), Text: s.t("lot.recalled.text", "day", s.date(l.Recall.At), "reason", l.Recall.Reason)}
	}
	values := p.traceValues(s, l, product, s.text(seller.Name), strings.Join([]string{seller.Street, s.fullPlace(seller.Ward)}, ", "))
	for _, item := range items {
		v.Items = append(v.Items, [2]string{s.text(item.Name), cmp.Or(values[item.Key], s.t("lot.unsaid"))})
	}
	if by.For(l.Seller) {
		v.Manage = append(v.Manage, ui.NavItem{Label: s.t("lot.keep"), Href: farmDoor + lotPath(l, "")}, ui.NavItem{Label: s.t("lot.labels.sheet"), Href: lotPath(l, "/nhan.pdf?giay=a4&so=24")},
			ui.NavItem{Label: s.t("lot.labels.roll"), Href: lotPath(l, "/nhan.pdf?giay=roll&so=10")})
	}
	if by.For(l.Seller) || by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		v.Manage = append(v.Manage, ui.NavItem{Label: s.t("lot.recall.title"), Href: lotPath(l, "/thu-hoi")})
	}
	return web.Render(c, http.StatusOK, tracePage(v))
}

func lotPath(l *catalog.Lot, rest string) string { return "/lo/" + string(l.ID) + rest }

// traceValues says each of the circular's items of this lot.
func (p *Pages) traceValues(s speaker, l *catalog.Lot, product *catalog.Product, seller, address string) map[string]string {
	code := s.t("lot.code_line", "code", l.Code)
	if l.GTIN != "" {
		code += " · GTIN " + l.GTIN
	}
	values := map[string]string{
		"product": s.text(product.Name), "producer": l.ProducerName + " · " + seller,
		"address": strings.Trim(strings.Join([]string{l.Place.Area, s.fullPlace(l.Place.Ward)}, ", "), ", ") + " · " + strings.Trim(address, ", "),
		"time":    s.t("lot.made."+l.Made, "day", s.date(l.MadeAt)), "brand": seller + " · " + code,
		"product_code": l.EPCClass(p.cfg.BaseURL), "place_code": l.Place.Public(), "standard": l.Standard,
	}
	if len(product.Photos) > 0 {
		values["image"] = s.t("lot.image")
	}
	if l.BestBefore != nil {
		values["shelf_life"] = s.date(catalog.LastDay(*l.BestBefore))
	}
	return values
}

func (s speaker) inputs(l *catalog.Lot) ui.Table {
	t := ui.Table{Caption: s.t("lot.inputs.title"), Columns: []ui.Column{{Label: s.t("lot.input.name")}, {Label: s.t("lot.input.kind")}, {Label: s.t("lot.input.amount")}, {Label: s.t("lot.day")}}}
	for _, in := range l.Inputs {
		day := ""
		if in.At != nil {
			day = s.date(*in.At)
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: in.Name}, {Text: s.t("lot.input." + in.Kind)}, {Text: in.Amount}, {Text: day}})
	}
	return t
}

func (s speaker) tests(l *catalog.Lot) ui.Table {
	t := ui.Table{Caption: s.t("lot.tests.title"), Note: s.t("lot.tests.note"), Columns: []ui.Column{{Label: s.t("lot.test.name")}, {Label: s.t("lot.test.result")}, {Label: s.t("lot.test.lab")}, {Label: s.t("lot.day")}, {Label: s.t("lot.test.paper")}}}
	for _, test := range l.Tests {
		result := ui.Cell{Text: test.Result, Tag: ui.Success}
		if !test.Passed {
			result.Tag = ui.Problem
		}
		row := []ui.Cell{{Text: test.Name}, result, {Text: test.Lab}, {Text: s.date(test.At)}, {}}
		if test.SHA256 != "" {
			row[4] = ui.Cell{Text: s.t("lot.test.open"), Href: lotPath(l, "/giay/"+string(test.ID)), Sub: "SHA-256 " + test.SHA256[:16] + "…"}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// lotHistory is what happened to the lot so far.
func (s speaker) lotHistory(l *catalog.Lot) []ui.Step {
	type moment struct {
		at   time.Time
		step ui.Step
	}
	all := []moment{
		{l.MadeAt, ui.Step{State: ui.Done, Label: s.t("lot.step." + l.Made)}},
		{l.CreatedAt, ui.Step{State: ui.Done, Label: s.t("lot.step.listed")}},
	}
	for _, test := range l.Tests {
		all = append(all, moment{test.At, ui.Step{State: ui.Done, Label: s.t("lot.step.tested"), Text: test.Name + ": " + test.Result}})
	}
	if l.BestBefore != nil && !s.now.Before(*l.BestBefore) {
		all = append(all, moment{*l.BestBefore, ui.Step{State: ui.Done, Label: s.t("lot.step.past")}})
	}
	if l.Recall != nil {
		all = append(all, moment{l.Recall.At, ui.Step{State: ui.Failed, Label: s.t("lot.step.recalled"), Text: l.Recall.Reason}})
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	steps := make([]ui.Step, len(all))
	for i, m := range all {
		steps[i] = m.step
		steps[i].At = s.date(m.at)
	}
	return steps
}

// paper gives a test's file as it was handed in: to be kept, never to be run.
func (p *Pages) paper(c *gin.Context) error {
	test, data, err := p.Catalog.Paper(c.Request.Context(), market.ID(c.Param("id")), market.ID(c.Param("test")))
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+test.SHA256[:16]+`"`)
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, test.Type, data)
	return nil
}

// labels prints the lot's labels, for the seller's people.
func (p *Pages) labels(c *gin.Context) error {
	l, err := p.lot(c)
	if err != nil {
		return err
	}
	if !web.Actor(c).For(l.Seller) {
		return market.NotFound("lot.missing")
	}
	product, err := p.lotProduct(c, l)
	if err != nil {
		return err
	}
	copies, _ := strconv.Atoi(c.DefaultQuery("so", "24"))
	pdf, err := label.PDF(p.sticker(p.speaker(c), l, product), label.Paper(c.DefaultQuery("giay", string(label.Sheet))), copies, l.CreatedAt)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `inline; filename="`+l.Code+`.pdf"`)
	c.Data(http.StatusOK, "application/pdf", pdf)
	return nil
}

// sticker says on paper what must be read without a reader. The code leads to
// this market, which resolves GS1 Digital Links for the numbers it knows.
func (p *Pages) sticker(s speaker, l *catalog.Lot, product *catalog.Product) label.Label {
	out := label.Label{
		Title: s.text(product.Name), By: s.text(product.SellerName), Link: l.DigitalLink(p.cfg.BaseURL),
		Lines: []label.Line{{Name: s.t("lot.label.lot"), Value: l.Code}, {Name: s.t("lot.label." + l.Made), Value: s.date(l.MadeAt)}},
		Foot:  strings.TrimPrefix(strings.TrimPrefix(p.cfg.BaseURL+lotPath(l, ""), "https://"), "http://"),
	}
	if l.BestBefore != nil {
		out.Lines = append(out.Lines, label.Line{Name: s.t("lot.label.best"), Value: s.date(catalog.LastDay(*l.BestBefore))})
	}
	if l.GTIN != "" {
		out.Lines = append(out.Lines, label.Line{Name: "GTIN", Value: l.GTIN})
	}
	return out
}
