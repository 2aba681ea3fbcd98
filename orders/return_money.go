package orders

import (
	"context"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// MoneyBack is money of an order that went back to its buyer, or would not: the
// payments' word, kept once per payment and key.
type MoneyBack struct {
	Payment market.ID  `bson:"payment"`
	Key     market.ID  `bson:"key"`
	Seller  market.ID  `bson:"seller,omitempty"` // whose share it came from; empty for all
	Amount  market.VND `bson:"amount"`
	Reason  string     `bson:"reason"`
	Failed  bool       `bson:"failed,omitempty"`
	Try     int        `bson:"try,omitempty"` // how often it was refused before
	At      time.Time  `bson:"at"`
}

// Returned is the payload of orders.returned: how far a sale is undone, with
// all of the parcel that statistics, attribution and tax need to know.
type Returned struct {
	Delivered

	Return     market.ID      `json:"return"`
	Reason     ReturnReason   `json:"reason"`
	ReturnedAt time.Time      `json:"returned_at"`
	Lines      []ReturnedLine `json:"lines"`
	Goods      market.VND     `json:"goods"`    // of what went back, for goods; the sum of the lines
	Shipping   market.VND     `json:"shipping"` // and for delivery
}

// ReturnedLine is how far one line of the parcel is undone.
type ReturnedLine struct {
	Line       int        `json:"line"` // index in the parcel
	Quantity   int64      `json:"quantity"`
	BaseAmount int64      `json:"base_amount"` // grams or pieces
	Amount     market.VND `json:"amount"`
}

const returnKey = "return:"

// key names the refund at the payment.
func (r *Return) key() market.ID { return market.ID(returnKey + string(r.ID)) }

// returnOf is the return that a refund's key names; empty for another refund.
func returnOf(key market.ID) market.ID {
	rest, ok := strings.CutPrefix(string(key), returnKey)
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, ":")
	return market.ID(id)
}

// payReturn asks the payments for a return's money. When they have nothing left,
// because it went back another way, the return is paid.
func (s *Service) payReturn(ctx context.Context, e market.Event) error {
	var news ReturnNews
	if err := e.Decode(&news); err != nil {
		return err
	}
	o, err := s.orders.Get(ctx, news.Order)
	if err != nil {
		return err
	}
	r, err := o.Return(news.Return)
	if err != nil || r.State != ReturnRefunding || r.Try != news.Try {
		return err
	}
	parts, err := s.parts(ctx, o.wishOf(r))
	if err != nil {
		return err
	}
	if sum := sumOf(parts, o.earlier(r)); sum.all {
		return s.endReturn(ctx, o.ID, r.ID, sum.back)
	}
	if r.Try == 0 {
		return s.giveParts(ctx, parts)
	}
	if err := s.retryParts(ctx, parts); err != nil {
		return err
	}
	sum, err := s.sumOfReturn(ctx, o.ID, r.ID) // what was left may be somebody else's by now
	if err != nil || !sum.all {
		return err
	}
	return s.endReturn(ctx, o.ID, r.ID, sum.back)
}

// endReturn ends a return for which nothing is left to pay back.
func (s *Service) endReturn(ctx context.Context, order, ret market.ID, back market.VND) error {
	_, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		r, err := o.Return(ret)
		if err != nil || r.State == ReturnRefunded {
			return nil, err
		}
		news, err := o.paidReturn(s.env, r, back)
		o.arrange()
		return news, err
	})
	return err
}

func (o *Order) paidReturn(env market.Env, r *Return, amount market.VND) ([]market.Event, error) {
	if err := r.to(ReturnRefunded); err != nil {
		return nil, err
	}
	r.Refunded = amount
	return []market.Event{o.returnNews(env, r), market.NewEvent(env, EventReturned, o.ID, o.Undone(*r, env.Now()))}, nil
}

// Undone is how far a refunded return undoes its sale. What went back is for
// the claimed lines first, then for delivery; without lines it is for all lines
// in proportion.
func (o *Order) Undone(r Return, at time.Time) Returned {
	p := *o.parcel(r.Parcel)
	out := Returned{Delivered: o.delivered(p), Return: r.ID, Reason: r.Reason, ReturnedAt: at}
	out.Shipping = min(r.Shipping, max(r.Refunded-r.Goods, 0))
	out.Goods = r.Refunded - out.Shipping
	out.Lines = undoneLines(p, r)
	weights := make([]int64, len(out.Lines))
	for i, l := range out.Lines {
		weights[i] = int64(l.Amount)
	}
	for i, amount := range out.Goods.Split(weights) {
		out.Lines[i].Amount = amount
	}
	return out
}

func undoneLines(p Parcel, r Return) []ReturnedLine {
	var out []ReturnedLine
	for i, l := range p.Lines {
		if len(r.Lines) == 0 {
			out = append(out, ReturnedLine{Line: i, Amount: l.Amount})
		}
		for _, c := range r.Lines {
			if c.Variant == l.Variant {
				out = append(out, ReturnedLine{Line: i, Quantity: c.Quantity, BaseAmount: c.Quantity*l.Size.Amount + c.Grams, Amount: c.Amount})
			}
		}
	}
	return out
}

// moneyBack notes in the order what a payment says went back, or would not, and
// ends what waited for it: a return, or the turning back of the whole order.
func (s *Service) moneyBack(ctx context.Context, e market.Event, failed bool) error {
	var h payments.Happened
	if err := e.Decode(&h); err != nil {
		return err
	}
	in, err := s.till.Intent(ctx, h.Payment)
	if err != nil {
		return err
	}
	whole, err := s.depositBack(ctx, h.Payment)
	if err != nil {
		return err
	}
	of, err := s.sumOfReturn(ctx, h.Order, returnOf(h.Refund))
	if err != nil {
		return err
	}
	o, err := s.orders.Update(ctx, h.Order, func(o *Order) ([]market.Event, error) {
		news, err := o.hearOfMoney(s.env, MoneyBack{
			Payment: h.Payment, Key: h.Refund, Seller: h.Seller, Amount: h.Amount, Reason: h.Reason, Failed: failed, Try: h.Try, At: e.At,
		}, of)
		if err != nil || !whole {
			o.arrange()
			return news, err
		}
		also, err := o.allBack(s.env, in)
		o.arrange()
		return append(news, also...), err
	})
	if err != nil || failed || o.State != StateRefunding {
		return err
	}
	return s.payBack(ctx, o)
}

func (o *Order) hearOfMoney(env market.Env, m MoneyBack, of returnSum) ([]market.Event, error) {
	i := slices.IndexFunc(o.Refunds, func(k MoneyBack) bool { return k.Payment == m.Payment && k.Key == m.Key })
	if i >= 0 && (!o.Refunds[i].Failed || m.Failed && m.Try <= o.Refunds[i].Try) {
		return nil, nil // known; a late word of failure after the money went is none
	}
	if i < 0 {
		o.Refunds = append(o.Refunds, m)
	} else {
		o.Refunds[i] = m
	}
	what, event := "money_back", EventMoneyBack
	if m.Failed {
		what, event = "money_refused", EventMoneyKept
	}
	o.History = append(o.History, Entry{At: env.Now(), What: what, Parcel: o.parcelOf(m.Seller), Return: returnOf(m.Key), Amount: m.Amount})
	news := []market.Event{market.NewEvent(env, event, o.ID, m)}
	also, err := o.moneyOfReturn(env, m, of)
	return append(news, also...), err
}

func (o *Order) moneyOfReturn(env market.Env, m MoneyBack, of returnSum) ([]market.Event, error) {
	r, err := o.Return(returnOf(m.Key))
	if err != nil || r.State != ReturnRefunding && r.State != ReturnOwed {
		return nil, nil
	}
	if !m.Failed && of.all {
		return o.paidReturn(env, r, of.back)
	}
	if !m.Failed || r.State == ReturnOwed || r.key() != m.Key && depositKey(r.key()) != m.Key {
		return nil, nil
	}
	if err := r.to(ReturnOwed); err != nil {
		return nil, err
	}
	return []market.Event{o.returnNews(env, r)}, nil
}

func (o *Order) parcelOf(seller market.ID) market.ID {
	for _, p := range o.Parcels {
		if p.Seller == seller {
			return p.ID
		}
	}
	return ""
}

// allBack ends the turning back of an order whose payment has returned
// everything.
func (o *Order) allBack(env market.Env, in *payments.Intent) (news []market.Event, err error) {
	if in.State != payments.StateRefunded || o.question(in.ID) != nil || o.Prepaid > 0 && in.ID != o.Parcels[0].Payment {
		return nil, nil
	}
	if o.State == StateConfirmed && o.Method != MethodCOD && o.Prepaid == 0 && o.untouched() {
		// Somebody gave all of it back at the provider: nothing is to be sent.
		if news, err = o.turnBack(env, "refunded_elsewhere"); err != nil {
			return nil, err
		}
	}
	if o.State != StateRefunding {
		return nil, nil
	}
	if err := o.to(StateRefunded); err != nil {
		return nil, err
	}
	o.note(env.Now(), "refunded", "")
	return append(news, market.NewEvent(env, EventRefunded, o.ID, o.moved(""))), nil
}

// untouched reports whether nobody has begun to pack any of it.
func (o *Order) untouched() bool {
	return !slices.ContainsFunc(o.Parcels, func(p Parcel) bool { return p.State != ParcelNew && p.State != ParcelCancelled })
}

// RetryReturn asks again for money that the way of paying would not take back.
// The seller may, and the platform.
func (s *Service) RetryReturn(ctx context.Context, by market.Actor, order, ret market.ID) (*Order, error) {
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		r, err := o.Return(ret)
		if err != nil || !o.is(by, "", r.Seller, SideSeller) && !o.is(by, "", r.Seller, SidePlatform) {
			return nil, errReturn
		}
		if r.State != ReturnOwed {
			return nil, nil
		}
		r.Try++
		return o.take(s.env, r, turn{side: SideSeller, to: ReturnRefunding})
	})
	if store.Missing(err) {
		return nil, errReturn
	}
	return o, err
}

// ConfirmReturnPaid takes the seller's word that the money of a return was paid
// back by hand, for ways of paying whose refunds no machine makes: cash, and
// transfers from bank to bank.
func (s *Service) ConfirmReturnPaid(ctx context.Context, by market.Actor, order, ret market.ID) error {
	o, err := s.Order(ctx, by, order, "")
	if err != nil {
		return errReturn
	}
	r, err := o.Return(ret)
	if err != nil || !o.is(by, "", r.Seller, SideSeller) {
		return errReturn
	}
	parts, err := s.parts(ctx, o.wishOf(r))
	if err != nil {
		return err
	}
	return s.confirmParts(ctx, by, parts)
}

// goodsBack puts what a buyer sent back on the shelf, or counts it as lost.
func (s *Service) goodsBack(ctx context.Context, e market.Event) error {
	var news ReturnNews
	if err := e.Decode(&news); err != nil {
		return err
	}
	for _, g := range news.Goods {
		if g.Returned+g.Lost == 0 {
			continue
		}
		if err := s.shelf.TakeBack(ctx, news.Order, g.Variant, g.Returned, g.Lost); err != nil {
			return err
		}
	}
	return nil
}
