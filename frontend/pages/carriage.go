package pages

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/market"
	"chohue/orders"
)

// carriageView is a parcel's carrier as its seller sees it.
type carriageView struct {
	Shown     bool
	Line      string // carrier, number, fee
	Notice    ui.Notice
	Book      string // where a carrier is chosen; empty when one has it
	Field     ui.Field
	Fragile   ui.Field
	Inspect   ui.Field
	Settle    string // where is said what the carrier answered by telephone
	Known     ui.Field
	Label     string
	Theirs    string
	Hand      string
	Cancel    string
	Back      string // where is said how returned goods are
	InspectBy string
	Unfit     []ui.Field
	Journey   []journeyStep
}

// freight names what a parcel's delivery costs: by whom and how quickly, where
// a carrier has named its price.
func (s speaker) freight(p orders.QuotedParcel) string {
	if p.Carrier == "" {
		return s.t("bill.shipping")
	}
	return s.t("bill.shipping.by", "carrier", s.carrier(p.Carrier), "hours", p.Hours)
}

// journeyStep is one thing that a carrier said.
type journeyStep struct{ At, What, Why string }

// journey is what the carrier said of a parcel, newest first.
func (s speaker) journey(g *orders.Carriage) []journeyStep {
	if g == nil {
		return nil
	}
	var out []journeyStep
	for _, r := range slices.Backward(g.Reports) {
		step := journeyStep{At: s.moment(r.At), What: s.t("carrier.status." + string(r.Status)), Why: r.Reason}
		if r.Status == orders.CarrierUnknown {
			step.What = s.t("carrier.status.unknown", "code", r.Code)
		}
		out = append(out, step)
	}
	return out
}

// carriageOf fills the box of a parcel's carrier. Offers are asked for only
// where one may be chosen.
func (p *Pages) carriageOf(c *gin.Context, w *workplace, s speaker, o *orders.Order, parcel orders.Parcel) (carriageView, error) {
	g := parcel.Carriage
	path := func(part string) string { return w.here(parcelPath(o.ID, parcel.ID) + part) }
	v := carriageView{Shown: g != nil, Journey: s.journey(g)}
	if g != nil {
		v.fill(s, g, parcel, path)
	}
	if parcel.State != orders.ParcelPacked || g.Live() || len(p.Orders.CarrierNames()) == 0 {
		return v, nil
	}
	offers, err := p.Orders.Offers(c.Request.Context(), w.by, o.ID, parcel.ID)
	if err != nil {
		return v, err
	}
	v.Shown, v.Book = true, path("/dat-hang-van-chuyen")
	v.Field = ui.Field{Kind: ui.Choice, Name: "carrier", ID: "hang-chon", Label: s.t("carriage.choose"), Options: s.offers(offers)}
	v.Fragile = ui.Field{Kind: ui.Check, Name: "fragile", Label: s.t("carriage.fragile"), Optional: true, Unmarked: true}
	v.Inspect = ui.Field{Kind: ui.Check, Name: "inspect", Label: s.t("carriage.inspect"), Optional: true, Unmarked: true}
	return v, nil
}

func (v *carriageView) fill(s speaker, g *orders.Carriage, parcel orders.Parcel, path func(string) string) {
	v.Line = s.carrier(g.Carrier)
	if g.Tracking != "" {
		v.Line += " · " + g.Tracking
	}
	if g.Fee > 0 {
		v.Line += " · " + s.t("carriage.fee", "fee", g.Fee)
	}
	v.Notice = s.carriageNotice(g)
	switch {
	case g.State == orders.CarriageAsked:
		v.Settle = path("/hang-tra-loi")
		v.Known = ui.Field{Name: "tracking", ID: "hang-ma", Label: s.t("carriage.known"), Help: s.t("carriage.known.help"), Optional: true, MaxLength: "80", Autocomplete: "off"}
	case g.State == orders.CarriageBooked && parcel.State == orders.ParcelPacked:
		v.Label, v.Theirs, v.Hand, v.Cancel = path("/nhan.pdf"), path("/nhan-hang.pdf"), path("/da-ban-giao"), path("/huy-van-chuyen")
	}
	if parcel.State == orders.ParcelReturning && g.InspectBy != nil {
		v.Back, v.InspectBy = path("/hang-ve"), s.moment(*g.InspectBy)
		for _, l := range parcel.Lines {
			v.Unfit = append(v.Unfit, ui.Field{
				Kind: ui.Number, Name: unfitField(l.Variant), Label: s.t("carriage.unfit", "name", l.Name), Value: "0", Suffix: s.unit(l.Unit), Short: true,
				Help: s.t("carriage.unfit.help", "n", l.Quantity),
			})
		}
	}
}

func unfitField(variant market.ID) string { return "u-" + string(variant) }

// carriageNotice says what a person should know first.
func (s speaker) carriageNotice(g *orders.Carriage) ui.Notice {
	switch {
	case g.Attention != "":
		return ui.Notice{Tone: ui.Warning, Text: s.t("carrier.attention." + string(g.Attention))}
	case g.State == orders.CarriageRefused:
		return ui.Notice{Tone: ui.Problem, Text: s.t("carrier.refused", "words", g.Words)}
	case g.State == orders.CarriageCancelled:
		return ui.Notice{Tone: ui.Info, Text: s.t("carriage.cancelled")}
	}
	return ui.Notice{}
}

// offers are carriers as cards: price and time, or why not.
func (s speaker) offers(offers []orders.Offer) []ui.Option {
	out := make([]ui.Option, len(offers))
	chosen := false
	for i, o := range offers {
		out[i] = ui.Option{Value: o.Carrier, Label: s.carrier(o.Carrier), Disabled: o.Blocked != nil}
		if o.Blocked != nil {
			out[i].Help = s.said(o.Blocked)
			continue
		}
		out[i].Help = s.t("carriage.offer", "fee", o.Fee)
		if o.Hours > 0 {
			out[i].Help = s.t("carriage.offer.hours", "fee", o.Fee, "hours", o.Hours)
		}
		out[i].Selected, chosen = !chosen, true
	}
	return out
}

// bookParcel orders a carriage for one parcel.
func (p *Pages) bookParcel(c *gin.Context, w *workplace) error {
	with := orders.Booking{Carrier: c.PostForm("carrier"), Fragile: c.PostForm("fragile") != "", Inspect: c.PostForm("inspect") != ""}
	return p.onParcel(c, w, func(o *orders.Order, parcel orders.Parcel) (string, error) {
		o, err := p.Orders.Book(c.Request.Context(), w.by, o.ID, parcel.ID, with)
		if err != nil {
			return "", err
		}
		return "carriage.said." + string(stateOf(o, parcel.ID)), nil
	})
}

func stateOf(o *orders.Order, parcel market.ID) orders.CarriageState {
	for _, p := range o.Parcels {
		if p.ID == parcel && p.Carriage != nil {
			return p.Carriage.State
		}
	}
	return orders.CarriageCancelled
}

// onParcel does something with a parcel of the visitor's own and says so on
// its page, or what was wrong.
func (p *Pages) onParcel(c *gin.Context, w *workplace, do func(*orders.Order, orders.Parcel) (string, error)) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	back := w.here(parcelPath(o.ID, parcel.ID))
	said, err := do(o, parcel)
	if mendable(err) || market.KindOf(err) == market.KindUnavailable {
		return p.sayWrong(c, back, err)
	}
	if err != nil {
		return err
	}
	return tell(c, back, said)
}

// settleParcel says what the carrier answered by telephone.
func (p *Pages) settleParcel(c *gin.Context, w *workplace) error {
	return p.onParcel(c, w, func(o *orders.Order, parcel orders.Parcel) (string, error) {
		_, err := p.Orders.SettleCarriage(c.Request.Context(), w.by, o.ID, parcel.ID, c.PostForm("tracking"))
		return "carriage.settled", err
	})
}

// unbookParcel calls the carriage off.
func (p *Pages) unbookParcel(c *gin.Context, w *workplace) error {
	return p.onParcel(c, w, func(o *orders.Order, parcel orders.Parcel) (string, error) {
		_, err := p.Orders.Unbook(c.Request.Context(), w.by, o.ID, parcel.ID)
		return "carriage.cancelled", err
	})
}

// handParcel says that the carrier has the parcel.
func (p *Pages) handParcel(c *gin.Context, w *workplace) error {
	return p.moveParcel(c, w, "coop.parcel.shipped", p.Orders.HandOver)
}

// parcelBack says how goods are that came back.
func (p *Pages) parcelBack(c *gin.Context, w *workplace) error {
	return p.onParcel(c, w, func(o *orders.Order, parcel orders.Parcel) (string, error) {
		unfit := orders.Unfit{}
		for _, l := range parcel.Lines {
			n, err := strconv.ParseInt(c.DefaultPostForm(unfitField(l.Variant), "0"), 10, 64)
			if err != nil {
				n = -1 // the room says what is asked for
			}
			unfit[l.Variant] = n
		}
		_, err := p.Orders.ComeBack(c.Request.Context(), w.by, o.ID, parcel.ID, unfit)
		return "carriage.back.done", err
	})
}

// carrierLabel gives the carrier's own label.
func (p *Pages) carrierLabel(c *gin.Context, w *workplace) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	pdf, err := p.Orders.CarrierLabel(c.Request.Context(), w.by, o.ID, parcel.ID)
	if mendable(err) || market.KindOf(err) == market.KindUnavailable {
		return p.sayWrong(c, w.here(parcelPath(o.ID, parcel.ID)), err)
	}
	if err != nil {
		return err
	}
	return sendPDF(c, o.Code, pdf)
}

func sendPDF(c *gin.Context, name string, pdf []byte) error {
	c.Header("Content-Disposition", `inline; filename="`+name+`.pdf"`)
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, "application/pdf", pdf)
	return nil
}

// carriageRoutes are what can be done with parcels and carriers, by either
// door.
func (p *Pages) carriageRoutes(door string) []Route {
	const parcel = "/don/:order/:parcel"
	return []Route{
		post(door+"/xac-nhan", p.work(p.confirmParcels)),
		post(door+"/ban-giao", p.work(p.handParcels)),
		get(door+"/nhan-kien.pdf", p.work(p.parcelLabels)),
		post(door+parcel+"/dat-hang-van-chuyen", p.work(p.bookParcel)),
		post(door+parcel+"/hang-tra-loi", p.work(p.settleParcel)),
		post(door+parcel+"/huy-van-chuyen", p.work(p.unbookParcel)),
		post(door+parcel+"/da-ban-giao", p.work(p.handParcel)),
		post(door+parcel+"/hang-ve", p.work(p.parcelBack)),
		get(door+parcel+"/nhan.pdf", p.work(p.parcelLabel)),
		get(door+parcel+"/nhan-hang.pdf", p.work(p.carrierLabel)),
	}
}
