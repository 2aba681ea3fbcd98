package orders

import (
	"context"
	"errors"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// personClaim keeps what a person has used of a voucher that is not for
// everybody as often as they like. Its id is the voucher and the person.
type personClaim struct {
	store.Doc `bson:",inline"`
	Uses      []personUse `bson:"uses"`
}

// personUse ends by itself until it is spent.
type personUse struct {
	Order market.ID  `bson:"order"`
	Until *time.Time `bson:"until,omitempty"` // nil once spent
}

func (s *Service) openVouchers(ctx context.Context, e store.Engine) (err error) {
	if s.vouchers, err = store.Open[Voucher](ctx, e, store.Spec{Name: "vouchers", Indexes: []store.Index{
		{Name: "owner", Fields: []string{"owner", "made_at"}},
		{Name: "shown", Fields: []string{"shown"}},
		{Name: "wake", Fields: []string{"wake"}},
	}}); err != nil {
		return err
	}
	s.claims, err = store.Open[personClaim](ctx, e, store.Spec{Name: "voucher_people"})
	return err
}

// grant looks up what there is for the quote and grants what is best.
func (s *Service) grant(ctx context.Context, q *Quote, codes []string) error {
	known, err := s.vouchersFor(ctx, q)
	if err != nil {
		return err
	}
	typed, err := s.typed(ctx, q, codes)
	if err != nil {
		return err
	}
	for _, v := range typed {
		if !slices.ContainsFunc(known, func(k *Voucher) bool { return k.ID == v.ID }) {
			known = append(known, v)
		}
	}
	if err := s.firstOrder(ctx, q, known); err != nil {
		return err
	}
	q.grant(known, codes)
	return nil
}

// vouchersFor are the running vouchers that buyers of these sellers' goods find
// by themselves.
func (s *Service) vouchersFor(ctx context.Context, q *Quote) ([]*Voucher, error) {
	owners := []any{ownerPlatform}
	for _, p := range q.Parcels {
		owners = append(owners, string(p.Seller.ID))
	}
	page, err := s.vouchers.Find(ctx, store.Query{Index: "shown", In: owners, Limit: mostShown})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page.Items, func(v *Voucher) bool { return !v.Running(q.at) }), nil
}

// mostShown bounds what one quote considers.
const mostShown = 200

// Refusal says why a code that was typed does nothing.
type Refusal struct {
	Code string
	Key  string
}

// typed looks up the codes that the buyer typed.
func (s *Service) typed(ctx context.Context, q *Quote, codes []string) ([]*Voucher, error) {
	ids := make([]market.ID, len(codes))
	for i, code := range codes {
		ids[i] = market.ID(code)
	}
	found, err := s.vouchers.GetMany(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var out []*Voucher
	for _, id := range ids {
		if v := found[id]; v != nil {
			out = append(out, v)
			continue
		}
		q.Refused = append(q.Refused, Refusal{string(id), errVoucher.Key})
	}
	return out, nil
}

// firstOrder finds out whether the buyer has ordered before, when a voucher
// asks.
func (s *Service) firstOrder(ctx context.Context, q *Quote, known []*Voucher) error {
	asks := slices.ContainsFunc(known, func(v *Voucher) bool { return v.Terms.FirstOrder })
	if !asks || q.buyer.Person == "" {
		return nil
	}
	q.first = true
	return s.orders.Each(ctx, store.Query{Index: "buyer", Eq: []any{string(q.buyer.Person)}}, func(o *Order) error {
		if o.State != StateCancelled && o.State != StateRefunding && o.State != StateRefunded {
			q.first = false
		}
		return nil
	})
}

// unmet turns the codes that were typed and do nothing into errors: who typed a
// code expects it to count.
func (q *Quote) unmet(codes []string, checks *market.Checks) {
	for _, r := range q.Refused {
		checks.Add("voucher", market.NotFound(r.Key).With("code", r.Code))
	}
	for _, o := range q.Offers {
		if o.Taken || o.Key == "voucher.better" || !slices.Contains(codes, string(o.Voucher.ID)) {
			continue
		}
		checks.Add("voucher", market.Conflict(o.Key).With("code", string(o.Voucher.ID)).With("name", o.Voucher.Name).With("missing", o.Missing))
	}
}

// SetCodes keeps the voucher codes that somebody typed for their cart, at most
// a handful; what they do is told by Quote.
func (s *Service) SetCodes(ctx context.Context, by market.Actor, cart market.ID, codes []string) (*Cart, error) {
	var kept []string
	for _, code := range codes {
		if code = foldCode(code); code != "" && !slices.Contains(kept, code) {
			kept = append(kept, code)
		}
	}
	if len(kept) > maxCodes || slices.ContainsFunc(kept, func(c string) bool { return !goodCode(c) }) {
		return nil, market.Invalid("voucher.code", "voucher")
	}
	return s.changeCart(ctx, by, cart, func(c *Cart) error { c.Codes = kept; return nil })
}

const maxCodes = 6

// holdVouchers sets aside what the order uses of its vouchers, in order of
// code. When one cannot be had, nothing stays held and the error names it.
func (s *Service) holdVouchers(ctx context.Context, o *Order, until time.Time) error {
	for i, g := range o.Vouchers {
		err := s.holdVoucher(ctx, o, g, until)
		if err == nil {
			continue
		}
		for _, held := range o.Vouchers[:i+1] {
			err = errors.Join(err, s.releaseVoucher(ctx, o, held))
		}
		return at("voucher", err)
	}
	return nil
}

func (s *Service) holdVoucher(ctx context.Context, o *Order, g Granted, until time.Time) error {
	if err := s.claimPerson(ctx, o, g, until); err != nil {
		return err
	}
	now := s.env.Now()
	return s.changeVoucher(ctx, g.Voucher, func(v *Voucher) error { return v.Hold(o.ID, g.Amount, now, until) })
}

func (s *Service) changeVoucher(ctx context.Context, id market.ID, change func(*Voucher) error) error {
	_, err := s.vouchers.Update(ctx, id, func(v *Voucher) ([]market.Event, error) {
		if err := change(v); err != nil {
			return nil, err
		}
		return nil, v.Check()
	})
	if store.Missing(err) {
		return errVoucher
	}
	return err
}

// claimsOf names the places where a use of the voucher by this buyer is counted
// and how many there may be. A guest is known by phone number; somebody who has
// signed in by both, so that signing out gives no second turn.
func claimsOf(o *Order, g Granted) (ids []market.ID, limit int) {
	scope, limit := string(g.Voucher), g.Terms.PerPerson
	if g.Terms.FirstOrder {
		scope, limit = "first", 1
	}
	if limit == 0 {
		return nil, 0
	}
	ids = append(ids, market.ID(scope+":"+o.orderedBy()))
	if o.Buyer != "" {
		ids = append(ids, market.ID(scope+":"+string(o.Buyer)))
	}
	return ids, limit
}

func (s *Service) claimPerson(ctx context.Context, o *Order, g Granted, until time.Time) error {
	now := s.env.Now()
	ids, limit := claimsOf(o, g)
	for _, id := range ids {
		_, err := s.claims.Upsert(ctx, id, func(c *personClaim) ([]market.Event, error) {
			c.Uses = slices.DeleteFunc(c.Uses, func(u personUse) bool {
				return u.Order == o.ID || u.Until != nil && !u.Until.After(now)
			})
			if len(c.Uses) >= limit {
				return nil, market.Conflict("voucher.used").With("name", g.Name).With("times", limit)
			}
			c.Uses = append(c.Uses, personUse{o.ID, &until})
			return nil, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// settlePerson makes the buyer's use last, or forgets it.
func (s *Service) settlePerson(ctx context.Context, o *Order, g Granted, spent bool) error {
	ids, _ := claimsOf(o, g)
	for _, id := range ids {
		_, err := s.claims.Upsert(ctx, id, func(c *personClaim) ([]market.Event, error) {
			c.Uses = slices.DeleteFunc(c.Uses, func(u personUse) bool { return u.Order == o.ID })
			if spent {
				c.Uses = append(c.Uses, personUse{Order: o.ID})
			}
			return nil, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) releaseVoucher(ctx context.Context, o *Order, g Granted) error {
	if err := s.settlePerson(ctx, o, g, false); err != nil {
		return err
	}
	err := s.changeVoucher(ctx, g.Voucher, func(v *Voucher) error { v.Release(o.ID); return nil })
	if err == errVoucher {
		return nil
	}
	return err
}

// settleVouchers spends what the order holds. A hold that has ended is tried
// once more; when the budget is gone too, it is a conflict. An order that is no
// longer placed has nothing to settle: it remembers by itself.
func (s *Service) settleVouchers(ctx context.Context, o *Order) error {
	for _, g := range o.Vouchers {
		err := s.changeVoucher(ctx, g.Voucher, func(v *Voucher) error { return v.Settle(o.ID, g.Amount) })
		if errors.Is(err, errVoucherGone) {
			err = s.settleAgain(ctx, o, g)
		}
		if err != nil {
			return err
		}
		if err := s.settlePerson(ctx, o, g, true); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) settleAgain(ctx context.Context, o *Order, g Granted) error {
	now, err := s.orders.Get(ctx, o.ID)
	if err != nil || now.State != StatePlaced {
		return err
	}
	if err := s.holdVoucher(ctx, o, g, s.env.Now().Add(holdBeyond)); err != nil {
		return err
	}
	return s.changeVoucher(ctx, g.Voucher, func(v *Voucher) error { return v.Settle(o.ID, g.Amount) })
}

// returnVouchers gives back to its vouchers what an ended order held or spent.
func (s *Service) returnVouchers(ctx context.Context, e market.Event) error {
	o, err := s.orders.Get(ctx, e.Subject)
	if err != nil || len(o.Vouchers) == 0 {
		return err
	}
	for _, g := range o.Vouchers {
		spent := g.Amount
		if o.VouchersBack || !o.was("confirmed") {
			spent = 0
		}
		if err := s.settlePerson(ctx, o, g, false); err != nil {
			return err
		}
		if err := s.changeVoucher(ctx, g.Voucher, func(v *Voucher) error { v.Return(o.ID, spent); return nil }); err != nil {
			return err
		}
	}
	_, err = s.orders.Update(ctx, o.ID, func(o *Order) ([]market.Event, error) { o.VouchersBack = true; return nil, nil })
	if err != nil {
		return err
	}
	return s.forgetVouchers(ctx, o.Vouchers, func(v *Voucher) { v.Forget(o.ID) })
}

// was reports whether something has happened to the whole order.
func (o *Order) was(what string) bool {
	return slices.ContainsFunc(o.History, func(e Entry) bool { return e.What == what && e.Parcel == "" })
}

// forgetVouchers drops the vouchers' marks of an order: from here on the order
// itself is the memory.
func (s *Service) forgetVouchers(ctx context.Context, granted []Granted, forget func(*Voucher)) error {
	for _, g := range granted {
		if err := s.changeVoucher(ctx, g.Voucher, func(v *Voucher) error { forget(v); return nil }); err != nil {
			return err
		}
	}
	return nil
}

// ExpireVouchers lets go of voucher holds whose time is over and returns how
// many vouchers had some; a worker calls it.
func (s *Service) ExpireVouchers(ctx context.Context) (int, error) {
	now, n := s.env.Now(), 0
	err := s.vouchers.Each(ctx, store.Query{Index: "wake", To: now.Add(time.Millisecond)}, func(found *Voucher) error {
		n++
		return s.changeVoucher(ctx, found.ID, func(v *Voucher) error { v.Expire(now, ""); return nil })
	})
	return n, err
}
