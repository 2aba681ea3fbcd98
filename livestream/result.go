package livestream

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/store"
)

// Sums are what something earned, to the đồng. Revenue counts what was
// confirmed and not cancelled, less what went back; Settled of that what was
// delivered; Reversed is what went back of what had been delivered.
type Sums struct {
	Orders    int
	Lines     int
	Revenue   market.VND
	Settled   market.VND
	Reversed  market.VND
	Cancelled market.VND
	Excluded  int // lines that earn nothing, with their reason in Attributions
}

// Result is what came of a show, in all and by what led to it. Each breakdown
// adds up to All.
type Result struct {
	All     Sums
	Link    []Part // by link; "" is what was bought in the room
	Person  []Part // by who shared; "" is nobody
	Channel []Part
	Seller  []Part
	How     []Part // room, comment, link
}

// Part is one row of a breakdown.
type Part struct {
	Key  string
	Sums Sums
	seen map[market.ID]bool
}

// ResultOf sums a show up for those in it and staff. People of a guest seller
// see their own goods only. The sums are made when they are asked for, so they
// cannot drift.
func (s *Service) ResultOf(ctx context.Context, by market.Actor, show market.ID) (*Result, error) {
	kept, err := s.readable(ctx, by, show)
	if err != nil {
		return nil, err
	}
	whole := by.Is(market.RoleModerator, market.RoleOperator) || by.For(kept.Seller) || by.Person != "" && by.Person == kept.Person
	var all []*Attribution
	err = s.attributions.Each(ctx, store.Query{Index: "show", Eq: []any{show}}, func(a *Attribution) error {
		if whole || by.For(a.Seller) {
			all = append(all, a)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return summed(all), nil
}

func summed(all []*Attribution) *Result {
	r := &Result{}
	var whole []Part
	for _, a := range all {
		whole = count(whole, "", a)
		r.Link = count(r.Link, string(a.Link), a)
		r.Person = count(r.Person, string(a.Person), a)
		r.Channel = count(r.Channel, a.Channel, a)
		r.Seller = count(r.Seller, string(a.Seller), a)
		r.How = count(r.How, a.how(), a)
	}
	if len(whole) > 0 {
		r.All = whole[0].Sums
	}
	return r
}

// how a line came: bought in the room, by a comment, or by a link.
func (a *Attribution) how() string {
	switch {
	case a.Comment != "":
		return "comment"
	case a.Link != "":
		return "link"
	default:
		return "room"
	}
}

func count(parts []Part, key string, a *Attribution) []Part {
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Key == key })
	if i < 0 {
		i = len(parts)
		parts = append(parts, Part{Key: key, seen: map[market.ID]bool{}})
	}
	p := &parts[i]
	switch {
	case a.Excluded != "":
		p.Sums.Excluded++
		return parts
	case a.State == StateCancelled:
		p.Sums.Cancelled += a.Amount
		return parts
	}
	p.Sums.Lines++
	if !p.seen[a.Order] {
		p.seen[a.Order] = true
		p.Sums.Orders++
	}
	p.Sums.Revenue += a.Net()
	p.Sums.Reversed += a.Amount - a.Net()
	if a.State == StateDelivered {
		p.Sums.Settled += a.Net()
	}
	return parts
}
