package orders

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Proof is a photo that a seller took when handing a parcel over: to a carrier,
// to a coach, at the buyer's door. The platform's clock dates it, not the
// camera's.
type Proof struct {
	Photo string      `bson:"photo" json:"photo"` // see Service.Evidence
	At    time.Time   `bson:"at" json:"at"`
	State ParcelState `bson:"state" json:"state"` // where the parcel stood then
}

// maxProofs is how many photos of its handover a parcel may have.
const maxProofs = 6

// MayProve reports whether its seller may show the handover now.
func (p Parcel) MayProve() bool { return p.provable() && len(p.Proofs) < maxProofs }

// provable are the states in which a handover can be shown: from when the box
// is closed. A parcel that no claim can come of any more takes none.
func (p *Parcel) provable() bool {
	stands := []ParcelState{ParcelPacked, ParcelShipped, ParcelUndelivered, ParcelDelivered}
	return p.ClosedAt == nil && slices.Contains(stands, p.State)
}

// ProveHandover keeps a photo of a parcel's handover, redrawn without what the
// camera wrote into it. The same photo again changes nothing. Allowed to the
// parcel's seller and to operators; its buyer and whoever decides a dispute
// about it will see it.
func (s *Service) ProveHandover(ctx context.Context, by market.Actor, order, parcel market.ID, data []byte) (*Order, error) {
	o, err := s.Order(ctx, by, order, "")
	if err != nil {
		return nil, err
	}
	if _, err := o.proving(by, parcel); err != nil {
		return nil, err
	}
	photo, err := s.keepEvidence(ctx, order, data)
	if err != nil {
		return nil, at("photo", err)
	}
	o, err = s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		p, err := o.proving(by, parcel)
		if err != nil || p.proves(photo) {
			return nil, err
		}
		if len(p.Proofs) >= maxProofs {
			return nil, market.Conflict("proof.many").With("max", maxProofs)
		}
		p.Proofs = append(p.Proofs, Proof{Photo: photo, At: s.env.Now(), State: p.State})
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	return o.forActor(by), nil
}

// proving is the parcel that the actor may show the handover of.
func (o *Order) proving(by market.Actor, parcel market.ID) (*Parcel, error) {
	p := o.parcel(parcel)
	if p == nil || !by.For(p.Seller) && !by.Is(market.RoleOperator) {
		return nil, errOrder
	}
	if !p.provable() {
		return nil, market.Conflict("proof.state")
	}
	return p, nil
}

func (p *Parcel) proves(photo string) bool {
	return slices.ContainsFunc(p.Proofs, func(f Proof) bool { return f.Photo == photo })
}

// withoutProofs are the parcels as strangers may see them: a photo may show a
// door and a face.
func withoutProofs(parcels []Parcel) []Parcel {
	out := slices.Clone(parcels)
	for i := range out {
		out[i].Proofs = nil
	}
	return out
}
