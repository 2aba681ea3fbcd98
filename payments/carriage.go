package payments

import (
	"context"
	"slices"
	"time"

	"chohue/market"
)

// Carriage is who carries what a share was paid for.
type Carriage struct {
	Parcel  market.ID  `bson:"parcel"`
	Seller  market.ID  `bson:"seller"`
	Carrier string     `bson:"carrier"` // the carrier's code
	Own     bool       `bson:"own,omitempty"`
	Fee     market.VND `bson:"fee"` // what the carrier is owed; 0 for the seller's own delivery
	At      time.Time  `bson:"at"`
	// Late is set when the cash was captured before anybody said who carries.
	Late bool `bson:"late,omitempty"`
}

// ownHands are the ways of handing over in which the seller's own people take
// the cash: they bring the parcel, or the buyer fetches it. The coach is not one
// of them: its driver has the money.
var ownHands = []string{"tu-giao", "nhan-tai-cho"}

// eventShipped is the event of orders that tells who carries a parcel.
const eventShipped = "orders.shipped"

// shipment is what of it concerns the books.
type shipment struct {
	Parcel  market.ID  `json:"parcel"`
	Payment market.ID  `json:"payment"`
	Seller  market.ID  `json:"seller"`
	Carrier string     `json:"carrier"`
	Fee     market.VND `json:"carrier_fee"`
}

func (c Carriage) document() string { return KindCarriage + ":" + string(c.Parcel) }

// shipped notes who carries. A carrier that has no code, because a person wrote
// its name, is nobody's account.
func (s *Service) shipped(ctx context.Context, e market.Event) error {
	var told shipment
	if err := e.Decode(&told); err != nil {
		return err
	}
	code := told.Carrier
	if told.Payment == "" || code == "" || code != market.Slug(code) || told.Fee < 0 || told.Fee > market.MaxAmount {
		return nil
	}
	c := Carriage{Parcel: told.Parcel, Seller: told.Seller, Carrier: code, Own: slices.Contains(ownHands, code), Fee: told.Fee, At: e.At}
	if c.Own {
		c.Fee = 0
	}
	_, err := s.intents.Update(ctx, told.Payment, func(in *Intent) ([]market.Event, error) {
		if !in.carry(c) {
			return nil, nil
		}
		return []market.Event{s.event(EventCarried, in, Happened{Amount: c.Fee, Document: c.document(), Seller: c.Seller})}, nil
	})
	return err
}

// carry notes a carriage, each parcel's once, and reports whether it concerns
// the books.
func (in *Intent) carry(c Carriage) bool {
	known := func(o Carriage) bool { return o.Parcel == c.Parcel }
	if slices.ContainsFunc(in.Carriages, known) || !slices.ContainsFunc(in.Shares, func(s Share) bool { return s.Seller == c.Seller }) {
		return false
	}
	c.Late = in.Captured > 0
	in.Carriages = append(in.Carriages, c)
	return len(in.carriagePostings(c)) > 0
}

// collector is who has collected the cash of a payment on delivery, as it was
// known at the capture.
func (in *Intent) collector() string {
	for _, c := range in.Carriages {
		if !c.Late {
			return c.Carrier
		}
	}
	return ""
}

// paidToSeller reports whether the buyer's money is with the seller the moment
// that it is captured: paid into the seller's own bank account, or into the hand
// of the seller's own people at the door.
func (in *Intent) paidToSeller() bool {
	return in.Payee != nil || in.Step.Kind == StepNone && slices.Contains(ownHands, in.collector())
}

// backByHand reports whether refunds come out of the seller's own pocket: of
// money that the seller has, and of all cash. What a carrier has collected it
// still remits.
func (in *Intent) backByHand() bool { return in.paidToSeller() || in.Step.Kind == StepNone }

// carriagePostings say what the seller owes a contracted carrier and, when the
// cash was booked before the carrier was known, who has it.
func (in *Intent) carriagePostings(c Carriage) []Posting {
	payable := Payable(c.Seller)
	all := posted(nil, payable, CarriageFees(c.Carrier), c.Fee, ForCarriage)
	if !c.Late || in.Step.Kind != StepNone {
		return all
	}
	cash := in.Amount
	if c.Own {
		return posted(all, payable, CarrierCOD, cash, ForOwn)
	}
	return posted(all, CollectedBy(c.Carrier), CarrierCOD, cash, ForCarrier)
}
