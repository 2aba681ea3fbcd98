package pages

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/search"
)

// front is what the home page shows, for readers of every language. What
// stands on it may be chosen frontFor ago; see asOfNow.
type front struct {
	season []*catalog.Product
	fresh  []*catalog.Product
	proven []*catalog.Product
	crafts []craft
	wards  []search.Count
	total  int
}

// craft is a product set with goods in the shop and one of them to show.
type craft struct {
	set   int
	n     int
	shown *catalog.Product
}

const (
	frontFor   = 30 * time.Second
	frontShelf = 8
	frontTiles = 6
	frontScan  = 100 // recognised products looked through for the newest decisions
)

func (p *Pages) loadFront(ctx context.Context) (*front, error) {
	f := &front{}
	all, found, err := p.find(ctx, search.Query{Sort: search.SortNewest, Limit: frontShelf, Facets: true})
	if err != nil {
		return nil, err
	}
	f.fresh, f.total, f.wards = found, all.Total, all.Facets["ward"]
	if f.crafts, err = p.loadCrafts(ctx, all.Facets["set"]); err != nil {
		return nil, err
	}
	if f.season, err = p.loadSeason(ctx); err != nil {
		return nil, err
	}
	f.proven, err = p.loadProven(ctx)
	return f, err
}

// find searches and fetches what was found, in order.
func (p *Pages) find(ctx context.Context, q search.Query) (search.Result, []*catalog.Product, error) {
	result, err := p.Search.Search(ctx, q)
	if err != nil {
		return result, nil, err
	}
	found, err := p.Catalog.Products(ctx, result.IDs...)
	return result, inOrder(result.IDs, found), err
}

func (p *Pages) loadCrafts(ctx context.Context, counts []search.Count) ([]craft, error) {
	counts = slices.Clone(counts)
	slices.SortStableFunc(counts, func(a, b search.Count) int { return cmp.Compare(b.N, a.N) })
	var out []craft
	for _, c := range counts[:min(len(counts), frontTiles)] {
		set, err := strconv.Atoi(c.Value)
		if err != nil {
			return nil, err
		}
		_, found, err := p.find(ctx, search.Query{Set: set, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			out = append(out, craft{set, c.N, found[0]})
		}
	}
	return out, nil
}

func (p *Pages) loadSeason(ctx context.Context) ([]*catalog.Product, error) {
	var out []*catalog.Product
	for _, s := range p.seasons {
		if !s.on(p.Env.Now()) {
			continue
		}
		_, found, err := p.find(ctx, search.Query{Text: s.words, Set: s.set, InStock: true, Limit: 4})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out[:min(len(out), frontShelf)], nil
}

// loadProven finds the products whose certificate is the newest.
func (p *Pages) loadProven(ctx context.Context) ([]*catalog.Product, error) {
	_, found, err := p.find(ctx, search.Query{Stars: catalog.MinBadgeStars, Sort: search.SortNewest, Limit: frontScan})
	now := p.Env.Now()
	slices.SortStableFunc(found, func(a, b *catalog.Product) int { return decided(b, now).Compare(decided(a, now)) })
	return found[:min(len(found), 4)], err
}

func decided(p *catalog.Product, now time.Time) time.Time {
	badge, _ := p.Badge(now)
	return badge.DecisionDate
}

// listPath is the address of the list narrowed by one thing.
func listPath(name, value string) string { return "/tim?" + name + "=" + value }

func wardPath(code string) string { return listPath("ward", code) }

func setPath(number int) string { return listPath("set", strconv.Itoa(number)) }

// wardName is a ward's bare name, its code when unknown.
func wardName(areas *market.Areas, code string) string {
	if area, ok := areas.Find(code); ok {
		return area.Name
	}
	return code
}
