package payments

import (
	"context"
	"slices"
	"time"

	"chohue/market"
)

// Correction takes back part of what one seller's share costs, because less
// was sent than was agreed: of the goods and of their delivery as the buyer pays
// them, of the platform's subsidy and of its fee. A single amount may be below
// zero, as when fewer goods no longer travel free.
type Correction struct {
	Key      market.ID  `bson:"key"` // makes it idempotent
	Seller   market.ID  `bson:"seller"`
	Goods    market.VND `bson:"goods"`
	Shipping market.VND `bson:"shipping"`
	Subsidy  market.VND `bson:"subsidy,omitempty"`
	Fee      market.VND `bson:"fee"`
	Reason   string     `bson:"reason"`
}

func (c Correction) gross() market.VND { return c.Goods + c.Shipping }

func (c Correction) check() error {
	var found market.Checks
	found.That(c.Key != "", "key", "payments.id")
	found.That(c.Seller != "", "seller", "payments.share_seller")
	found.That(c.gross() != 0 && c.gross() <= market.MaxAmount && c.gross() >= -market.MaxAmount, "amount", "payments.amount")
	return found.Err()
}

// Correct makes a payment cost less. Money that has come goes back as by
// RefundSeller, with exactly that much of the fee and the subsidy; of money that
// is still to be collected on delivery less is asked for. A correction below
// zero asks for more: only of money that is still to be collected, and only when
// the caller has the buyer's consent. The same again changes nothing. Allowed to
// those who act for the seller, and to staff.
func (s *Service) Correct(ctx context.Context, by market.Actor, payment market.ID, c Correction) (*Intent, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	in, err := s.Intent(ctx, payment)
	if err != nil {
		return nil, err
	}
	if !in.staff(by) && !by.For(c.Seller) {
		return nil, errMissing
	}
	in, err = s.intents.Update(ctx, payment, func(in *Intent) ([]market.Event, error) {
		if in.State == StateCollectable || in.lowered(c.Key) {
			return nil, in.lower(c)
		}
		if c.gross() < 0 {
			return nil, market.Conflict("payments.correct_up")
		}
		return nil, in.correct(c, s.env.Now())
	})
	if err != nil {
		return nil, err
	}
	return s.drive(ctx, in, c.Key)
}

// correct sets the correction aside as a refund. When the provider or somebody's
// goodwill has given the money back before, only what is left of it goes.
func (in *Intent) correct(c Correction, now time.Time) error {
	if in.refund(c.Key) != nil {
		return nil
	}
	left := in.RefundableOf(c.Seller)
	if in.State.Paid() && left == 0 {
		return nil
	}
	r := Refund{Key: c.Key, Amount: c.gross(), Reason: c.Reason, Seller: c.Seller, Fee: &c.Fee, Subsidy: &c.Subsidy, Shipping: &c.Shipping}
	if in.State.Paid() {
		r.Amount = min(r.Amount, left)
	}
	return in.reserve(r, now)
}

func (in *Intent) lowered(key market.ID) bool {
	return slices.ContainsFunc(in.Lowered, func(c Correction) bool { return c.Key == key })
}

// lower takes a correction off what is still to be collected.
func (in *Intent) lower(c Correction) error {
	if in.lowered(c.Key) {
		return nil
	}
	i := slices.IndexFunc(in.Shares, func(s Share) bool { return s.Seller == c.Seller })
	if i < 0 {
		return market.Conflict("payments.share_seller")
	}
	share := in.Shares[i]
	share.Goods, share.Shipping = share.Goods-c.Goods, share.Shipping-c.Shipping
	share.Subsidy, share.Fee = share.Subsidy-c.Subsidy, share.Fee-c.Fee
	if !share.sound() || share.Fee < 0 || share.Fee > share.Goods+share.Subsidy {
		return market.Conflict("payments.refund_too_much").With("left", in.Shares[i].Gross())
	}
	in.Shares = slices.Clone(in.Shares)
	in.Shares[i] = share
	in.Amount -= c.gross()
	in.Lowered = append(in.Lowered, c)
	return nil
}
