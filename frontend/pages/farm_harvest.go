package pages

import (
	"net/http"
	"net/url"
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

// harvestRoutes are a seller's crops that stand in the field, by either door.
func (p *Pages) harvestRoutes(door string) []Route {
	base := door + "/mua-vu"
	return []Route{
		get(base, p.work(p.myHarvests)),
		post(base, p.work(p.declareHarvest)),
		get(base+"/:id", p.work(p.myHarvest)),
		post(base+"/:id/doi", p.work(p.changeHarvest)),
		post(base+"/:id/dong", p.work(p.closeHarvest)),
		post(base+"/:id/thu-hoach", p.work(p.bringIn)),
		post(base+"/:id/huy", p.work(p.cancelHarvest)),
	}
}

var harvestTones = map[catalog.HarvestState]ui.Tone{
	catalog.HarvestOpen: ui.Success, catalog.HarvestClosed: ui.Warning, catalog.HarvestAllocated: ui.Info, catalog.HarvestCancelled: ui.Problem,
}

func (p *Pages) myHarvests(c *gin.Context, w *workplace) error {
	return p.showHarvests(c, w, http.StatusOK, c.Query, nil)
}

// showHarvests lists the seller's harvests above the form for a new one; typed
// gives what was entered.
func (p *Pages) showHarvests(c *gin.Context, w *workplace, status int, typed func(string) string, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page, err := p.Catalog.HarvestsOfSeller(ctx, w.by, w.seller.ID, store.Cursor(c.Query("after")), todayShown)
	if err != nil {
		return err
	}
	products, err := p.Catalog.OfSeller(ctx, w.by, w.seller.ID, "", store.MaxLimit)
	if err != nil {
		return err
	}
	v := harvestsView{workView: p.workPage(c, w, s.t("harvest.mine")), ID: typed("id"), Cursor: cursor(c, string(page.Next))}
	if v.ID == "" {
		v.ID = string(p.Env.NewID())
	}
	names := map[market.ID]string{}
	for _, product := range products.Items {
		names[product.ID] = s.text(product.Name)
	}
	v.Table = ui.Table{Caption: s.t("harvest.mine"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("coop.stock.product")}, {Label: s.t("cert.state")}, {Label: s.t("harvest.reserved"), Number: true}, {Label: s.t("harvest.left"), Number: true},
	}}
	for _, h := range page.Items {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: names[h.Product], Href: w.here(harvestPath(h.ID)), Sub: s.window(h)},
			{Text: s.t("harvest.state." + string(h.State)), Tag: harvestTones[h.State]},
			{Text: s.number(reservedOf(h))},
			{Text: s.number(h.Left(s.now))},
		})
	}
	rule, known := p.Sets.HarvestRule(s.now)
	if !known {
		failed = market.Unavailable("harvest.no_rule")
	}
	v.Fields = s.harvestFields(products.Items, rule, typed)
	slots := map[string]*string{}
	for i := range v.Fields {
		slots[v.Fields[i].Name] = &v.Fields[i].Error
	}
	v.Wrongs = p.wrongs(s, failed, slots)
	return web.Render(c, status, harvestsPage(v))
}

func harvestPath(id market.ID) string { return "/mua-vu/" + url.PathEscape(string(id)) }

// reservedOf is how many units buyers have, or had, reserved for good.
func reservedOf(h *catalog.Harvest) int64 {
	total := int64(0)
	for _, r := range h.Reservations {
		if r.State == catalog.ReservationHeld || r.State == catalog.ReservationAllocated || r.State == catalog.ReservationRefunded {
			total += r.Quantity
		}
	}
	return total
}

func (s speaker) harvestFields(products []*catalog.Product, rule catalog.HarvestRule, typed func(string) string) []ui.Field {
	goods := ui.Field{Kind: ui.Select, Name: "variant", Label: s.t("harvest.form.variant")}
	for _, product := range products {
		if product.Status != catalog.StatusPublished {
			continue
		}
		for _, v := range product.Variants {
			value := string(product.ID) + ":" + string(v.ID)
			goods.Options = append(goods.Options, ui.Option{
				Value: value, Label: s.text(product.Name) + " – " + s.text(v.Name) + " (" + s.unit(v.Unit) + ")", Selected: typed("variant") == value,
			})
		}
	}
	field := func(kind ui.Kind, name string, optional bool, args ...any) ui.Field {
		return ui.Field{
			Kind: kind, Name: name, Label: s.t("harvest.form." + name), Help: s.t("harvest.form."+name+".help", args...),
			Value: typed(name), Optional: optional, Autocomplete: "off", MaxLength: "20",
		}
	}
	deposit := field(ui.Number, "deposit", false, "least", int64(rule.Least)/100, "most", int64(rule.Most)/100)
	deposit.Suffix, deposit.Short = "%", true
	return []ui.Field{
		goods, field(ui.Day, "from", false), field(ui.Day, "to", false), field(ui.Day, "closes", false),
		field(ui.Number, "yield", false, "percent", rule.CapPermille/10), field(ui.Number, "most", true), field(ui.Amount, "price", true), deposit,
	}
}

// declareHarvest opens a crop as it was entered.
func (p *Pages) declareHarvest(c *gin.Context, w *workplace) error {
	product, variant, _ := strings.Cut(c.PostForm("variant"), ":")
	d := catalog.HarvestDraft{ID: market.ID(c.PostForm("id")), Product: market.ID(product), Variant: market.ID(variant)}
	d.From, d.To, d.Closes = windowOf(c)
	d.Yield, d.Most = countOf(c, "yield"), countOf(c, "most")
	d.Deposit = market.Rate(100 * min(countOf(c, "deposit"), 1000))
	if text := c.PostForm("price"); text != "" {
		price, err := market.ParseVND(text)
		if err != nil {
			price = -1
		}
		d.Price = price
	}
	if _, err := p.ownProduct(c, w, d.Product); err != nil {
		return err
	}
	h, err := p.Catalog.DeclareHarvest(c.Request.Context(), w.by, d)
	if mendable(err) {
		return p.showHarvests(c, w, web.Status(err), c.PostForm, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(harvestPath(h.ID)), "harvest.declared")
}

// windowOf reads the days of a harvest; the last day is part of it.
func windowOf(c *gin.Context) (from, to, closes time.Time) {
	from, to, closes = dayOf(c.PostForm("from")), dayOf(c.PostForm("to")), dayOf(c.PostForm("closes"))
	if !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, closes
}

// countOf reads a number as people type it; what is none is -1.
func countOf(c *gin.Context, name string) int64 {
	text := strings.ReplaceAll(strings.TrimSpace(c.PostForm(name)), ".", "")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (p *Pages) myHarvest(c *gin.Context, w *workplace) error {
	return p.showHarvest(c, w, http.StatusOK, nil, nil)
}

// ownHarvest is a harvest that the visitor may change; not found otherwise.
func (p *Pages) ownHarvest(c *gin.Context, w *workplace) (*catalog.Harvest, error) {
	h, err := p.Catalog.HarvestSeen(c.Request.Context(), w.by, market.ID(c.Param("id")))
	if err != nil {
		return nil, err
	}
	if w.forSeller(h.Seller) != nil {
		return nil, market.NotFound("harvest.missing")
	}
	return h, nil
}

// showHarvest shows one harvest with what can be done; shared is what bringing
// in would give each buyer, when somebody asked.
func (p *Pages) showHarvest(c *gin.Context, w *workplace, status int, shared *catalog.Harvest, failed error) error {
	h, err := p.ownHarvest(c, w)
	if err != nil {
		return err
	}
	product, err := p.Catalog.Product(c.Request.Context(), w.by, h.Product)
	if err != nil {
		return err
	}
	variant, _ := product.Variant(h.Variant)
	s := p.speaker(c)
	unit := s.unit(variant.Unit)
	v := harvestView{
		workView: p.workPage(c, w, s.text(product.Name)), Name: s.text(product.Name), Variant: s.text(variant.Name), State: s.t("harvest.state." + string(h.State)),
		Tone: harvestTones[h.State], Window: s.window(h), Path: harvestPath(h.ID), Standing: h.State == catalog.HarvestOpen || h.State == catalog.HarvestClosed,
		Open: h.State == catalog.HarvestOpen, Public: offerPath(h.ID), Steps: s.harvestSteps(h, unit), Reason: h.Reason,
		Stats: []ui.Stat{
			{Label: s.t("harvest.yield.label"), Value: s.number(h.Yield), Unit: unit, Icon: ui.IconWheat},
			{Label: s.t("harvest.cap"), Value: s.number(h.Cap()), Unit: unit, Icon: ui.IconScales},
			{Label: s.t("harvest.reserved"), Value: s.number(reservedOf(h)), Unit: unit, Icon: ui.IconBasket},
			{Label: s.t("harvest.left"), Value: s.number(h.Left(s.now)), Unit: unit, Icon: ui.IconPlus},
		},
		Facts: [][2]string{
			{s.t("harvest.form.price"), s.vnd(h.Price) + "/" + unit}, {s.t("harvest.form.deposit"), s.permyriad(h.Deposit)}, {s.t("harvest.form.closes"), s.moment(h.Closes)},
		},
	}
	if h.State == catalog.HarvestAllocated && h.Actual > 0 {
		v.Lot = "/lo/" + string(h.ID)
	}
	if err := p.harvestBuyers(c, &v, s, w, h, unit); err != nil {
		return err
	}
	if shared != nil {
		v.Shared, v.Actual = s.shareTable(shared, unit, v.names), s.number(shared.Actual)
		v.Sure = s.t("harvest.in.sure", "n", shared.Actual, "unit", unit)
	}
	v.forms(s, h, c.PostForm)
	v.Wrongs = p.wrongs(s, failed, map[string]*string{
		"yield": &v.Yield.Error, "from": &v.From.Error, "to": &v.To.Error, "closes": &v.Closes.Error, "reason": &v.Why.Error, "actual": &v.In.Error,
	})
	return web.Render(c, status, harvestPage(v))
}

// forms are what can be changed, with what is true now or was typed.
func (v *harvestView) forms(s speaker, h *catalog.Harvest, typed func(string) string) {
	or := func(name, now string) string {
		if t := typed(name); t != "" {
			return t
		}
		return now
	}
	day := func(at time.Time) string { return at.In(market.HueZone).Format(time.DateOnly) }
	v.Yield = ui.Field{Kind: ui.Number, Name: "yield", Label: s.t("harvest.form.yield"), Value: or("yield", strconv.FormatInt(h.Yield, 10)), Autocomplete: "off"}
	v.From = ui.Field{Kind: ui.Day, Name: "from", Label: s.t("harvest.form.from"), Value: or("from", day(h.From))}
	v.To = ui.Field{Kind: ui.Day, Name: "to", Label: s.t("harvest.form.to"), Value: or("to", day(catalog.LastDay(h.To)))}
	v.Closes = ui.Field{Kind: ui.Day, Name: "closes", Label: s.t("harvest.form.closes"), Value: or("closes", day(h.Closes))}
	v.In = ui.Field{Kind: ui.Number, Name: "actual", Label: s.t("harvest.in.actual"), Help: s.t("harvest.in.help"), Value: typed("actual"), Autocomplete: "off"}
	v.Why = ui.Field{Kind: ui.Area, Name: "reason", Label: s.t("harvest.cancel.reason"), Help: s.t("harvest.cancel.help"), Value: typed("reason"), MaxLength: "500"}
}

// harvestBuyers lists who has reserved, and remembers their names.
func (p *Pages) harvestBuyers(c *gin.Context, v *harvestView, s speaker, w *workplace, h *catalog.Harvest, unit string) error {
	page, err := p.Orders.PreordersOfHarvest(c.Request.Context(), w.by, h.ID, store.Cursor(c.Query("after")), store.MaxLimit)
	if err != nil {
		return err
	}
	v.names = map[market.ID]string{}
	v.Buyers = ui.Table{Caption: s.t("harvest.buyers"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("harvest.buyer")}, {Label: s.t("cert.state")}, {Label: s.t("lot.form.quantity"), Number: true}, {Label: s.t("preorder.deposit"), Number: true},
	}}
	for _, o := range page.Items {
		v.names[o.ID] = o.Address.Name
		row := []ui.Cell{
			{Text: o.Address.Name, Sub: o.Code + " · " + s.destination(o.Address)},
			{Text: s.t("preorder.state." + string(o.State)), Tag: preorderTones[o.State]},
			{Text: s.number(o.Quantity), Sub: unit},
			{Text: s.vnd(o.Deposit)},
		}
		if o.Share > 0 && o.Share < o.Quantity {
			row[2].Sub = s.t("harvest.buyer.share", "n", o.Share, "unit", unit)
		}
		if o.State == orders.PreorderReserved && !v.transfer(p, c, o) {
			row[1].Sub = s.t("harvest.buyer.waits", "at", s.moment(o.Until))
		}
		v.Buyers.Rows = append(v.Buyers.Rows, row)
	}
	return nil
}

// transfer notes a payment into the seller's own account that waits for the
// seller's word.
func (v *harvestView) transfer(p *Pages, c *gin.Context, o *orders.Preorder) bool {
	in, err := p.Payments.Intent(c.Request.Context(), o.Open())
	if err != nil || in.Payee == nil || !in.State.Open() {
		return false
	}
	v.Transfers = append(v.Transfers, transferForm{Payment: string(in.ID), Who: o.Address.Name, Memo: in.Step.Reference, Amount: in.Amount})
	return true
}

func (s speaker) shareTable(h *catalog.Harvest, unit string, names map[market.ID]string) ui.Table {
	t := ui.Table{Caption: s.t("harvest.in.shares"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("harvest.buyer")}, {Label: s.t("harvest.in.wanted"), Number: true}, {Label: s.t("harvest.in.gets"), Number: true}, {Label: s.t("harvest.in.back"), Number: true},
	}}
	for _, r := range h.Reservations {
		if r.State == catalog.ReservationAllocated {
			t.Rows = append(t.Rows, []ui.Cell{{Text: names[r.Order]}, {Text: s.number(r.Quantity), Sub: unit}, {Text: s.number(r.Allocated), Sub: unit}, {Text: s.vnd(r.Refund())}})
		}
	}
	return t
}

// harvestSteps are what buyers were told.
func (s speaker) harvestSteps(h *catalog.Harvest, unit string) []ui.Step {
	var steps []ui.Step
	for _, n := range h.Notices {
		what := strings.TrimPrefix(n.Kind, "catalog.harvest_")
		text := s.toldOf(what, orders.PreorderEntry{Was: n.Was, Now: n.Now, From: n.From, To: n.To, Text: n.Text}, unit)
		if what == "opened" {
			text = s.number(n.Now) + " " + unit
		}
		steps = append(steps, ui.Step{State: ui.Done, Label: s.t("preorder.told." + what), At: s.moment(n.At), Text: text})
	}
	return steps
}

// changeHarvest takes new days or another yield.
func (p *Pages) changeHarvest(c *gin.Context, w *workplace) error {
	h, err := p.ownHarvest(c, w)
	if err != nil {
		return err
	}
	from, to, closes := windowOf(c)
	_, err = p.Catalog.MoveHarvest(c.Request.Context(), w.by, h.ID, from, to, closes)
	if err == nil {
		_, err = p.Catalog.RedeclareHarvest(c.Request.Context(), w.by, h.ID, countOf(c, "yield"))
	}
	return p.harvestDone(c, w, h, err, "harvest.changed")
}

func (p *Pages) closeHarvest(c *gin.Context, w *workplace) error {
	h, err := p.ownHarvest(c, w)
	if err != nil {
		return err
	}
	_, err = p.Catalog.CloseHarvest(c.Request.Context(), w.by, h.ID)
	return p.harvestDone(c, w, h, err, "harvest.closed_now")
}

// bringIn shows what each buyer would get, and shares out when the seller says
// that it is right.
func (p *Pages) bringIn(c *gin.Context, w *workplace) error {
	h, err := p.ownHarvest(c, w)
	if err != nil {
		return err
	}
	actual := countOf(c, "actual")
	if strings.TrimSpace(c.PostForm("actual")) == "" {
		actual = -1
	}
	if c.PostForm("then") != "share" {
		shared, err := p.Catalog.PreviewHarvest(c.Request.Context(), w.by, h.ID, actual)
		if mendable(err) {
			return p.showHarvest(c, w, web.Status(err), nil, atActual(err))
		}
		if err != nil {
			return err
		}
		return p.showHarvest(c, w, http.StatusOK, shared, nil)
	}
	_, err = p.Catalog.AllocateHarvest(c.Request.Context(), w.by, h.ID, actual)
	return p.harvestDone(c, w, h, atActual(err), "harvest.brought_in")
}

// atActual puts an error about a yield to the field of the real one.
func atActual(err error) error {
	for _, e := range each(err) {
		if e.Field == "yield" {
			return e.At("actual")
		}
	}
	return err
}

func (p *Pages) cancelHarvest(c *gin.Context, w *workplace) error {
	h, err := p.ownHarvest(c, w)
	if err != nil {
		return err
	}
	_, err = p.Catalog.CancelHarvest(c.Request.Context(), w.by, h.ID, c.PostForm("reason"))
	return p.harvestDone(c, w, h, err, "harvest.cancelled")
}

func (p *Pages) harvestDone(c *gin.Context, w *workplace, h *catalog.Harvest, err error, said string) error {
	if mendable(err) {
		return p.showHarvest(c, w, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(harvestPath(h.ID)), said)
}
