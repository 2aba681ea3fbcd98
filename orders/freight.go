package orders

import (
	"context"
	"fmt"
	"sync"
	"time"

	"chohue/market"
)

// How long a carrier's price is remembered, and its silence; and how long a
// buyer waits for it.
const (
	offerKept    = 30 * time.Minute
	silenceKept  = 2 * time.Minute
	offersKept   = 4096
	checkoutWait = 1500 * time.Millisecond
	gramsStep    = 500 // parcels of about one weight have one price
)

// freight remembers what carriers would take for a road, so that a price does
// not jump between the cart and the order, and nobody waits twice.
type freight struct {
	mu    sync.Mutex
	known map[string]knownRoad
}

type knownRoad struct {
	offers []Offer
	until  time.Time
}

// roads asks the carriers for each of the quote's parcels once it is known
// where they go.
func (s *Service) roads(ctx context.Context, q *Quote, to Destination) error {
	if !q.ShippingKnown || len(s.carriers) == 0 {
		return nil
	}
	for i := range q.Parcels {
		p := &q.Parcels[i]
		c, err := s.planned(p, to)
		if err != nil {
			return err
		}
		p.Offers = s.judged(c, s.road(ctx, c))
	}
	return nil
}

// planned is a parcel that may come to be.
func (s *Service) planned(p *QuotedParcel, to Destination) (consigned, error) {
	rate, err := s.rates.At(s.env.Now(), s.zone(p.Seller.Ward, to.Province))
	if err != nil {
		return consigned{}, err
	}
	c := consigned{Consignment: Consignment{
		From:  s.contact(p.Seller.Name.VI, p.Seller.Phone, p.Seller.Street, p.Seller.Ward),
		To:    s.contact("Người mua", p.Seller.Phone, s.areas.Name(to.Ward), to.Ward),
		Value: p.Goods, At: s.env.Now(),
	}}
	c.To.ProvinceCode, c.To.Province = to.Province, s.areas.Name(to.Province)
	for _, l := range p.Lines {
		c.Grams += rate.weight(l.Line)
		c.keeping = append(c.keeping, kept{l.Name, l.Keeping})
	}
	c.Grams = max((c.Grams+gramsStep-1)/gramsStep*gramsStep, gramsStep)
	c.Box = boxOf(c.Grams)
	c.Goods = []CarriedItem{{Name: "OCOP", Quantity: 1, Grams: c.Grams, Price: p.Goods}}
	return c, nil
}

// road is what carriers would take, from memory while it is fresh.
func (s *Service) road(ctx context.Context, c consigned) []Offer {
	key := fmt.Sprintf("%s %s %d", c.From.WardCode, c.To.WardCode, c.Grams)
	now := s.env.Now()
	s.freight.mu.Lock()
	known, ok := s.freight.known[key]
	s.freight.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.offers
	}
	ctx, cancel := context.WithTimeout(ctx, checkoutWait)
	defer cancel()
	bare := c
	bare.keeping = nil // what the goods bear is judged anew each time
	offers := s.askAll(ctx, bare)
	s.freight.keep(key, knownRoad{offers, now.Add(keepFor(offers))})
	return offers
}

func keepFor(offers []Offer) time.Duration {
	for _, o := range offers {
		if market.KindOf(o.Blocked) == market.KindUnavailable {
			return silenceKept
		}
	}
	return offerKept
}

func (f *freight) keep(key string, road knownRoad) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil || len(f.known) >= offersKept {
		f.known = map[string]knownRoad{}
	}
	f.known[key] = road
}

// judged are the offers that the goods would bear.
func (s *Service) judged(c consigned, offers []Offer) []Offer {
	var out []Offer
	for _, o := range offers {
		if o.Blocked == nil && s.blocks(c.anyDay(), o.CarrierQuote) == nil {
			out = append(out, o)
		}
	}
	return out
}

// anyDay is the parcel on a day on which its goods are sent.
func (c consigned) anyDay() consigned {
	keeping := make([]kept, len(c.keeping))
	for i, k := range c.keeping {
		k.ShipDays = 0
		keeping[i] = k
	}
	c.keeping = keeping
	return c
}

// quickest is the time of the quickest way that the goods bear, the dated lead
// time where no carrier has spoken.
func (p *QuotedParcel) quickest(lead Lead) Lead {
	for i, o := range p.Offers {
		if o.Hours > 0 && (i == 0 || o.Hours < lead.Hours) {
			lead.Hours = o.Hours
		}
	}
	return lead
}

// carried is what the buyer pays for delivery: the cheapest carrier's price
// where one has spoken, else the list's. What the list gives away stays free.
func (p *QuotedParcel) carried(list market.VND) market.VND {
	p.Carrier = ""
	if list == 0 {
		return 0
	}
	best := list
	for _, o := range p.Offers {
		if !o.byHand() && (p.Carrier == "" || o.Fee < best) {
			best, p.Carrier = o.Fee, o.Carrier
			if o.Hours > 0 {
				p.Hours = o.Hours
			}
		}
	}
	return best
}
