package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"chohue/catalog"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// ListingWords are what a seller says about a product, in one language or two.
type ListingWords struct {
	VI string `json:"vi" maxLength:"10000"`
	EN string `json:"en,omitempty" maxLength:"10000"`
}

func (w ListingWords) plain() market.Text { return market.Text{VI: w.VI, EN: w.EN} }

// Listing is what a seller says about a product.
type Listing struct {
	Set           int              `json:"set" minimum:"1" maximum:"26" doc:"OCOP product set, see /sets"`
	Name          ListingWords     `json:"name"`
	Description   *ListingWords    `json:"description,omitempty"`
	Story         *ListingWords    `json:"story,omitempty"`
	Variants      []ListingVariant `json:"variants,omitempty" maxItems:"20" nullable:"false"`
	ShelfLifeDays int              `json:"shelf_life_days,omitempty" minimum:"0" maximum:"36500"`
	Keeping       *Keeping         `json:"keeping,omitempty"`
}

// NewListing is a Listing that is to be made.
type NewListing struct {
	ID     string `json:"id,omitempty" pattern:"^[0-9A-Za-z_-]{10,64}$" doc:"Made by the client: the same id again is the same product, so a request whose answer was lost can be repeated."`
	Seller string `json:"seller" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the seller"`
	Listing
}

// ListingVariant is one way in which a product is to be sold.
type ListingVariant struct {
	ID    string       `json:"id,omitempty" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Left out, it is the variant of the same name, unit and size, or a new one."`
	Name  ListingWords `json:"name"`
	Unit  string       `json:"unit" maxLength:"60" example:"kg"`
	Size  Size         `json:"size"`
	Price Money        `json:"price"`
	Stock int64        `json:"stock,omitempty" minimum:"0" maximum:"1000000000" doc:"What there is of a new variant; of others it changes nothing."`
	SKU   string       `json:"sku,omitempty" maxLength:"120"`
	Terms
}

func (l Listing) draft() catalog.Draft {
	d := catalog.Draft{Set: l.Set, Name: l.Name.plain(), ShelfLifeDays: l.ShelfLifeDays}
	if l.Description != nil {
		d.Description = l.Description.plain()
	}
	if l.Story != nil {
		d.Story = l.Story.plain()
	}
	if l.Keeping != nil {
		d.Keeping = l.Keeping.plain()
	}
	for _, v := range l.Variants {
		d.Variants = append(d.Variants, catalog.VariantDraft{
			ID: market.ID(v.ID), Name: v.Name.plain(), Unit: v.Unit, Size: v.Size.plain(),
			Price: market.VND(v.Price.Amount), Stock: v.Stock, SKU: v.SKU, Terms: v.Terms.plain(),
		})
	}
	return d
}

type createInput struct{ Body NewListing }

type editInput struct {
	ProductPath
	IfMatch string `header:"If-Match" doc:"The product's ETag; its revision, the part before the point, must still be the product's." maxLength:"256"`
	Body    Listing
}

// ProductPath names a product to be changed.
type ProductPath struct {
	Product string `path:"product" doc:"Id of the product" pattern:"^[0-9A-Za-z_-]{1,120}$"`
}

func (p ProductPath) id() market.ID { return market.ID(p.Product) }

type ownInput struct {
	SellerPath
	Paging
	Conditional
}

func (d *Door) addListing() error {
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/products", id: "listOwn", tag: "selling",
		vi: "Mọi sản phẩm của người bán, cả bản nháp", en: "All products of a seller, drafts too",
		about:   "For those who act for the seller and those who check.",
		returns: ProductList{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.own)
	add(d, operation{
		method: http.MethodPost, path: "/products", id: "createProduct", tag: "selling",
		vi: "Đăng sản phẩm mới (bản nháp)", en: "List a new product, as a draft",
		status: http.StatusCreated, returns: Product{}, headers: []string{"Location", "ETag"}, signedIn: true,
		errors:   []int{http.StatusNotFound, http.StatusConflict},
		settings: settings{limit: listingBody, once: onceForPeople},
	}, d.create)
	add(d, operation{
		method: http.MethodPut, path: "/products/{product}", id: "editProduct", tag: "selling",
		vi: "Sửa sản phẩm", en: "Change a product",
		about:   "New prices show at once. Anything else of a published product waits in `pending` for a moderator while what is on sale stays. Somebody else's change since the ETag is a 412.",
		returns: Product{}, headers: []string{"ETag"}, signedIn: true,
		errors:   []int{http.StatusConflict, http.StatusPreconditionFailed, http.StatusPreconditionRequired},
		settings: settings{limit: listingBody, once: onceForPeople},
	}, d.edit)
	add(d, operation{
		method: http.MethodPost, path: "/products/{product}/submit", id: "submitProduct", tag: "selling",
		vi: "Gửi duyệt", en: "Ask for a product to be checked and shown",
		returns: Product{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{once: onceForPeople},
	}, d.submit)
	add(d, operation{
		method: http.MethodPost, path: "/products/{product}/withdraw", id: "withdrawProduct", tag: "selling",
		vi: "Ngừng bán", en: "Take a product out of the shop",
		returns: Product{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{once: onceForPeople},
	}, d.withdraw)
	d.addPhotos()
	return nil
}

func (d *Door) own(ctx context.Context, in *ownInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Catalog.OfSeller(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	return d.insideList(ctx, by, page, "/sellers/"+in.Seller+"/products", url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func (d *Door) create(ctx context.Context, in *createInput) (*answer, error) {
	draft := in.Body.draft()
	draft.ID, draft.Seller = market.ID(in.Body.ID), market.ID(in.Body.Seller)
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	p, err := d.Catalog.CreateDraft(ctx, by, draft)
	if err != nil {
		return nil, err
	}
	out, err := d.changed(ctx, p, http.StatusCreated)
	if err == nil {
		out.Location = Prefix + "/products/" + string(p.ID)
	}
	return out, err
}

// signedIn returns who asks, or says that somebody must sign in.
func signedIn(ctx context.Context) (market.Actor, error) {
	by := web.Actor(ctx)
	if by.Guest() {
		return by, market.Unauthenticated("signin.needed")
	}
	return by, nil
}

// changed answers to a change of a product with the product.
func (d *Door) changed(ctx context.Context, p *catalog.Product, status int) (*answer, error) {
	stocks, err := d.stocksOf(ctx, p)
	if err != nil {
		return nil, err
	}
	out, err := d.inside(web.Actor(ctx), p, stocks)
	if err == nil {
		out.Status = status
	}
	return out, err
}

func (d *Door) edit(ctx context.Context, in *editInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	now, err := d.Catalog.Product(ctx, by, in.id())
	if err != nil {
		return nil, err
	}
	if !by.For(now.Seller) {
		return nil, market.NotFound("catalog.missing")
	}
	if status, key := precondition(in.IfMatch, now.Rev); status != 0 {
		return nil, d.hall.StatusProblem(ctx, status, key)
	}
	draft := in.Body.draft()
	if strings.TrimSpace(in.IfMatch) != "*" {
		draft.Revision = now.Rev
	}
	p, err := d.Catalog.Edit(ctx, by, now.ID, draft)
	if isStale(err) {
		return nil, d.hall.StatusProblem(ctx, http.StatusPreconditionFailed, "api.stale")
	}
	if err != nil {
		return nil, err
	}
	return d.changed(ctx, p, http.StatusOK)
}

// isStale: somebody was quicker between the look and the write.
func isStale(err error) bool {
	var e *market.Error
	return errors.As(err, &e) && e.Key == "catalog.stale"
}

// precondition reads If-Match: missing is 428, another revision 412. Stock
// that was sold meanwhile changes the ETag but does not make an edit stale, so
// only the revision is compared.
func precondition(header string, rev int64) (status int, key string) {
	if strings.TrimSpace(header) == "" {
		return http.StatusPreconditionRequired, "api.match_missing"
	}
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" {
			return 0, ""
		}
		said, _, _ := strings.Cut(strings.Trim(tag, `"`), ".")
		if said == strconv.FormatInt(rev, 10) {
			return 0, ""
		}
	}
	return http.StatusPreconditionFailed, "api.stale"
}

func (d *Door) submit(ctx context.Context, in *ProductPath) (*answer, error) {
	return d.move(ctx, in, d.Catalog.Submit)
}

func (d *Door) withdraw(ctx context.Context, in *ProductPath) (*answer, error) {
	return d.move(ctx, in, d.Catalog.Withdraw)
}

func (d *Door) move(ctx context.Context, in *ProductPath, to func(context.Context, market.Actor, market.ID) (*catalog.Product, error)) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	p, err := to(ctx, by, in.id())
	if err != nil {
		return nil, err
	}
	return d.changed(ctx, p, http.StatusOK)
}
