package orders

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
)

// Destination is where a quote is for. With no province delivery is not priced yet.
type Destination struct {
	Province string
	Ward     string
}

// Quote is what a cart would cost now: nothing is held and nothing promised.
type Quote struct {
	Cart          market.ID
	Parcels       []QuotedParcel
	Problems      []Problem
	Goods         market.VND // after sellers' vouchers
	Shipping      market.VND // after sellers' vouchers
	Subsidy       market.VND // what the platform's vouchers pay of both
	Total         market.VND // what the buyer pays
	ShippingKnown bool
	Adult         bool // something in it is sold to adults only
	Policies      Policies
	Vouchers      []Granted
	Offers        []VoucherOffer // what there is for this cart, taken or not
	Refused       []Refusal      // codes that were typed and are none
	Count         int64          // units of all lines

	at    time.Time
	buyer market.Actor
	first bool // nothing was ever ordered by the buyer
}

// QuotedParcel is one seller's part.
type QuotedParcel struct {
	Seller   *cooperatives.Seller
	Lines    []QuotedLine
	Goods    market.VND
	Shipping market.VND
	Subsidy  market.VND // what the platform's vouchers pay of Goods
	// ShippingOff is what the seller's voucher took off Shipping;
	// ShippingSubsidy what the platform's pays of it.
	ShippingOff, ShippingSubsidy market.VND

	FreeFrom   market.VND // goods value from which delivery is free; 0 when unknown or never
	ShipBy     time.Time  // end of the day by which the seller hands it over
	Hours      int        // on its way, at most; 0 without a destination
	SellerKind string

	Offers  []Offer // ways that the goods would bear; none where no carrier was asked or has spoken
	Carrier string  // whose price Shipping is, and whose time Hours; empty when they are the lists'
}

// QuotedLine is a line at today's price with what is left on the shelf.
type QuotedLine struct {
	Line
	Available int64
	Producer  string
	Terms     catalog.Terms
	Keeping   catalog.Keeping
}

// Problem is why a line cannot be bought as it stands.
type Problem struct {
	Variant   market.ID
	Key       string // cart.gone: no longer sold; cart.short: fewer left; cart.min, cart.step: not in that number; cart.too_far: would spoil on the way
	Available int64
	Near      int64 // of cart.min and cart.step: a quantity that can be had
	Min, Step int64 // of the same
	Hours     int   // of cart.too_far: how long the way is
	Max       int   // of cart.too_far: how long it may be
	Name      market.Text
}

// Quote prices a cart for a destination.
func (s *Service) Quote(ctx context.Context, by market.Actor, cart market.ID, to Destination) (*Quote, error) {
	c, err := s.cart(ctx, by, cart)
	if err != nil {
		return nil, err
	}
	return s.quote(ctx, by, c, to)
}

func (s *Service) quote(ctx context.Context, by market.Actor, c *Cart, to Destination) (*Quote, error) {
	q, err := s.priced(ctx, by, c, to)
	if err != nil || len(c.Lines) == 0 {
		return q, err
	}
	return q, s.grant(ctx, q, c.Codes)
}

// priced is the quote before vouchers.
func (s *Service) priced(ctx context.Context, by market.Actor, c *Cart, to Destination) (*Quote, error) {
	wishes := c.Lines
	q := &Quote{Cart: s.token(c), ShippingKnown: to.Province != "", at: s.env.Now(), buyer: by}
	if len(wishes) == 0 {
		return q, nil
	}
	products, stocks, err := s.look(ctx, wishes)
	if err != nil {
		return nil, err
	}
	promised, err := s.promised(ctx, wishes)
	if err != nil {
		return nil, err
	}
	for _, w := range wishes {
		q.add(s.quoteLine(w, products[w.Product], stocks[w.Variant], promised[w.claim()]))
	}
	if err := s.nameSellers(ctx, q); err != nil {
		return nil, err
	}
	if err := s.roads(ctx, q, to); err != nil {
		return nil, err
	}
	return q, s.price(q, to)
}

func (s *Service) look(ctx context.Context, wishes []CartLine) (map[market.ID]*catalog.Product, map[market.ID]*catalog.Stock, error) {
	products := make([]market.ID, 0, len(wishes))
	variants := make([]market.ID, 0, len(wishes))
	for _, w := range wishes {
		variants = append(variants, w.Variant)
		if !slices.Contains(products, w.Product) {
			products = append(products, w.Product)
		}
	}
	found, err := s.shelf.Products(ctx, products...)
	if err != nil {
		return nil, nil, err
	}
	stocks, err := s.shelf.Stocks(ctx, variants...)
	return found, stocks, err
}

// quoteLine looks a wish up: a line as it would be sold, or why it cannot be.
func (s *Service) quoteLine(w CartLine, p *catalog.Product, stock *catalog.Stock, promise Promise) (QuotedLine, market.ID, bool, *Problem) {
	gone := &Problem{Variant: w.Variant, Key: "cart.gone"}
	if p == nil {
		return QuotedLine{}, "", false, gone
	}
	gone.Name = p.Name
	v, ok := p.Variant(w.Variant)
	if !ok {
		return QuotedLine{}, "", false, gone
	}
	line := QuotedLine{Line: s.line(w, p, v), Producer: p.ProducerName, Terms: v.Terms, Keeping: p.Keeping}
	if stock != nil {
		line.Available = stock.Free(s.env.Now())
	}
	line.keep(promise)
	problem := quantityProblem(w, v.Terms, line.Available)
	if problem != nil {
		problem.Name = p.Name
	}
	return line, p.Seller, p.Alcohol, problem
}

// quantityProblem is why a wish cannot be had in its quantity; nil when it can.
func quantityProblem(w CartLine, terms catalog.Terms, available int64) *Problem {
	p := &Problem{Variant: w.Variant, Available: available, Near: terms.Nearest(min(w.Quantity, available)), Min: terms.Least(), Step: terms.By()}
	var e *market.Error
	switch {
	case available < w.Quantity:
		p.Key = "cart.short"
	case errors.As(terms.Allows(w.Quantity), &e):
		p.Key = e.Key
	default:
		return nil
	}
	return p
}

// line freezes what is true of the goods at this moment.
func (s *Service) line(w CartLine, p *catalog.Product, v catalog.Variant) Line {
	l := Line{
		Variant: v.ID, Product: p.ID, Slug: p.Slug, Name: p.Name, VariantName: v.Name, Unit: v.Unit, Size: v.Size,
		Price: v.Price, Quantity: w.Quantity, Amount: v.Price * market.VND(w.Quantity),
		Set: p.Set, Category: s.taxes.Category(s.env.Now(), p.Set), Ward: p.Ward, Touch: w.Touch, Band: v.Terms.Band,
	}
	if v.Terms.Catch {
		l.Weight = &Weight{Stated: v.Size.Amount * w.Quantity, Tolerance: s.shelf.Tolerance(s.env.Now()), Agreed: l.Amount}
	}
	if badge, ok := p.Badge(s.env.Now()); ok {
		l.Certificate, l.Version, l.Stars = badge.ID, badge.Version, badge.Stars
	}
	if len(p.Photos) > 0 {
		l.Photo = p.Photos[0].ID
	}
	return l
}

func (q *Quote) add(line QuotedLine, seller market.ID, adult bool, problem *Problem) {
	if problem != nil {
		q.Problems = append(q.Problems, *problem)
	}
	if seller == "" {
		return
	}
	i := slices.IndexFunc(q.Parcels, func(p QuotedParcel) bool { return p.Seller.ID == seller })
	if i < 0 {
		i = len(q.Parcels)
		q.Parcels = append(q.Parcels, QuotedParcel{Seller: stranger(seller)})
	}
	q.Parcels[i].Lines = append(q.Parcels[i].Lines, line)
	q.Parcels[i].Goods += line.Amount
	q.Goods += line.Amount
	q.Count += line.Quantity
	q.Adult = q.Adult || adult
}

// stranger stands for a seller until nameSellers has looked them up.
func stranger(id market.ID) *cooperatives.Seller {
	s := &cooperatives.Seller{}
	s.ID = id
	return s
}

func (s *Service) nameSellers(ctx context.Context, q *Quote) error {
	ids := make([]market.ID, len(q.Parcels))
	for i, p := range q.Parcels {
		ids[i] = p.Seller.ID
	}
	found, err := s.sellers.Sellers(ctx, ids...)
	if err != nil {
		return err
	}
	for i := range q.Parcels {
		if seller := found[ids[i]]; seller != nil {
			q.Parcels[i].Seller, q.Parcels[i].SellerKind = seller, string(seller.Kind)
		}
	}
	return nil
}

func (s *Service) price(q *Quote, to Destination) error {
	now := s.env.Now()
	var err error
	if q.Policies, err = s.policies.At(now); err != nil {
		return err
	}
	for i := range q.Parcels {
		p := &q.Parcels[i]
		if err := s.way(q, p, to); err != nil {
			return err
		}
		if !q.ShippingKnown {
			continue
		}
		rate, err := s.rates.At(now, s.zone(p.Seller.Ward, to.Province))
		if err != nil {
			return err
		}
		p.FreeFrom, q.Policies.Delivery = rate.FreeFrom, rate.Version
		p.Shipping = p.carried(rate.Price(plainLines(p.Lines)))
		q.Shipping += p.Shipping
	}
	q.Total = q.Goods + q.Shipping
	return nil
}

// zone is how far it is from a seller's ward to a province.
func (s *Service) zone(ward, to string) Zone {
	from := market.HueProvince
	if found, ok := s.areas.Find(ward); ok {
		from = found.Province
	}
	return zone(from, to)
}

// way tells when a parcel leaves and which of its goods would not bear the
// way. Without a destination nothing is too far.
func (s *Service) way(q *Quote, p *QuotedParcel, to Destination) error {
	near := ZoneSameProvince
	if q.ShippingKnown {
		near = s.zone(p.Seller.Ward, to.Province)
	}
	lead, err := s.leads.At(s.env.Now(), near)
	if err != nil {
		return err
	}
	lead = p.quickest(lead)
	var days []catalog.Days
	for _, l := range p.Lines {
		days = append(days, l.Keeping.ShipDays)
		if q.ShippingKnown && l.Keeping.MaxHours > 0 && lead.Hours > l.Keeping.MaxHours {
			q.Problems = append(q.Problems, Problem{
				Variant: l.Variant, Key: "cart.too_far", Available: l.Available, Hours: lead.Hours, Max: l.Keeping.MaxHours, Name: l.Name,
			})
		}
	}
	p.ShipBy = lead.ShipBy(s.env.Now(), days...)
	if q.ShippingKnown {
		p.Hours = lead.Hours
	}
	return nil
}

func plainLines(quoted []QuotedLine) []Line {
	lines := make([]Line, len(quoted))
	for i, q := range quoted {
		lines[i] = q.Line
	}
	return lines
}

// blocking turns a quote's problems into an error naming each line.
func (q *Quote) blocking() error {
	var checks market.Checks
	for _, p := range q.Problems {
		checks.Add("lines/"+string(p.Variant), p.err())
	}
	return checks.Err()
}

func (p Problem) err() error {
	err := market.Conflict(p.Key)
	for name, value := range p.Args() {
		err = err.With(name, value)
	}
	return err
}

// Args are what the problem's sentence names.
func (p Problem) Args() market.Args {
	return market.Args{
		"name": p.Name, "available": strconv.FormatInt(p.Available, 10), "near": strconv.FormatInt(p.Near, 10),
		"min": strconv.FormatInt(p.Min, 10), "step": strconv.FormatInt(p.Step, 10),
		"hours": strconv.Itoa(p.Hours), "max": strconv.Itoa(p.Max),
	}
}
