package orders

import (
	"context"
	"regexp"
	"slices"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Reserving is a buyer's wish for a share of a harvest.
type Reserving struct {
	ID       market.ID // made by the client, optional: the same id again is the same pre-order
	Harvest  market.ID
	Quantity int64
	Address  market.Address
	Note     string
	Method   string     // of the deposit
	Adult    bool       // the buyer says to be of age; needed for alcohol
	Expect   market.VND // the deposit that the buyer saw; 0 accepts any
	Touch    *Touch     // the click that led here
	BaseURL  string     // scheme and host for return and notice addresses
}

var errPreorder = market.NotFound("preorder.missing")

var preorderForm = regexp.MustCompile(`^[0-9A-Z]{26}$`)

// Reserve keeps a share of a harvest for the buyer and begins the payment of
// its deposit. The same wish again returns the same pre-order. The reservation
// is made before it is written down here: cut off in between, it falls back by
// itself.
func (s *Service) Reserve(ctx context.Context, by market.Actor, r Reserving) (*Preorder, payments.Step, error) {
	if by.Person == "" {
		return nil, payments.Step{}, market.Unauthenticated("signin.needed")
	}
	if r.ID == "" {
		r.ID = s.env.NewID()
	}
	if !preorderForm.MatchString(string(r.ID)) {
		return nil, payments.Step{}, market.Invalid("preorder.id", "id")
	}
	p, err := s.preorders.Get(ctx, r.ID)
	if store.Missing(err) {
		p, err = s.reserve(ctx, by, r)
	}
	if err != nil {
		return nil, payments.Step{}, err
	}
	if p.Buyer != by.Person {
		return nil, payments.Step{}, errPreorder
	}
	if p.Harvest != r.Harvest || p.Quantity != r.Quantity {
		return nil, payments.Step{}, market.Conflict("harvest.other_reservation").At("quantity")
	}
	return s.beginDeposit(ctx, by, p, r.BaseURL)
}

func (s *Service) reserve(ctx context.Context, by market.Actor, r Reserving) (*Preorder, error) {
	if err := s.checkReserving(&r); err != nil {
		return nil, err
	}
	h, err := s.shelf.HarvestSeen(ctx, by, r.Harvest)
	if err != nil {
		return nil, err
	}
	q, err := s.quoteHarvest(ctx, h, r)
	if err != nil {
		return nil, err
	}
	waits, err := s.deadlines.At(s.env.Now())
	if err != nil {
		return nil, err
	}
	h, err = s.shelf.ReserveHarvest(ctx, by, h.ID, r.ID, r.Quantity, waits.pay(r.Method)+holdBeyond)
	if err != nil {
		return nil, err
	}
	p := s.preorder(by, h, q, r, waits)
	err = s.preorders.Insert(ctx, p, p.news(s.env, EventPreorderMoved, string(PreorderReserved)))
	if store.Exists(err) {
		return s.preorders.Get(ctx, p.ID)
	}
	return p, err
}

func (s *Service) checkReserving(r *Reserving) error {
	c := Checkout{Address: r.Address, Note: r.Note, Method: r.Method}
	if err := s.check(&c); err != nil {
		return err
	}
	r.Address = c.Address
	if r.Method == MethodCOD {
		return market.Invalid("preorder.no_cod", "method")
	}
	return nil
}

// quoteHarvest prices the reservation and refuses what could not be sent. That
// nothing is on the shelf yet is no hindrance.
func (s *Service) quoteHarvest(ctx context.Context, h *catalog.Harvest, r Reserving) (*Quote, error) {
	wish := CartLine{Product: h.Product, Variant: h.Variant, Quantity: r.Quantity, Touch: r.Touch}
	q, err := s.priced(ctx, market.Actor{}, &Cart{Lines: []CartLine{wish}}, Destination{r.Address.Province, r.Address.Ward})
	if err != nil {
		return nil, err
	}
	q.Problems = slices.DeleteFunc(q.Problems, func(p Problem) bool { return p.Key == "cart.short" })
	if err := q.blocking(); err != nil {
		return nil, err
	}
	if q.Adult && !r.Adult {
		return nil, market.Invalid("checkout.adult", "adult")
	}
	deposit := h.Deposit.Of(h.Price * market.VND(r.Quantity))
	if r.Expect != 0 && r.Expect != deposit {
		return nil, market.Conflict("preorder.deposit_changed").With("deposit", deposit).At("quantity")
	}
	return q, s.payable(q, r.Method, deposit)
}

// preorder freezes what was agreed.
func (s *Service) preorder(by market.Actor, h *catalog.Harvest, q *Quote, r Reserving, waits Waits) *Preorder {
	now := s.env.Now()
	made, _ := h.Reservation(r.ID)
	p := &Preorder{
		Doc: store.Doc{ID: r.ID}, Code: code(r.ID), Harvest: h.ID, Buyer: by.Person, Address: r.Address, Note: r.Note,
		Quantity: made.Quantity, Deposit: made.Deposit, Credit: made.Deposit, Kept: h.KeptPermille, Method: r.Method,
		Policy: q.Policies.Delivery, State: PreorderReserved, ReservedAt: now, Until: now.Add(waits.pay(r.Method) + giveUpAfter), Waits: waits, Told: len(h.Notices),
	}
	p.Parcel = s.parcel(&Order{Doc: store.Doc{ID: r.ID}, Method: r.Method, PlacedAt: now}, q.Parcels[0])
	p.Parcel.ShipBy = nil // nobody knows before the harvest
	line := &p.Parcel.Lines[0]
	line.Price, line.Touch = made.Price, preorderTouch(r.Touch, now)
	s.resize(p, made.Quantity)
	p.History = []PreorderEntry{{At: now, What: string(PreorderReserved), VND: p.Deposit}}
	p.plan(now)
	return p
}

// preorderTouch keeps whose link led here; statistics count one channel.
func preorderTouch(led *Touch, now time.Time) *Touch {
	t := Touch{At: now}
	if led != nil {
		t = *led
	}
	t.Channel = ChannelPreorder
	return &t
}

// resize makes the parcel one of so many units.
func (s *Service) resize(p *Preorder, units int64) {
	line := p.Parcel.Lines[0]
	line.Quantity, line.Amount = units, line.Price*market.VND(units)
	if line.Weight != nil {
		w := *line.Weight
		w.Stated, w.Agreed = line.Size.Amount*units, line.Amount
		line.Weight = &w
	}
	p.Parcel.Lines, p.Parcel.Goods = []Line{line}, line.Amount
	p.Parcel.Fee = s.fees.Rate(p.ReservedAt, p.Parcel.SellerKind).Of(p.Parcel.Goods)
}

// beginDeposit starts (or finds) the payment of the deposit. The platform takes
// no commission on it: that is due on the sale, with the balance.
func (s *Service) beginDeposit(ctx context.Context, by market.Actor, p *Preorder, base string) (*Preorder, payments.Step, error) {
	if p.State != PreorderReserved {
		return p, payments.Step{}, nil
	}
	c := p.charge(p.DepositID(), p.Method, base, p.Deposit, 0, 0)
	c.OrderCode += "-C"
	c.Description = "Dat coc " + p.Code
	c.ExpiresAt = p.ReservedAt.Add(p.Waits.pay(p.Method))
	step, err := s.beginPreorder(ctx, by, p, c)
	return p, step, err
}

// charge asks for a part of what the parcel costs.
func (p *Preorder) charge(id market.ID, method, base string, goods, shipping, fee market.VND) payments.Charge {
	part := share(p.Parcel)
	part.Goods, part.Shipping, part.Fee = goods, shipping, fee
	return payments.Charge{
		ID: id, Order: p.ID, OrderCode: p.Code, Amount: part.Gross(), Method: method, Shares: []payments.Share{part},
		ReturnURL: base + "/dat-truoc/" + string(p.ID) + "/da-tra", NoticeURL: base + "/api/v1/payments/" + method + "/notices",
	}
}

func (s *Service) beginPreorder(ctx context.Context, by market.Actor, p *Preorder, c payments.Charge) (payments.Step, error) {
	if c.Method == MethodVietQR {
		payee, err := s.payee(ctx, p.Parcel.Seller)
		if err != nil {
			return payments.Step{}, err
		}
		c.Payee = payee
	}
	in, err := s.till.Begin(ctx, by, c)
	if err != nil {
		return payments.Step{}, err
	}
	return in.Step, nil
}
