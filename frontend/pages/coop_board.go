package pages

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// lateAfter is how long a parcel may stay in a state before the board says so.
var lateAfter = map[orders.ParcelState]time.Duration{
	orders.ParcelNew: 24 * time.Hour, orders.ParcelPacked: 24 * time.Hour, orders.ParcelShipped: 5 * 24 * time.Hour,
}

// board shows today's work: the parcels to pack, to hand over and on their way.
func (p *Pages) board(c *gin.Context, w *workplace) error {
	return p.showBoard(c, w, http.StatusOK, bulkView{})
}

func (p *Pages) showBoard(c *gin.Context, w *workplace, status int, result bulkView) error {
	s := p.speaker(c)
	v := boardView{workView: p.workPage(c, w, s.t("coop.board.title")), Day: s.date(s.now)}
	v.Sheets = []string{"page-board.css"}
	for _, state := range []orders.ParcelState{orders.ParcelNew, orders.ParcelPacked, orders.ParcelShipped} {
		column, err := p.boardColumn(c, w, s, state)
		if err != nil {
			return err
		}
		v.Columns = append(v.Columns, column)
	}
	v.Bulk = s.bulkFrom(w, p.Orders.CarrierNames(), v.Columns)
	v.Bulk.Done, v.Bulk.Failed = result.Done, result.Failed
	strays, err := p.strays(c, w, s)
	if err != nil {
		return err
	}
	v.Strays = strays
	waiting, err := p.Orders.OfSeller(c.Request.Context(), w.by, w.seller.ID, orders.ParcelWaiting, "", todayShown)
	if err != nil {
		return err
	}
	if n := len(waiting.Items); n > 0 {
		v.Waiting = s.t("coop.board.waiting", "n", n)
	}
	if v.Reminded, v.Seen, err = p.certificateReminders(c.Request.Context(), s, w); err != nil {
		return err
	}
	return web.Render(c, status, boardPage(v))
}

func (p *Pages) boardColumn(c *gin.Context, w *workplace, s speaker, state orders.ParcelState) (boardColumn, error) {
	found, err := p.Orders.OfSeller(c.Request.Context(), w.by, w.seller.ID, state, "", todayShown)
	column := boardColumn{State: string(state), Title: s.t("coop.board." + string(state))}
	for i := len(found.Items) - 1; i >= 0; i-- {
		o := found.Items[i]
		for _, parcel := range o.Parcels {
			if parcel.Seller == w.seller.ID && parcel.State == state {
				column.Parcels = append(column.Parcels, s.boardParcel(w, o, parcel))
			}
		}
	}
	column.Count = s.number(int64(len(column.Parcels)))
	if found.Next != "" {
		column.Count += "+"
	}
	return column, err
}

func (s speaker) boardParcel(w *workplace, o *orders.Order, parcel orders.Parcel) boardParcel {
	since := since(o, parcel)
	b := boardParcel{
		Code: o.Code, Href: w.here(parcelPath(o.ID, parcel.ID)), Goods: s.goods(parcel.Lines), To: s.destination(o.Address),
		Age: s.ago(since), Late: s.now.Sub(since) > lateAfter[parcel.State], Amount: s.vnd(parcel.Due()),
		Collect: o.Method == orders.MethodCOD && !parcel.Paid,
	}
	b.Form, b.Value = s.pickable(o, parcel)
	if g := parcel.Carriage; g != nil {
		b.Carried, b.Attention = s.carrier(g.Carrier)+" · "+g.Tracking, s.carriageNotice(g).Text
	}
	b.State = s.changing(o, parcel)
	switch parcel.State {
	case orders.ParcelUndelivered, orders.ParcelReturning:
		b.Next, b.Label, b.State = b.Href+"#hang", s.t("bulk.look"), s.t("parcel.state."+string(parcel.State))
	case orders.ParcelNew:
		b.Action, b.Label = w.here(parcelPath(o.ID, parcel.ID)+"/dong-goi"), s.t("coop.parcel.pack")
		if len(s.toWeigh(parcel, nil)) > 0 {
			b.Action, b.Next, b.Label = "", b.Href+"#can", s.t("coop.parcel.weigh.first")
		}
	case orders.ParcelPacked:
		if parcel.Carriage != nil && parcel.Carriage.State == orders.CarriageBooked {
			b.Action, b.Label = w.here(parcelPath(o.ID, parcel.ID)+"/da-ban-giao"), s.t("carriage.hand")
			break
		}
		b.Next, b.Label = b.Href+"#giao", s.t("coop.parcel.ship")
	case orders.ParcelShipped:
		b.Action, b.Label = w.here(parcelPath(o.ID, parcel.ID)+"/da-giao"), s.t("coop.parcel.deliver")
	}
	return b
}

// changing says of a parcel to pack that its buyer has just changed it or is
// being asked.
func (s speaker) changing(o *orders.Order, parcel orders.Parcel) string {
	for _, a := range o.Asks {
		if a.Parcel == parcel.ID && o.Answerable(a, s.now) {
			return s.t("ask.waiting")
		}
	}
	if parcel.Sold != nil {
		return s.t("edit.board")
	}
	return ""
}

// strays are the parcels that did not reach their buyers at once.
func (p *Pages) strays(c *gin.Context, w *workplace, s speaker) (boardColumn, error) {
	all := boardColumn{Title: s.t("coop.board.strays")}
	for _, state := range []orders.ParcelState{orders.ParcelUndelivered, orders.ParcelReturning} {
		column, err := p.boardColumn(c, w, s, state)
		if err != nil {
			return all, err
		}
		all.Parcels = append(all.Parcels, column.Parcels...)
	}
	all.Count = s.number(int64(len(all.Parcels)))
	return all, nil
}

// since is when the parcel came into its state.
func since(o *orders.Order, parcel orders.Parcel) time.Time {
	switch {
	case parcel.State == orders.ParcelShipped && parcel.ShippedAt != nil:
		return *parcel.ShippedAt
	case parcel.State == orders.ParcelPacked && parcel.PackedAt != nil:
		return *parcel.PackedAt
	}
	if at := happened(o, "confirmed"); at != nil {
		return *at
	}
	return o.PlacedAt
}

// ownParcel finds a parcel that the visitor's seller sends; not found for
// another's, even of the same order.
func (p *Pages) ownParcel(c *gin.Context, w *workplace) (*orders.Order, orders.Parcel, error) {
	o, err := p.Orders.Order(c.Request.Context(), w.by, market.ID(c.Param("order")), "")
	if err != nil {
		return nil, orders.Parcel{}, err
	}
	for _, parcel := range o.Parcels {
		if string(parcel.ID) == c.Param("parcel") && w.forSeller(parcel.Seller) == nil {
			return o, parcel, nil
		}
	}
	return nil, orders.Parcel{}, market.NotFound("order.missing")
}

// parcel shows one parcel with all that is needed to send it; printed, it is
// the slip that goes into the box.
func (p *Pages) parcel(c *gin.Context, w *workplace) error {
	return p.showParcel(c, w, http.StatusOK, typedParcel{}, nil)
}

func (p *Pages) showParcel(c *gin.Context, w *workplace, status int, typed typedParcel, failed error) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := parcelView{
		workView: p.workPage(c, w, s.t("coop.parcel.title", "code", o.Code)), Code: o.Code, PlacedAt: s.moment(o.PlacedAt),
		State: s.t("parcel.state." + string(parcel.State)), Tone: parcelTones[parcel.State], Steps: sellerSteps(s, o, parcel),
		To: p.addressLines(s, o.Address), Call: "tel:" + o.Address.Phone, From: s.sender(w), Note: o.Note, Gift: s.giftWords(o.Gift),
		Lines: p.parcelBox(s, o, parcel).Lines, Bill: s.bill(parcel.Bill(), true),
		Carrier: s.carrier(parcel.Carrier), Tracking: parcel.Tracking, Path: parcelPath(o.ID, parcel.ID), Method: s.t("method." + o.Method),
		CarrierField:  ui.Field{Kind: ui.Choice, Name: "carrier", Label: s.t("coop.parcel.carrier"), Options: carrierOptions(s, typed.shipment.Carrier)},
		TrackingField: ui.Field{Name: "tracking", Label: s.t("coop.parcel.tracking"), Help: s.t("coop.parcel.tracking.help"), Value: typed.shipment.Tracking, Optional: true, MaxLength: "80", Autocomplete: "off"},
	}
	if v.Carriage, err = p.carriageOf(c, w, s, o, parcel); err != nil {
		return err
	}
	v.HidePrices = o.Gift != nil && o.Gift.HidePrices
	v.Handover = s.handoverOf(w, o, parcel)
	if len(v.Handover.Shots) > 0 {
		v.Sheets = moneySheets
	}
	v.step(parcel)
	v.Invoice = s.invoiceParts(w, o, parcel)
	v.Links, v.Care = s.parcelCare(w, o, parcel, string(p.Env.NewID()))
	v.Weights = s.toWeigh(parcel, typed.weights)
	if lack, may := s.lackForm(w, o, parcel); may {
		v.Care = append([]sheetForm{lack}, v.Care...)
	}
	if err := p.addAsks(&v, s, o, parcel); err != nil {
		return err
	}
	if o.Method == orders.MethodCOD && !parcel.Paid {
		v.Collect = s.vnd(parcel.Due())
	}
	v.Wrongs = p.wrongs(s, failed, v.fields(parcel))
	return web.Render(c, status, parcelPage(v))
}

// sellerSteps are the parcel's steps in a seller's words: the last is the
// buyer's.
func sellerSteps(s speaker, o *orders.Order, parcel orders.Parcel) []ui.Step {
	steps := parcelSteps(s, o, parcel)
	for i := range steps {
		if steps[i].State != ui.Failed && (steps[i].Label == s.t("step.delivered") || steps[i].Label == s.t("step.delivered.next")) {
			steps[i].Label = s.t("coop.parcel.deliver")
		}
	}
	return steps
}

// step opens the one thing that can be done now.
func (v *parcelView) step(parcel orders.Parcel) {
	v.MayPack = parcel.State == orders.ParcelNew
	v.MayShip = parcel.State == orders.ParcelPacked && !parcel.Carriage.Live()
	v.MayDeliver = parcel.State == orders.ParcelShipped
}

func (s speaker) sender(w *workplace) []string {
	return []string{s.text(w.seller.Name), nationalPhone(w.seller.Phone), joined(w.seller.Street, s.fullPlace(w.seller.Ward))}
}

// carriers are the names to choose from. A bus and one's own hands are as real
// as the companies for short ways.
var carriers = []string{"GHN", "GHTK", "Viettel Post", "Vietnam Post", "Xe khách", "Tự giao"}

func carrierOptions(s speaker, chosen string) []ui.Option {
	out := make([]ui.Option, len(carriers))
	for i, name := range carriers {
		out[i] = ui.Option{Value: name, Label: s.t("carrier." + market.Slug(name)), Selected: name == chosen}
	}
	return out
}

// typedParcel is what was typed about a parcel and could not be done.
type typedParcel struct {
	shipment orders.Shipment
	weights  map[market.ID]string
}

// fields are where what is wrong is said.
func (v *parcelView) fields(parcel orders.Parcel) map[string]*string {
	fields := map[string]*string{"carrier": &v.CarrierField.Error, "tracking": &v.TrackingField.Error, "photo": &v.Handover.Field.Error}
	for _, l := range parcel.Lines {
		for i := range v.Weights {
			if v.Weights[i].Name == weightField(l.Variant) {
				fields["lines/"+string(l.Variant)] = &v.Weights[i].Error
			}
		}
	}
	return fields
}

func typedWeights(c *gin.Context, parcel orders.Parcel) typedParcel {
	typed := typedParcel{weights: map[market.ID]string{}}
	for _, l := range parcel.Lines {
		typed.weights[l.Variant] = c.PostForm(weightField(l.Variant))
	}
	return typed
}

// packParcel says that a parcel is packed and what its weighed goods weigh.
func (p *Pages) packParcel(c *gin.Context, w *workplace) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	typed := typedWeights(c, parcel)
	_, err = p.Orders.PackWeighed(c.Request.Context(), w.by, o.ID, parcel.ID, readWeights(parcel, typed.weights))
	if mendable(err) {
		return p.showParcel(c, w, web.Status(err), typed, err)
	}
	if err != nil {
		return err
	}
	back := w.here(parcelPath(o.ID, parcel.ID))
	if c.PostForm("from") == "board" {
		back = w.here("")
	}
	return tell(c, back, "coop.parcel.packed")
}

// deliverParcel says that the buyer has the parcel.
func (p *Pages) deliverParcel(c *gin.Context, w *workplace) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	return p.moveParcel(c, w, "coop.parcel.delivered", func(ctx context.Context, by market.Actor, order, parcel market.ID) (*orders.Order, error) {
		if err := p.prove(c, w, order, parcel, photos); err != nil {
			return nil, err
		}
		return p.Orders.Deliver(ctx, by, order, parcel)
	})
}

type parcelMove func(ctx context.Context, by market.Actor, order, parcel market.ID) (*orders.Order, error)

func (p *Pages) moveParcel(c *gin.Context, w *workplace, said string, move parcelMove) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	back := w.here(parcelPath(o.ID, parcel.ID))
	_, err = move(c.Request.Context(), w.by, o.ID, parcel.ID)
	if mendable(err) {
		return p.sayWrong(c, back, err)
	}
	if err != nil {
		return err
	}
	if c.PostForm("from") == "board" {
		back = w.here("")
	}
	return tell(c, back, said)
}

// shipParcel says who carries a parcel and under which number.
func (p *Pages) shipParcel(c *gin.Context, w *workplace) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	typed := orders.Shipment{Carrier: c.PostForm("carrier"), Tracking: c.PostForm("tracking")}
	if err = p.prove(c, w, o.ID, parcel.ID, photos); err == nil {
		_, err = p.Orders.Ship(c.Request.Context(), w.by, o.ID, parcel.ID, typed)
	}
	if mendable(err) {
		return p.showParcel(c, w, web.Status(err), typedParcel{shipment: typed}, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(parcelPath(o.ID, parcel.ID)), "coop.parcel.shipped")
}
