// Package api is the door for programs: JSON under /api/v1, described by
// OpenAPI 3.1 that is generated from the types here.
//
// An operation is an input struct, a view type that is answered, and a handler
// that asks the rooms; one adapter turns errors into problems (RFC 9457). What
// rooms keep is never sent as it is: a view lists the fields that leave the
// house. Money is {"amount":45000,"currency":"VND"}, times are UTC, lists are
// pages with an opaque cursor, and every answer to a GET carries a strong ETag.
package api

import (
	"log/slog"

	"github.com/danielgtaylor/huma/v2"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/livestream"
	"chohue/market"
	"chohue/notices"
	"chohue/orders"
	"chohue/payments"
	"chohue/search"
)

// Prefix is where the API stands.
const Prefix = "/api/v1"

// Rooms are the rooms that the API shows.
type Rooms struct {
	Env        market.Env
	Areas      *market.Areas
	Sets       catalog.Sets
	Accounts   *accounts.Service
	Sellers    *cooperatives.Service
	Papers     *cooperatives.Papers
	Pool       *cooperatives.Pool
	Takedowns  *cooperatives.Takedowns
	Catalog    *catalog.Service
	Orders     *orders.Service
	Payments   *payments.Service
	Payouts    *payments.Payouts
	Notices    *notices.Service
	Search     *search.Service
	Livestream *livestream.Service
	Indicators *indicators.Service
}

// Config is what the API must know of the place it stands in.
type Config struct {
	BaseURL string       // scheme and host, without a slash at the end
	Log     *slog.Logger // hears of our own mistakes
}

// Door is the mounted API.
type Door struct {
	Rooms

	cfg   Config
	hall  *web.Hall
	api   huma.API
	spec  document
	cards *memo
	whole *memo
}

// New mounts the API on the hall's router.
func New(hall *web.Hall, rooms Rooms, cfg Config) (*Door, error) {
	d := &Door{Rooms: rooms, cfg: cfg, hall: hall, cards: newMemo(cardsKept), whole: newMemo(detailsKept)}
	d.api = huma.NewAPI(d.config(), d.adapter())
	for _, add := range []func(*Door) error{
		(*Door).addProducts, (*Door).addListing, (*Door).addUploads, (*Door).addPhotoPlaces, (*Door).addModeration, (*Door).addSearch, (*Door).addPlaces,
		(*Door).addSellers, (*Door).addCarts, (*Door).addOrders, (*Door).addParcels, (*Door).addEdits, (*Door).addNotices,
		(*Door).addSession, (*Door).addLinks, (*Door).addLots, (*Door).addHarvests, (*Door).addPreorders, (*Door).addStatistics, (*Door).addOpenData, (*Door).addReleases, (*Door).addDataRequests, (*Door).addCooperatives, (*Door).addDecisions, (*Door).addCarriers,
		(*Door).addReturns, (*Door).addOrderPhotos, (*Door).addComplaints, (*Door).addReviews, (*Door).addPayouts, (*Door).addTaxes, (*Door).addInvoices, (*Door).addReconciliation, (*Door).addInbox,
	} {
		if err := add(d); err != nil {
			return nil, err
		}
	}
	return d, d.publish()
}

// OpenAPI returns the description of the API as JSON.
func (d *Door) OpenAPI() []byte { return d.spec.json }

func (d *Door) config() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Chợ Huế", Version: "1.0.0",
				Description: "Nông sản và hàng thủ công OCOP của Huế.\n\nCertified farm produce and crafts of Huế: browse, buy, sell, follow, count. " +
					"Errors are RFC 9457 problems in Vietnamese or English (Accept-Language). " +
					"Whoever acts for somebody signs in and sends the session's cookie.",
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: Prefix}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {
						Type: "apiKey", In: "cookie", Name: "chohue",
						Description: "Given by POST /signin. Over HTTPS its name begins with __Host-.",
					},
				},
			},
			Tags: tags(),
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{d.mend},
	}
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "shop", Description: "Xem và tìm hàng. Browse and search."},
		{Name: "places", Description: "Địa giới hành chính. Administrative areas."},
		{Name: "buying", Description: "Giỏ hàng, đặt hàng, theo dõi. Carts, checkout, tracking."},
		{Name: "payments", Description: "Thông báo của nơi thanh toán. Notices of payment providers."},
		{Name: "account", Description: "Đăng nhập. Signing in."},
		{Name: "selling", Description: "Đăng bán, gói và gửi hàng. Listing, packing, shipping."},
		{Name: "cooperative", Description: "Thành viên, nhập hàng, chia tiền, giấy tờ, nhật ký. Members, deliveries, settlements, papers, trail."},
		{Name: "certificates", Description: "Giấy công nhận OCOP. OCOP recognitions and their proof."},
		{Name: "checking", Description: "Kiểm duyệt. Moderation."},
		{Name: "aftercare", Description: "Trả hàng, khiếu nại, đánh giá. Returns, complaints, reviews."},
		{Name: "money", Description: "Chi trả, thuế, hoá đơn, đối soát. Payouts, tax, invoices, reconciliation."},
		{Name: "notices", Description: "Thông báo. What people are told."},
		{Name: "statistics", Description: "Số liệu. Figures for officials."},
	}
}
