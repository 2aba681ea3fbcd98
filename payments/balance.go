package payments

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"chohue/market"
	"chohue/store"
)

// Standing is how an account stands: its balance, and for a seller's what the
// balance is made of.
type Standing struct {
	store.Doc `bson:",inline"`
	Through   int64      `bson:"through"` // the last block that is counted in it
	Balance   market.VND `bson:"balance"`
	By        []Sum      `bson:"by,omitempty"`   // by what it is for; sums to Balance; of sellers only
	With      []Sum      `bson:"with,omitempty"` // by the other account; sums to Balance; of sellers only
}

// Sum is the part of a standing that bears a name.
type Sum struct {
	Name   string     `bson:"name"`
	Amount market.VND `bson:"amount"`
}

// Amount is the sum for something.
func (s *Standing) Amount(what string) market.VND { return find(s.By, what) }

// Against is the sum of what came from the other account less what went there.
func (s *Standing) Against(other Account) market.VND { return find(s.With, string(other)) }

func find(sums []Sum, name string) market.VND {
	i := slices.IndexFunc(sums, func(s Sum) bool { return s.Name == name })
	if i < 0 {
		return 0
	}
	return sums[i].Amount
}

// add counts an entry.
func (s *Standing) add(t *Transaction) {
	a := Account(s.ID)
	for _, p := range t.Postings {
		if p.To == a {
			s.count(p.Amount, p.For, p.From)
		}
		if p.From == a {
			s.count(-p.Amount, p.For, p.To)
		}
	}
}

// count keeps parts for sellers only: an account that all sellers share has as
// many counterparts as there are sellers.
func (s *Standing) count(amount market.VND, what string, other Account) {
	s.Balance += amount
	if Account(s.ID).seller() {
		s.By, s.With = plus(s.By, what, amount), plus(s.With, string(other), amount)
	}
}

// plus keeps the names in order, so that equal standings are equal documents.
func plus(sums []Sum, name string, amount market.VND) []Sum {
	i, found := slices.BinarySearchFunc(sums, name, func(s Sum, name string) int { return cmp.Compare(s.Name, name) })
	if !found {
		return slices.Insert(sums, i, Sum{name, amount})
	}
	sums[i].Amount += amount
	return sums
}

// clone is a copy that may be added to.
func (s *Standing) clone() *Standing {
	c := *s
	c.By, c.With = slices.Clone(s.By), slices.Clone(s.With)
	return &c
}

// snapshot counts a block's entries in the standings of their accounts, in the
// order of blocks and each once.
func (s *Service) snapshot(ctx context.Context, b *Block, entries []*Transaction) error {
	touched := map[Account][]*Transaction{}
	for _, t := range entries {
		for _, a := range t.Accounts {
			touched[a] = append(touched[a], t)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sealTogether)
	for a, entries := range touched {
		group.Go(func() error { return s.countIn(ctx, a, b.Seq, entries) })
	}
	return group.Wait()
}

func (s *Service) countIn(ctx context.Context, a Account, block int64, entries []*Transaction) error {
	_, err := s.standings.Upsert(ctx, market.ID(a), func(st *Standing) ([]market.Event, error) {
		if st.Through >= block {
			return nil, nil
		}
		for _, t := range entries {
			st.add(t)
		}
		st.Through = block
		return nil, nil
	})
	return err
}

// Standing returns how the account stands now: its snapshot and what came
// since. Whatever the ledger's age it reads the entries of about a minute.
func (s *Service) Standing(ctx context.Context, a Account) (*Standing, error) {
	st, err := s.standings.Get(ctx, market.ID(a))
	if store.Missing(err) {
		st, err = &Standing{Doc: store.Doc{ID: market.ID(a)}}, nil
	}
	if err != nil {
		return nil, err
	}
	st = st.clone()
	return st, s.since(ctx, a, st.Through, func(t *Transaction) { st.add(t) })
}

// since walks the account's entries that are in no block up to through, each
// once. It walks from the unsealed ones down: an entry that is sealed meanwhile
// moves ahead of the walk and is met again, never missed.
func (s *Service) since(ctx context.Context, a Account, through int64, do func(*Transaction)) error {
	seen := map[market.ID]bool{}
	q := store.Query{Index: "tail", Eq: []any{string(a)}, From: through + 1, Desc: true}
	return s.ledger.Each(ctx, q, func(t *Transaction) error {
		if !seen[t.ID] {
			seen[t.ID] = true
			do(t)
		}
		return nil
	})
}

// Balance is the account's balance now.
func (s *Service) Balance(ctx context.Context, a Account) (market.VND, error) {
	st, err := s.Standing(ctx, a)
	if err != nil {
		return 0, err
	}
	return st.Balance, nil
}

// Balances folds the whole ledger, for proofs and small books. Accounts that
// nothing was ever posted to are absent.
func (s *Service) Balances(ctx context.Context) (map[Account]market.VND, error) {
	all := map[Account]market.VND{}
	err := s.ledger.Each(ctx, store.Query{}, func(t *Transaction) error {
		for _, p := range t.Postings {
			all[p.From] -= p.Amount
			all[p.To] += p.Amount
		}
		return nil
	})
	return all, err
}
