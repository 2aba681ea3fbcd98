package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// ProductList is one page of products as those see them who manage or check
// them.
type ProductList struct {
	Items []Product `json:"items"`
	Next  string    `json:"next,omitempty"`
}

type queueInput struct {
	Status string `query:"status" enum:"submitted,published,rejected,withdrawn" default:"submitted"`
	Paging
	Conditional
}

type rejectInput struct {
	ProductPath
	Body Rejection
}

// Rejection says why a product goes back to its seller.
type Rejection struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"What the seller should change"`
}

func (d *Door) addModeration() error {
	add(d, operation{
		method: http.MethodGet, path: "/moderation/products", id: "listQueue", tag: "checking",
		vi: "Sản phẩm chờ duyệt", en: "Products that wait for a moderator",
		returns: ProductList{}, headers: []string{"ETag", "Link"}, signedIn: true,
		errors: []int{http.StatusForbidden, http.StatusUnprocessableEntity},
	}, d.queue)
	add(d, operation{
		method: http.MethodPost, path: "/products/{product}/approve", id: "approveProduct", tag: "checking",
		vi: "Duyệt cho bán", en: "Put a product into the shop",
		returns: Product{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{once: onceForPeople},
	}, d.approve)
	add(d, operation{
		method: http.MethodPost, path: "/products/{product}/reject", id: "rejectProduct", tag: "checking",
		vi: "Trả lại kèm lý do", en: "Send a product back with a reason",
		returns: Product{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, d.reject)
	return d.addEditions()
}

func (d *Door) queue(ctx context.Context, in *queueInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Catalog.Queue(ctx, by, catalog.Status(in.Status), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	return d.insideList(ctx, by, page, "/moderation/products", url.Values{"status": {in.Status}, "limit": {strconv.Itoa(in.Limit)}})
}

// insideList shows products with what only insiders may see.
func (d *Door) insideList(ctx context.Context, by market.Actor, page store.Page[catalog.Product], path string, q url.Values) (*answer, error) {
	var variants []market.ID
	for _, p := range page.Items {
		for _, v := range p.Variants {
			variants = append(variants, v.ID)
		}
	}
	stocks, err := d.Catalog.Stocks(ctx, variants...)
	if err != nil {
		return nil, err
	}
	out := ProductList{Items: []Product{}, Next: string(page.Next)}
	for _, p := range page.Items {
		view := product(p, stocks, d.Env.Now())
		insideView(by, p, &view)
		out.Items = append(out.Items, view)
	}
	return linked(out, path, page.Next, q)
}

// linked shows a page and names the next one.
func linked(v any, path string, next store.Cursor, q url.Values) (*answer, error) {
	out, err := show(v)
	if err == nil && next != "" {
		q.Set("cursor", string(next))
		out.Link = nextLink(path, q)
	}
	return out, err
}

func (d *Door) approve(ctx context.Context, in *ProductPath) (*answer, error) {
	return d.move(ctx, in, d.Catalog.Approve)
}

func (d *Door) reject(ctx context.Context, in *rejectInput) (*answer, error) {
	return d.move(ctx, &in.ProductPath, func(ctx context.Context, by market.Actor, id market.ID) (*catalog.Product, error) {
		return d.Catalog.Reject(ctx, by, id, in.Body.Reason)
	})
}
