package orders

import (
	"context"
	"slices"
	"strings"

	"chohue/market"
	"chohue/store"
)

// Bounds of a return.
const (
	maxReturns = 20 // of an order
	maxSays    = 60
	maxPhotos  = 6 // of one message
	maxSay     = 2000
)

// ReturnWish is what a buyer asks for.
type ReturnWish struct {
	ID     market.ID // made by the asker, so that asking twice is once; empty for a new one
	Parcel market.ID
	Reason ReturnReason
	Lines  []ReturnLine // units, or grams when the reason is weight; amounts are worked out
	Keep   bool         // the buyer would rather keep the goods
	Text   string
	Photos []string // kept by AddEvidence
}

// AskReturn asks for money back for delivered goods. The buyer may, signed in
// or with the order's key, until the parcel is closed.
func (s *Service) AskReturn(ctx context.Context, by market.Actor, order market.ID, key string, w ReturnWish) (*Order, *Return, error) {
	if w.ID == "" {
		w.ID = s.env.NewID()
	}
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		p := o.parcel(w.Parcel)
		if !o.owned(by, key) || p == nil {
			return nil, errOrder
		}
		if _, err := o.Return(w.ID); err == nil {
			return nil, nil
		}
		return o.ask(s.env, p, w)
	})
	if store.Missing(err) {
		return nil, nil, errOrder
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := o.Return(w.ID)
	return o, r, err
}

func (o *Order) ask(env market.Env, p *Parcel, w ReturnWish) ([]market.Event, error) {
	if !o.MayReturn(*p, env.Now()) {
		return nil, market.Conflict("return.over")
	}
	if len(o.Returns) >= maxReturns {
		return nil, market.Conflict("return.many").With("max", maxReturns)
	}
	said, err := say(env, SideBuyer, w.Text, w.Photos, "text")
	if err != nil {
		return nil, err
	}
	r := Return{
		ID: w.ID, Parcel: p.ID, Seller: p.Seller, Reason: w.Reason, Keep: w.Keep || w.Reason == ReasonWeight,
		State: ReturnRequested, Says: []Say{said}, AskedAt: env.Now(),
	}
	if err := o.claim(p, &r, w.Lines); err != nil {
		return nil, err
	}
	o.Returns = append(o.Returns, r)
	event := o.returnNews(env, &o.Returns[len(o.Returns)-1])
	o.arrange()
	return []market.Event{event}, nil
}

// claim works out what the wanted lines are worth, no more than is left of
// each.
func (o *Order) claim(p *Parcel, r *Return, wanted []ReturnLine) error {
	var checks market.Checks
	checks.That(isBuyerReason(r.Reason), "reason", "return.reason")
	for _, l := range p.Lines {
		for _, w := range wanted {
			if w.Variant != l.Variant || w.Quantity == 0 && w.Grams == 0 {
				continue
			}
			claimed, err := o.claimLine(p.ID, l, r.Reason, w)
			checks.Add("lines/"+string(l.Variant), err)
			r.Lines = append(r.Lines, claimed)
			r.Goods += claimed.Amount
		}
	}
	checks.That(len(r.Lines) > 0, "lines", "return.lines")
	if err := checks.Err(); err != nil {
		return err
	}
	r.Shipping = o.claimShipping(p, r)
	r.Agreed = r.Goods + r.Shipping
	return nil
}

func isBuyerReason(reason ReturnReason) bool {
	return slices.Contains(BuyerReasons(), reason)
}

// claimLine is what the buyer paid for units or lacking grams of a line: what a
// voucher paid does not go back to them. Parts of a
// line add up to the whole line to the đồng, in whatever parts it comes back.
func (o *Order) claimLine(parcel market.ID, l Line, reason ReturnReason, w ReturnLine) (ReturnLine, error) {
	units, grams, claimed := o.claims(parcel, l.Variant)
	paid := l.Paid()
	left := max(paid-claimed, 0)
	if reason == ReasonWeight {
		most := l.BaseAmount() - grams
		if l.Size.Base != market.Grams || w.Grams <= 0 || w.Grams >= most {
			return w, market.Invalid("return.grams", "").With("name", l.Name).With("max", max(most-1, 0))
		}
		w.Quantity = 0
		w.Amount = min(left, paid-part(paid, l.BaseAmount()-w.Grams, l.BaseAmount()))
		return w, nil
	}
	if most := l.Quantity - units; w.Quantity <= 0 || w.Quantity > most {
		return w, market.Invalid("return.quantity", "").With("name", l.Name).With("max", most)
	}
	w.Grams = 0
	w.Amount = min(left, part(paid, units+w.Quantity, l.Quantity)-part(paid, units, l.Quantity))
	return w, nil
}

// part is n of so many parts of an amount, in whole đồng.
func part(amount market.VND, n, of int64) market.VND {
	whole, rest := int64(amount)/of, int64(amount)%of
	return market.VND(whole*n + rest*n/of)
}

// claimShipping is the parcel's delivery, when with this return all that was in
// it comes back.
func (o *Order) claimShipping(p *Parcel, r *Return) market.VND {
	if r.Reason == ReasonWeight {
		return 0
	}
	for _, l := range p.Lines {
		units, _, _ := o.claims(p.ID, l.Variant)
		for _, c := range r.Lines {
			if c.Variant == l.Variant {
				units += c.Quantity
			}
		}
		if units < l.Quantity {
			return 0
		}
	}
	left := p.Shipping - p.ShippingSubsidy
	for _, other := range o.Returns {
		if other.Parcel == p.ID && other.State != ReturnClosed {
			left -= other.Shipping
		}
	}
	return max(left, 0)
}

// say checks what somebody says. A text is needed where field is not empty.
func say(env market.Env, side Side, text string, photos []string, field string) (Say, error) {
	var checks market.Checks
	text = strings.TrimSpace(text)
	checks.That(field == "" || text != "", field, "say.text")
	checks.That(len(text) <= maxSay, "text", "say.long")
	checks.That(len(photos) <= maxPhotos, "photos", "say.photos")
	for _, p := range photos {
		checks.That(isEvidence(p), "photos", "photo.missing")
	}
	return Say{At: env.Now(), Side: side, Text: text, Photos: photos}, checks.Err()
}
