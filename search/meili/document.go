package meili

import (
	"slices"

	"chohue/market"
	"chohue/search"
)

// document is a product as the server has it.
type document struct {
	ID          market.ID `json:"id"`
	Version     int64     `json:"version"`
	Gone        bool      `json:"gone"`
	Name        []string  `json:"name"` // Vietnamese, English, and the ways it is sold
	Seller      market.ID `json:"seller"`
	SellerName  []string  `json:"seller_name"`
	SellerSlug  string    `json:"seller_slug"`
	Set         int       `json:"set"`
	Ward        string    `json:"ward"`
	Place       []string  `json:"place"` // the ward's name, the set's
	Description []string  `json:"description"`
	Price       int64     `json:"price"`
	InStock     bool      `json:"in_stock"`
	Stock       int       `json:"stock"` // the same for ordering, which wants a number
	Published   int64     `json:"published"`
	Geo         *geo      `json:"_geo,omitempty"`
	// The spans of certificates, the last to end first: a filter cannot tell the
	// members of one object in a list from those of another.
	Stars1 int   `json:"stars_1"`
	From1  int64 `json:"from_1"`
	Until1 int64 `json:"until_1"`
	Stars2 int   `json:"stars_2"`
	From2  int64 `json:"from_2"`
	Until2 int64 `json:"until_2"`
	Stars3 int   `json:"stars_3"`
	From3  int64 `json:"from_3"`
	Until3 int64 `json:"until_3"`
}

type geo struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

func documentOf(c search.Change) document {
	id, number := c.Subject()
	d := c.Document
	if d == nil {
		return document{ID: id, Version: number, Gone: true}
	}
	out := document{
		ID: id, Version: number, Name: []string{d.Name.VI, d.Name.EN}, Seller: d.Seller,
		SellerName: []string{d.SellerName.VI, d.SellerName.EN}, SellerSlug: d.SellerSlug, Set: d.Set, Ward: d.Ward,
		Place: []string{d.WardName, d.SetName.VI, d.SetName.EN}, Description: []string{d.Description.VI, d.Description.EN},
		Price: int64(d.Price), InStock: d.InStock, Published: d.PublishedAt.UnixMilli(),
	}
	for _, o := range d.Options {
		out.Name = append(out.Name, o.VI, o.EN)
	}
	if d.InStock {
		out.Stock = 1
	}
	if !d.At.IsZero() {
		out.Geo = &geo{d.At.Lat, d.At.Lng}
	}
	out.certify(d.Badges)
	return out
}

func (d *document) certify(badges []search.Badge) {
	badges = slices.SortedFunc(slices.Values(badges), func(a, b search.Badge) int { return b.Until.Compare(a.Until) })
	for i, span := range []struct {
		stars       *int
		from, until *int64
	}{{&d.Stars1, &d.From1, &d.Until1}, {&d.Stars2, &d.From2, &d.Until2}, {&d.Stars3, &d.From3, &d.Until3}} {
		if i < len(badges) {
			*span.stars, *span.from, *span.until = badges[i].Stars, badges[i].From.UnixMilli(), badges[i].Until.UnixMilli()
		}
	}
}

// starsAt is what counts at a moment in Unix milliseconds.
func (d *document) starsAt(now int64) int {
	stars := 0
	for _, span := range [][3]int64{{int64(d.Stars1), d.From1, d.Until1}, {int64(d.Stars2), d.From2, d.Until2}, {int64(d.Stars3), d.From3, d.Until3}} {
		if span[1] <= now && now < span[2] {
			stars = max(stars, int(span[0]))
		}
	}
	return stars
}
