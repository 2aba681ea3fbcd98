package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

const (
	voucherDoor = "/quan-tri/uu-dai"
	voucherPath = "/uu-dai"
)

// voucherRoutes are the platform's vouchers, for its operators.
func (p *Pages) voucherRoutes() []Route {
	return within([]market.Role{market.RoleOperator},
		get(voucherDoor, func(c *gin.Context) error { return p.showVouchers(c, p.platformDesk(c), http.StatusOK, nil) }),
		post(voucherDoor, func(c *gin.Context) error { return p.makeVoucher(c, p.platformDesk(c)) }),
		post(voucherDoor+"/:code/dung", func(c *gin.Context) error { return p.stopVoucher(c, p.platformDesk(c)) }),
	)
}

// voucherWork are a seller's own, by either door.
func (p *Pages) voucherWork(door string) []Route {
	desk := func(do func(*gin.Context, voucherDesk) error) web.Handler {
		return p.work(func(c *gin.Context, w *workplace) error { return do(c, p.sellerDesk(c, w)) })
	}
	return []Route{
		get(door+voucherPath, desk(func(c *gin.Context, d voucherDesk) error { return p.showVouchers(c, d, http.StatusOK, nil) })),
		post(door+voucherPath, desk(p.makeVoucher)),
		post(door+voucherPath+"/:code/dung", desk(p.stopVoucher)),
	}
}

// voucherDesk is where somebody keeps vouchers: whose, and by which door.
type voucherDesk struct {
	page   ui.Page
	seller market.ID // empty for the platform
	to     func(path string) string
	swap   templ.Component
}

func (p *Pages) platformDesk(c *gin.Context) voucherDesk {
	return voucherDesk{page: p.adminPage(c, p.speaker(c).t("promo.title.platform")), to: func(path string) string { return voucherDoor + path }}
}

func (p *Pages) sellerDesk(c *gin.Context, w *workplace) voucherDesk {
	v := p.workPage(c, w, p.speaker(c).t("promo.title"))
	return voucherDesk{page: v.Page, seller: w.seller.ID, to: func(path string) string { return w.here(voucherPath + path) }, swap: sellerSwitch(v)}
}

func (p *Pages) showVouchers(c *gin.Context, d voucherDesk, status int, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	list, err := p.Orders.VouchersOf(ctx, web.Actor(c), d.seller, store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	goods, err := p.voucherGoods(c, d)
	if err != nil {
		return err
	}
	v := vouchersView{
		Page: d.page, Switch: d.swap, Lead: s.t("promo.lead"), Action: d.to(""), Form: s.voucherForm(c, d, goods),
		Open: failed != nil || len(list.Items) == 0, Cursor: cursor(c, string(list.Next)),
	}
	if d.seller == "" {
		v.Lead = s.t("promo.lead.platform")
	}
	v.Sheets = []string{"page-vouchers.css"}
	for _, one := range list.Items {
		v.Vouchers = append(v.Vouchers, s.voucherCard(one, d))
	}
	v.Wrongs = p.wrongs(s, failed, v.Form.slots())
	return web.Render(c, status, vouchersPage(v))
}

// voucherGoods are the products that a seller's voucher may be kept to.
func (p *Pages) voucherGoods(c *gin.Context, d voucherDesk) ([]*catalog.Product, error) {
	if d.seller == "" {
		return nil, nil
	}
	page, err := p.Catalog.OfSeller(c.Request.Context(), web.Actor(c), d.seller, "", pageSize)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page.Items, func(g *catalog.Product) bool { return g.Status != catalog.StatusPublished }), nil
}

// voucherCard shows a voucher to its owner: what it gives, under which terms,
// and what is left of its budget.
func (s speaker) voucherCard(v *orders.Voucher, d voucherDesk) voucherCard {
	money, uses := v.Left()
	card := voucherCard{
		Code: string(v.ID), Name: s.text(v.Name), Gives: s.gives(v.Terms), Terms: s.voucherTerms(v.Terms), Way: s.t("promo.way." + string(v.Terms.Way)),
		Use:  s.t("promo.use", "spent", v.Spent, "budget", v.Terms.Budget),
		Uses: s.t("promo.uses", "spent", v.SpentUses, "uses", v.Terms.Uses), Left: s.t("promo.left", "money", money, "uses", uses),
		Spent: share(v.Spent, v.Terms.Budget), Held: share(v.Held, v.Terms.Budget),
	}
	if v.Held > 0 {
		card.Waits = s.t("promo.held", "money", v.Held, "uses", v.HeldUses)
	}
	card.State, card.Tone = s.t("promo.state.running"), ui.Success
	switch {
	case v.Stopped != nil:
		card.State, card.Tone = s.t("promo.state.stopped", "at", s.date(*v.Stopped)), ui.Info
	case s.now.Before(v.Terms.From):
		card.State, card.Tone = s.t("promo.state.early", "at", s.date(v.Terms.From)), ui.Info
	case !s.now.Before(v.Terms.To):
		card.State, card.Tone = s.t("promo.state.over"), ui.Info
	case money <= 0 || uses <= 0:
		card.State, card.Tone = s.t("promo.state.spent"), ui.Warning
	}
	if v.Stopped == nil && s.now.Before(v.Terms.To) {
		card.Stop = d.to("/" + card.Code + "/dung")
	}
	return card
}

// share is how much of a hundred a part is, as a width.
func share(part, whole market.VND) string {
	if whole <= 0 {
		return "0"
	}
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64)
}

// voucherForm asks for a new voucher. Only a name, what it gives, its last day
// and its budget have no answer of their own.
func (s speaker) voucherForm(c *gin.Context, d voucherDesk, goods []*catalog.Product) voucherForm {
	typed := func(name, otherwise string) string {
		if value, sent := c.GetPostForm(name); sent {
			return value
		}
		return otherwise
	}
	amount := func(name string, optional bool) ui.Field {
		return ui.Field{Kind: ui.Amount, Name: name, Label: s.t("promo." + name), Help: s.t("promo." + name + ".help"), Value: typed(name, ""), Short: true, Optional: optional, MaxLength: "15"}
	}
	choice := func(name, otherwise string, values ...string) ui.Field {
		f := ui.Field{Kind: ui.Choice, Name: name, Label: s.t("promo." + name)}
		for _, v := range values {
			f.Options = append(f.Options, ui.Option{Value: v, Label: s.t("promo." + name + "." + v), Help: s.t("promo." + name + "." + v + ".help"), Selected: typed(name, otherwise) == v})
		}
		return f
	}
	today := s.now.In(market.HueZone).Format(time.DateOnly)
	f := voucherForm{
		Name: ui.Field{Name: "name", Label: s.t("promo.name"), Help: s.t("promo.name.help"), Value: typed("name", ""), MaxLength: "80"},
		Kind: choice("kind", string(orders.VoucherAmount), string(orders.VoucherAmount), string(orders.VoucherPercent), string(orders.VoucherShipping)),
		Gives: []ui.Field{
			amount("amount", true),
			{Kind: ui.Decimal, Name: "percent", Label: s.t("promo.percent"), Help: s.t("promo.percent.help"), Value: typed("percent", ""), Suffix: "%", Short: true, Optional: true, MaxLength: "5"},
			amount("most", true),
		},
		Way:  choice("way", string(orders.VoucherListed), string(orders.VoucherListed), string(orders.VoucherAuto), string(orders.VoucherSecret)),
		Code: ui.Field{Name: "code", Label: s.t("promo.code"), Help: s.t("promo.code.help"), Value: typed("code", ""), Optional: true, Short: true, MaxLength: "20", Autocomplete: "off"},
		Limits: []ui.Field{
			amount("min_goods", true),
			{Kind: ui.Day, Name: "from", Label: s.t("promo.from"), Value: typed("from", today), Short: true},
			{Kind: ui.Day, Name: "to", Label: s.t("promo.to"), Help: s.t("promo.to.help"), Value: typed("to", ""), Short: true},
			amount("budget", false),
			{Kind: ui.Number, Name: "uses", Label: s.t("promo.uses.most"), Help: s.t("promo.uses.help"), Value: typed("uses", ""), Short: true, MaxLength: "8"},
			{Kind: ui.Number, Name: "per_person", Label: s.t("promo.per_person"), Help: s.t("promo.per_person.help"), Value: typed("per_person", "1"), Short: true, Optional: true, MaxLength: "4"},
			{Kind: ui.Check, Name: "first_order", Label: s.t("promo.first_order"), Help: s.t("promo.first_order.help"), Checked: c.PostForm("first_order") != "", Optional: true, Unmarked: true},
		},
		Scope: s.voucherScope(c, d, goods),
	}
	return f
}

// voucherScope asks what a voucher is kept to: a seller's to some of its goods,
// the platform's to some crafts.
func (s speaker) voucherScope(c *gin.Context, d voucherDesk, goods []*catalog.Product) ui.Field {
	if d.seller != "" {
		f := ui.Field{Kind: ui.Check, Name: "products", Label: s.t("promo.products"), Help: s.t("promo.products.help"), Optional: true, Unmarked: true}
		for _, g := range goods {
			f.Options = append(f.Options, ui.Option{Value: string(g.ID), Label: s.text(g.Name), Selected: slices.Contains(c.PostFormArray("products"), string(g.ID))})
		}
		return f
	}
	f := ui.Field{Kind: ui.Check, Name: "sets", Label: s.t("promo.sets"), Help: s.t("promo.sets.help"), Optional: true, Unmarked: true}
	for _, set := range s.sets.All() {
		n := strconv.Itoa(set.Number)
		f.Options = append(f.Options, ui.Option{Value: n, Label: s.craft(set.Number), Selected: slices.Contains(c.PostFormArray("sets"), n)})
	}
	return f
}

// wantedVoucher reads the form. What does not belong to the kind that was
// chosen is left out, so that an amount once typed does not spoil a percentage.
func wantedVoucher(c *gin.Context, seller market.ID, now time.Time) orders.NewVoucher {
	t := orders.VoucherTerms{
		Kind: orders.VoucherKind(c.PostForm("kind")), Way: orders.VoucherWay(c.PostForm("way")), MinGoods: typedVND(c, "min_goods"),
		Budget: typedVND(c, "budget"), Uses: typedAmount(c.PostForm("uses")), PerPerson: int(typedNumber(c.PostForm("per_person"))),
		FirstOrder: c.PostForm("first_order") != "", From: firstMoment(c.PostForm("from"), now), To: lastMoment(c.PostForm("to")),
	}
	switch t.Kind {
	case orders.VoucherAmount:
		t.Amount = typedVND(c, "amount")
	case orders.VoucherPercent:
		t.Percent, t.Most = typedRate(c.PostForm("percent")), typedVND(c, "most")
	case orders.VoucherShipping:
		t.Most = typedVND(c, "most")
	}
	for _, id := range c.PostFormArray("products") {
		t.Products = append(t.Products, market.ID(id))
	}
	for _, text := range c.PostFormArray("sets") {
		if n, err := strconv.Atoi(text); err == nil {
			t.Sets = append(t.Sets, n)
		}
	}
	return orders.NewVoucher{Seller: seller, Code: strings.TrimSpace(c.PostForm("code")), Name: market.Text{VI: c.PostForm("name")}, Terms: t}
}

func typedVND(c *gin.Context, name string) market.VND {
	return market.VND(typedAmount(c.PostForm(name)))
}

// typedRate reads a percentage with at most two digits after the comma; -1 for
// what is none.
func typedRate(text string) market.Rate {
	value, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	if err != nil || value < 0 || value > 100 {
		return -1
	}
	return market.Rate(value*100 + 0.5)
}

// firstMoment is the beginning of a day; of today, or of none, now.
func firstMoment(text string, now time.Time) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, text, market.HueZone)
	if err != nil || day.Before(now) {
		return now
	}
	return day.UTC()
}

// lastMoment is the first moment after a day; zero for none.
func lastMoment(text string) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, text, market.HueZone)
	if err != nil {
		return time.Time{}
	}
	return day.AddDate(0, 0, 1).UTC()
}

func (p *Pages) makeVoucher(c *gin.Context, d voucherDesk) error {
	_, err := p.Orders.MakeVoucher(c.Request.Context(), web.Actor(c), wantedVoucher(c, d.seller, p.Env.Now()))
	if mendable(err) {
		return p.showVouchers(c, d, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, d.to(""), "promo.made")
}

func (p *Pages) stopVoucher(c *gin.Context, d voucherDesk) error {
	if _, err := p.Orders.StopVoucher(c.Request.Context(), web.Actor(c), market.ID(c.Param("code"))); err != nil {
		return err
	}
	return tell(c, d.to(""), "promo.stopped")
}
