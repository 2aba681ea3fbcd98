// Package catalog is the room of what is sold: products with their variants,
// photos and OCOP certificates, their way from draft to shop, and the stock of
// every variant.
//
// A product is one document and the stock of each variant is another, because
// stock is written with every order and products with every edit. What must be
// unique is claimed by id: slugs in product_slugs, variants by their stock.
package catalog

import (
	"time"

	"chohue/market"
	"chohue/store"
)

// Product is one listing of one seller. Values that the Service returns may be
// shared with other readers: do not change them.
type Product struct {
	store.Doc     `bson:",inline"`
	Slug          string        `bson:"slug"` // never changes, so that links stay good
	Seller        market.ID     `bson:"seller"`
	SellerName    market.Text   `bson:"seller_name"` // as of the last draft or approval
	SellerSlug    string        `bson:"seller_slug"`
	SellerKind    string        `bson:"seller_kind"`
	Producer      market.ID     `bson:"producer,omitempty"` // the person who listed it
	ProducerName  string        `bson:"producer_name,omitempty"`
	Set           int           `bson:"set"`  // OCOP product set, 1 to 26
	Ward          string        `bson:"ward"` // NSO code of the seller's ward
	Name          market.Text   `bson:"name"`
	Description   market.Text   `bson:"description"`
	Story         market.Text   `bson:"story"`
	Photos        []Photo       `bson:"photos,omitempty"`
	Variants      []Variant     `bson:"variants,omitempty"`
	PriceFrom     market.VND    `bson:"price_from"` // least price of the variants; 0 without variants
	InStock       bool          `bson:"in_stock"`   // follows the stocks, a moment behind
	Certificates  []Certificate `bson:"certificates,omitempty"`
	BadgeTurnedAt time.Time     `bson:"badge_turned_at,omitempty"` // when somebody last changed what Badge goes by
	Status        Status        `bson:"status"`
	Reason        string        `bson:"reason,omitempty"` // why it was rejected, in the moderator's words
	Alcohol       bool          `bson:"alcohol,omitempty"`
	ShelfLifeDays int           `bson:"shelf_life_days,omitempty"` // 0 when not said
	Keeping       Keeping       `bson:"keeping"`
	Rating        Rating        `bson:"rating,omitempty"`   // what buyers' reviews come to, a moment behind
	Shown         Note          `bson:"shown"`              // about the edition that buyers see
	Pending       *Edition      `bson:"pending,omitempty"`  // what the seller has changed since and no moderator has let through
	Editions      int64         `bson:"editions,omitempty"` // the last number given to an edition
	Prices        []PriceChange `bson:"prices,omitempty"`   // the last changes, oldest first
	CreatedAt     time.Time     `bson:"created_at"`
	SubmittedAt   time.Time     `bson:"submitted_at,omitempty"`
	PublishedAt   time.Time     `bson:"published_at,omitempty"` // the first time, so that editing does not renew it
}

// Variant is one way in which a product is sold.
type Variant struct {
	ID    market.ID   `bson:"id"`
	Name  market.Text `bson:"name"`
	Unit  string      `bson:"unit"` // as people say it: kg, chục, trái, hộp, chai
	Size  market.Size `bson:"size"` // what one unit holds
	Price market.VND  `bson:"price"`
	SKU   string      `bson:"sku,omitempty"`
	Terms Terms       `bson:"terms"`
	GTIN  string      `bson:"gtin,omitempty"` // 14 digits; see SetGTIN
}

// Photo is a picture kept in some widths, as JPEG and mostly as WebP, without
// any metadata.
type Photo struct {
	ID     string      `bson:"id"`             // hash of the uploaded file
	Widths []int       `bson:"widths"`         // ascending, in pixels
	WebP   bool        `bson:"webp,omitempty"` // kept as WebP too, in the same widths
	Width  int         `bson:"width"`          // of the upload as seen upright
	Height int         `bson:"height"`
	Alt    market.Text `bson:"alt"`
}

// Variant returns the variant of that id.
func (p *Product) Variant(id market.ID) (Variant, bool) {
	for _, v := range p.Variants {
		if v.ID == id {
			return v, true
		}
	}
	return Variant{}, false
}

func (p *Product) variantIDs() []market.ID {
	ids := make([]market.ID, len(p.Variants))
	for i, v := range p.Variants {
		ids[i] = v.ID
	}
	return ids
}
