package cooperatives

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// Settlements lists a seller's settlements, newest first: to its members,
// operators too; to others there is no such seller. Members who do not manage
// see only their own shares.
func (p *Pool) Settlements(ctx context.Context, by market.Actor, seller market.ID, q store.Query) (store.Page[Settlement], error) {
	found, err := p.Seller(ctx, seller)
	if err != nil {
		return store.Page[Settlement]{}, err
	}
	if err := found.hide(by, nil); err != nil {
		return store.Page[Settlement]{}, err
	}
	page, err := p.settlements.Find(ctx, store.Query{Index: "seller", Eq: []any{seller}, Desc: true, Limit: q.Limit, After: q.After})
	for i, s := range page.Items {
		page.Items[i] = s.seenBy(found, by)
	}
	return page, err
}

// Settlement returns one, as Settlements does. Whoever has to approve it sees
// all of it.
func (p *Pool) Settlement(ctx context.Context, by market.Actor, seller, id market.ID) (*Settlement, error) {
	found, err := p.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	if err := found.hide(by, nil); err != nil {
		return nil, err
	}
	s, err := p.find(ctx, seller, id)
	if err != nil {
		return nil, err
	}
	return s.seenBy(found, by), nil
}

// MayApprove reports whether the actor is the second person that the
// settlement waits for.
func (s *Settlement) MayApprove(seller *Seller, by market.Actor) bool {
	return s.State == SettlePrepared && seller.mayApprove(by, s.PreparedBy) == nil
}

func (s *Settlement) seenBy(seller *Seller, by market.Actor) *Settlement {
	if seller.mayManage(by) == nil || s.MayApprove(seller, by) {
		return s
	}
	c := *s
	c.Shares = nil
	for _, share := range s.Shares {
		if share.Member == by.Person {
			c.Shares = append(c.Shares, share)
		}
	}
	return &c
}

// Statement is how a member stands with the cooperative.
type Statement struct {
	Seller  *Seller
	Member  Member
	Lines   []StatementLine // oldest first
	Balance market.VND      // owed to the member by all that was posted
}

// StatementLine is one settlement as it concerns one member.
type StatementLine struct {
	Settlement market.ID
	Month      string
	Reverses   market.ID
	At         time.Time
	Shares     []Share
	Amount     market.VND
	Balance    market.VND // after this line
}

// Statement tells a member, or a manager, what each settlement brought.
func (p *Pool) Statement(ctx context.Context, by market.Actor, seller, member market.ID) (*Statement, error) {
	m, err := p.asked(ctx, by, seller, member)
	if err != nil {
		return nil, err
	}
	found, err := p.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	st := &Statement{Seller: found, Member: m}
	q := store.Query{Index: "member", Eq: []any{personIn(seller, member)}}
	err = p.settlements.Each(ctx, q, func(s *Settlement) error {
		if s.Counts() {
			st.add(s)
		}
		return nil
	})
	return st, err
}

func (st *Statement) add(s *Settlement) {
	line := StatementLine{Settlement: s.ID, Month: s.Month, Reverses: s.Reverses, At: s.PreparedAt}
	for _, share := range s.Shares {
		if share.Member == st.Member.Person {
			line.Shares = append(line.Shares, share)
			line.Amount += share.Amount
		}
	}
	st.Balance += line.Amount
	line.Balance = st.Balance
	st.Lines = append(st.Lines, line)
}

// Balances returns what posted settlements have brought each member.
func (p *Pool) Balances(ctx context.Context, by market.Actor, seller market.ID) (map[market.ID]market.VND, error) {
	if _, err := p.managed(ctx, by, seller); err != nil {
		return nil, err
	}
	all := map[market.ID]market.VND{}
	err := p.settlements.Each(ctx, store.Query{Index: "seller", Eq: []any{seller}}, func(s *Settlement) error {
		if s.Counts() {
			for member, sum := range memberSums(s.Shares) {
				all[member] += sum
			}
		}
		return nil
	})
	return all, err
}
