package catalog

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Filter says which products of the shop are wanted. Zero fields do not filter.
type Filter struct {
	Set    int
	Ward   string
	Stars  int // at least so many on a badge that is valid now
	Seller market.ID
	Sort   string // newest (the default), price or -price
	Limit  int    // 24 when not said, at most 100
	After  store.Cursor
}

const (
	defaultLimit = 24
	maxLimit     = 100
	scanMost     = 2000 // documents read for one page
)

// List returns one page of the shop. When few products match, a page may be
// short although more follow: Next says so.
func (s *Service) List(ctx context.Context, f Filter) (store.Page[Product], error) {
	q, rest, err := f.query()
	if err != nil {
		return store.Page[Product]{}, err
	}
	if !rest.any() {
		return s.products.Find(ctx, q)
	}
	now := s.env.Now()
	return s.sift(ctx, q, func(p *Product) bool {
		badge, _ := p.Badge(now)
		return badge.Stars >= rest.Stars && (rest.Set == 0 || p.Set == rest.Set) && (rest.Ward == "" || p.Ward == rest.Ward)
	})
}

// query picks the index of the narrowest condition and returns the conditions
// that are left to check document by document.
func (f Filter) query() (store.Query, Filter, error) {
	q := store.Query{After: f.After, Limit: pageLimit(f.Limit), Eq: []any{StatusPublished}}
	rest := Filter{Set: f.Set, Ward: f.Ward, Stars: f.Stars}
	prefix := ""
	switch {
	case f.Seller != "":
		prefix, q.Eq = "seller_", append(q.Eq, f.Seller)
	case f.Ward != "":
		prefix, q.Eq, rest.Ward = "ward_", append(q.Eq, f.Ward), ""
	case f.Set != 0:
		prefix, q.Eq, rest.Set = "set_", append(q.Eq, f.Set), 0
	}
	switch f.Sort {
	case "", "newest":
		q.Index, q.Desc = prefix+"newest", true
	case "price":
		q.Index = prefix + "price"
	case "-price":
		q.Index, q.Desc = prefix+"price", true
	default:
		return q, rest, market.Invalid("list.sort", "sort")
	}
	return q, rest, nil
}

func (f Filter) any() bool { return f.Set != 0 || f.Ward != "" || f.Stars != 0 }

func pageLimit(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return min(limit, maxLimit)
}

// sift reads on, ever more at a time, until the page is full, the index ends,
// or enough has been read for one request.
func (s *Service) sift(ctx context.Context, q store.Query, keep func(*Product) bool) (store.Page[Product], error) {
	var out store.Page[Product]
	limit := q.Limit
	for read := 0; read < scanMost; read += q.Limit {
		q.Limit = min(2*q.Limit, scanMost-read)
		page, err := s.products.Find(ctx, q)
		if err != nil {
			return out, err
		}
		for i, p := range page.Items {
			if keep(p) {
				out.Items = append(out.Items, p)
			}
			if len(out.Items) == limit && (i+1 < len(page.Items) || page.Next != "") {
				out.Next, err = s.products.CursorAt(q, p)
				return out, err
			}
		}
		out.Next, q.After = page.Next, page.Next
		if page.Next == "" {
			break
		}
	}
	return out, nil
}

// OfSeller lists all products of a seller, newest first, to those who may act
// for it or check it.
func (s *Service) OfSeller(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Product], error) {
	if !by.For(seller) && !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return store.Page[Product]{}, errMissing
	}
	return s.products.Find(ctx, store.Query{
		Index: "of_seller", Eq: []any{seller}, Desc: true, After: after, Limit: pageLimit(limit),
	})
}

// Queue lists what stands at a status for moderators, longest waiting first.
// Products that were never submitted are in no queue.
func (s *Service) Queue(ctx context.Context, by market.Actor, status Status, after store.Cursor, limit int) (store.Page[Product], error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return store.Page[Product]{}, market.Forbidden("catalog.forbidden")
	}
	return s.products.Find(ctx, store.Query{
		Index: "queue", Eq: []any{status}, After: after, Limit: pageLimit(limit),
	})
}
