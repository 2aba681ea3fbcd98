package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// Edition is one version of a listing.
type Edition struct {
	Number      int64      `json:"number"`
	State       string     `json:"state" enum:"waiting,shown,refused,past"`
	By          string     `json:"by,omitempty" doc:"Name of who wrote it"`
	At          *time.Time `json:"at,omitempty"`
	Judge       string     `json:"judge,omitempty" doc:"Name of the moderator"`
	JudgedAt    *time.Time `json:"judged_at,omitempty"`
	Reason      string     `json:"reason,omitempty" doc:"Why it was refused"`
	Name        Text       `json:"name"`
	Description Text       `json:"description"`
	Story       Text       `json:"story"`
	Set         int        `json:"set"`
	Photos      []Photo    `json:"photos"`
	Variants    []Variant  `json:"variants"`
	Shelf       int        `json:"shelf_life_days,omitempty"`
	Keeping     *Keeping   `json:"keeping,omitempty"`
	Differs     []string   `json:"differs,omitempty" doc:"Fields in which it differs from what is on sale; a variant as variant/{id}"`
}

// History is the versions of a listing, newest first.
type History struct {
	Items []Edition `json:"items"`
}

// PriceChange is one change of a variant's price.
type PriceChange struct {
	Variant market.ID  `json:"variant"`
	Was     Money      `json:"was"`
	Price   Money      `json:"price"`
	By      string     `json:"by,omitempty"`
	At      *time.Time `json:"at"`
}

func edition(p *catalog.Product, e catalog.Edition) Edition {
	c := e.Content
	out := Edition{
		Number: e.Number, State: string(e.State), By: e.ByName, At: utc(e.At), Judge: e.JudgeName, JudgedAt: utc(e.JudgedAt), Reason: e.Reason,
		Name: text(c.Name), Description: text(c.Description), Story: text(c.Story), Set: c.Set, Shelf: c.ShelfLifeDays,
		Keeping: keeping(c.Keeping), Photos: []Photo{}, Variants: []Variant{},
	}
	for _, one := range c.Photos {
		out.Photos = append(out.Photos, photo(one))
	}
	for _, v := range c.Variants {
		out.Variants = append(out.Variants, variant(v, nil))
	}
	for _, d := range catalog.Differences(p.Content(), c) {
		field := d.Field
		if d.Variant != "" {
			field += "/" + string(d.Variant)
		}
		out.Differs = append(out.Differs, field)
	}
	return out
}

func priceChanges(changes []catalog.PriceChange) []PriceChange {
	var out []PriceChange
	for _, c := range changes {
		out = append(out, PriceChange{Variant: c.Variant, Was: money(c.Was), Price: money(c.Price), By: c.ByName, At: utc(c.At)})
	}
	return out
}

// EditionPath names an edition of a product.
type EditionPath struct {
	ProductPath
	Number int64 `path:"number" minimum:"1" doc:"The edition that was read; another answer than 409 means that it was this one"`
}

type editsInput struct {
	Paging
	Conditional
}

type historyInput struct {
	ProductPath
	Conditional
}

type refuseInput struct {
	EditionPath
	Body Rejection
}

func (d *Door) addEditions() error {
	add(d, operation{
		method: http.MethodGet, path: "/moderation/editions", id: "listEdits", tag: "checking",
		vi: "Bản sửa chờ duyệt", en: "Published products with a change that waits for a moderator",
		returns: ProductList{}, headers: []string{"ETag", "Link"}, signedIn: true,
		errors: []int{http.StatusForbidden, http.StatusUnprocessableEntity},
	}, d.edits)
	add(d, operation{
		method: http.MethodGet, path: "/products/{product}/history", id: "productHistory", tag: "selling",
		vi: "Các bản của sản phẩm", en: "Versions of a listing, newest first",
		about:   "For those who act for the seller and those who check.",
		returns: History{}, headers: []string{"ETag"}, signedIn: true,
	}, d.history)
	add(d, operation{
		method: http.MethodPost, path: "/products/{product}/editions/{number}/approve", id: "approveEdit", tag: "checking",
		vi: "Duyệt bản sửa", en: "Show a change of a published product to buyers",
		returns: Product{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{once: onceForPeople},
	}, func(ctx context.Context, in *EditionPath) (*answer, error) {
		return d.move(ctx, &in.ProductPath, func(ctx context.Context, by market.Actor, id market.ID) (*catalog.Product, error) {
			return d.Catalog.ApproveEdit(ctx, by, id, in.Number)
		})
	})
	add(d, operation{
		method: http.MethodPost, path: "/products/{product}/editions/{number}/reject", id: "rejectEdit", tag: "checking",
		vi: "Từ chối bản sửa", en: "Refuse a change of a published product; what is on sale stays",
		returns: Product{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *refuseInput) (*answer, error) {
		return d.move(ctx, &in.ProductPath, func(ctx context.Context, by market.Actor, id market.ID) (*catalog.Product, error) {
			return d.Catalog.RejectEdit(ctx, by, id, in.Number, in.Body.Reason)
		})
	})
	return nil
}

func (d *Door) edits(ctx context.Context, in *editsInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Catalog.Edits(ctx, by, store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	return d.insideList(ctx, by, page, "/moderation/editions", url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

const historyShown = 50

func (d *Door) history(ctx context.Context, in *historyInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	all, err := d.Catalog.History(ctx, by, in.id(), historyShown)
	if err != nil {
		return nil, err
	}
	p, err := d.Catalog.Product(ctx, by, in.id())
	if err != nil {
		return nil, err
	}
	out := History{Items: []Edition{}}
	for _, e := range all {
		out.Items = append(out.Items, edition(p, e))
	}
	return show(out)
}
