package orders

import (
	"context"
	"strings"

	"chohue/market"
	"chohue/store"
)

// Word is what a side says with a step.
type Word struct {
	Text   string
	Photos []string
}

// turn is one step of a return by one side.
type turn struct {
	side  Side
	word  Word
	needs bool // words are needed
	to    ReturnState
	do    func(o *Order, p *Parcel, r *Return) error
}

// step takes a step. Taking it again, when the return is there already, says
// and changes nothing.
func (s *Service) step(ctx context.Context, by market.Actor, order, ret market.ID, key string, t turn) (*Order, error) {
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		r, err := o.Return(ret)
		if err != nil || !o.is(by, key, r.Seller, t.side) {
			return nil, errReturn
		}
		if r.State == t.to {
			return nil, nil
		}
		return o.take(s.env, r, t)
	})
	if store.Missing(err) {
		return nil, errReturn
	}
	if err != nil {
		return nil, err
	}
	return o.forKey(by, key), nil
}

// is reports whether the actor stands on the side.
func (o *Order) is(by market.Actor, key string, seller market.ID, side Side) bool {
	switch side {
	case SideBuyer:
		return o.owned(by, key)
	case SideSeller:
		return by.For(seller) || by.Is(market.RoleOperator)
	}
	return by.Is(market.RoleModerator, market.RoleOperator)
}

func (o *Order) take(env market.Env, r *Return, t turn) ([]market.Event, error) {
	if err := r.to(t.to); err != nil {
		return nil, err
	}
	field := ""
	if t.needs {
		field = "text"
	}
	said, err := say(env, t.side, t.word.Text, t.word.Photos, field)
	if err != nil {
		return nil, err
	}
	if said.Text != "" || len(said.Photos) > 0 {
		r.Says = append(r.Says, said)
	}
	if t.do != nil {
		if err := t.do(o, o.parcel(r.Parcel), r); err != nil {
			return nil, err
		}
	}
	event := o.returnNews(env, r)
	o.arrange()
	return []market.Event{event}, nil
}

// AcceptReturn is the seller's yes: the buyer sends the goods back, or with
// keep has the money at once. A weight that was lacking is never sent back.
func (s *Service) AcceptReturn(ctx context.Context, by market.Actor, order, ret market.ID, keep bool, w Word) (*Order, error) {
	o, err := s.Order(ctx, by, order, "")
	if err != nil {
		return nil, errReturn
	}
	r, err := o.Return(ret)
	if err != nil {
		return nil, err
	}
	t := turn{side: SideSeller, word: w, to: ReturnAccepted}
	if keep || r.Reason == ReasonWeight {
		t.to = ReturnRefunding
	}
	t.do = func(_ *Order, _ *Parcel, r *Return) error { r.Keep = t.to == ReturnRefunding; return nil }
	return s.step(ctx, by, order, ret, "", t)
}

// RefuseReturn is the seller's no, with the reason. The buyer may ask the
// platform.
func (s *Service) RefuseReturn(ctx context.Context, by market.Actor, order, ret market.ID, w Word) (*Order, error) {
	return s.step(ctx, by, order, ret, "", turn{side: SideSeller, word: w, needs: true, to: ReturnRefused})
}

// DisputeReturn asks the platform to decide: the buyer, after a refusal or when
// goods that were sent back are said not to have come.
func (s *Service) DisputeReturn(ctx context.Context, by market.Actor, order, ret market.ID, key string, w Word) (*Order, error) {
	return s.step(ctx, by, order, ret, key, turn{side: SideBuyer, word: w, to: ReturnDisputed})
}

// ContestReturn asks the platform to decide: the seller, when what came back is
// not what was sent out, or did not come.
func (s *Service) ContestReturn(ctx context.Context, by market.Actor, order, ret market.ID, w Word) (*Order, error) {
	return s.step(ctx, by, order, ret, "", turn{side: SideSeller, word: w, needs: true, to: ReturnDisputed})
}

// SendReturn says that the buyer has sent the goods back, and with whom.
func (s *Service) SendReturn(ctx context.Context, by market.Actor, order, ret market.ID, key string, with Shipment, w Word) (*Order, error) {
	var checks market.Checks
	with.Carrier, with.Tracking = strings.TrimSpace(with.Carrier), strings.TrimSpace(with.Tracking)
	checks.That(with.Carrier != "" && len(with.Carrier) <= 80, "carrier", "ship.carrier")
	checks.That(len(with.Tracking) <= 80, "tracking", "ship.tracking")
	if err := checks.Err(); err != nil {
		return nil, err
	}
	return s.step(ctx, by, order, ret, key, turn{side: SideBuyer, word: w, to: ReturnSent, do: func(_ *Order, _ *Parcel, r *Return) error {
		r.Carrier, r.Tracking = with.Carrier, with.Tracking
		return nil
	}})
}

// ReceiveReturn says that the seller has the goods. What is not named unfit
// goes back on the shelf; the rest is lost.
func (s *Service) ReceiveReturn(ctx context.Context, by market.Actor, order, ret market.ID, unfit Unfit, w Word) (*Order, error) {
	return s.step(ctx, by, order, ret, "", turn{side: SideSeller, word: w, to: ReturnReceived, do: func(_ *Order, p *Parcel, r *Return) error {
		return p.takeBack(r, unfit)
	}})
}

// takeBack writes into the lines what became of goods that a buyer sent back.
// Goods that were received before, and then argued about, are counted once.
func (p *Parcel) takeBack(r *Return, unfit Unfit) error {
	if r.Received {
		return nil
	}
	r.Received = true
	var checks market.Checks
	for _, claimed := range r.Lines {
		for i := range p.Lines {
			l := &p.Lines[i]
			if l.Variant != claimed.Variant {
				continue
			}
			lost := unfit[l.Variant]
			if lost < 0 || lost > claimed.Quantity {
				checks.Add("unfit/"+string(l.Variant), market.Invalid("return.unfit", "").With("name", l.Name).With("n", claimed.Quantity))
				continue
			}
			l.Returned, l.Lost = l.Returned+claimed.Quantity-lost, l.Lost+lost
		}
	}
	return checks.Err()
}

// PayReturn gives the money back: the seller, once the goods are here or when
// the buyer may keep them after all.
func (s *Service) PayReturn(ctx context.Context, by market.Actor, order, ret market.ID, w Word) (*Order, error) {
	return s.step(ctx, by, order, ret, "", turn{side: SideSeller, word: w, to: ReturnRefunding})
}

// WithdrawReturn takes the wish back.
func (s *Service) WithdrawReturn(ctx context.Context, by market.Actor, order, ret market.ID, key string) (*Order, error) {
	return s.step(ctx, by, order, ret, key, turn{side: SideBuyer, to: ReturnClosed, do: func(_ *Order, _ *Parcel, r *Return) error {
		r.Outcome = OutcomeWithdrawn
		return nil
	}})
}

// Verdict is what a moderator decides in a dispute.
type Verdict struct {
	Amount market.VND // goes back to the buyer; 0 for nothing
	Back   bool       // only once the goods are sent back
	Text   string     // the reasons, for both sides to read
}

// said reports whether the person has decided the same before.
func (v Verdict) said(by market.Actor, d *Decision) bool {
	return d != nil && d.By == by.Person && d.Amount == v.Amount && d.Back == v.Back && d.Text == strings.TrimSpace(v.Text)
}

// DecideReturn ends a dispute in writing. The same decision again changes
// nothing.
func (s *Service) DecideReturn(ctx context.Context, by market.Actor, order, ret market.ID, v Verdict) (*Order, error) {
	t := turn{side: SidePlatform, word: Word{Text: v.Text}, needs: true, to: ReturnRefunding}
	switch {
	case v.Amount == 0:
		t.to = ReturnClosed
	case v.Back:
		t.to = ReturnAccepted
	}
	t.do = func(_ *Order, _ *Parcel, r *Return) error {
		if v.Amount < 0 || v.Amount > r.Goods+r.Shipping {
			return market.Invalid("return.amount", "amount").With("max", r.Goods+r.Shipping)
		}
		r.Decision = &Decision{Amount: v.Amount, Back: v.Back, Text: strings.TrimSpace(v.Text), By: by.Person, At: s.env.Now()}
		r.Agreed = v.Amount
		if v.Amount == 0 {
			r.Outcome = OutcomeDecided
		}
		return nil
	}
	return s.decide(ctx, by, order, ret, v, t)
}

// decide takes the step from a dispute only: what the sides can do between
// themselves is not the platform's.
func (s *Service) decide(ctx context.Context, by market.Actor, order, ret market.ID, v Verdict, t turn) (*Order, error) {
	inner := t.do
	t.do = nil
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		r, err := o.Return(ret)
		if err != nil || !o.is(by, "", r.Seller, SidePlatform) {
			return nil, errReturn
		}
		if v.said(by, r.Decision) {
			return nil, nil
		}
		if r.State != ReturnDisputed {
			return nil, errMove.With("from", string(r.State)).With("to", string(t.to))
		}
		if err := inner(o, o.parcel(r.Parcel), r); err != nil {
			return nil, err
		}
		if t.to == ReturnAccepted && r.Received { // there is nothing to send any more
			t.to = ReturnRefunding
		}
		return o.take(s.env, r, t)
	})
	if store.Missing(err) {
		return nil, errReturn
	}
	return o, err
}

// GiveGoodwill gives a buyer money for peace, without anything coming back: no
// more than what the parcel costs less what goes back for it already.
func (s *Service) GiveGoodwill(ctx context.Context, by market.Actor, order, parcel, id market.ID, amount market.VND, w Word) (*Order, error) {
	if id == "" {
		id = s.env.NewID()
	}
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		p := o.parcel(parcel)
		if p == nil || !o.is(by, "", p.Seller, SideSeller) {
			return nil, errOrder
		}
		if _, err := o.Return(id); err == nil {
			return nil, nil
		}
		return o.giveGoodwill(s.env, p, id, amount, w)
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	return o.forActor(by), nil
}

func (o *Order) giveGoodwill(env market.Env, p *Parcel, id market.ID, amount market.VND, w Word) ([]market.Event, error) {
	var checks market.Checks
	checks.That(amount > 0 && amount <= o.priceLeft(p, len(o.Returns)), "amount", "return.goodwill")
	said, err := say(env, SideSeller, w.Text, w.Photos, "text")
	checks.Add("text", err)
	if err := checks.Err(); err != nil {
		return nil, err
	}
	if p.State != ParcelDelivered {
		return nil, market.Conflict("return.not_delivered")
	}
	if len(o.Returns) >= maxReturns {
		return nil, market.Conflict("return.many").With("max", maxReturns)
	}
	o.Returns = append(o.Returns, Return{
		ID: id, Parcel: p.ID, Seller: p.Seller, Reason: ReasonGoodwill, Goods: amount, Agreed: amount, Keep: true,
		State: ReturnRefunding, Says: []Say{said}, AskedAt: env.Now(),
	})
	event := o.returnNews(env, &o.Returns[len(o.Returns)-1])
	o.arrange()
	return []market.Event{event}, nil
}
