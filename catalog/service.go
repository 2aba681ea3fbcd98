package catalog

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// SellerCard is what the catalog needs to know of a seller.
type SellerCard struct {
	ID       market.ID
	Slug     string
	Name     market.Text
	Kind     string
	Ward     string   // NSO code
	At       Position // the middle of the ward; zero when not known
	Verified bool
	Licences []string // kinds that the seller has shown and that are good now, see Sets.Licence
}

// Sellers knows sellers; not found for an unknown id.
type Sellers interface {
	SellerCard(ctx context.Context, id market.ID) (SellerCard, error)
}

// Files keeps photo files by key. Get answers not found for an unknown key.
type Files interface {
	Put(ctx context.Context, key, contentType string, data []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
}

// Service lists products, shows them and keeps their stock.
type Service struct {
	products *store.Collection[Product]
	slugs    *store.Collection[slugClaim]
	stocks   *store.Collection[Stock]
	sales    *store.Collection[Sale]
	editions *store.Collection[pastEdition]
	versions *store.Collection[CertificateVersion]
	rights   *store.Collection[IPRight]
	uses     *store.Collection[RightOfUse]
	harvests *store.Collection[Harvest]
	lotBooks

	reminders *store.Collection[Reminder]

	env     market.Env
	sellers Sellers
	files   Files
	sets    Sets
	photoRoom
}

// Buyers' queries walk the indexes that begin with the status published.
var productSpec = store.Spec{
	Name:  "products",
	Cache: 20_000,
	Indexes: []store.Index{
		{Name: "newest", Fields: []string{"status", "published_at"}},
		{Name: "price", Fields: []string{"status", "price_from"}},
		{Name: "set_newest", Fields: []string{"status", "set", "published_at"}},
		{Name: "set_price", Fields: []string{"status", "set", "price_from"}},
		{Name: "ward_newest", Fields: []string{"status", "ward", "published_at"}},
		{Name: "ward_price", Fields: []string{"status", "ward", "price_from"}},
		{Name: "seller_newest", Fields: []string{"status", "seller", "published_at"}},
		{Name: "seller_price", Fields: []string{"status", "seller", "price_from"}},
		{Name: "of_seller", Fields: []string{"seller", "created_at"}},
		{Name: "queue", Fields: []string{"status", "submitted_at"}},
		{Name: "slug", Fields: []string{"slug"}},
		{Name: "variant", Fields: []string{"variants.id"}},
		{Name: "edits", Fields: []string{"pending.state", "pending.at"}},
		{Name: "certificate", Fields: []string{"certificates.id"}},
		{Name: "turned", Fields: []string{"status", "badge_turned_at"}},
	},
}

var stockSpec = store.Spec{
	Name:    "stocks",
	Indexes: []store.Index{{Name: "expiry", Fields: []string{"next_expiry"}}},
}

// New opens the room on the engine.
func New(ctx context.Context, e store.Engine, env market.Env, sellers Sellers, files Files, sets Sets) (*Service, error) {
	products, err := store.Open[Product](ctx, e, productSpec)
	if err != nil {
		return nil, err
	}
	slugs, err := store.Open[slugClaim](ctx, e, store.Spec{Name: "product_slugs"})
	if err != nil {
		return nil, err
	}
	stocks, err := store.Open[Stock](ctx, e, stockSpec)
	if err != nil {
		return nil, err
	}
	sales, err := store.Open[Sale](ctx, e, store.Spec{Name: "sales"})
	if err != nil {
		return nil, err
	}
	photos, err := openPhotos(ctx, e)
	if err != nil {
		return nil, err
	}
	lots, err := openLots(ctx, e)
	if err != nil {
		return nil, err
	}
	service := &Service{
		lotBooks: lots,
		products: products, slugs: slugs, stocks: stocks, sales: sales,
		env: env, sellers: sellers, files: files, sets: sets,
		photoRoom: photos,
	}
	return service, service.openRegister(ctx, e)
}

// openRegister opens what is kept beside the products: versions of their
// certificates, reminders and rights of name.
func (s *Service) openRegister(ctx context.Context, e store.Engine) (err error) {
	if s.versions, err = store.Open[CertificateVersion](ctx, e, store.Spec{Name: "certificate_versions"}); err != nil {
		return err
	}
	if s.reminders, err = store.Open[Reminder](ctx, e, reminderSpec); err != nil {
		return err
	}
	if s.rights, err = store.Open[IPRight](ctx, e, rightSpec); err != nil {
		return err
	}
	if s.harvests, err = store.Open[Harvest](ctx, e, harvestSpec); err != nil {
		return err
	}
	if s.editions, err = store.Open[pastEdition](ctx, e, editionSpec); err != nil {
		return err
	}
	s.uses, err = store.Open[RightOfUse](ctx, e, useSpec)
	return err
}

var errMissing = market.NotFound("catalog.missing")

// missing turns the store's answer into the room's.
func missing(err error) error {
	if store.Missing(err) {
		return errMissing
	}
	return err
}
