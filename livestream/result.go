package livestream

import (
	"context"
	"slices"
	"time"

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
	Show    []Part // by show; "" is what a link of none led to
	Link    []Part // by link; "" is what was bought in the room
	Person  []Part // by who shared; "" is nobody
	Channel []Part // by where the link was shared; "livestream" is what needed none
	Seller  []Part
	How     []Part         // room, comment, link
	Lines   []*Attribution // what the sums are made of, the latest first
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
	return s.summed(ctx, store.Query{Index: "show", Eq: []any{show}, Desc: true}, func(a *Attribution) bool { return whole || by.For(a.Seller) })
}

// EarnedBy sums up what shows and links have sold for a seller in orders placed
// from one moment and before another, for its people and staff.
func (s *Service) EarnedBy(ctx context.Context, by market.Actor, seller market.ID, from, to time.Time) (*Result, error) {
	if err := mayRead(by, seller); err != nil {
		return nil, err
	}
	q := store.Query{Index: "seller", Eq: []any{seller}, From: from, To: to, Desc: true}
	return s.summed(ctx, q, func(*Attribution) bool { return true })
}

func (s *Service) summed(ctx context.Context, q store.Query, wanted func(*Attribution) bool) (*Result, error) {
	r := &Result{}
	var whole []Part
	err := s.attributions.Each(ctx, q, func(a *Attribution) error {
		if !wanted(a) {
			return nil
		}
		channel, err := s.sharedAt(ctx, a)
		if err != nil {
			return err
		}
		r.Lines = append(r.Lines, a)
		whole = count(whole, "", a)
		r.Show = count(r.Show, string(a.Show), a)
		r.Link = count(r.Link, string(a.Link), a)
		r.Person = count(r.Person, string(a.Person), a)
		r.Channel = count(r.Channel, channel, a)
		r.Seller = count(r.Seller, string(a.Seller), a)
		r.How = count(r.How, a.How(), a)
		return nil
	})
	if len(whole) > 0 {
		r.All = whole[0].Sums
	}
	return r, err
}

// sharedAt is the channel of the link that led to a line; what needed none came
// from the show itself.
func (s *Service) sharedAt(ctx context.Context, a *Attribution) (string, error) {
	if a.Link == "" {
		return channelLive, nil
	}
	l, err := s.links.Get(ctx, a.Link)
	if err != nil {
		return a.Channel, unlessMissing(err)
	}
	return l.Channel, nil
}

// How a line came: "room", "comment" or "link".
func (a *Attribution) How() string {
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
