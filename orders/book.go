package orders

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// Carriers are those that the market speaks with, in the order in which they
// are offered.
type Carriers []Carrier

// Named finds a carrier.
func (c Carriers) Named(name string) (Carrier, bool) {
	i := slices.IndexFunc(c, func(c Carrier) bool { return c.Name() == name })
	if i < 0 {
		return nil, false
	}
	return c[i], true
}

var errCarrier = market.NotFound("carrier.missing")

// CarrierNames lists the carriers that are on.
func (s *Service) CarrierNames() []string {
	names := make([]string, len(s.carriers))
	for i, c := range s.carriers {
		names[i] = c.Name()
	}
	return names
}

// Booking is a seller's wish to have a parcel carried.
type Booking struct {
	Carrier string
	Fragile bool
	Inspect bool // the buyer may look before paying
}

// Book orders a carriage for a packed parcel: the wish is written down, the
// carrier asked, its answer written down. When the answer is not known the
// parcel stays "asked": the carrier is asked how it stands (see [Service.AskCarriers])
// and nothing is ordered twice. Goods that would not bear the way are refused
// before the carrier hears of them.
func (s *Service) Book(ctx context.Context, by market.Actor, order, parcel market.ID, b Booking) (*Order, error) {
	carrier, ok := s.carriers.Named(b.Carrier)
	if !ok {
		return nil, market.Invalid("carrier.missing", "carrier")
	}
	o, p, err := s.ownParcel(ctx, by, order, parcel)
	if err != nil {
		return nil, err
	}
	if p.Carriage.Live() {
		if p.Carriage.Carrier != b.Carrier {
			return nil, market.Conflict("carrier.other").With("carrier", p.Carriage.Carrier)
		}
		return s.driveCarriage(ctx, by, order, parcel, carrier)
	}
	c, err := s.consign(ctx, o, p)
	if err != nil {
		return nil, err
	}
	if err := s.bears(ctx, carrier, c); err != nil {
		return nil, err
	}
	if err := s.wish(ctx, order, parcel, b, c); err != nil {
		return nil, err
	}
	return s.driveCarriage(ctx, by, order, parcel, carrier)
}

// ownParcel is a parcel that the actor may send; not found to others.
func (s *Service) ownParcel(ctx context.Context, by market.Actor, order, parcel market.ID) (*Order, *Parcel, error) {
	o, err := s.orders.Get(ctx, order)
	if store.Missing(err) {
		return nil, nil, errOrder
	}
	if err != nil {
		return nil, nil, err
	}
	p := o.parcel(parcel)
	if p == nil || !by.For(p.Seller) && !by.Is(market.RoleOperator) {
		return nil, nil, errOrder
	}
	return o, p, nil
}

// wish claims the parcel for the carrier. Of two who press at once one claims.
func (s *Service) wish(ctx context.Context, order, parcel market.ID, b Booking, c consigned) error {
	waits, err := carrierWaitsAt(s.carrierWaits, s.env.Now())
	if err != nil {
		return err
	}
	return s.changeParcel(ctx, order, parcel, func(o *Order, p *Parcel) ([]market.Event, error) {
		if p.Carriage.Live() {
			return nil, nil
		}
		if p.State != ParcelPacked {
			return nil, market.Conflict("carrier.not_packed")
		}
		round := 0
		if p.Carriage != nil {
			round = p.Carriage.Round + 1
		}
		p.Carriage = &Carriage{
			Carrier: b.Carrier, Reference: referenceOf(p.ID, round), Round: round, State: CarriageAsked, COD: o.toCollect(*p),
			Fragile: b.Fragile || c.fragile, Fresh: c.fresh, AskedAt: s.env.Now(),
		}
		p.Carriage.ask(s.env.Now(), waits)
		return nil, nil
	})
}

// toCollect is the cash that the carrier takes at the door.
func (o *Order) toCollect(p Parcel) market.VND {
	if o.Method != MethodCOD || p.Paid {
		return 0
	}
	return p.Due()
}

// changeParcel is one change of a parcel inside its order.
func (s *Service) changeParcel(ctx context.Context, order, parcel market.ID, change func(*Order, *Parcel) ([]market.Event, error)) error {
	_, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		p := o.parcel(parcel)
		if p == nil {
			return nil, errOrder
		}
		events, err := change(o, p)
		o.arrange()
		return events, err
	})
	if store.Missing(err) {
		return errOrder
	}
	return err
}

// driveCarriage asks the carrier for a carriage that is written down and writes
// its answer. A booked one is left as it is.
func (s *Service) driveCarriage(ctx context.Context, by market.Actor, order, parcel market.ID, carrier Carrier) (*Order, error) {
	o, p, err := s.ownParcel(ctx, by, order, parcel)
	if err != nil {
		return nil, err
	}
	if p.Carriage.State == CarriageAsked && p.Carriage.Carrier == carrier.Name() {
		c, err := s.consign(ctx, o, p)
		if err != nil {
			return nil, err
		}
		c.Reference = p.Carriage.Reference
		if asked, err := s.send(ctx, order, parcel, c.Reference); err != nil || !asked {
			return o.forActor(by), err
		}
		w, err := carrier.Create(ctx, c.Consignment)
		if o, err = s.answered(ctx, order, parcel, p.Carriage.Reference, w, err); err != nil {
			return nil, err
		}
	}
	return o.forActor(by), nil
}

// answered writes a carrier's answer. Not knowing it is no error: the parcel
// says so.
func (s *Service) answered(ctx context.Context, order, parcel, reference market.ID, w Waybill, said error) (*Order, error) {
	var refused *market.Error
	kind := market.KindOf(said)
	if said != nil && kind != market.KindConflict && kind != market.KindInvalid {
		return s.unsure(ctx, order, parcel, reference)
	}
	errors.As(said, &refused)
	waits, err := carrierWaitsAt(s.carrierWaits, s.env.Now())
	if err != nil {
		return nil, err
	}
	err = s.changeParcel(ctx, order, parcel, func(_ *Order, p *Parcel) ([]market.Event, error) {
		g := p.Carriage
		switch {
		case g == nil || g.Reference != reference:
			return nil, nil
		case refused == nil && (g.State == CarriageAsked || g.State == CarriageRefused):
			g.Tracking, g.Service, g.Sort, g.Fee, g.Attention = w.Tracking, w.Service, w.Sort, w.Fee, ""
			if g.booked(s.env, p); !g.CallOff {
				p.Carrier, p.Tracking = g.Carrier, g.Tracking
			}
		case g.State == CarriageAsked:
			g.State, g.Words, g.Attention = CarriageRefused, refusal(refused), ""
		default:
			return nil, nil
		}
		g.ask(s.env.Now(), waits)
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return s.orders.Get(ctx, order)
}

func (s *Service) unsure(ctx context.Context, order, parcel, reference market.ID) (*Order, error) {
	err := s.changeParcel(ctx, order, parcel, func(_ *Order, p *Parcel) ([]market.Event, error) {
		if g := p.Carriage; g != nil && g.Reference == reference && g.State == CarriageAsked {
			g.Attention = AttentionUnsure
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return s.orders.Get(ctx, order)
}

func refusal(e *market.Error) string {
	words, _ := e.Args["words"].(string)
	return words
}

// Unbook calls a carriage off. One that the carrier has fetched is a conflict.
// One whose order is not known to have arrived is asked for first.
func (s *Service) Unbook(ctx context.Context, by market.Actor, order, parcel market.ID) (*Order, error) {
	o, p, err := s.ownParcel(ctx, by, order, parcel)
	if err != nil {
		return nil, err
	}
	if !p.Carriage.Live() {
		return o.forActor(by), nil
	}
	carrier, ok := s.carriers.Named(p.Carriage.Carrier)
	if !ok {
		return nil, errCarrier
	}
	if p.Carriage.Tracking == "" {
		return nil, market.Conflict("carrier.unsure")
	}
	if err := carrier.Cancel(ctx, p.Carriage.waybill()); err != nil {
		return nil, err
	}
	reference := p.Carriage.Reference
	err = s.changeParcel(ctx, order, parcel, func(_ *Order, p *Parcel) ([]market.Event, error) {
		if g := p.Carriage; g != nil && g.Reference == reference && p.State == ParcelPacked {
			g.State, g.AskAt = CarriageCancelled, nil
			p.Carrier, p.Tracking = "", ""
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	if o, err = s.orders.Get(ctx, order); err != nil {
		return nil, err
	}
	return o.forActor(by), nil
}

func (g *Carriage) waybill() Waybill {
	return Waybill{Reference: g.Reference, Tracking: g.Tracking, Service: g.Service, Fee: g.Fee, Sort: g.Sort}
}

// CarrierLabel is the carrier's own label of a booked parcel, as PDF.
func (s *Service) CarrierLabel(ctx context.Context, by market.Actor, order, parcel market.ID) ([]byte, error) {
	_, p, err := s.ownParcel(ctx, by, order, parcel)
	if err != nil {
		return nil, err
	}
	if p.Carriage == nil || p.Carriage.State != CarriageBooked {
		return nil, market.Conflict("carrier.not_booked")
	}
	carrier, ok := s.carriers.Named(p.Carriage.Carrier)
	if !ok {
		return nil, errCarrier
	}
	return carrier.Label(ctx, p.Carriage.waybill())
}

// consigned is a parcel as carriers take it, and what its goods need.
type consigned struct {
	Consignment
	fresh, fragile bool
	keeping        []kept
}

// kept is how one line's goods must be carried.
type kept struct {
	name market.Text
	catalog.Keeping
}

// Sizes of a box are not measured yet: a carton that such a weight fits in.
func boxOf(grams int64) Box {
	switch {
	case grams <= 3000:
		return Box{30, 20, 15}
	case grams <= 8000:
		return Box{40, 30, 25}
	}
	return Box{60, 40, 40}
}

// consign reads a parcel into a consignment.
func (s *Service) consign(ctx context.Context, o *Order, p *Parcel) (consigned, error) {
	sellers, err := s.sellers.Sellers(ctx, p.Seller)
	if err != nil {
		return consigned{}, err
	}
	seller := sellers[p.Seller]
	if seller == nil {
		return consigned{}, errOrder
	}
	from := s.contact(seller.Name.VI, seller.Phone, seller.Street, seller.Ward)
	to := s.contact(o.Address.Name, o.Address.Phone, o.Address.Street, o.Address.Ward)
	rate, err := s.rates.At(s.env.Now(), zone(from.ProvinceCode, to.ProvinceCode))
	if err != nil {
		return consigned{}, err
	}
	c := consigned{Consignment: Consignment{
		Reference: p.ID, Code: o.Code, From: from, To: to, COD: o.toCollect(*p), Value: p.Goods, Note: o.Note, At: s.env.Now(),
	}}
	for _, l := range p.Lines {
		grams := rate.weight(l)
		c.Grams += grams
		c.Goods = append(c.Goods, CarriedItem{Name: strings.TrimSpace(l.Name.VI + " " + l.VariantName.VI), Quantity: l.Quantity, Grams: grams, Price: l.Price})
	}
	c.Grams = max(c.Grams, 1)
	c.Box = boxOf(c.Grams)
	return c, s.keepingOf(ctx, p, &c)
}

func (s *Service) contact(name, phone, street, ward string) Contact {
	c := Contact{Name: name, Phone: phone, Street: street, WardCode: ward, Ward: s.areas.Name(ward)}
	if area, ok := s.areas.Find(ward); ok {
		c.ProvinceCode, c.Province = area.Province, s.areas.Name(area.Province)
	}
	return c
}

// keepingOf looks up what the goods need on their way.
func (s *Service) keepingOf(ctx context.Context, p *Parcel, c *consigned) error {
	ids := make([]market.ID, len(p.Lines))
	for i, l := range p.Lines {
		ids[i] = l.Product
	}
	found, err := s.shelf.Products(ctx, ids...)
	if err != nil {
		return err
	}
	for _, l := range p.Lines {
		if product := found[l.Product]; product != nil {
			k := product.Keeping
			c.keeping = append(c.keeping, kept{l.Name, k})
			c.fresh = c.fresh || k.MaxHours > 0
			c.fragile = c.fragile || k.Packing == "padded" || k.Packing == "upright"
		}
	}
	return nil
}

// bears asks the carrier for its way and refuses when goods would not bear it.
func (s *Service) bears(ctx context.Context, carrier Carrier, c consigned) error {
	if !c.fresh && !c.cold() {
		return nil
	}
	quote, err := carrier.Quote(ctx, c.Consignment)
	if err != nil {
		return err
	}
	return s.blocks(c, quote)
}

func (c consigned) cold() bool {
	return slices.ContainsFunc(c.keeping, func(k kept) bool { return k.Cold.Said })
}

// blocks tells why a way will not do for the goods; nil when it will. A carrier
// that does not say how long it takes takes as long as the dated lead times say.
func (s *Service) blocks(c consigned, q CarrierQuote) error {
	hours := q.Hours
	if hours == 0 {
		lead, err := s.leads.At(s.env.Now(), zone(c.From.ProvinceCode, c.To.ProvinceCode))
		if err != nil {
			return err
		}
		hours = lead.Hours
	}
	today := s.env.Now().In(market.HueZone).Weekday()
	for _, k := range c.keeping {
		switch {
		case k.MaxHours > 0 && hours > k.MaxHours:
			return market.Conflict("carrier.too_slow").With("name", k.name).With("hours", hours).With("max", k.MaxHours)
		case k.Cold.Said && k.Packing != packingCold && !q.byHand():
			return market.Conflict("carrier.no_cold").With("name", k.name).With("min", k.Cold.Min).With("max", k.Cold.Max)
		case k.MaxHours > 0 && !k.ShipDays.Has(today):
			return market.Conflict("carrier.ship_day").With("name", k.name)
		}
	}
	return nil
}

// packingCold keeps goods cold without the carrier's help.
const packingCold = "foam"

// byHand reports whether the seller carries the parcel, or sees it onto a bus.
func (q CarrierQuote) byHand() bool { return q.Service == ServiceByHand }

// ServiceByHand is the service of carriers that are the seller's own people, or
// a bus driver.
const ServiceByHand = "hand"

// quoteWait is how long a carrier has to make an offer before others do.
const quoteWait = 4 * time.Second
