package pages

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/market"
	"chohue/orders"
)

// handoverRoutes take a seller's photo of a parcel as it is handed over, by
// either door.
func (p *Pages) handoverRoutes(door string) []Route {
	return []Route{post(door+"/don/:order/:parcel/anh-ban-giao", p.work(p.sendHandover))}
}

// shots are the photos of a parcel's handover, at the addresses for the reader.
func (s speaker) shots(parcel orders.Parcel, photo func(string) string) []handoverShot {
	out := make([]handoverShot, len(parcel.Proofs))
	for i, proof := range parcel.Proofs {
		at := s.moment(proof.At)
		out[i] = handoverShot{
			URL: photo(proof.Photo), Alt: s.t("proof.photo", "at", at),
			When: s.t("proof.when", "state", s.t("parcel.state."+string(proof.State)), "at", at),
		}
	}
	return out
}

// shotsOf are the shots of the parcel that a return is of; nil for none.
func (s speaker) shotsOf(o *orders.Order, parcel market.ID, photo func(string) string) templ.Component {
	for _, p := range o.Parcels {
		if p.ID == parcel && len(p.Proofs) > 0 {
			return handoverShots(s.shots(p, photo))
		}
	}
	return nil
}

// evidencePath is where a photo of an order is.
func evidencePath(order market.ID, key string) func(string) string {
	return func(photo string) string { return withKey("/don-hang/"+string(order)+"/bang-chung/"+photo, key) }
}

// handoverOf is what a seller sees of a parcel's handover and can add.
func (s speaker) handoverOf(w *workplace, o *orders.Order, parcel orders.Parcel) handoverView {
	v := handoverView{Shots: s.shots(parcel, evidencePath(o.ID, "")), Field: ui.Field{
		Kind: ui.File, Name: "photo", ID: "anh-ban-giao", Label: s.t("proof.field"), Help: s.t("proof.field.help"), Accept: photoTypes, Optional: true, Unmarked: true,
	}}
	asked := parcel.State == orders.ParcelShipped || parcel.State == orders.ParcelPacked && !parcel.Carriage.Live()
	if parcel.MayProve() && !asked {
		v.Action = w.here(parcelPath(o.ID, parcel.ID) + "/anh-ban-giao")
	}
	return v
}

// prove keeps the photos that came with a form.
func (p *Pages) prove(c *gin.Context, w *workplace, order, parcel market.ID, photos [][]byte) error {
	for _, photo := range photos {
		if _, err := p.Orders.ProveHandover(c.Request.Context(), w.by, order, parcel, photo); err != nil {
			return err
		}
	}
	return nil
}

// sendHandover takes a photo beside any step.
func (p *Pages) sendHandover(c *gin.Context, w *workplace) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	return p.moveParcel(c, w, "proof.done", func(_ context.Context, _ market.Actor, order, parcel market.ID) (*orders.Order, error) {
		if len(photos) == 0 {
			return nil, market.Invalid("photo.none", "photo")
		}
		return nil, p.prove(c, w, order, parcel, photos)
	})
}
