package api

import (
	"slices"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// ProductCard is a product in a list.
type ProductCard struct {
	ID          market.ID  `json:"id"`
	Slug        string     `json:"slug"`
	Name        Text       `json:"name"`
	Set         int        `json:"set" doc:"OCOP product set, see /sets"`
	Ward        string     `json:"ward" doc:"Code of the ward it comes from"`
	Seller      SellerLink `json:"seller"`
	PriceFrom   Money      `json:"price_from" doc:"Least price of the variants"`
	InStock     bool       `json:"in_stock"`
	Stars       int        `json:"stars,omitempty" doc:"OCOP stars of the certificate that is valid now"`
	Rating      *Rating    `json:"rating,omitempty" doc:"What buyers' reviews come to, a moment behind; missing while there are none"`
	Demo        bool       `json:"demo,omitempty" doc:"The certificate is made up for a demonstration"`
	Alcohol     bool       `json:"alcohol,omitempty" doc:"Sold to adults only"`
	Photo       *Photo     `json:"photo,omitempty"`
	PublishedAt *time.Time `json:"published_at,omitempty"`
}

// Rating is what buyers who got the goods say of them.
type Rating struct {
	Average float64 `json:"average" minimum:"1" maximum:"5" doc:"Stars, to one decimal" example:"4.6"`
	Count   int64   `json:"count" minimum:"1" doc:"Reviews"`
}

func rating(r catalog.Rating) *Rating {
	if r.Count == 0 {
		return nil
	}
	return &Rating{Average: float64(r.Tenths()) / 10, Count: r.Count}
}

// SellerLink names a seller beside their goods.
type SellerLink struct {
	ID   market.ID `json:"id"`
	Slug string    `json:"slug"`
	Name Text      `json:"name"`
	Kind string    `json:"kind" enum:"htx,to_hop_tac,ho_kinh_doanh,company"`
}

// Photo is one picture in some widths.
type Photo struct {
	ID      string        `json:"id"`
	Alt     Text          `json:"alt"`
	Width   int           `json:"width" doc:"Of the upload, in pixels"`
	Height  int           `json:"height"`
	Sources []PhotoSource `json:"sources"`
}

// PhotoSource is the picture in one width and format.
type PhotoSource struct {
	URL   string `json:"url"`
	Width int    `json:"width"`
	Type  string `json:"type" enum:"image/jpeg,image/webp" doc:"Format"`
}

// Product is all that buyers may know of a product, and, for those who may act
// for its seller or check it, what only they may.
type Product struct {
	ProductCard

	Status        string        `json:"status" enum:"draft,submitted,published,rejected,withdrawn"`
	Revision      int64         `json:"revision" doc:"Grows with each change; the first part of the ETag"`
	Description   Text          `json:"description"`
	Story         Text          `json:"story"`
	Producer      string        `json:"producer,omitempty"`
	ShelfLifeDays int           `json:"shelf_life_days,omitempty"`
	Keeping       *Keeping      `json:"keeping,omitempty"`
	Photos        []Photo       `json:"photos"`
	Variants      []Variant     `json:"variants"`
	Badge         *Certificate  `json:"badge,omitempty" doc:"The certificate that counts now, with its proof"`
	Certificates  []Certificate `json:"certificates,omitempty" doc:"All of them, for those who manage or check the product"`
	Reason        string        `json:"reason,omitempty" doc:"Why a moderator sent it back"`
	SubmittedAt   *time.Time    `json:"submitted_at,omitempty"`
	Pending       *Edition      `json:"pending,omitempty" doc:"What the seller has changed since and no moderator has let through; only for insiders"`
	Prices        []PriceChange `json:"prices,omitempty" doc:"The last changes of prices, oldest first; only for insiders"`
}

// Variant is one way in which a product is sold.
type Variant struct {
	ID   market.ID `json:"id"`
	Name Text      `json:"name"`
	Unit string    `json:"unit" example:"kg"`
	Size Size      `json:"size"`
	Terms
	Price     Money     `json:"price"`
	UnitPrice UnitPrice `json:"unit_price"`
	Available int64     `json:"available" doc:"Units on the shelf"`
	SKU       string    `json:"sku,omitempty" doc:"The seller's own number; only for the seller"`
}

// Certificate is an OCOP decision with what proves it.
type Certificate struct {
	ID           market.ID  `json:"id"`
	Stars        int        `json:"stars"`
	DecisionNo   string     `json:"decision_no" example:"1810/QĐ-UBND"`
	DecisionDate *time.Time `json:"decision_date"`
	Issuer       string     `json:"issuer"`
	IssuerLevel  string     `json:"issuer_level" enum:"central,province,district"`
	LegalVersion string     `json:"legal_version" doc:"The criteria it was ranked by"`
	ValidFrom    *time.Time `json:"valid_from"`
	ValidTo      *time.Time `json:"valid_to" doc:"The first moment at which it is no longer valid"`
	RevokedAt    *time.Time `json:"revoked_at,omitempty"`
	Verification string     `json:"verification" enum:"A,B1,B2,C" doc:"A the signed decision was seen, B1 a state portal names it, B2 not checked yet, C the seller says so"`
	Demo         bool       `json:"demo,omitempty"`
	Note         *Text      `json:"note,omitempty"`
}

func card(p *catalog.Product, now time.Time) ProductCard {
	c := ProductCard{
		ID: p.ID, Slug: p.Slug, Name: text(p.Name), Set: p.Set, Ward: p.Ward,
		Seller:    SellerLink{ID: p.Seller, Slug: p.SellerSlug, Name: text(p.SellerName), Kind: p.SellerKind},
		PriceFrom: money(p.PriceFrom), InStock: p.InStock, Alcohol: p.Alcohol, Rating: rating(p.Rating), PublishedAt: utc(p.PublishedAt),
	}
	if badge, ok := p.Badge(now); ok {
		c.Stars, c.Demo = badge.Stars, badge.Demo
	}
	if len(p.Photos) > 0 {
		first := photo(p.Photos[0])
		c.Photo = &first
	}
	return c
}

func photoSource(p catalog.Photo, width int, format catalog.PhotoFormat) PhotoSource {
	return PhotoSource{URL: "/anh/" + p.ID + "-" + strconv.Itoa(width) + "." + string(format), Width: width, Type: format.MediaType()}
}

func photo(p catalog.Photo) Photo {
	out := Photo{ID: p.ID, Alt: text(p.Alt), Width: p.Width, Height: p.Height, Sources: []PhotoSource{}}
	for _, w := range p.Widths {
		out.Sources = append(out.Sources, photoSource(p, w, catalog.PhotoJPEG))
		if p.WebP {
			out.Sources = append(out.Sources, photoSource(p, w, catalog.PhotoWebP))
		}
	}
	return out
}

// product is the public view; its Variants and private parts are added.
func product(p *catalog.Product, stocks map[market.ID]*catalog.Stock, now time.Time) Product {
	out := Product{
		ProductCard: card(p, now), Status: string(p.Status), Revision: p.Rev,
		Description: text(p.Description), Story: text(p.Story), Producer: p.ProducerName, ShelfLifeDays: p.ShelfLifeDays,
		Keeping: keeping(p.Keeping), Photos: []Photo{}, Variants: []Variant{},
	}
	for _, one := range p.Photos {
		out.Photos = append(out.Photos, photo(one))
	}
	for _, v := range p.Variants {
		out.Variants = append(out.Variants, variant(v, stocks[v.ID]))
	}
	if badge, ok := p.Badge(now); ok {
		proof := certificate(badge)
		out.Badge = &proof
	}
	return out
}

func variant(v catalog.Variant, stock *catalog.Stock) Variant {
	out := Variant{
		ID: v.ID, Name: text(v.Name), Unit: v.Unit, Size: size(v.Size),
		Price: money(v.Price), UnitPrice: unitPrice(v), Terms: terms(v.Terms),
	}
	if stock != nil {
		out.Available = stock.Offered()
	}
	return out
}

func certificate(c catalog.Certificate) Certificate {
	out := Certificate{
		ID: c.ID, Stars: c.Stars, DecisionNo: c.DecisionNo, DecisionDate: utc(c.DecisionDate),
		Issuer: c.Issuer, IssuerLevel: c.IssuerLevel, LegalVersion: c.LegalVersion,
		ValidFrom: utc(c.ValidFrom), ValidTo: utc(c.ValidTo), RevokedAt: utcAt(c.RevokedAt),
		Verification: c.Verification, Demo: c.Demo,
	}
	if c.Note != (market.Text{}) {
		note := text(c.Note)
		out.Note = &note
	}
	return out
}

// insideView adds what only the seller and those who check may see.
func insideView(by market.Actor, p *catalog.Product, out *Product) {
	out.Reason, out.SubmittedAt = p.Reason, utc(p.SubmittedAt)
	if p.Pending != nil {
		waiting := edition(p, *p.Pending)
		out.Pending = &waiting
	}
	out.Prices = priceChanges(p.Prices)
	for _, c := range p.Certificates {
		out.Certificates = append(out.Certificates, certificate(c))
	}
	if !by.For(p.Seller) {
		return
	}
	for i, v := range p.Variants {
		out.Variants[i].SKU = v.SKU
	}
}

func insider(by market.Actor, p *catalog.Product) bool {
	return by.For(p.Seller) || by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial)
}

// staleAt is when the view of the product changes by time alone: the next
// moment at which a certificate begins or ends. Zero when there is none.
func staleAt(p *catalog.Product, now time.Time) time.Time {
	var moments []time.Time
	for _, c := range p.Certificates {
		moments = append(moments, c.ValidFrom, c.ValidTo)
		if c.RevokedAt != nil {
			moments = append(moments, *c.RevokedAt)
		}
	}
	moments = slices.DeleteFunc(moments, func(t time.Time) bool { return !t.After(now) })
	if len(moments) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(moments, time.Time.Compare)
}
