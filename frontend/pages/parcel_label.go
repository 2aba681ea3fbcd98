package pages

import (
	"github.com/gin-gonic/gin"

	"chohue/frontend/ui/label"
	"chohue/market"
	"chohue/orders"
)

// parcelLabels prints the labels of the chosen parcels, all that are booked when
// none is chosen, in one file.
func (p *Pages) parcelLabels(c *gin.Context, w *workplace) error {
	ready, err := p.Orders.ToShip(c.Request.Context(), w.by, w.seller.ID, orders.ParcelPacked)
	if err != nil {
		return err
	}
	chosen := map[market.ID]bool{}
	for _, r := range picked(c.QueryArray(pickedField)) {
		chosen[r.Parcel] = true
	}
	s := p.speaker(c)
	var all []label.Parcel
	for _, r := range ready {
		booked := r.Parcel.Carriage != nil && r.Parcel.Carriage.State == orders.CarriageBooked
		if booked && (len(chosen) == 0 || chosen[r.Parcel.ID]) {
			all = append(all, p.labelOf(s, w, r.Order, r.Parcel))
		}
	}
	return p.printLabels(c, w.here(""), "nhan-kien", all)
}

// parcelLabel prints one parcel's label.
func (p *Pages) parcelLabel(c *gin.Context, w *workplace) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	var all []label.Parcel
	if parcel.Carriage != nil && parcel.Carriage.State == orders.CarriageBooked {
		all = append(all, p.labelOf(p.speaker(c), w, o, parcel))
	}
	return p.printLabels(c, w.here(parcelPath(o.ID, parcel.ID)), o.Code, all)
}

func (p *Pages) printLabels(c *gin.Context, back, name string, all []label.Parcel) error {
	pdf, err := label.Parcels(all, p.Env.Now())
	if mendable(err) {
		return p.sayWrong(c, back, err)
	}
	if err != nil {
		return err
	}
	return sendPDF(c, name, pdf)
}

// labelOf says on paper what carriers and buyers must read. It names no price
// but the cash to collect: the parcel may be a gift.
func (p *Pages) labelOf(s speaker, w *workplace, o *orders.Order, parcel orders.Parcel) label.Parcel {
	g := parcel.Carriage
	out := label.Parcel{
		Carrier: s.carrier(g.Carrier), Sort: g.Sort, Tracking: g.Tracking, Order: s.t("label.order", "code", o.Code),
		Link: p.cfg.BaseURL + "/don-hang/" + string(o.ID), Paid: s.t("label.paid"), Note: o.Note,
		From: label.Address{Head: s.t("coop.slip.from"), Lines: s.sender(w)},
		To:   label.Address{Head: s.t("coop.slip.to"), Lines: p.addressLines(s, o.Address)},
	}
	if g.COD > 0 {
		out.Collect = s.t("label.collect", "amount", g.COD)
	}
	if g.Fresh {
		out.Marks = append(out.Marks, s.t("label.fresh"))
	}
	if g.Fragile {
		out.Marks = append(out.Marks, s.t("label.fragile"))
	}
	for _, l := range parcel.Lines {
		out.Goods = append(out.Goods, s.t("label.goods", "n", l.Quantity, "name", l.Name, "variant", l.VariantName))
	}
	return out
}
