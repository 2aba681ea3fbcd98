package indicators

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash/maphash"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Orders walks all orders.
type Orders interface {
	Each(ctx context.Context, do func(*orders.Order) error) error
}

// Rebuilt is what Rebuild found.
type Rebuilt struct {
	Facts int // that the orders and corrections account for
	Added int // of those, missing until now
	// Wrong names facts that differ from their order or that no order accounts
	// for. They stay: a fact is not changed behind an official's back.
	Wrong []market.ID
}

// rebuilding is a Rebuild under way.
type rebuilding struct {
	s    *Service
	mu   sync.Mutex
	all  Rebuilt
	seed maphash.Seed
	seen map[uint64]bool // hashes of ids: a million facts are 40 MB
	days map[string]map[int]bool
}

// rebuilders is how many orders are looked at side by side, so that their facts
// share commits.
const rebuilders = 64

// Rebuild makes the facts again from the orders and the corrections, adds those
// that are missing and names those that should not be as they are. Every day
// that has facts is then folded anew. It may be stopped and run again. What it
// adds does not count as late, for nobody knows when it was heard first. For
// operators and the command line.
func (s *Service) Rebuild(ctx context.Context, by market.Actor, all Orders) (Rebuilt, error) {
	r := &rebuilding{s: s, seed: maphash.MakeSeed(), seen: map[uint64]bool{}, days: map[string]map[int]bool{}}
	if !by.Is(market.RoleOperator) {
		return r.all, market.Forbidden("indicators.forbidden")
	}
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return r.orders(ctx, all) }, r.corrections, r.strays, r.stamp,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return r.all, err
		}
	}
	slices.Sort(r.all.Wrong)
	return r.all, nil
}

func (r *rebuilding) orders(ctx context.Context, all Orders) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(rebuilders)
	err := all.Each(ctx, func(o *orders.Order) error {
		work.Go(func() error { return r.order(ctx, o) })
		return ctx.Err()
	})
	return cmp.Or(work.Wait(), err)
}

// strays names facts that no order accounts for, and notes every day's.
func (r *rebuilding) strays(ctx context.Context) error {
	return r.s.facts.Each(ctx, store.Query{}, func(f *Fact) error {
		if !r.seen[maphash.String(r.seed, string(f.ID))] {
			r.all.Wrong = append(r.all.Wrong, f.ID)
		}
		if r.days[f.Month] == nil {
			r.days[f.Month] = map[int]bool{}
		}
		r.days[f.Month][f.DeliveredAt.In(market.HueZone).Day()] = true
		return nil
	})
}

// stamp tells that every day has news.
func (r *rebuilding) stamp(ctx context.Context) error {
	for month, days := range r.days {
		_, err := r.s.periods.Upsert(ctx, market.ID(month), func(p *period) ([]market.Event, error) {
			for day := range days {
				p.stamp(day, 0)
			}
			return nil, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// order adds all that one order accounts for.
func (r *rebuilding) order(ctx context.Context, o *orders.Order) error {
	var facts []Fact
	for _, p := range o.Parcels {
		if p.State == orders.ParcelDelivered && p.DeliveredAt != nil {
			facts = append(facts, factsOf(deliveredOf(o, p))...)
		}
	}
	for _, back := range o.Returns {
		if back.State == orders.ReturnRefunded {
			facts = append(facts, factsOfReturn(o.Undone(back, *back.EndedAt))...)
		}
	}
	return r.again(ctx, facts)
}

// corrections come after all facts that they could be about.
func (r *rebuilding) corrections(ctx context.Context) error {
	return r.s.corrections.Each(ctx, store.Query{}, func(c *Correction) error {
		about, err := r.s.about(ctx, c.ID)
		if err != nil {
			return err
		}
		return r.again(ctx, c.facts(about))
	})
}

func deliveredOf(o *orders.Order, p orders.Parcel) orders.Delivered {
	return orders.Delivered{
		Order: o.ID, Code: o.Code, Parcel: p, Buyer: o.Buyer,
		BuyerProvince: o.Address.Province, BuyerWard: o.Address.Ward,
		Method: o.Method, PlacedAt: o.PlacedAt, DeliveredAt: *p.DeliveredAt,
	}
}

func (r *rebuilding) again(ctx context.Context, facts []Fact) error {
	if len(facts) == 0 {
		return nil
	}
	ids := make([]market.ID, len(facts))
	for i, f := range facts {
		ids[i] = f.ID
	}
	kept, err := r.s.facts.GetMany(ctx, ids...)
	if err != nil {
		return err
	}
	lacking := r.note(facts, kept)
	added, err := r.s.insert(ctx, lacking)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all.Added += int(added)
	return err
}

// note remembers the facts and returns those that are not kept.
func (r *rebuilding) note(facts []Fact, kept map[market.ID]*Fact) (lacking []Fact) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range facts {
		r.seen[maphash.String(r.seed, string(f.ID))] = true
		r.all.Facts++
		switch have, ok := kept[f.ID]; {
		case !ok:
			lacking = append(lacking, f)
		case !same(*have, f):
			r.all.Wrong = append(r.all.Wrong, f.ID)
		}
	}
	return lacking
}

// same compares all that a fact says; times as moments, because the store may
// give them back in another zone.
func same(a, b Fact) bool {
	if !a.PlacedAt.Equal(b.PlacedAt) || !a.DeliveredAt.Equal(b.DeliveredAt) {
		return false
	}
	a.Rev, a.PlacedAt, a.DeliveredAt = b.Rev, b.PlacedAt, b.DeliveredAt
	return a == b
}

// WriteFacts writes every fact of the months from to to as a line of JSON, in
// the order of months and ids: the same sales give the same bytes on every
// engine. For officials and operators; it names buyers and sellers by their
// ids, so it is not for publication.
func (s *Service) WriteFacts(ctx context.Context, by market.Actor, w io.Writer, from, to string) error {
	if err := mayRead(by); err != nil {
		return err
	}
	_, months, err := s.span(TableQuery{From: from, To: to})
	if err != nil {
		return err
	}
	return s.writeFacts(ctx, w, months)
}

// EachFact walks the facts of the months from to to, as WriteFacts does. For
// officials and operators.
func (s *Service) EachFact(ctx context.Context, by market.Actor, from, to string, do func(*Fact) error) error {
	if err := mayRead(by); err != nil {
		return err
	}
	_, months, err := s.span(TableQuery{From: from, To: to})
	if err != nil {
		return err
	}
	for _, m := range months {
		if err := s.facts.Each(ctx, store.Query{Index: "month", Eq: []any{m}}, do); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) writeFacts(ctx context.Context, w io.Writer, months []string) error {
	out := json.NewEncoder(w)
	for _, m := range months {
		err := s.facts.Each(ctx, store.Query{Index: "month", Eq: []any{m}}, func(f *Fact) error {
			one := *f
			one.Rev, one.PlacedAt, one.DeliveredAt = 1, moment(f.PlacedAt), moment(f.DeliveredAt)
			return out.Encode(one)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// inputs is the hash of all facts of the months.
func (s *Service) inputs(ctx context.Context, months []string) (string, error) {
	h := sha256.New()
	err := s.writeFacts(ctx, h, months)
	return hex.EncodeToString(h.Sum(nil)), err
}

// Refresh folds what has come since the last time, so that nobody has to wait
// for it. For workers; it returns how many months had news.
func (s *Service) Refresh(ctx context.Context) (int, error) {
	names, err := s.known(ctx)
	if err != nil {
		return 0, err
	}
	before := s.folds()
	for _, name := range names {
		if _, err := s.month(ctx, name); err != nil {
			return 0, err
		}
	}
	return s.folds() - before, nil
}

// known lists the months that have facts, in order.
func (s *Service) known(ctx context.Context) ([]string, error) {
	var names []string
	err := s.periods.Each(ctx, store.Query{}, func(p *period) error {
		if _, bad := time.Parse(monthForm, string(p.ID)); bad == nil {
			names = append(names, string(p.ID))
		}
		return nil
	})
	return names, err
}
