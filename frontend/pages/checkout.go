package pages

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/accounts"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// typedCheckout is a checkout as somebody typed it.
type typedCheckout struct {
	name, phone, province, ward, street string
	note, method                        string
	adult                               bool
	seen                                market.VND // the total on the page that was sent
	lines                               []orders.SeenLine
	gift                                typedGift
}

// checkout asks for what is still needed, with what is known filled in.
func (p *Pages) checkout(c *gin.Context) error {
	typed := typedCheckout{}
	if by := web.Actor(c); by.Person != "" {
		person, err := p.Accounts.Person(c.Request.Context(), by.Person)
		if err != nil {
			return err
		}
		typed = checkoutOf(person)
	}
	return p.showCheckout(c, http.StatusOK, typed, nil)
}

func checkoutOf(person *accounts.Person) typedCheckout {
	t := typedCheckout{name: person.Name, phone: nationalPhone(person.Phone)}
	if a := person.Address; a != nil {
		t.name, t.phone = a.Name, nationalPhone(a.Phone)
		t.province, t.ward, t.street = a.Province, a.Ward, a.Street
	}
	return t
}

// nationalPhone writes a Vietnamese number as people do: 0905 123 456.
func nationalPhone(e164 string) string {
	rest, ok := strings.CutPrefix(e164, "+84")
	if !ok || len(rest) != 9 {
		return e164
	}
	return "0" + rest[:3] + " " + rest[3:6] + " " + rest[6:]
}

func readCheckout(c *gin.Context) typedCheckout {
	seen, err := strconv.ParseInt(c.PostForm("expect"), 10, 64)
	if err != nil || seen <= 0 {
		seen = neverSeen
	}
	return typedCheckout{
		name: c.PostForm("name"), phone: c.PostForm("phone"), province: c.PostForm("province"), ward: c.PostForm("ward"),
		street: c.PostForm("street"), note: c.PostForm("note"), method: c.PostForm("method"), adult: c.PostForm("adult") != "", seen: market.VND(seen),
		lines: readSeen(c), gift: readGift(c),
	}
}

// neverSeen is the total of a page that could not show one yet. No order costs
// that, so nobody buys at a price they were not shown.
const neverSeen = -1

// cartToPlace is the session's cart, also when an earlier try has begun to
// place it: placing again finishes that.
func (p *Pages) cartToPlace(c *gin.Context) (*orders.Cart, error) {
	if id := web.Value(c, keyCart); id != "" {
		cart, err := p.Orders.Cart(c.Request.Context(), web.Actor(c), market.ID(id))
		if err == nil || market.KindOf(err) != market.KindNotFound {
			return cart, err
		}
	}
	return p.openCart(c)
}

// place turns the cart into an order, or shows the page again with what was
// typed and what to mend.
func (p *Pages) place(c *gin.Context) error {
	typed := readCheckout(c)
	if c.PostForm("area") != "" {
		return p.showCheckout(c, http.StatusOK, typed, nil)
	}
	open, err := p.cartToPlace(c)
	if err != nil {
		return err
	}
	if open == nil {
		return see(c, "/gio-hang")
	}
	if open.Order == "" {
		only, err := p.changesCodes(c, open)
		if mendable(err) {
			return p.showCheckout(c, web.Status(err), typed, err)
		}
		if err != nil {
			return err
		}
		if only {
			return p.showCheckout(c, http.StatusOK, typed, nil)
		}
	}
	cart := string(open.ID)
	order, step, err := p.Orders.Place(c.Request.Context(), web.Actor(c), typed.decided(market.ID(cart), p.cfg.BaseURL))
	if mendable(err) {
		return p.showCheckout(c, web.Status(err), typed, err)
	}
	if err != nil {
		return err
	}
	if err := web.SetValue(c, keyCart, ""); err != nil {
		return err
	}
	if step.Kind == payments.StepRedirect {
		return see(c, step.URL)
	}
	return tell(c, p.orderPath(c, order), "receipt.placed")
}

func (t typedCheckout) decided(cart market.ID, base string) orders.Checkout {
	return orders.Checkout{
		Cart:    cart,
		Address: market.Address{Name: t.name, Phone: t.phone, Province: t.province, Ward: t.ward, Street: t.street},
		Method:  t.method, Note: t.note, Adult: t.adult, Expect: t.seen, Seen: t.lines, Gift: t.gift.decided(), BaseURL: base,
	}
}

// orderPath is where a buyer sees their order; guests need its key.
func (p *Pages) orderPath(c *gin.Context, o *orders.Order) string {
	path := "/don-hang/" + string(o.ID)
	if o.Buyer != "" && o.Buyer == web.Actor(c).Person {
		return path
	}
	return path + "?key=" + o.Key
}

func (p *Pages) showCheckout(c *gin.Context, status int, typed typedCheckout, failed error) error {
	cart, err := p.openCart(c)
	if err != nil {
		return err
	}
	if cart == nil || len(cart.Lines) == 0 {
		return see(c, "/gio-hang")
	}
	to := orders.Destination{Province: p.knownProvince(typed.province), Ward: typed.ward}
	quote, err := p.Orders.Quote(c.Request.Context(), web.Actor(c), cart.ID, to)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	far := tooFar(s, quote)
	if len(quote.Problems) > len(far) {
		return see(c, "/gio-hang")
	}
	v := checkoutView{Page: p.page(c, s.t("till.title")), SignedIn: web.Actor(c).Person != ""}
	v.Frame, v.NoIndex, v.Scripts = ui.FrameTask, true, []string{"page-checkout.js"}
	p.fillCheckout(&v, s, quote, typed)
	v.Offers = s.voucherOffers(quote, cart.Codes)
	v.Code = ui.Field{Name: "code", Label: s.t("till.code"), Optional: true, MaxLength: "24", Autocomplete: "off"}
	p.blame(&v, s, failed)
	if len(far) > 0 {
		v.Wrongs = append(far, withoutLines(v.Wrongs)...)
	}
	return web.Render(c, status, checkoutPage(v))
}

func (p *Pages) knownProvince(code string) string {
	if area, ok := p.Areas.Find(code); ok && area.Province == "" {
		return code
	}
	return ""
}

func (p *Pages) fillCheckout(v *checkoutView, s speaker, q *orders.Quote, typed typedCheckout) {
	v.Name = ui.Field{Name: "name", Label: s.t("till.name"), Value: typed.name, Autocomplete: "name", MaxLength: "120"}
	v.Phone = ui.Field{Kind: ui.Phone, Name: "phone", Label: s.t("till.phone"), Help: s.t("till.phone.help"), Value: typed.phone, Autocomplete: "tel"}
	v.Areas = p.areaFields(typed.province, typed.ward)
	v.Street = ui.Field{Name: "street", Label: s.t("till.street"), Help: s.t("till.street.help"), Value: typed.street, Autocomplete: "street-address", MaxLength: "300"}
	v.Note = ui.Field{Kind: ui.Area, Name: "note", Label: s.t("till.note"), Value: typed.note, Optional: true, MaxLength: "500"}
	v.Methods = ui.Field{Kind: ui.Choice, Name: "method", Label: s.t("till.method"), Options: p.methods(s, q, typed.method)}
	if q.Adult {
		v.Adult = ui.Field{Kind: ui.Check, Name: "adult", Label: s.t("till.adult"), Help: s.t("till.adult.help"), Checked: typed.adult}
	}
	v.Gift = s.giftFields(typed.gift)
	v.bill(s, q)
}

// areaFields asks for a place: its provinces, and the wards once one is chosen.
func (p *Pages) areaFields(province, ward string) ui.Areas {
	a := ui.Areas{Provinces: areaOptions(p.Areas.Provinces(), province), WardsURL: "/phuong-xa"}
	if wards := p.Areas.Wards(province); len(wards) > 0 {
		a.Wards = areaOptions(wards, ward)
	}
	return a
}

func areaOptions(areas []market.Area, chosen string) []ui.Option {
	out := make([]ui.Option, len(areas))
	for i, a := range areas {
		out[i] = ui.Option{Value: a.Code, Label: a.Full(), Selected: a.Code == chosen}
	}
	return out
}

var methodIcons = map[string]ui.Icon{"sandbox": ui.IconWallet, "momo": ui.IconWallet, "zalopay": ui.IconWallet, "vnpay": ui.IconCard, orders.MethodVietQR: ui.IconQR, orders.MethodCOD: ui.IconCash}

// methods are the ways to pay; one that cannot be used for this cart stays in
// sight and says why.
func (p *Pages) methods(s speaker, q *orders.Quote, chosen string) []ui.Option {
	var out []ui.Option
	for _, name := range p.Payments.Methods() {
		o := ui.Option{Value: name, Label: s.t("method." + name), Help: s.t("method." + name + ".help"), Icon: methodIcons[name], Selected: name == chosen}
		if p.cfg.Demo && simulated(name) {
			o.Help += " " + s.t("method.simulated")
		}
		if why := unpayable(q, name); why != "" {
			o.Disabled, o.Selected, o.Help = true, false, s.t(why)
		} else if err := p.Payments.Accepts(name, q.Total); err != nil {
			o.Disabled, o.Selected, o.Help = true, false, p.wrongs(s, err, nil)[0].Text
		}
		out = append(out, o)
	}
	return out
}

// unpayable foretells what orders would refuse: a transfer goes to one seller,
// who has an account.
func unpayable(q *orders.Quote, method string) string {
	switch {
	case method != orders.MethodVietQR:
		return ""
	case len(q.Parcels) != 1:
		return "checkout.vietqr_one_seller"
	case q.Parcels[0].Seller.Bank.Account == "":
		return "checkout.vietqr_no_account"
	}
	return ""
}

func (v *checkoutView) bill(s speaker, q *orders.Quote) {
	v.Known, v.Expect = q.ShippingKnown, "0"
	shipping := func(amount market.VND) string { return s.shipping(q.ShippingKnown, amount) }
	for _, parcel := range q.Parcels {
		part := checkoutPart{Seller: s.text(parcel.Seller.Name)}
		for _, line := range parcel.Lines {
			part.Lines = append(part.Lines, ui.PriceLine{
				Label: s.text(line.Name), Note: s.t("till.line", "variant", line.VariantName, "n", line.Quantity), Amount: s.vnd(line.Amount + line.Discount),
			})
		}
		part.Shipping = ui.PriceLine{Label: s.freight(parcel), Amount: shipping(parcel.Shipping + parcel.ShippingOff)}
		v.Parts = append(v.Parts, part)
	}
	v.Bill, v.Seen = s.bill(q.Bill(), q.ShippingKnown), seenLines(q)
	if q.ShippingKnown {
		v.Expect = strconv.FormatInt(int64(q.Total), 10)
	} else {
		v.Bill.Total.Note = s.t("till.total.without")
	}
}

func (s speaker) shipping(known bool, amount market.VND) string {
	switch {
	case !known:
		return s.t("bill.later")
	case amount == 0:
		return s.t("bill.free")
	}
	return s.vnd(amount)
}

// blame puts what went wrong to the fields it is about, and all of it in the
// summary. A total that has changed is news, not a mistake of the buyer.
func (p *Pages) blame(v *checkoutView, s speaker, failed error) {
	v.Wrongs = p.wrongs(s, failed, map[string]*string{
		"name": &v.Name.Error, "phone": &v.Phone.Error, "province": &v.Areas.ProvinceError, "ward": &v.Areas.WardError,
		"street": &v.Street.Error, "note": &v.Note.Error, "method": &v.Methods.Error, "adult": &v.Adult.Error, "voucher": &v.Code.Error,
		"gift/from": &v.Gift.From.Error, "gift/message": &v.Gift.Message.Error,
	})
	if errs := each(failed); len(errs) == 1 && errs[0].Field == "total" {
		v.Told, v.Wrongs = []ui.Notice{{Tone: ui.Warning, Text: v.Wrongs[0].Text}}, nil
	}
}

// each lists the errors that err is made of.
func each(err error) []*market.Error {
	var e *market.Error
	if !errors.As(err, &e) {
		return nil
	}
	if len(e.Many) > 0 {
		return e.Many
	}
	return []*market.Error{e}
}

// wards answers the area picker's script.
func (p *Pages) wards(c *gin.Context) error {
	type ward struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	out := []ward{}
	for _, a := range p.Areas.Wards(c.Query("province")) {
		out = append(out, ward{a.Code, a.Full()})
	}
	c.Header("Cache-Control", "public, max-age=86400")
	c.JSON(http.StatusOK, out)
	return nil
}

// paid is where a payment partner sends the buyer back to. What the address
// says is not believed: the partner itself is asked.
func (p *Pages) paid(c *gin.Context) error {
	order, err := p.Orders.Order(c.Request.Context(), web.Actor(c), market.ID(c.Param("order")), c.Query("key"))
	if err != nil {
		return err
	}
	if ask := c.Query("bu"); ask != "" {
		return p.askReturned(c, order, market.ID(ask))
	}
	in, err := p.Payments.Sync(c.Request.Context(), order.ID)
	if kind := market.KindOf(err); err != nil && kind != market.KindUnavailable && kind != market.KindNotFound {
		web.Note(c, "payment not asked about", err)
	}
	if err == nil && in.State == payments.StatePending {
		return p.sayReturned(c, order)
	}
	return see(c, orderAddress(c.Param("order"), c.Query("key")))
}
