package orders

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

//go:embed weightcaps.csv
var capsFile string

// WeightCap bounds by how much more than agreed weighed goods may cost, with
// the buyer's consent, during a period.
type WeightCap struct {
	Dated
	Over  int64         // ‰ above the stated weight that may be asked for
	Reply time.Duration // how long the buyer has to answer
}

// WeightCaps are all caps by date.
type WeightCaps []WeightCap

// LoadWeightCaps reads the embedded caps.
func LoadWeightCaps() (WeightCaps, error) {
	return readDated("weightcaps.csv", capsFile, func(row []string) (c WeightCap, err error) {
		if c.Dated, err = parseDated(row); err != nil {
			return c, err
		}
		if c.Over, err = strconv.ParseInt(row[4], 10, 64); err != nil {
			return c, err
		}
		minutes, err := strconv.Atoi(row[5])
		c.Reply = time.Duration(minutes) * time.Minute
		return c, err
	})
}

// At returns the cap in force.
func (w WeightCaps) At(at time.Time) (WeightCap, error) {
	i := slices.IndexFunc(w, func(c WeightCap) bool { return c.inForce(at, "") })
	if i < 0 {
		return WeightCap{}, fmt.Errorf("no cap of weights at %s", at)
	}
	return w[i], nil
}

// Ask is a seller's question whether goods that weigh more than was agreed may
// cost more. Nothing changes before the buyer has said yes and, when the order
// was paid beforehand, has paid the difference.
type Ask struct {
	ID     market.ID  `bson:"id" json:"id"` // of its payment too
	Parcel market.ID  `bson:"parcel" json:"parcel"`
	Lines  []AskLine  `bson:"lines" json:"lines"`
	More   market.VND `bson:"more" json:"more"` // that the buyer would pay
	Fee    market.VND `bson:"fee" json:"fee"`   // of it
	At     time.Time  `bson:"at" json:"at"`
	Until  time.Time  `bson:"until" json:"until"`
	State  AskState   `bson:"state" json:"state"`
}

// AskLine is what one line would weigh and cost.
type AskLine struct {
	Variant market.ID   `bson:"variant" json:"variant"`
	Name    market.Text `bson:"name" json:"name"`
	Grams   int64       `bson:"grams" json:"grams"`
	Stated  int64       `bson:"stated" json:"stated"`
	More    market.VND  `bson:"more" json:"more"`
}

// AskState is where a question stands.
type AskState string

// The states of a question.
const (
	AskOpen    AskState = "open"
	AskPaying  AskState = "paying" // the buyer has said yes and is to pay
	AskAgreed  AskState = "agreed"
	AskRefused AskState = "refused"
	AskLapsed  AskState = "lapsed" // not answered or not paid in time, or packed meanwhile
)

// weighing reports whether more weight of the parcel is being asked for, or was
// agreed: then its quantities stand.
func (o *Order) weighing(parcel market.ID) bool {
	return slices.ContainsFunc(o.Asks, func(a Ask) bool { return a.Parcel == parcel && (a.pending() || a.State == AskAgreed) })
}

// asks reports whether just these weights are being asked for.
func (o *Order) asks(parcel market.ID, weights Weights) bool {
	return slices.ContainsFunc(o.Asks, func(a Ask) bool {
		return a.Parcel == parcel && a.State == AskOpen && !slices.ContainsFunc(a.Lines, func(l AskLine) bool { return weights[l.Variant] != l.Grams })
	})
}

// Answerable reports whether the buyer may still answer at a moment: yes, no,
// or by paying.
func (o *Order) Answerable(a Ask, at time.Time) bool {
	p := o.parcel(a.Parcel)
	return a.pending() && at.Before(a.Until) && p != nil && p.State == ParcelNew
}

// Question is the question of that id about a parcel that the reader may see.
func (o *Order) Question(id market.ID) (Ask, error) {
	if a := o.question(id); a != nil && o.parcel(a.Parcel) != nil {
		return *a, nil
	}
	return Ask{}, errAsk
}

// WeightCap is by how much more than stated, in ‰, a seller may ask for in the
// order.
func (s *Service) WeightCap(o *Order) (WeightCap, error) { return s.caps.At(o.PlacedAt) }

func (a Ask) pending() bool { return a.State == AskOpen || a.State == AskPaying }

func (o *Order) question(id market.ID) *Ask {
	i := slices.IndexFunc(o.Asks, func(a Ask) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &o.Asks[i]
}

var errAsk = market.NotFound("ask.missing")

// AskWeight asks the buyer to agree to more weight than was stated, before the
// parcel is packed. Its seller may, once at a time; the same weights again are the
// same question. More than the cap of the day of the order is refused.
func (s *Service) AskWeight(ctx context.Context, by market.Actor, order, parcel market.ID, weights Weights) (*Order, error) {
	id := s.env.NewID()
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		p := o.parcel(parcel)
		if p == nil || !by.For(p.Seller) {
			return nil, errOrder
		}
		if p.State != ParcelNew {
			return nil, market.Conflict("order.packed")
		}
		if o.asks(parcel, weights) {
			return nil, nil
		}
		if o.weighing(parcel) {
			return nil, market.Conflict("ask.open")
		}
		news := o.settleEdit(s.env, p)
		a, err := s.question(o, p, weights)
		if err != nil {
			return nil, err
		}
		a.ID = id
		o.Asks = append(o.Asks, a)
		o.note(s.env.Now(), "asked", p.ID)
		return append(news, market.NewEvent(s.env, EventAsked, o.ID, o.moved(p.ID))), nil
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	return o.forActor(by), nil
}

func (s *Service) question(o *Order, p *Parcel, weights Weights) (Ask, error) {
	now := s.env.Now()
	limit, err := s.caps.At(o.PlacedAt)
	if err != nil {
		return Ask{}, err
	}
	a := Ask{Parcel: p.ID, At: now, Until: now.Add(limit.Reply), State: AskOpen}
	var checks market.Checks
	for _, l := range p.Lines {
		if grams := weights[l.Variant]; l.Weight != nil && grams > l.Weight.Stated {
			line, err := l.question(grams, limit.Over)
			checks.Add("lines/"+string(l.Variant), err)
			a.Lines, a.More = append(a.Lines, line), a.More+line.More
		}
	}
	if err := checks.Err(); err != nil {
		return a, err
	}
	if a.More == 0 {
		return a, market.Conflict("ask.nothing")
	}
	heavier := *p
	heavier.Goods += a.More
	a.Fee = s.feeOf(o, &heavier) - s.feeOf(o, p)
	return a, nil
}

func (l Line) question(grams, over int64) (AskLine, error) {
	w := *l.Weight
	if most := w.Stated * (1000 + over) / 1000; grams > most {
		return AskLine{}, market.Conflict("ask.too_much").With("name", l.Name).With("most", strconv.FormatInt(most, 10))
	}
	w.Allowed, w.Real = grams, grams
	return AskLine{l.Variant, l.Name, grams, w.Stated, w.worth() - w.Agreed}, nil
}

// AnswerWeight is the buyer's answer: whoever holds the order's key may give it.
// Yes to an order that is paid on delivery counts at once; otherwise the step
// says how to pay the difference, and the answer counts when it is paid. The
// same answer again is the same.
func (s *Service) AnswerWeight(ctx context.Context, by market.Actor, order market.ID, key string, ask market.ID, yes bool, base string) (*Order, payments.Step, error) {
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		a := o.question(ask)
		if !o.owned(by, key) || a == nil {
			return nil, errAsk
		}
		return o.answer(s.env, a, yes)
	})
	if store.Missing(err) {
		err = errAsk
	}
	if err != nil || !yes || o.question(ask).State != AskPaying {
		return o, payments.Step{}, err
	}
	step, err := s.beginAsk(ctx, by, o, *o.question(ask), base)
	return o, step, err
}

func (o *Order) answer(env market.Env, a *Ask, yes bool) ([]market.Event, error) {
	switch {
	case yes && (a.State == AskPaying || a.State == AskAgreed), !yes && a.State == AskRefused:
		return nil, nil
	case !o.Answerable(*a, env.Now()):
		return nil, market.Conflict("ask.over")
	case !yes:
		a.State = AskRefused
		o.note(env.Now(), "ask_refused", a.Parcel)
		return []market.Event{market.NewEvent(env, EventAnswered, o.ID, o.moved(a.Parcel))}, nil
	case o.Method != MethodCOD:
		a.State = AskPaying
		return nil, nil
	}
	return o.agree(env, a), nil
}

// agree lets the lines of a question cost what they weigh.
func (o *Order) agree(env market.Env, a *Ask) []market.Event {
	a.State = AskAgreed
	p := o.parcel(a.Parcel)
	p.Lines = slices.Clone(p.Lines)
	for _, asked := range a.Lines {
		for i := range p.Lines {
			if l := &p.Lines[i]; l.Variant == asked.Variant && l.Weight != nil {
				w := *l.Weight
				w.Allowed = asked.Grams
				l.Weight = &w
			}
		}
	}
	if o.Method != MethodCOD {
		p.Extra = &Extra{Payment: a.ID, Goods: a.More, Fee: a.Fee}
	}
	o.note(env.Now(), "ask_agreed", a.Parcel)
	return []market.Event{market.NewEvent(env, EventAnswered, o.ID, o.moved(a.Parcel))}
}

// Extra is what the buyer paid beside the first payment of a parcel.
type Extra struct {
	Payment market.ID  `bson:"payment" json:"payment"`
	Goods   market.VND `bson:"goods" json:"goods"`
	Fee     market.VND `bson:"fee" json:"fee"`
}

// payment is the second payment of a parcel; empty when there is none.
func (e *Extra) payment() market.ID {
	if e == nil {
		return ""
	}
	return e.Payment
}

// share is the seller's part of what the buyer pays more: taxed as the parcel is.
func (a Ask) share(p Parcel) payments.Share {
	more := share(p)
	more.Goods, more.Shipping, more.Subsidy, more.Fee = a.More, 0, 0, a.Fee
	return more
}

func (s *Service) beginAsk(ctx context.Context, by market.Actor, o *Order, a Ask, base string) (payments.Step, error) {
	p := o.parcel(a.Parcel)
	c := payments.Charge{
		ID: a.ID, Order: o.ID, OrderCode: o.Code, Amount: a.More, Method: o.Method, Description: "Bu can nang " + o.Code,
		Shares:    []payments.Share{a.share(*p)},
		ReturnURL: base + "/thanh-toan/" + string(o.ID) + "?key=" + o.Key + "&bu=" + string(a.ID),
		NoticeURL: base + "/api/v1/payments/" + o.Method + "/notices", ExpiresAt: a.Until,
	}
	if o.Method == MethodVietQR {
		payee, err := s.payee(ctx, p.Seller)
		if err != nil {
			return payments.Step{}, err
		}
		c.Payee = payee
	}
	in, err := s.till.Begin(ctx, by, c)
	if err != nil {
		return payments.Step{}, err
	}
	return in.Step, nil
}

// askPaid takes the money for more weight. When the buyer has said no after all,
// or the parcel was packed or ended meanwhile, it goes back.
func (s *Service) askPaid(ctx context.Context, paid payments.Happened) error {
	o, err := s.orders.Update(ctx, paid.Order, func(o *Order) ([]market.Event, error) {
		a := o.question(paid.Payment)
		if a == nil || !a.pending() || o.parcel(a.Parcel).State != ParcelNew || o.State != StateConfirmed {
			return nil, nil
		}
		return o.agree(s.env, a), nil
	})
	if err != nil {
		return err
	}
	if a := o.question(paid.Payment); a != nil && a.State == AskAgreed {
		return nil
	}
	return s.giveBackShare(ctx, refundWish{Payment: paid.Payment, Most: market.MaxAmount, Reason: "too_late", Key: "late-" + paid.Payment})
}

// LapseAsks ends the questions of a parcel that is being packed. One that is
// being paid keeps the parcel open.
func (o *Order) lapseAsks(env market.Env, parcel market.ID) error {
	for i := range o.Asks {
		a := &o.Asks[i]
		if a.Parcel != parcel || !a.pending() {
			continue
		}
		if a.State == AskPaying && env.Now().Before(a.Until) {
			return market.Conflict("ask.paying").With("until", a.Until)
		}
		a.State = AskLapsed
	}
	return nil
}
