package orders

import (
	"context"
	"crypto/subtle"
	"slices"
	"strings"

	"chohue/accounts"
	"chohue/market"
	"chohue/store"
)

// Order returns the order as this actor may see it: whole to its buyer, to
// staff and to whoever holds its key; to a seller with their own parcels only.
// Not found to anybody else.
func (s *Service) Order(ctx context.Context, by market.Actor, id market.ID, key string) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	if o.owned(by, key) || by.Is(market.RoleOperator, market.RoleModerator) {
		return o, nil
	}
	if mine := o.forActor(by); len(mine.Parcels) > 0 {
		return mine, nil
	}
	return nil, errOrder
}

func (o *Order) owned(by market.Actor, key string) bool {
	if o.Buyer != "" && o.Buyer == by.Person {
		return true
	}
	return subtle.ConstantTimeCompare([]byte(o.Key), []byte(key)) == 1
}

// forActor is the order with only what the actor may see of it.
func (o *Order) forActor(by market.Actor) *Order {
	if o.owned(by, "") || by.Is(market.RoleOperator, market.RoleModerator) {
		return o
	}
	c := *o
	c.Parcels, c.Lots, c.Key, c.Codes, c.Phone = nil, nil, "", nil, ""
	c.Goods, c.Shipping, c.Subsidy = 0, 0, 0
	c.Vouchers = slices.DeleteFunc(slices.Clone(o.Vouchers), func(g Granted) bool { return g.Seller != "" && !by.For(g.Seller) })
	c.Returns, c.Refunds, c.History, c.Asks = nil, nil, nil, nil
	for _, p := range o.Parcels {
		if by.For(p.Seller) {
			c.Parcels = append(c.Parcels, p)
			c.Goods, c.Shipping = c.Goods+p.Goods, c.Shipping+p.Shipping
			c.Subsidy += p.Subsidy + p.ShippingSubsidy
		}
	}
	c.Total = c.Goods + c.Shipping - c.Subsidy
	c.onlyOf(o, by)
	return &c
}

// onlyOf takes over from the order what concerns the seller's own parcels.
func (o *Order) onlyOf(whole *Order, by market.Actor) {
	for _, r := range whole.Returns {
		if by.For(r.Seller) {
			o.Returns = append(o.Returns, r)
		}
	}
	for _, a := range whole.Asks {
		if o.parcel(a.Parcel) != nil {
			o.Asks = append(o.Asks, a)
		}
	}
	for _, m := range whole.Refunds {
		if by.For(m.Seller) {
			o.Refunds = append(o.Refunds, m)
		}
	}
	for _, e := range whole.History {
		switch {
		case e.Parcel == "":
			e.Amount = 0 // of everybody's parcels
			o.History = append(o.History, e)
		case o.parcel(e.Parcel) != nil:
			o.History = append(o.History, e)
		}
	}
}

// Track returns the order for whoever has its id (80 random bits, as sent in
// the confirmation), without what tells who the buyer is.
func (s *Service) Track(ctx context.Context, id market.ID) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	return o.masked(), nil
}

func (o *Order) masked() *Order {
	c := *o
	c.Key, c.Note, c.Buyer, c.Cart, c.Returns, c.Refunds = "", "", "", "", nil, nil
	c.History = nil
	for _, e := range o.History {
		if e.Return == "" && e.Amount == 0 {
			e.Why = ""
			c.History = append(c.History, e)
		}
	}
	c.Codes, c.Gift, c.Phone, c.Asks = nil, nil, "", nil
	c.Parcels = withoutProofs(o.Parcels)
	c.Address.Name = initials(o.Address.Name)
	c.Address.Phone = accounts.MaskPhone(o.Address.Phone)
	c.Address.Street = ""
	return &c
}

func initials(name string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(name) {
		for _, r := range word {
			b.WriteRune(r)
			b.WriteByte('.')
			break
		}
	}
	return b.String()
}

// FindByCode is the tracking page's door: the code read out or typed, and the
// phone number given at checkout. The answer to a wrong pair is not found.
func (s *Service) FindByCode(ctx context.Context, orderCode, phone string) (*Order, error) {
	number, err := accounts.ParsePhone(phone)
	if err != nil {
		return nil, err
	}
	wanted := strings.ToUpper(strings.TrimSpace(orderCode))
	page, err := s.orders.Find(ctx, store.Query{Index: "code", Eq: []any{wanted}, Limit: 10})
	if err != nil {
		return nil, err
	}
	for _, o := range page.Items {
		if o.Address.Phone == number || o.orderedBy() == number {
			return o, nil
		}
	}
	return nil, errOrder
}

// OfBuyer lists a signed-in person's own orders, newest first.
func (s *Service) OfBuyer(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Order], error) {
	if by.Person == "" {
		return store.Page[Order]{}, market.Unauthenticated("signin.needed")
	}
	return s.orders.Find(ctx, store.Query{Index: "buyer", Eq: []any{by.Person}, Desc: true, After: after, Limit: limit})
}

// OfSeller lists orders with a parcel of the seller, newest first; only those
// with one in the given state, unless it is empty.
func (s *Service) OfSeller(ctx context.Context, by market.Actor, seller market.ID, state ParcelState, after store.Cursor, limit int) (store.Page[Order], error) {
	if !by.For(seller) && !by.Is(market.RoleOperator) {
		return store.Page[Order]{}, market.NotFound("cooperatives.missing")
	}
	page, err := s.orders.Find(ctx, store.Query{Index: "board", Eq: []any{board(seller, state)}, Desc: true, After: after, Limit: limit})
	if err != nil {
		return page, err
	}
	for i, o := range page.Items {
		page.Items[i] = o.forSeller(seller)
	}
	return page, nil
}

func (o *Order) forSeller(seller market.ID) *Order {
	return o.forActor(market.Actor{Sellers: []market.ID{seller}})
}

// Each walks all orders, for rebuilding what is derived from them.
func (s *Service) Each(ctx context.Context, do func(*Order) error) error {
	return s.orders.Each(ctx, store.Query{}, do)
}
