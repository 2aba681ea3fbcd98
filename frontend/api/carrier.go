package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// Carriage is a parcel's way with a carrier.
type Carriage struct {
	Carrier   string     `json:"carrier" example:"ghn"`
	State     string     `json:"state" enum:"asked,booked,refused,cancelled" doc:"asked: it is not known yet whether the carrier took the order; nothing is ordered twice"`
	Tracking  string     `json:"tracking,omitempty"`
	Status    string     `json:"status,omitempty" doc:"As the carrier last said, in words common to all carriers. Delivered does not mean that cash was received."`
	Code      string     `json:"code,omitempty" doc:"The same in the carrier's own word, verbatim"`
	StatusAt  *time.Time `json:"status_at,omitempty"`
	Fee       *Money     `json:"fee,omitempty" doc:"What the seller owes the carrier; only for the seller"`
	Collect   *Money     `json:"collect,omitempty" doc:"Cash that the carrier takes at the door; only for the seller"`
	Words     string     `json:"words,omitempty" doc:"Why the carrier refused, in its words; only for the seller"`
	Attention string     `json:"attention,omitempty" enum:"unsure,unknown,partial,odd,inspect" doc:"Why a person has to look; only for the seller"`
	Journey   []Reported `json:"journey" nullable:"false"`
}

// Reported is one thing that a carrier said.
type Reported struct {
	At     *time.Time `json:"at"`
	Status string     `json:"status"`
	Code   string     `json:"code"`
	Reason string     `json:"reason,omitempty"`
}

func carriage(g *orders.Carriage, seller bool) *Carriage {
	if g == nil {
		return nil
	}
	out := &Carriage{Carrier: g.Carrier, State: string(g.State), Tracking: g.Tracking, Status: string(g.Status), Code: g.Code, Journey: []Reported{}}
	if g.Status != "" {
		out.StatusAt = utc(g.StatusAt)
	}
	if seller {
		out.Fee, out.Collect, out.Words, out.Attention = new(money(g.Fee)), new(money(g.COD)), g.Words, string(g.Attention)
	}
	for _, r := range g.Reports {
		out.Journey = append(out.Journey, Reported{utc(r.At), string(r.Status), r.Code, r.Reason})
	}
	return out
}

// Booking orders a carriage.
type Booking struct {
	Carrier string `json:"carrier" minLength:"1" maxLength:"40" pattern:"^[a-z-]+$" example:"ghn"`
	Fragile bool   `json:"fragile,omitempty"`
	Inspect bool   `json:"inspect,omitempty" doc:"The buyer may look before paying"`
}

type bookInput struct {
	ParcelPath
	Body Booking
}

// CarrierAnswer is what a carrier said when somebody asked it by telephone.
type CarrierAnswer struct {
	Tracking string `json:"tracking,omitempty" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$" doc:"Empty when the carrier has no such order"`
}

type carrierAnswerInput struct {
	ParcelPath
	Body CarrierAnswer
}

type backInput struct {
	ParcelPath
	Body CameBack
}

// CameBack says how goods are that came back.
type CameBack struct {
	Unfit []UnfitGoods `json:"unfit,omitempty" nullable:"false" maxItems:"100" doc:"Units that cannot be sold any more; the rest goes back on the shelf"`
}

// UnfitGoods are units of a variant that cannot be sold any more.
type UnfitGoods struct {
	Variant string `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Units   int64  `json:"units" minimum:"0" maximum:"1000000000"`
}

// CarrierOffer is what a carrier would do with a parcel, or why it will not.
type CarrierOffer struct {
	Carrier string `json:"carrier"`
	Service string `json:"service,omitempty"`
	Fee     *Money `json:"fee,omitempty" doc:"What the seller would owe the carrier"`
	Hours   int    `json:"hours,omitempty" doc:"From pick-up to the door, at most; missing when the carrier does not say"`
	Blocked string `json:"blocked,omitempty" doc:"Why this carrier cannot have the parcel, for people"`
	Reason  string `json:"reason,omitempty" doc:"The same for programs" example:"carrier.too_slow"`
}

// CarrierOffers are the offers of all carriers.
type CarrierOffers struct {
	Items []CarrierOffer `json:"items"`
}

// ParcelRefs names parcels to be done together.
type ParcelRefs struct {
	Parcels []ParcelRef `json:"parcels" nullable:"false" minItems:"1" maxItems:"200"`
}

// ParcelRef names a parcel.
type ParcelRef struct {
	// Each is answered for itself and by name, so these stand in no row of the
	// matrix of foreign things; TestAParcelByAPI holds them to the same rule.
	Order  string `json:"order" pattern:"^[0-9A-Za-z_-]+$" minLength:"1" maxLength:"64"`
	Parcel string `json:"parcel" pattern:"^[0-9A-Za-z_-]+$" minLength:"1" maxLength:"64"`
}

// BulkBooking confirms parcels and books a carrier for each.
type BulkBooking struct {
	ParcelRefs
	Booking
}

type bulkBookInput struct{ Body BulkBooking }

type bulkHandInput struct{ Body ParcelRefs }

// BulkDone is what came of doing the same with many parcels.
type BulkDone struct {
	Done   int          `json:"done"`
	Failed []BulkFailed `json:"failed" nullable:"false"`
}

// BulkFailed is a parcel that was not done, and why.
type BulkFailed struct {
	ParcelRef
	Code   string `json:"code,omitempty" doc:"Of the order"`
	Reason string `json:"reason" example:"carrier.refused"`
	Detail string `json:"detail" doc:"For people"`
}

func (d *Door) addCarriers() error {
	carrier := []*huma.Param{{
		Name: "carrier", In: "path", Required: true, Description: "Name of the carrier",
		Schema: &huma.Schema{Type: huma.TypeString},
	}}
	anything := &huma.RequestBody{Content: map[string]*huma.MediaType{
		"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
	d.addPlain(operation{
		method: http.MethodPost, path: "/carriers/{carrier}/notices", id: "carrierNotice", tag: "selling",
		vi: "Thông báo của hãng vận chuyển", en: "Hear a notice of a carrier",
		about: "Kept as it came, verified by the secret agreed with the carrier, taken into the order once. " +
			"Words that are older than what is known, or that are not known, are kept and move nothing.",
		returns: "", media: "*/*",
		errors: []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, carrier, anything, d.carrierNotice)
	d.addCarriage()
	d.addBulk()
	return nil
}

// carrierNotice hands the callback to the orders room byte for byte and the
// room's answer back the same way.
func (d *Door) carrierNotice(c *gin.Context) error {
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, payments.MaxNotice+1))
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		return d.hall.StatusProblem(c, http.StatusBadRequest, "api.body_cut")
	}
	reply, err := d.Orders.HearCarrier(c.Request.Context(), c.Param("carrier"), payments.Raw{
		Body: body, Header: c.Request.Header, Query: c.Request.URL.RawQuery,
	})
	if err != nil {
		d.cfg.Log.WarnContext(c, "carrier notice", "request", web.RequestID(c), "carrier", c.Param("carrier"), "error", err)
	}
	if reply.Status >= http.StatusBadRequest {
		return err // carriers look at the status alone; people who try hear why
	}
	c.Data(reply.Status, reply.ContentType, reply.Body)
	return nil
}

func (d *Door) addCarriage() {
	add(d, operation{
		method: http.MethodGet, path: "/orders/{order}/parcels/{parcel}/offers", id: "listCarrierOffers", tag: "selling",
		vi: "Các hãng chào giá cho kiện", en: "What each carrier would do with a parcel, or why it will not",
		returns: CarrierOffers{}, signedIn: true,
	}, d.carrierOffers)
	add(d, d.step("carriage", "Đặt hãng vận chuyển", "Book a carrier for a packed parcel; again is the same booking", smallBody), func(ctx context.Context, in *bookInput) (*answer, error) {
		return d.advance(ctx, &in.ParcelPath, func(ctx context.Context, by market.Actor, o, p market.ID) (*orders.Order, error) {
			return d.Orders.Book(ctx, by, o, p, orders.Booking(in.Body))
		})
	})
	cancel := d.step("carriage", "Huỷ vận đơn", "Cancel a waybill that the carrier has not fetched", 0)
	cancel.method, cancel.id, cancel.once = http.MethodDelete, "cancelCarriage", onceForPeople
	add(d, cancel, func(ctx context.Context, in *ParcelPath) (*answer, error) { return d.advance(ctx, in, d.Orders.Unbook) })
	settle := d.step("carriage/answer", "Ghi câu trả lời của hãng", "Say what the carrier answered by telephone", smallBody)
	settle.id = "answerCarriage"
	add(d, settle, func(ctx context.Context, in *carrierAnswerInput) (*answer, error) {
		return d.advance(ctx, &in.ParcelPath, func(ctx context.Context, by market.Actor, o, p market.ID) (*orders.Order, error) {
			return d.Orders.SettleCarriage(ctx, by, o, p, in.Body.Tracking)
		})
	})
	hand := d.step("hand-over", "Đã giao cho hãng đã đặt", "Say that the booked carrier has the parcel", 0)
	hand.id = "handOverParcel"
	add(d, hand, func(ctx context.Context, in *ParcelPath) (*answer, error) {
		return d.advance(ctx, in, d.Orders.HandOver)
	})
	back := d.step("back", "Hàng hoàn đã về", "Say that a parcel came back, and how its goods are", smallBody)
	add(d, back, func(ctx context.Context, in *backInput) (*answer, error) {
		return d.advance(ctx, &in.ParcelPath, func(ctx context.Context, by market.Actor, o, p market.ID) (*orders.Order, error) {
			unfit := orders.Unfit{}
			for _, g := range in.Body.Unfit {
				unfit[market.ID(g.Variant)] = g.Units
			}
			return d.Orders.ComeBack(ctx, by, o, p, unfit)
		})
	})
	add(d, operation{
		method: http.MethodGet, path: "/orders/{order}/parcels/{parcel}/carriage/label", id: "carrierLabel", tag: "selling",
		vi: "Nhãn của hãng, PDF", en: "The carrier's own label, as PDF",
		returns: "", media: "application/pdf", signedIn: true, errors: []int{http.StatusConflict},
	}, d.carrierLabel)
}

func (d *Door) carrierOffers(ctx context.Context, in *ParcelPath) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	offers, err := d.Orders.Offers(ctx, by, in.id(), market.ID(in.Parcel))
	if err != nil {
		return nil, err
	}
	out := CarrierOffers{Items: []CarrierOffer{}}
	for _, o := range offers {
		shown := CarrierOffer{Carrier: o.Carrier, Service: o.Service, Hours: o.Hours}
		if o.Blocked == nil {
			shown.Fee = new(money(o.Fee))
		} else {
			shown.Reason, shown.Blocked = d.reasonOf(ctx, o.Blocked)
		}
		out.Items = append(out.Items, shown)
	}
	return show(out)
}

// reasonOf is an error's key, and its sentence for the visitor.
func (d *Door) reasonOf(ctx context.Context, err error) (key, sentence string) {
	var e *market.Error
	if errors.As(err, &e) {
		key = e.Key
	}
	return key, d.hall.Problem(ctx, err).Detail
}

func (d *Door) carrierLabel(ctx context.Context, in *ParcelPath) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	pdf, err := d.Orders.CarrierLabel(ctx, by, in.id(), market.ID(in.Parcel))
	if err != nil {
		return nil, err
	}
	return &answer{
		Status: http.StatusOK, ContentType: "application/pdf", CacheControl: "private, no-store",
		Disposition: `inline; filename="label.pdf"`, Body: pdf,
	}, nil
}

func (d *Door) addBulk() {
	many := func(name, id, vi, en string) operation {
		return operation{
			method: http.MethodPost, path: "/parcels/" + name, id: id, tag: "selling", vi: vi, en: en,
			about:   "Each parcel stands for itself: what cannot be done is named, the rest is done. Sent again, it does what is left and repeats nothing.",
			returns: BulkDone{}, signedIn: true, settings: settings{limit: listingBody, once: onceNeeded},
		}
	}
	add(d, many("confirm", "confirmParcels", "Đóng gói và đặt hãng nhiều kiện", "Pack many parcels and book a carrier for each"), func(ctx context.Context, in *bulkBookInput) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		done, err := d.Orders.ConfirmAll(ctx, by, in.Body.refs(), orders.Booking(in.Body.Booking))
		return d.bulkDone(ctx, done, err)
	})
	add(d, many("hand-over", "handOverParcels", "Đã giao nhiều kiện cho hãng", "Say that the carriers have many parcels"), func(ctx context.Context, in *bulkHandInput) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		done, err := d.Orders.HandOverAll(ctx, by, in.Body.refs())
		return d.bulkDone(ctx, done, err)
	})
}

func (r ParcelRefs) refs() []orders.ParcelRef {
	out := make([]orders.ParcelRef, len(r.Parcels))
	for i, p := range r.Parcels {
		out[i] = orders.ParcelRef{Order: market.ID(p.Order), Parcel: market.ID(p.Parcel)}
	}
	return out
}

func (d *Door) bulkDone(ctx context.Context, done orders.Bulk, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	out := BulkDone{Done: done.Done, Failed: []BulkFailed{}}
	for _, f := range done.Failed {
		failed := BulkFailed{ParcelRef: ParcelRef{string(f.Order), string(f.Parcel)}, Code: f.Code}
		failed.Reason, failed.Detail = d.reasonOf(ctx, f.Err)
		out.Failed = append(out.Failed, failed)
	}
	return did(http.StatusOK, out)
}
