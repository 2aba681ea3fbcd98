package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// order shows an order: all of it to its buyer and to whoever has its key,
// masked to others who have its address.
func (p *Pages) order(c *gin.Context) error {
	ctx, by, id := c.Request.Context(), web.Actor(c), market.ID(c.Param("id"))
	o, err := p.Orders.Order(ctx, by, id, c.Query("key"))
	masked := false
	if err != nil && market.KindOf(err) == market.KindNotFound {
		o, err = p.Orders.Track(ctx, id)
		masked = true
	}
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := p.orderView(c, s, o)
	v.Masked = masked
	if !masked {
		v.own(o, by, c.Query("key"))
		p.addCare(&v, s, o, c.Query("key"))
		if v.mine(o, by, c.Query("key")) {
			p.addEdits(&v, s, o, c.Query("key"))
		}
		if err := p.payBox(c, &v, s, o); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, orderPage(v))
}

func (p *Pages) orderView(c *gin.Context, s speaker, o *orders.Order) orderView {
	v := orderView{
		Page: p.page(c, s.t("receipt.title", "code", o.Code)), Code: o.Code, PlacedAt: s.t("receipt.placed_at", "at", s.moment(o.PlacedAt)),
		State: s.t("order.state." + string(o.State)), Tone: orderTones[o.State], Address: p.addressLines(s, o.Address),
		Bill: s.bill(o.Bill(), true), Method: s.t("receipt.method", "method", s.t("method."+o.Method)),
		Note: o.Note, Gift: s.giftWords(o.Gift), Granted: s.granted(o.Vouchers),
	}
	v.NoIndex = true
	if o.PaidAt != nil {
		v.Paid = s.t("receipt.paid_at", "at", s.moment(*o.PaidAt))
	}
	if n, ok := p.orderNotice(s, o); ok {
		v.Notices = append(v.Notices, n)
	}
	for _, parcel := range o.Parcels {
		box := p.parcelBox(s, o, parcel)
		box.Shots = s.shots(parcel, evidencePath(o.ID, c.Query("key")))
		v.Parcels = append(v.Parcels, box)
		if len(box.Shots) > 0 {
			v.Sheets = moneySheets
		}
	}
	return v
}

var orderTones = map[orders.State]ui.Tone{
	orders.StatePlaced: ui.Warning, orders.StateConfirmed: ui.Info, orders.StateCompleted: ui.Success,
	orders.StateCancelled: ui.Problem, orders.StateRefunding: ui.Warning, orders.StateRefunded: ui.Info,
}

var parcelTones = map[orders.ParcelState]ui.Tone{
	orders.ParcelWaiting: ui.Warning, orders.ParcelNew: ui.Info, orders.ParcelPacked: ui.Info,
	orders.ParcelShipped: ui.Info, orders.ParcelDelivered: ui.Success, orders.ParcelCancelled: ui.Problem,
	orders.ParcelUndelivered: ui.Warning, orders.ParcelReturning: ui.Warning, orders.ParcelReturned: ui.Problem, orders.ParcelLost: ui.Problem,
}

func (p *Pages) addressLines(s speaker, a market.Address) []string {
	var out []string
	for _, line := range []string{a.Name, nationalPhone(a.Phone), joined(a.Street, s.fullPlace(a.Ward))} {
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

// orderNotice says why an order ended and where the money is.
func (p *Pages) orderNotice(s speaker, o *orders.Order) (ui.Notice, bool) {
	switch o.State {
	case orders.StateCancelled, orders.StateRefunding, orders.StateRefunded:
		return ui.Notice{
			Tone: ui.Warning, Title: s.t("receipt.ended." + string(o.State)), Text: p.reason(s, o.Reason),
		}, true
	default:
		return ui.Notice{}, false
	}
}

// reason is why an order ended: the market's reasons are keys, a buyer's are
// their own words.
func (p *Pages) reason(s speaker, reason string) string {
	if key := "receipt.reason." + reason; p.texts.Has(s.lang, key) {
		return s.t(key)
	}
	if reason == "" {
		return ""
	}
	return s.t("receipt.reason", "reason", reason)
}

func (p *Pages) parcelBox(s speaker, o *orders.Order, parcel orders.Parcel) parcelBox {
	b := parcelBox{
		ID: string(parcel.ID), Seller: s.text(parcel.SellerName), Href: sellerPath(parcel.SellerSlug),
		State: s.t("parcel.state." + string(parcel.State)), Tone: parcelTones[parcel.State], Tracking: parcel.Tracking,
		Goods: s.vnd(parcel.Bill().List), Shipping: s.shipping(true, parcel.Shipping+parcel.ShippingOff), Steps: parcelSteps(s, o, parcel),
	}
	if parcel.ShipBy != nil && parcel.ShippedAt == nil && parcel.State != orders.ParcelCancelled {
		b.ShipBy = s.t("receipt.ship_by", "date", s.date(*parcel.ShipBy))
	}
	if parcel.Carrier != "" {
		b.Carrier = s.t("receipt.carrier", "carrier", s.carrier(parcel.Carrier))
		b.Journey = s.journey(parcel.Carriage)
	}
	for _, line := range parcel.Lines {
		b.Lines = append(b.Lines, orderLine{
			Href: productPath(line.Slug), Name: s.text(line.Name), Variant: s.text(line.VariantName), Image: p.linePicture(line.Photo),
			Quantity: s.t("receipt.line", "n", line.Quantity, "unit", s.unit(line.Unit), "price", line.Price), Amount: s.vnd(line.Amount + line.Discount), Stars: line.Stars, Weighed: s.weighed(line), Proof: soldProof(line),
		})
	}
	return b
}

// soldProof is where the recognition of a sold line can be read as it stood at
// the sale, whatever became of it since.
func soldProof(line orders.Line) string {
	if line.Certificate == "" {
		return ""
	}
	path := "/chung-nhan/" + url.PathEscape(string(line.Certificate))
	if line.Version != "" {
		path += "?ban=" + url.QueryEscape(line.Version)
	}
	return path
}

// parcelSteps is a parcel's way: what has happened with its time, what happens
// now, what is to come.
func parcelSteps(s speaker, o *orders.Order, parcel orders.Parcel) []ui.Step {
	type stop struct {
		key string
		at  *time.Time
	}
	stops := []stop{
		{"placed", &o.PlacedAt},
		{"confirmed", happened(o, "confirmed")},
		{"packed", parcel.PackedAt},
		{"shipped", parcel.ShippedAt},
		{"delivered", parcel.DeliveredAt},
	}
	ended := parcel.State == orders.ParcelCancelled
	stray := parcel.State == orders.ParcelReturning || parcel.State == orders.ParcelReturned || parcel.State == orders.ParcelLost
	var steps []ui.Step
	next := ui.Now
	for _, stop := range stops {
		switch {
		case stop.at != nil:
			steps = append(steps, ui.Step{State: ui.Done, Label: s.t("step." + stop.key), At: s.moment(*stop.at)})
		case !ended && !stray:
			steps = append(steps, ui.Step{State: next, Label: s.t("step." + stop.key + ".next")})
			next = ui.Todo
		}
	}
	if ended {
		steps = append(steps, endStep(s, o))
	}
	return append(steps, storySteps(s, o, parcel)...)
}

// storySteps are what happened to a parcel beside its plain way: attempts that
// failed, returns, money.
func storySteps(s speaker, o *orders.Order, parcel orders.Parcel) []ui.Step {
	var steps []ui.Step
	for _, e := range o.History {
		key := "step." + e.What
		told := e.Return != "" || e.Amount > 0 || slices.Contains(strayed, e.What) || strings.HasPrefix(e.What, "complaint_")
		if e.Parcel != parcel.ID || !told {
			continue
		}
		step := ui.Step{State: ui.Done, Label: s.t(key, "amount", e.Amount), At: s.moment(e.At), Text: e.Why}
		if why := "receipt.reason." + e.Why; s.t(why) != why {
			step.Text = s.t(why)
		}
		steps = append(steps, step)
	}
	return steps
}

// strayed are the steps of a parcel that its plain way does not have.
var strayed = []string{"undelivered", "returning", "returned", "lost", "closed"}

// addCare adds what the buyer can do about each parcel now.
func (p *Pages) addCare(v *orderView, s speaker, o *orders.Order, key string) {
	for i, parcel := range o.Parcels {
		v.Parcels[i].Care = p.care(s, o, parcel, key)
		late := o.Late(parcel, p.Env.Now())
		if o.State == orders.StateConfirmed && (len(o.Parcels) > 1 && parcel.State == orders.ParcelNew || late) {
			v.Parcels[i].GiveUp, v.Parcels[i].Late = "/don-hang/"+string(o.ID)+"/huy-kien/"+string(parcel.ID), late
		}
	}
}

func endStep(s speaker, o *orders.Order) ui.Step {
	step := ui.Step{State: ui.Failed, Label: s.t("step.cancelled")}
	for _, what := range []string{"cancelled", "refunding"} {
		if at := happened(o, what); at != nil {
			step.At = s.moment(*at)
		}
	}
	return step
}

// happened is when something first happened to the whole order.
func happened(o *orders.Order, what string) *time.Time {
	i := slices.IndexFunc(o.History, func(e orders.Entry) bool { return e.What == what && e.Parcel == "" })
	if i < 0 {
		return nil
	}
	return &o.History[i].At
}

// own adds what only the buyer may do.
func (v *orderView) own(o *orders.Order, by market.Actor, key string) {
	v.Key = key
	base := "/don-hang/" + string(o.ID)
	if cancellable(o) && v.mine(o, by, key) {
		v.Cancel = base + "/huy"
	}
	if o.Buyer == "" || o.Buyer != by.Person {
		return
	}
	for i, parcel := range o.Parcels {
		if parcel.State == orders.ParcelShipped {
			v.Parcels[i].Received = base + "/" + string(parcel.ID) + "/nhan"
		}
	}
}

// mine reports whether the reader is the order's buyer, not its seller or a
// member of staff.
func (v *orderView) mine(o *orders.Order, by market.Actor, key string) bool {
	return o.Key != "" && o.Key == key || o.Buyer != "" && o.Buyer == by.Person
}

// cancellable foretells what orders would allow: nobody has begun to pack.
func cancellable(o *orders.Order) bool {
	if o.Prepaid > 0 {
		return false // a share of a harvest, see orders.Service.Cancel
	}
	if o.State != orders.StatePlaced && o.State != orders.StateConfirmed {
		return false
	}
	return !slices.ContainsFunc(o.Parcels, func(p orders.Parcel) bool {
		return p.State != orders.ParcelWaiting && p.State != orders.ParcelNew
	})
}

// payBox says what is left to do about the money of an order that waits for
// it. Money that has come a moment ago is on its way into the order; the page
// then looks again by itself.
func (p *Pages) payBox(c *gin.Context, v *orderView, s speaker, o *orders.Order) error {
	if o.State != orders.StatePlaced {
		return nil
	}
	in, err := p.Payments.Intent(c.Request.Context(), o.ID)
	if err != nil {
		if market.KindOf(err) == market.KindNotFound {
			return nil
		}
		return err
	}
	if in.State == payments.StateCaptured {
		c.Header("Refresh", "3")
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Success, Text: s.t("receipt.pay.arrived")})
		return nil
	}
	if in.State != payments.StatePending {
		return nil
	}
	v.Pay = payBox{Shown: true, Until: s.t("receipt.pay.until", "amount", o.Total, "at", s.moment(in.ExpiresAt)), Check: returnPath(o)}
	if in.Step.Kind == payments.StepRedirect {
		v.Pay.Link = in.Step.URL
	}
	if in.Step.Kind == payments.StepQR && in.Payee != nil {
		v.Pay.transfer(s, o, in, p.bankName(in.Payee.BIN))
	}
	return nil
}

func returnPath(o *orders.Order) string {
	return "/thanh-toan/" + string(o.ID) + "?key=" + url.QueryEscape(o.Key)
}

func (b *payBox) transfer(s speaker, o *orders.Order, in *payments.Intent, bank string) {
	b.QR = "/don-hang/" + string(o.ID) + "/ma-qr.png?key=" + url.QueryEscape(o.Key)
	b.Rows = [][2]string{{s.t("receipt.holder"), in.Payee.Holder}, {s.t("receipt.bank"), bank}}
	b.Account, b.Amount, b.Memo = in.Payee.Account, s.vnd(in.Amount), in.Step.Reference
	if b.Memo == "" {
		b.Memo = in.Description
	}
}

const qrPixels = 480

// orderQR draws the code that a banking app reads.
func (p *Pages) orderQR(c *gin.Context) error {
	o, err := p.Orders.Order(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.Query("key"))
	if err != nil {
		return err
	}
	in, err := p.Payments.Intent(c.Request.Context(), o.ID)
	if err != nil {
		return err
	}
	if in.Step.QR == "" {
		return market.NotFound("payments.missing")
	}
	image, err := livestream.QR(in.Step.QR, qrPixels)
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "image/png", image)
	return nil
}

// cancelOrder ends an order on its buyer's word.
func (p *Pages) cancelOrder(c *gin.Context) error {
	key := c.PostForm("key")
	_, err := p.Orders.Cancel(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), key, c.PostForm("reason"))
	if mendable(err) {
		return p.sayWrong(c, orderAddress(c.Param("id"), key), err)
	}
	if err != nil {
		return err
	}
	return tell(c, orderAddress(c.Param("id"), key), "receipt.cancelled")
}

// receiveParcel takes the buyer's word that a parcel has come.
func (p *Pages) receiveParcel(c *gin.Context) error {
	_, err := p.Orders.Deliver(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), market.ID(c.Param("parcel")))
	if mendable(err) {
		return p.sayWrong(c, orderAddress(c.Param("id"), ""), err)
	}
	if err != nil {
		return err
	}
	return tell(c, orderAddress(c.Param("id"), ""), "receipt.thanks")
}

func orderAddress(id, key string) string {
	path := "/don-hang/" + url.PathEscape(id)
	if key != "" {
		path += "?key=" + url.QueryEscape(key)
	}
	return path
}

// sayWrong sends the browser on and says there what could not be done, for
// buttons that have no form to show again.
func (p *Pages) sayWrong(c *gin.Context, to string, err error) error {
	for _, e := range each(err) {
		if err := web.AddFlash(c, web.Flash{Tone: string(ui.Problem), Key: e.Key, Args: e.Args}); err != nil {
			return err
		}
	}
	return see(c, to)
}
