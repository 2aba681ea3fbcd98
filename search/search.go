// Package search finds published products by what people type. It owns the
// documents that are searched, the query, the reading of Vietnamese text, and
// Engine, which an index implements: search/embedded lives in the
// market's own process. Every engine
// passes searchtest.
package search

import (
	"context"
	"time"

	"chohue/market"
)

// Document is what an engine knows of one published product.
type Document struct {
	ID          market.ID
	Version     int64 // revision of the product that it was made from
	Name        market.Text
	SellerName  market.Text
	SellerSlug  string
	Seller      market.ID
	Set         int // OCOP product set, 1 to 26
	SetName     market.Text
	Ward        string // NSO code
	WardName    string
	At          Point // about where the ward is; zero when not known
	Description market.Text
	Options     []market.Text // the ways it is sold: "Chai 500 ml"
	Badges      []Badge
	Price       market.VND
	InStock     bool
	PublishedAt time.Time
}

// Badge is the span in which a certificate counts. An engine compares it with
// the time of the query, so that nothing must be written for it to end.
type Badge struct {
	Stars       int
	From, Until time.Time // Until is the first moment at which it no longer counts
}

// StarsAt returns the most stars that count at now; 0 for none.
func (d Document) StarsAt(now time.Time) int {
	stars := 0
	for _, b := range d.Badges {
		if !now.Before(b.From) && now.Before(b.Until) {
			stars = max(stars, b.Stars)
		}
	}
	return stars
}

// The orders in which results come. Ties go by id, the
// newest first.
const (
	SortRelevance = "relevance" // the default; see Rank
	SortPrice     = "price"
	SortPriceDown = "-price"
	SortNewest    = "newest"
	SortNear      = "near" // by the way from Query.Near, then by relevance
)

// Query is what somebody looks for. The zero Query finds everything.
type Query struct {
	Text      string
	Set       int
	Ward      string
	Stars     int // at least so many, by a certificate that is valid now
	Seller    market.ID
	PriceFrom market.VND // least price
	PriceTo   market.VND // greatest price; 0 for no bound
	InStock   bool       // only what can be bought now
	Sort      string
	Near      Point  // for SortNear
	NearWard  string // the same by its code, which the service knows where to find
	Limit     int
	Offset    int
	Facets    bool
}

// Result is one page of ids, best first.
type Result struct {
	IDs   []market.ID
	Total int
	// Facets counts by "set", "ward" and "stars". Each count is what the total
	// would be if that value were chosen in place of the query's own choice in
	// the same facet. Stars count "so many or more".
	Facets    map[string][]Count
	Engine    string
	Degraded  bool   // the first engine did not answer, another one did
	Corrected string // what was searched for instead, when the text as typed finds nothing
}

// Suggestion is what somebody who types may mean.
type Suggestion struct {
	Kind  string
	Text  string // the name of a product, a seller or a ward
	Value string // the seller's slug, the ward's code; empty for a product
	// Begun says that the last word typed is only the beginning of a word of this
	// seller or ward: what is called so stands before it.
	Begun bool
}

// The kinds of suggestions.
const (
	SuggestProduct = "product"
	SuggestSeller  = "seller"
	SuggestWard    = "ward"
)

// Count is how many products have one value of a facet.
type Count struct {
	Value string
	N     int
}

// Change is news for an index. A Document is put in place; without one, Delete
// is taken out. A change older than what the index has seen of that product is
// ignored, so changes may come twice and out of order.
type Change struct {
	Document *Document
	Delete   market.ID
	Version  int64
}

// Subject returns the product and the version that the change is about.
func (c Change) Subject() (market.ID, int64) {
	if c.Document != nil {
		return c.Document.ID, max(c.Document.Version, c.Version)
	}
	return c.Delete, c.Version
}

// Engine is an index. All methods may be called side by side.
type Engine interface {
	// Query never fails because of what the text is.
	Query(ctx context.Context, q Query) (Result, error)
	// Suggest returns what goes on from the text: sellers, wards and distinct
	// product names.
	Suggest(ctx context.Context, text string, limit int) ([]Suggestion, error)
	// Apply hands changes over. They are durable; an engine outside this process
	// may show them later: see Wait.
	Apply(ctx context.Context, changes []Change) error
	// Wait returns when all that was handed over before is visible, with an error
	// when some of it was not taken.
	Wait(ctx context.Context) error
	// Rebuild makes a new index from what each yields, beside the live one, and
	// swaps when it is complete. Changes applied meanwhile are in the new index
	// too. On error the live index stays. Conflict when another one runs.
	Rebuild(ctx context.Context, each func(yield func(Document) error) error) error
	// Versions returns the version of every product that can be found.
	Versions(ctx context.Context) (map[market.ID]int64, error)
	// Count returns how many products can be found.
	Count(ctx context.Context) (int, error)
	// Health reports whether the engine can answer.
	Health(ctx context.Context) error
	Close() error
}
