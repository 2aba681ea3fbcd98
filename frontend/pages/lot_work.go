package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// lotWorkRoutes are a seller's lots, by either door.
func (p *Pages) lotWorkRoutes(door string) []Route {
	return []Route{
		get(door+"/lo", p.work(p.myLots)),
		post(door+"/lo", p.work(p.makeLot)),
		get(door+"/lo/:id", p.work(p.myLot)),
		post(door+"/lo/:id/kiem-nghiem", p.work(p.addTest)),
		post(door+"/lo/:id/gtin", p.work(p.setGTIN)),
		post(door+"/lo/:id/dieu-chinh", p.work(p.correctLot)),
	}
}

func (p *Pages) myLots(c *gin.Context, w *workplace) error {
	return p.showLots(c, w, http.StatusOK, c.Query, nil)
}

// showLots lists the seller's lots above the form for a new one; typed gives
// what was entered.
func (p *Pages) showLots(c *gin.Context, w *workplace, status int, typed func(string) string, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page, err := p.Catalog.LotsOf(ctx, w.by, w.seller.ID, store.Cursor(c.Query("after")), todayShown)
	if err != nil {
		return err
	}
	products, err := p.Catalog.OfSeller(ctx, w.by, w.seller.ID, "", store.MaxLimit)
	if err != nil {
		return err
	}
	v := lotsView{workView: p.workPage(c, w, s.t("lot.mine")), Empty: len(page.Items) == 0, ID: typed("id"), Cursor: cursor(c, string(page.Next))}
	if v.ID == "" {
		v.ID = string(p.Env.NewID())
	}
	if v.Table, err = p.lotTable(c, w, s, page.Items, products.Items); err != nil {
		return err
	}
	v.Fields = s.lotFields(products.Items, typed)
	slots := map[string]*string{}
	for i := range v.Fields {
		slots[v.Fields[i].Name] = &v.Fields[i].Error
	}
	v.Wrongs = p.wrongs(s, failed, slots)
	return web.Render(c, status, lotsPage(v))
}

func (p *Pages) lotTable(c *gin.Context, w *workplace, s speaker, lots []*catalog.Lot, products []*catalog.Product) (ui.Table, error) {
	t := ui.Table{Caption: s.t("lot.mine"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("lot.label.lot")}, {Label: s.t("coop.stock.product")}, {Label: s.t("cert.state")}, {Label: s.t("lot.label.best")},
	}}
	for _, key := range []string{"available", "held", "sold", "lost"} {
		t.Columns = append(t.Columns, ui.Column{Label: s.t("coop.stock." + key), Number: true})
	}
	names := map[market.ID]string{}
	for _, product := range products {
		names[product.ID] = s.text(product.Name)
	}
	var variants []market.ID
	for _, l := range lots {
		variants = append(variants, l.Variant)
	}
	stocks, err := p.Catalog.Stocks(c.Request.Context(), variants...)
	if err != nil {
		return t, err
	}
	for _, l := range lots {
		t.Rows = append(t.Rows, s.lotRow(w, l, names[l.Product], stocks[l.Variant]))
	}
	return t, nil
}

func (s speaker) lotRow(w *workplace, l *catalog.Lot, product string, k *catalog.Stock) []ui.Cell {
	state := ui.Cell{Text: s.t("lot.state.good"), Tag: ui.Success}
	best := "–"
	if l.BestBefore != nil {
		best = s.date(catalog.LastDay(*l.BestBefore))
		if !s.now.Before(*l.BestBefore) {
			state = ui.Cell{Text: s.t("lot.state.past"), Tag: ui.Warning}
		}
	}
	if l.Recall != nil {
		state = ui.Cell{Text: s.t("lot.state.recalled"), Tag: ui.Problem}
	}
	row := []ui.Cell{{Text: l.Code, Href: w.here(lotPath(l, "")), Sub: s.date(l.MadeAt)}, {Text: product}, state, {Text: best}}
	for _, n := range k.InLot(l.ID) {
		row = append(row, ui.Cell{Text: s.number(n)})
	}
	return row
}

func (s speaker) lotFields(products []*catalog.Product, typed func(string) string) []ui.Field {
	goods := ui.Field{Kind: ui.Select, Name: "variant", Label: s.t("lot.form.variant")}
	for _, product := range products {
		for _, v := range product.Variants {
			value := string(product.ID) + ":" + string(v.ID)
			goods.Options = append(goods.Options, ui.Option{
				Value: value, Label: s.text(product.Name) + " – " + s.text(v.Name) + " (" + v.Unit + ")", Selected: typed("variant") == value,
			})
		}
	}
	made := ui.Field{Kind: ui.Choice, Name: "made", Label: s.t("lot.form.made")}
	for _, how := range []string{catalog.MadeHarvest, catalog.MadeProduction} {
		made.Options = append(made.Options, ui.Option{Value: how, Label: s.t("lot.step." + how), Selected: typed("made") == how || typed("made") == "" && how == catalog.MadeHarvest})
	}
	field := func(kind ui.Kind, name string, optional bool) ui.Field {
		return ui.Field{Kind: kind, Name: name, Label: s.t("lot.form." + name), Help: s.t("lot.form." + name + ".help"), Value: typed(name), Optional: optional, Autocomplete: "off", MaxLength: "120"}
	}
	return []ui.Field{
		goods, field(ui.Number, "quantity", false),
		{Kind: ui.Check, Name: "counted", Label: s.t("lot.form.counted"), Help: s.t("lot.form.counted.help"), Checked: typed("counted") != "", Unmarked: true},
		made, field(ui.Day, "made_at", false), field(ui.Day, "best_before", true), field(ui.Text, "area", true),
		field(ui.Text, "producer", true), field(ui.Text, "standard", true), field(ui.Text, "code", true),
	}
}

// makeLot notes a lot as it was entered.
func (p *Pages) makeLot(c *gin.Context, w *workplace) error {
	product, variant, _ := strings.Cut(c.PostForm("variant"), ":")
	d := catalog.LotDraft{
		ID: market.ID(c.PostForm("id")), Product: market.ID(product), Variant: market.ID(variant), Code: c.PostForm("code"),
		Made: c.PostForm("made"), Counted: c.PostForm("counted") != "", Name: c.PostForm("producer"), Standard: c.PostForm("standard"),
		Place: catalog.LotPlace{Ward: w.seller.Ward, Area: c.PostForm("area")},
	}
	d.Quantity, _ = strconv.ParseInt(strings.ReplaceAll(c.PostForm("quantity"), ".", ""), 10, 64)
	d.MadeAt = dayOf(c.PostForm("made_at"))
	if best := dayOf(c.PostForm("best_before")); !best.IsZero() {
		end := best.AddDate(0, 0, 1)
		d.BestBefore = &end
	}
	if _, err := p.ownProduct(c, w, d.Product); err != nil {
		return err
	}
	l, err := p.Catalog.MakeLot(c.Request.Context(), w.by, d)
	if mendable(err) {
		return p.showLots(c, w, web.Status(err), c.PostForm, err)
	}
	if err != nil {
		return err
	}
	return tell(c, lotPath(l, ""), "lot.made_flash")
}

// dayOf is the first moment of a day in Huế; zero for what is none.
func dayOf(s string) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, s, market.HueZone)
	if err != nil {
		return time.Time{}
	}
	return day.UTC()
}

func (p *Pages) recallForm(c *gin.Context) error { return p.showRecall(c, http.StatusOK, nil) }

// recall calls the lot back.
func (p *Pages) recall(c *gin.Context) error {
	_, err := p.Catalog.RecallLot(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.PostForm("reason"))
	if mendable(err) {
		return p.showRecall(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/lo/"+c.Param("id")+"/thu-hoi", "lot.recall.done")
}

// showRecall shows who has goods of the lot, to those who may know.
func (p *Pages) showRecall(c *gin.Context, status int, failed error) error {
	by := web.Actor(c)
	if by.Guest() {
		return market.Unauthenticated("signin.needed")
	}
	l, err := p.lot(c)
	if err != nil {
		return err
	}
	checks := by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial)
	if !by.For(l.Seller) && !checks {
		return market.NotFound("lot.missing")
	}
	product, err := p.lotProduct(c, l)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := recallView{
		Page: p.page(c, s.t("lot.recall.title")), Name: s.text(product.Name) + " · " + s.t("lot.title", "code", l.Code),
		Back: l.TracePath(), Path: lotPath(l, "/thu-hoi"), Done: l.Recall != nil,
		Reason: ui.Field{Kind: ui.Area, Name: "reason", Label: s.t("lot.recall.reason"), Value: c.PostForm("reason"), MaxLength: "500"},
	}
	v.NoIndex = true
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"reason": &v.Reason.Error})
	if l.Recall != nil {
		v.Recalled = ui.Notice{Tone: ui.Problem, Title: s.t("lot.recalled.title"), Text: s.t("lot.recalled.text", "day", s.date(l.Recall.At), "reason", l.Recall.Reason)}
	}
	if by.For(l.Seller) || l.Recall != nil {
		page, err := p.Orders.OfLot(c.Request.Context(), by, l.ID, store.Cursor(c.Query("after")), todayShown)
		if err != nil {
			return err
		}
		v.Buyers, v.Cursor = s.lotBuyers(l, page.Items), cursor(c, string(page.Next))
	}
	return web.Render(c, status, recallPage(v))
}

func (s speaker) lotBuyers(l *catalog.Lot, found []*orders.Order) ui.Table {
	t := ui.Table{Caption: s.t("lot.buyers"), Columns: []ui.Column{
		{Label: s.t("lot.buyers.order")}, {Label: s.t("lot.buyers.who")}, {Label: s.t("cert.state")}, {Label: s.t("lot.form.quantity"), Number: true},
	}}
	for _, o := range found {
		for _, parcel := range o.Parcels {
			if n := parcel.Of(l.ID); n > 0 {
				t.Rows = append(t.Rows, []ui.Cell{
					{Text: o.Code, Sub: s.date(o.PlacedAt)},
					{Text: o.Address.Name, Sub: o.Address.Phone + " · " + o.Address.Street + ", " + s.fullPlace(o.Address.Ward)},
					{Text: s.t("parcel.state." + string(parcel.State)), Tag: parcelTones[parcel.State]},
					{Text: s.number(n), Sub: l.Unit},
				})
			}
		}
	}
	return t
}
