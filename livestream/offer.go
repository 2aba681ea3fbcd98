package livestream

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// Offer is one variant at the price that it has while the show is live.
type Offer struct {
	Code     string      `bson:"code" json:"code"` // what comments name it by: A1, MS2
	Seller   market.ID   `bson:"seller" json:"seller"`
	Product  market.ID   `bson:"product" json:"product"`
	Variant  market.ID   `bson:"variant" json:"variant"`
	Name     market.Text `bson:"name" json:"name"`
	Unit     string      `bson:"unit" json:"unit"`
	Size     market.Size `bson:"size" json:"size"`
	Price    market.VND  `bson:"price" json:"price"` // of one unit, while the show is live
	Usual    market.VND  `bson:"usual" json:"usual"` // what the shop asked when it was offered
	Stock    int64       `bson:"stock" json:"stock"` // units set apart for the show; 0 sells from the shelf
	Papers   Papers      `bson:"papers" json:"papers"`
	AgreedAt *time.Time  `bson:"agreed_at,omitempty" json:"agreed_at,omitempty"` // by its seller
	AgreedBy market.ID   `bson:"agreed_by,omitempty" json:"agreed_by,omitempty"`
}

// Papers are the documents of the goods as they were checked (Law
// 122/2025/QH15, Art. 23 and 24).
type Papers struct {
	CheckedAt   time.Time `bson:"checked_at" json:"checked_at"`
	Certificate market.ID `bson:"certificate,omitempty" json:"certificate,omitempty"`
	Version     string    `bson:"version,omitempty" json:"version,omitempty"`
	Stars       int       `bson:"stars,omitempty" json:"stars,omitempty"`
	Licence     string    `bson:"licence,omitempty" json:"licence,omitempty"`
}

// OfferDraft is what is offered. Stock is how many units are set apart in all,
// those counted that the show has sold already: who offers 5 and then 8 sets 3
// more apart.
type OfferDraft struct {
	Code    string
	Product market.ID
	Variant market.ID
	Price   market.VND
	Stock   int64
}

var codeForm = regexp.MustCompile(`^[A-Z0-9]{1,6}$`)

// Offer returns the show's offer of that code.
func (s *Show) Offer(code string) (Offer, bool) {
	for _, o := range s.Offers {
		if o.Code == code {
			return o, true
		}
	}
	return Offer{}, false
}

// Open reports whether the offer may be advertised and bought.
func (o Offer) Open() bool { return o.AgreedAt != nil && !o.Papers.CheckedAt.IsZero() }

// fence names the goods that the show has set apart for an offer.
func fence(show market.ID, code string) market.ID { return "show:" + show + ":" + market.ID(code) }

// AddOffer puts a variant into the show at a price, or changes the one of that
// code. Its papers are checked first. What belongs to another seller waits for
// their word; a seller's own people give it by offering.
func (s *Service) AddOffer(ctx context.Context, by market.Actor, show market.ID, d OfferDraft) (*Show, error) {
	kept, err := s.offering(ctx, by, show, d.Product)
	if err != nil {
		return nil, err
	}
	offer, err := s.offered(ctx, by, kept, d)
	if err != nil {
		return nil, err
	}
	if kept.OnAir(s.env.Now()) && offer.Open() {
		if err := s.setApart(ctx, kept, offer); err != nil {
			return nil, err
		}
	}
	return s.change(ctx, by, show, EventOffered, func(sh *Show) (any, error) {
		if sh.State.Over() {
			return nil, market.Conflict("show.over")
		}
		return offer, sh.put(offer)
	})
}

// offering returns the show to those who may offer the product in it: who runs
// the show, and the product's own seller when they are in it.
func (s *Service) offering(ctx context.Context, by market.Actor, show, product market.ID) (*Show, error) {
	kept, err := s.readable(ctx, by, show)
	if err != nil {
		return nil, err
	}
	p, err := s.shelf.PublishedProduct(ctx, product)
	if err != nil {
		return nil, err
	}
	if !kept.Sells(p.Seller) {
		return nil, market.Invalid("show.product", "product")
	}
	if by.For(p.Seller) {
		return kept, nil
	}
	return s.hosted(ctx, by, show)
}

func (s *Service) offered(ctx context.Context, by market.Actor, show *Show, d OfferDraft) (Offer, error) {
	p, err := s.shelf.PublishedProduct(ctx, d.Product)
	if err != nil {
		return Offer{}, err
	}
	v, ok := p.Variant(d.Variant)
	d.Code = strings.ToUpper(strings.TrimSpace(d.Code))
	var c market.Checks
	c.That(codeForm.MatchString(d.Code), "code", "offer.code")
	c.That(ok, "variant", "offer.variant")
	c.That(d.Price >= 1000 && (!ok || d.Price <= v.Price), "price", "offer.price")
	c.That(d.Stock >= 0 && d.Stock <= 1_000_000, "stock", "offer.stock")
	old, taken := show.Offer(d.Code)
	c.That(!taken || old.Variant == d.Variant, "code", "offer.taken")
	if err := c.Err(); err != nil {
		return Offer{}, err
	}
	papers, err := s.shelf.PapersFor(ctx, d.Product)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{
		Code: d.Code, Seller: p.Seller, Product: p.ID, Variant: v.ID, Name: named(p, v), Unit: v.Unit, Size: v.Size,
		Price: d.Price, Usual: v.Price, Stock: d.Stock, Papers: s.checked(papers),
	}
	if now := s.env.Now(); by.For(p.Seller) {
		o.AgreedAt, o.AgreedBy = &now, by.Person
	}
	return o, nil
}

// named is what an offer is called: the product, and the variant when there is
// a choice.
func named(p *catalog.Product, v catalog.Variant) market.Text {
	if len(p.Variants) < 2 || v.Name.VI == "" {
		return p.Name
	}
	return market.Text{VI: p.Name.VI + " – " + v.Name.VI, EN: p.Name.EN + " – " + v.Name.EN}
}

func (s *Service) checked(p catalog.ShowPapers) Papers {
	return Papers{CheckedAt: s.env.Now(), Certificate: p.Certificate, Version: p.Version, Stars: p.Stars, Licence: p.Licence}
}

func (s *Show) put(o Offer) error {
	for i := range s.Offers {
		if s.Offers[i].Code == o.Code {
			s.Offers[i] = o
			return nil
		}
	}
	if len(s.Offers) >= MaxShowProducts {
		return market.Conflict("offer.many").With("max", strconv.Itoa(MaxShowProducts))
	}
	s.Offers = append(s.Offers, o)
	return nil
}

// Agree lets a seller's people say that what is offered of theirs is right, and
// that they are in the show.
func (s *Service) Agree(ctx context.Context, by market.Actor, show, seller market.ID) (*Show, error) {
	if err := mayManage(by, seller); err != nil {
		return nil, err
	}
	now := s.env.Now()
	joined, err := s.change(ctx, by, show, EventJoined, func(sh *Show) (any, error) {
		p := sh.party(seller)
		if p == nil {
			return nil, errMissing
		}
		if sh.State.Over() {
			return nil, market.Conflict("show.over")
		}
		p.AgreedAt, p.By = &now, by.Person
		for i := range sh.Offers {
			if o := &sh.Offers[i]; o.Seller == seller && o.AgreedAt == nil {
				o.AgreedAt, o.AgreedBy = &now, by.Person
			}
		}
		return *p, nil
	})
	if err != nil || !joined.OnAir(now) {
		return joined, err
	}
	for _, o := range joined.Offers {
		if o.Seller == seller && o.AgreedAt != nil && o.AgreedAt.Equal(now) {
			err = errors.Join(err, s.setApart(ctx, joined, o))
		}
	}
	return joined, err
}

// Withdraw takes an offer out: by whoever runs the show, its seller, or staff.
// What was set apart goes back to the shelf; what was ordered stays ordered.
func (s *Service) Withdraw(ctx context.Context, by market.Actor, show market.ID, code string) (*Show, error) {
	kept, err := s.readable(ctx, by, show)
	if err != nil {
		return nil, err
	}
	o, ok := kept.Offer(code)
	if !ok {
		return nil, errMissing
	}
	if !by.For(o.Seller) && !by.Is(market.RoleModerator, market.RoleOperator) {
		if _, err := s.hosted(ctx, by, show); err != nil {
			return nil, err
		}
	}
	after, err := s.change(ctx, by, show, EventWithdrawn, func(sh *Show) (any, error) {
		for i := range sh.Offers {
			if sh.Offers[i].Code == code {
				sh.Offers = append(sh.Offers[:i:i], sh.Offers[i+1:]...)
				if sh.Pinned == code {
					sh.Pinned = ""
				}
				return o, nil
			}
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return after, s.shelf.Release(ctx, fence(show, code), o.Variant)
}
