package api

import (
	"sync"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// How many encoded products are kept: cards are about a kilobyte, details a
// few.
const (
	cardsKept   = 20_000
	detailsKept = 4_000
)

// memo keeps encoded views of products. The catalogue gives the very same
// value for as long as a product has not changed, so being the same value is
// what makes an entry good; besides it holds only until the next certificate
// begins or ends, and only for the stock it was drawn from.
type memo struct {
	mu   sync.RWMutex
	size int
	kept map[market.ID]drawn
}

type drawn struct {
	product *catalog.Product
	stock   uint64
	until   time.Time // zero for ever
	body    []byte
	etag    string
}

func newMemo(size int) *memo { return &memo{size: size, kept: map[market.ID]drawn{}} }

func (m *memo) get(p *catalog.Product, stock uint64, now time.Time) (drawn, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	d, ok := m.kept[p.ID]
	good := ok && d.product == p && d.stock == stock && (d.until.IsZero() || now.Before(d.until))
	return d, good
}

// put keeps the view; when there is no room an arbitrary one goes.
func (m *memo) put(d drawn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.kept[d.product.ID]; !ok && len(m.kept) >= m.size {
		for id := range m.kept {
			delete(m.kept, id)
			break
		}
	}
	m.kept[d.product.ID] = d
}

// card returns the product's card as JSON.
func (d *Door) card(p *catalog.Product, now time.Time) ([]byte, error) {
	if kept, ok := d.cards.get(p, 0, now); ok {
		return kept.body, nil
	}
	body, err := encode(card(p, now))
	if err != nil {
		return nil, err
	}
	d.cards.put(drawn{product: p, until: staleAt(p, now), body: body})
	return body, nil
}

// cardList writes the cards as a JSON array.
func (d *Door) cardList(products []*catalog.Product) ([]byte, error) {
	now := d.Env.Now()
	out := make([]byte, 0, 1024*len(products)+256)
	out = append(out, '[')
	for i, p := range products {
		body, err := d.card(p, now)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, body...)
	}
	return append(out, ']'), nil
}
