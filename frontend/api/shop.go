package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"chohue/catalog"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// ProductPage is one page of products.
type ProductPage struct {
	Items []ProductCard `json:"items"`
	Next  string        `json:"next,omitempty" doc:"Cursor of the next page; missing on the last"`
}

type listInput struct {
	Set    int    `query:"set" doc:"OCOP product set" minimum:"1" maximum:"26"`
	Ward   string `query:"ward" doc:"Code of the ward of origin" pattern:"^[0-9]{5}$"`
	Stars  int    `query:"stars" doc:"At least so many stars by a certificate that is valid now" minimum:"1" maximum:"5"`
	Seller string `query:"seller" doc:"Id of the seller" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Sort   string `query:"sort" enum:"newest,price,-price" default:"newest"`
	Paging
	Conditional
}

type productInput struct {
	Product string `path:"product" doc:"Slug or id" pattern:"^[0-9A-Za-z_-]{1,120}$"`
	Conditional
}

func (d *Door) addProducts() error {
	add(d, operation{
		method: http.MethodGet, path: "/products", id: "listProducts", tag: "shop",
		vi: "Liệt kê sản phẩm đang bán", en: "List the products in the shop",
		about:   "A page may be short, or empty, although more follow: next says so.",
		returns: ProductPage{}, headers: []string{"ETag", "Link"}, errors: []int{http.StatusUnprocessableEntity},
	}, d.list)
	add(d, operation{
		method: http.MethodGet, path: "/products/{product}", id: "getProduct", tag: "shop",
		vi: "Xem một sản phẩm", en: "Show a product",
		about:   "Drafts are shown to those who act for the seller and those who check, others are told that there is nothing.",
		returns: Product{}, headers: []string{"ETag"},
	}, d.detail)
	return nil
}

func (d *Door) list(ctx context.Context, in *listInput) (*answer, error) {
	page, err := d.Catalog.List(ctx, catalog.Filter{
		Set: in.Set, Ward: in.Ward, Stars: in.Stars, Seller: market.ID(in.Seller), Sort: in.Sort,
		Limit: in.Limit, After: store.Cursor(in.Cursor),
	})
	if err != nil {
		return nil, err
	}
	cards, err := d.cardList(page.Items)
	if err != nil {
		return nil, err
	}
	out := shown(wrapPage(cards, page.Next))
	if page.Next != "" {
		out.Link = nextLink("/products", in.address(page.Next))
	}
	return out, nil
}

// wrapPage is ProductPage with items that are encoded already.
func wrapPage(items []byte, next store.Cursor) []byte {
	body := append([]byte(`{"items":`), items...)
	if next != "" {
		quoted, _ := json.Marshal(string(next)) // a cursor is plain ASCII
		body = append(append(body, `,"next":`...), quoted...)
	}
	return append(body, '}')
}

// address is the query of the page behind the cursor.
func (in *listInput) address(next store.Cursor) url.Values {
	q := url.Values{"cursor": {string(next)}, "limit": {strconv.Itoa(in.Limit)}}
	for name, n := range map[string]int{"set": in.Set, "stars": in.Stars} {
		if n != 0 {
			q.Set(name, strconv.Itoa(n))
		}
	}
	for name, s := range map[string]string{"ward": in.Ward, "seller": in.Seller, "sort": in.Sort} {
		if s != "" {
			q.Set(name, s)
		}
	}
	return q
}

// nextLink names the next page as RFC 8288 does.
func nextLink(path string, q url.Values) string {
	return "<" + Prefix + path + "?" + q.Encode() + `>; rel="next"`
}

func (d *Door) detail(ctx context.Context, in *productInput) (*answer, error) {
	by := web.Actor(ctx)
	p, err := d.find(ctx, by, in.Product)
	if err != nil {
		return nil, err
	}
	stocks, err := d.stocksOf(ctx, p)
	if err != nil {
		return nil, err
	}
	if insider(by, p) {
		return d.inside(by, p, stocks)
	}
	return d.outside(p, stocks)
}

// find takes a slug or an id. Slugs are tried first: no id that the market
// makes looks like one.
func (d *Door) find(ctx context.Context, by market.Actor, name string) (*catalog.Product, error) {
	p, err := d.Catalog.BySlug(ctx, by, name)
	if market.KindOf(err) == market.KindNotFound {
		return d.Catalog.Product(ctx, by, market.ID(name))
	}
	return p, err
}

func (d *Door) stocksOf(ctx context.Context, p *catalog.Product) (map[market.ID]*catalog.Stock, error) {
	if len(p.Variants) == 0 {
		return nil, nil
	}
	variants := make([]market.ID, len(p.Variants))
	for i, v := range p.Variants {
		variants[i] = v.ID
	}
	return d.Catalog.Stocks(ctx, variants...)
}

// outside is the product as everybody sees it, drawn once for as long as
// nothing changes.
func (d *Door) outside(p *catalog.Product, stocks map[market.ID]*catalog.Stock) (*answer, error) {
	now, shelf := d.Env.Now(), shelfState(p, stocks)
	kept, ok := d.whole.get(p, shelf, now)
	if !ok {
		body, err := encode(product(p, stocks, now))
		if err != nil {
			return nil, err
		}
		kept = drawn{product: p, stock: shelf, until: staleAt(p, now), body: body, etag: productTag(p, body)}
		d.whole.put(kept)
	}
	return &answer{Status: http.StatusOK, ContentType: mediaJSON, ETag: kept.etag, Body: kept.body}, nil
}

// shelfState tells one state of the product's stocks from another.
func shelfState(p *catalog.Product, stocks map[market.ID]*catalog.Stock) uint64 {
	var hash xxhash.Digest
	hash.Reset()
	var number []byte
	for _, v := range p.Variants {
		number = number[:0]
		if s := stocks[v.ID]; s != nil {
			number = strconv.AppendInt(number, s.Offered(), 10)
		}
		_, _ = hash.Write(append(number, ','))
	}
	return hash.Sum64()
}

func (d *Door) inside(by market.Actor, p *catalog.Product, stocks map[market.ID]*catalog.Stock) (*answer, error) {
	out := product(p, stocks, d.Env.Now())
	insideView(by, p, &out)
	body, err := encode(out)
	if err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusOK, ContentType: mediaJSON, ETag: productTag(p, body), Body: body}, nil
}

// productTag names the revision first, so that If-Match can be read even when
// only stock or badge have changed meanwhile.
func productTag(p *catalog.Product, body []byte) string {
	return etag(strconv.FormatInt(p.Rev, 10)+".", body)
}
