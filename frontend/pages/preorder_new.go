package pages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// preorderRoutes are a buyer's pages of what is reserved before the harvest.
func (p *Pages) preorderRoutes() []Route {
	return []Route{
		get("/mua-vu/:id", p.newPreorder),
		post("/mua-vu/:id", p.reserve),
		get("/tai-khoan/dat-truoc", p.myPreorders),
		get("/dat-truoc/:id", p.preorder),
		get("/dat-truoc/:id/da-tra", p.preorderPaid),
		get("/dat-truoc/:id/ma-qr.png", p.preorderQR),
		post("/dat-truoc/:id/huy", p.cancelPreorder),
		post("/dat-truoc/:id/tra-not", p.payRest),
	}
}

// newPreorder tells everything about a reservation before anybody orders it.
func (p *Pages) newPreorder(c *gin.Context) error {
	typed := typedCheckout{}
	if by := web.Actor(c); by.Person != "" {
		person, err := p.Accounts.Person(c.Request.Context(), by.Person)
		if err != nil {
			return err
		}
		typed = checkoutOf(person)
	}
	return p.showReserve(c, http.StatusOK, reserving{checkout: typed, quantity: c.Query("so-luong"), id: string(p.Env.NewID())}, nil)
}

// reserving is a reservation as somebody typed it.
type reserving struct {
	checkout     typedCheckout
	quantity, id string
}

// units are what was typed, or the least that can be had.
func (r reserving) units(least int64) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(r.quantity), 10, 64)
	if err != nil || n <= 0 {
		return least
	}
	return n
}

// reserve makes the reservation and leads to the payment of its deposit.
func (p *Pages) reserve(c *gin.Context) error {
	r := reserving{readCheckout(c), c.PostForm("so-luong"), c.PostForm("id")}
	if c.PostForm("area") != "" {
		return p.showReserve(c, http.StatusOK, r, nil)
	}
	if web.Actor(c).Person == "" {
		return market.Unauthenticated("signin.needed")
	}
	h, product, err := p.harvest(c)
	if err != nil {
		return err
	}
	d := r.checkout.decided("", p.cfg.BaseURL)
	made, step, err := p.Orders.Reserve(c.Request.Context(), web.Actor(c), orders.Reserving{
		ID: market.ID(r.id), Harvest: h.ID, Quantity: r.units(0), Address: d.Address, Note: d.Note, Method: d.Method, Adult: d.Adult,
		Expect: d.Expect, Touch: p.touchFor(c, product), BaseURL: d.BaseURL,
	})
	if mendable(err) {
		return p.showReserve(c, web.Status(err), r, err)
	}
	if err != nil {
		return err
	}
	if step.Kind == payments.StepRedirect {
		return see(c, step.URL)
	}
	return tell(c, preorderPath(made.ID), "preorder.made")
}

func preorderPath(id market.ID) string { return "/dat-truoc/" + url.PathEscape(string(id)) }

// harvest is the harvest asked for, with its product in the shop.
func (p *Pages) harvest(c *gin.Context) (*catalog.Harvest, *catalog.Product, error) {
	h, err := p.Catalog.HarvestSeen(c.Request.Context(), market.Actor{}, market.ID(c.Param("id")))
	if err != nil {
		return nil, nil, err
	}
	product, err := p.Catalog.PublishedProduct(c.Request.Context(), h.Product)
	return h, product, err
}

func (p *Pages) showReserve(c *gin.Context, status int, r reserving, failed error) error {
	h, product, err := p.harvest(c)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	variant, ok := product.Variant(h.Variant)
	if !ok {
		return errNoGoods
	}
	units := r.units(variant.Terms.Least())
	v := reserveView{
		Page: p.page(c, s.t("preorder.new.title")), Offer: s.offer(h, variant, strconv.FormatInt(units, 10)),
		Name: s.text(product.Name), Href: productPath(product.Slug), Units: strconv.FormatInt(units, 10), ID: r.id,
		Open: h.Left(s.now) >= variant.Terms.Least(), SignedIn: web.Actor(c).Person != "",
	}
	v.NoIndex = true
	v.SignIn = "/dang-nhap?tiep=" + url.QueryEscape(offerPath(h.ID)+"?so-luong="+v.Units)
	if len(product.Photos) > 0 {
		v.Photo = p.gallery(s, product)[0]
	}
	p.reserveFields(&v, s, h, product, r)
	if err := p.reserveBill(&v, s, h, variant, units, r); err != nil {
		return err
	}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{
		"name": &v.Contact.Error, "phone": &v.Phone.Error, "province": &v.Areas.ProvinceError, "ward": &v.Areas.WardError,
		"street": &v.Street.Error, "note": &v.Note.Error, "method": &v.Methods.Error, "adult": &v.Adult.Error, "quantity": new(string),
	})
	return web.Render(c, status, reservePage(v))
}

func (p *Pages) reserveFields(v *reserveView, s speaker, h *catalog.Harvest, product *catalog.Product, r reserving) {
	t := r.checkout
	v.Contact = ui.Field{Name: "name", Label: s.t("till.name"), Value: t.name, Autocomplete: "name", MaxLength: "120"}
	v.Phone = ui.Field{Kind: ui.Phone, Name: "phone", Label: s.t("till.phone"), Help: s.t("till.phone.help"), Value: t.phone, Autocomplete: "tel"}
	v.Areas = p.areaFields(t.province, t.ward)
	v.Street = ui.Field{Name: "street", Label: s.t("till.street"), Help: s.t("till.street.help"), Value: t.street, Autocomplete: "street-address", MaxLength: "300"}
	v.Note = ui.Field{Kind: ui.Area, Name: "note", Label: s.t("till.note"), Value: t.note, Optional: true, MaxLength: "500"}
	v.Methods = ui.Field{Kind: ui.Choice, Name: "method", Label: s.t("preorder.method"), Options: p.prepaidMethods(s, t.method)}
	if product.Alcohol {
		v.Adult = ui.Field{Kind: ui.Check, Name: "adult", Label: s.t("till.adult"), Help: s.t("till.adult.help"), Checked: t.adult}
	}
}

// prepaidMethods are the ways to pay before the goods are there.
func (p *Pages) prepaidMethods(s speaker, chosen string) []ui.Option {
	var out []ui.Option
	for _, name := range p.Payments.Methods() {
		if name != orders.MethodCOD {
			out = append(out, ui.Option{
				Value: name, Label: s.t("method." + name), Help: s.t("method." + name + ".help"), Icon: methodIcons[name],
				Selected: name == chosen || chosen == "" && len(out) == 0,
			})
		}
	}
	return out
}

// reserveBill says what is paid now and what later.
func (p *Pages) reserveBill(v *reserveView, s speaker, h *catalog.Harvest, variant catalog.Variant, units int64, r reserving) error {
	goods := h.Price * market.VND(units)
	deposit := h.Deposit.Of(goods)
	line := orders.Line{Size: variant.Size, Band: variant.Terms.Band, Price: h.Price, Quantity: units, Amount: goods}
	zones := []orders.Zone{orders.ZoneSameProvince, orders.ZoneCountry}
	v.Bill = ui.Breakdown{
		Lines: []ui.PriceLine{{Label: s.t("preorder.bill.goods", "n", units, "unit", s.unit(variant.Unit)), Amount: s.vnd(goods)}},
		Total: ui.PriceLine{Label: s.t("preorder.bill.now"), Amount: s.vnd(deposit)},
	}
	v.Later = []ui.PriceLine{{Label: s.t("preorder.bill.later"), Amount: s.vnd(goods - deposit)}}
	for _, zone := range zones {
		rate, err := p.Rates.At(s.now, zone)
		if err != nil {
			return err
		}
		v.Later = append(v.Later, ui.PriceLine{Label: s.t("preorder.bill.delivery", "zone", s.t("item.delivery."+string(zone))), Amount: s.shipping(true, rate.Price([]orders.Line{line}))})
	}
	v.Expect = strconv.FormatInt(int64(deposit), 10)
	return nil
}
