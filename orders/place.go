package orders

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"chohue/accounts"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Checkout is a buyer's decision.
type Checkout struct {
	Cart    market.ID
	Address market.Address
	Method  string // a payment method of Till.Methods
	Note    string
	Adult   bool // the buyer says to be of age; needed for alcohol
	Gift    *Gift
	Seen    []SeenLine // the lines as the buyer saw them; none accepts any
	Expect  market.VND // the total that the buyer saw; 0 accepts any
	BaseURL string     // scheme and host for return and notice addresses
}

// The order is given up a little after its payment session, and the goods are
// held a little longer still, so that a payment made at the last second finds
// them.
const (
	giveUpAfter = 2 * time.Minute
	holdBeyond  = 10 * time.Minute
	maxNote     = 500
)

// Place turns a cart into an order: it holds the goods, writes the order and
// begins the payment. Placing the same cart again returns the same order. When
// a line cannot be held, nothing stays held and the error names the line.
func (s *Service) Place(ctx context.Context, by market.Actor, c Checkout) (*Order, payments.Step, error) {
	cart, err := s.cart(ctx, by, c.Cart)
	if err != nil {
		return nil, payments.Step{}, err
	}
	if cart.Order != "" {
		if o, err := s.orders.Get(ctx, cart.Order); err == nil {
			return s.begin(ctx, by, o, c.BaseURL)
		} else if !store.Missing(err) {
			return nil, payments.Step{}, err
		}
	}
	if err := s.check(&c); err != nil {
		return nil, payments.Step{}, err
	}
	order, err := s.draft(ctx, by, cart, c)
	if err != nil {
		return nil, payments.Step{}, err
	}
	if order, err = s.write(ctx, cart, order); err != nil {
		return nil, payments.Step{}, err
	}
	return s.begin(ctx, by, order, c.BaseURL)
}

func (s *Service) check(c *Checkout) error {
	var checks market.Checks
	c.Address.Name = strings.TrimSpace(c.Address.Name)
	c.Address.Street = strings.TrimSpace(c.Address.Street)
	phone, err := accounts.ParsePhone(c.Address.Phone)
	checks.Add("phone", err)
	c.Address.Phone = phone
	s.areas.Check(&checks, "", c.Address)
	checks.That(len(c.Note) <= maxNote, "note", "checkout.note")
	c.Gift.check(&checks)
	checks.That(slices.Contains(s.till.Methods(), c.Method), "method", "checkout.method")
	return checks.Err()
}

// draft quotes the cart and freezes the answer as an order.
func (s *Service) draft(ctx context.Context, by market.Actor, cart *Cart, c Checkout) (*Order, error) {
	if len(cart.Lines) == 0 {
		return nil, market.Conflict("cart.empty")
	}
	q, err := s.quote(ctx, by, cart, Destination{c.Address.Province, c.Address.Ward})
	if err != nil {
		return nil, err
	}
	if err := q.blocking(); err != nil {
		return nil, err
	}
	if q.Adult && !c.Adult {
		return nil, market.Invalid("checkout.adult", "adult")
	}
	if err := q.asSeen(c, cart.Codes); err != nil {
		return nil, err
	}
	if err := s.payable(q, c.Method, q.Total); err != nil {
		return nil, err
	}
	waits, err := s.deadlines.At(s.env.Now())
	if err != nil {
		return nil, err
	}
	return s.freeze(by, cart, q, c, waits), nil
}

// payable refuses what a method cannot do: an amount outside its provider's
// limits, and a bank transfer by VietQR, which goes to one account, for anything
// but one seller with an account.
func (s *Service) payable(q *Quote, method string, amount market.VND) error {
	if err := s.till.Accepts(method, amount); err != nil {
		return err
	}
	if method != MethodVietQR {
		return nil
	}
	if len(q.Parcels) != 1 {
		return market.Invalid("checkout.vietqr_one_seller", "method")
	}
	if q.Parcels[0].Seller.Bank.Account == "" {
		return market.Invalid("checkout.vietqr_no_account", "method")
	}
	return nil
}

// Payment methods that change how an order goes.
const (
	MethodVietQR = "vietqr"
	MethodCOD    = "cod" // paid parcel by parcel when delivered
)

func (s *Service) freeze(by market.Actor, cart *Cart, q *Quote, c Checkout, waits Waits) *Order {
	now := s.env.Now()
	id := cart.Order
	if id == "" {
		id = s.env.NewID()
	}
	until := now.Add(waits.pay(c.Method) + giveUpAfter)
	o := &Order{
		Doc: store.Doc{ID: id}, Code: code(id), Key: market.NewSecret(), Cart: cart.ID, Buyer: by.Person,
		Address: c.Address, Note: c.Note, Gift: c.Gift, Goods: q.Goods, Shipping: q.Shipping, Subsidy: q.Subsidy, Total: q.Total,
		Vouchers: q.Vouchers, Codes: cart.Codes, Method: c.Method, Policies: q.Policies, State: StatePlaced, PlacedAt: now, UnpaidUntil: &until, Waits: waits,
	}
	for _, p := range q.Parcels {
		o.Parcels = append(o.Parcels, s.parcel(o, p))
	}
	o.note(now, "placed", "")
	o.arrange()
	return o
}

// code is the part of the id that people can read out: 40 random bits.
func code(id market.ID) string { return "HUE-" + string(id[len(id)-8:]) }

func (s *Service) parcel(o *Order, q QuotedParcel) Parcel {
	p := Parcel{
		ID: s.env.NewID(), Seller: q.Seller.ID, SellerName: q.Seller.Name, SellerSlug: q.Seller.Slug,
		SellerKind: q.SellerKind, SellerWard: q.Seller.Ward, SellerTax: SellerTax{q.Seller.TaxCode, q.Seller.Residency}, Lines: agreed(q.Lines),
		Goods: q.Goods, Shipping: q.Shipping, State: ParcelWaiting, Payment: o.ID,
		Subsidy: q.Subsidy, ShippingSubsidy: q.ShippingSubsidy, ShippingOff: q.ShippingOff,
	}
	if q.Carrier != "" {
		p.Quoted = &Quoted{q.Carrier, q.Shipping + q.ShippingOff}
	}
	if !q.ShipBy.IsZero() {
		p.ShipBy = &q.ShipBy
	}
	p.FeeRate = s.fees.Rate(o.PlacedAt, p.SellerKind)
	p.Fee = p.FeeRate.Of(p.Goods)
	if o.Method == MethodCOD {
		p.Payment = p.ID
	}
	return p
}

// write claims the cart for the order, holds the goods and inserts the order.
// Whatever comes in between, the holds end by themselves and the same cart
// leads to the same order id. When two are at it at once, the order is the one
// that was written first: the other's parcels and key are nobody's.
func (s *Service) write(ctx context.Context, cart *Cart, o *Order) (*Order, error) {
	if err := s.claim(ctx, cart, o.ID); err != nil {
		return nil, err
	}
	if err := s.hold(ctx, o); err != nil {
		return nil, errors.Join(err, s.reopen(ctx, cart.ID, o.ID))
	}
	err := s.orders.Insert(ctx, o, market.NewEvent(s.env, EventPlaced, o.ID, o.moved("")))
	if store.Exists(err) {
		return s.orders.Get(ctx, o.ID)
	}
	return o, err
}

func (s *Service) claim(ctx context.Context, cart *Cart, order market.ID) error {
	_, err := s.carts.Update(ctx, cart.ID, func(c *Cart) ([]market.Event, error) {
		if c.Order == order {
			return nil, nil
		}
		if c.Order != "" || c.Rev != cart.Rev {
			return nil, market.Conflict("cart.changed")
		}
		c.Order = order
		return nil, nil
	})
	return err
}

// hold takes the goods in order of variant, so that two buyers who want the
// same things cannot keep each other from both.
func (s *Service) hold(ctx context.Context, o *Order) error {
	lines := o.taken()
	slices.SortFunc(lines, func(a, b Taken) int { return strings.Compare(string(a.Variant), string(b.Variant)) })
	until := o.PlacedAt.Add(o.Waits.pay(o.Method) + holdBeyond)
	for i, l := range lines {
		err := s.holdLine(ctx, o, l, until)
		if err != nil {
			return errors.Join(at("lines/"+string(l.Variant), err), s.releaseGoods(ctx, o.ID, lines[:i]))
		}
	}
	if err := s.holdVouchers(ctx, o, until); err != nil {
		return errors.Join(err, s.releaseGoods(ctx, o.ID, lines))
	}
	return nil
}

func (s *Service) releaseGoods(ctx context.Context, order market.ID, lines []Taken) error {
	var err error
	for _, held := range lines {
		err = errors.Join(err, s.shelf.Release(ctx, order, held.Variant))
	}
	return err
}

// at names the field that one of our errors is about.
func at(field string, err error) error {
	var e *market.Error
	if errors.As(err, &e) {
		return e.At(field)
	}
	return err
}

func (s *Service) reopen(ctx context.Context, cart, order market.ID) error {
	_, err := s.carts.Update(ctx, cart, func(c *Cart) ([]market.Event, error) {
		if c.Order == order {
			c.Order = ""
		}
		return nil, nil
	})
	return err
}

// begin starts (or finds) the payments of an order. An order paid on delivery
// is confirmed at once.
func (s *Service) begin(ctx context.Context, by market.Actor, o *Order, base string) (*Order, payments.Step, error) {
	var step payments.Step
	if o.State != StatePlaced {
		return o, step, nil
	}
	charges, err := s.charges(ctx, o, base)
	if err != nil {
		return o, step, err
	}
	for _, c := range charges {
		intent, err := s.till.Begin(ctx, by, c)
		if err != nil {
			return o, step, err
		}
		step = intent.Step
	}
	if o.Method == MethodCOD {
		o, err = s.confirm(ctx, o)
	}
	return o, step, err
}

func (s *Service) charges(ctx context.Context, o *Order, base string) ([]payments.Charge, error) {
	whole := payments.Charge{
		ID: o.ID, Order: o.ID, OrderCode: o.Code, Amount: o.Total, Method: o.Method,
		Description: "Don hang " + o.Code,
		ReturnURL:   base + "/thanh-toan/" + string(o.ID) + "?key=" + o.Key,
		NoticeURL:   base + "/api/v1/payments/" + o.Method + "/notices",
		ExpiresAt:   o.PlacedAt.Add(o.Waits.pay(o.Method)),
	}
	if o.Method == MethodCOD {
		return splitCharge(whole, o), nil
	}
	for _, p := range o.Parcels {
		whole.Shares = append(whole.Shares, share(p))
	}
	if o.Method != MethodVietQR {
		return []payments.Charge{whole}, nil
	}
	payee, err := s.payee(ctx, o.Parcels[0].Seller)
	whole.Payee = payee
	return []payments.Charge{whole}, err
}

func splitCharge(whole payments.Charge, o *Order) []payments.Charge {
	charges := make([]payments.Charge, len(o.Parcels))
	for i, p := range o.Parcels {
		c := whole
		c.ID, c.Amount, c.Shares = p.Payment, p.Due(), []payments.Share{share(p)}
		c.ExpiresAt = time.Time{} // due on delivery, whenever that is
		charges[i] = c
	}
	return charges
}

func (s *Service) payee(ctx context.Context, seller market.ID) (*payments.Bank, error) {
	found, err := s.sellers.Sellers(ctx, seller)
	if err != nil {
		return nil, err
	}
	if found[seller] == nil {
		return nil, market.NotFound("cooperatives.missing")
	}
	b := found[seller].Bank
	return &payments.Bank{BIN: b.BIN, Account: b.Account, Holder: b.Holder}, nil
}
