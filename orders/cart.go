package orders

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"chohue/market"
	"chohue/store"
)

// Cart is what somebody means to buy. As the room gives it out its ID is a signed
// token: who has it may use the cart, until a person has signed in to it.
type Cart struct {
	store.Doc `bson:",inline"`
	Turn      int64      `bson:"turn,omitempty"` // of its token
	Person    market.ID  `bson:"person,omitempty"`
	Lines     []CartLine `bson:"lines"`
	Codes     []string   `bson:"codes,omitempty"` // of vouchers, as they are kept
	Order     market.ID  `bson:"order,omitempty"` // set once checkout has begun
	UpdatedAt time.Time  `bson:"updated_at"`
}

// CartLine is a wish: prices are looked up whenever the cart is shown.
type CartLine struct {
	Variant  market.ID `bson:"variant"`
	Product  market.ID `bson:"product"`
	Quantity int64     `bson:"quantity"`
	Touch    *Touch    `bson:"touch,omitempty"`
}

// Limits of a cart.
const (
	MaxLines    = 100
	MaxQuantity = 10_000
)

var (
	errCart    = market.NotFound("cart.missing")
	errOrdered = market.Conflict("cart.ordered")
)

// NewCart makes an empty cart; a signed-in person's own.
func (s *Service) NewCart(ctx context.Context, by market.Actor) (*Cart, error) {
	c := &Cart{
		Doc: store.Doc{ID: market.ID(market.NewSecret())}, Turn: 1, Person: by.Person,
		Lines: []CartLine{}, UpdatedAt: s.env.Now(),
	}
	if err := s.carts.Insert(ctx, c); err != nil {
		return nil, err
	}
	return s.handed(c), nil
}

// Cart returns the cart to whoever may use it; not found to others.
func (s *Service) Cart(ctx context.Context, by market.Actor, token market.ID) (*Cart, error) {
	c, err := s.cart(ctx, by, token)
	if err != nil {
		return nil, err
	}
	return s.handed(c), nil
}

// cart is Cart with the cart's own id, as the room's documents name it.
func (s *Service) cart(ctx context.Context, by market.Actor, token market.ID) (*Cart, error) {
	id, ok := s.verified(token)
	if !ok {
		return nil, errCart
	}
	c, err := s.carts.Get(ctx, id)
	if store.Missing(err) || err == nil && (!c.usable(by) || !c.opens(token)) {
		return nil, errCart
	}
	return c, err
}

func (c *Cart) usable(by market.Actor) bool { return c.Person == "" || c.Person == by.Person }

// CartOf returns the latest open cart of a signed-in person; not found when
// there is none.
func (s *Service) CartOf(ctx context.Context, by market.Actor) (*Cart, error) {
	if by.Person == "" {
		return nil, errCart
	}
	page, err := s.carts.Find(ctx, store.Query{Index: "person", Eq: []any{by.Person}, Desc: true, Limit: 5})
	if err != nil {
		return nil, err
	}
	for _, c := range page.Items {
		if c.Order == "" {
			return s.handed(c), nil
		}
	}
	return nil, errCart
}

// SetLine puts exactly quantity of a variant in the cart, 0 taking it out. A
// touch says which link led there; nil keeps what was known. A quantity that the
// variant is not sold in is refused.
func (s *Service) SetLine(ctx context.Context, by market.Actor, cart, variant market.ID, quantity int64, touch *Touch) (*Cart, error) {
	if quantity < 0 || quantity > MaxQuantity {
		return nil, market.Invalid("cart.quantity", "quantity").With("max", strconv.Itoa(MaxQuantity))
	}
	line := CartLine{Variant: variant, Quantity: quantity, Touch: touch}
	if quantity > 0 {
		p, err := s.shelf.ByVariant(ctx, variant)
		if err != nil {
			return nil, err
		}
		v, _ := p.Variant(variant)
		var e *market.Error
		if errors.As(v.Terms.Allows(quantity), &e) {
			return nil, e.With("name", p.Name)
		}
		line.Product = p.ID
	}
	return s.changeCart(ctx, by, cart, func(c *Cart) error { return c.set(line) })
}

func (s *Service) changeCart(ctx context.Context, by market.Actor, token market.ID, change func(*Cart) error) (*Cart, error) {
	id, ok := s.verified(token)
	if !ok {
		return nil, errCart
	}
	c, err := s.carts.Update(ctx, id, func(c *Cart) ([]market.Event, error) {
		if !c.usable(by) || !c.opens(token) {
			return nil, errCart
		}
		if c.Order != "" {
			return nil, errOrdered
		}
		c.UpdatedAt = s.env.Now()
		return nil, change(c)
	})
	if store.Missing(err) {
		return nil, errCart
	}
	if err != nil {
		return nil, err
	}
	return s.handed(c), nil
}

func (c *Cart) set(line CartLine) error {
	for i, have := range c.Lines {
		if have.Variant != line.Variant {
			continue
		}
		if line.Quantity == 0 {
			c.Lines = append(c.Lines[:i], c.Lines[i+1:]...)
			return nil
		}
		if line.Touch == nil {
			line.Touch = have.Touch
		}
		c.Lines[i] = line
		return nil
	}
	if line.Quantity == 0 {
		return nil
	}
	if len(c.Lines) >= MaxLines {
		return market.Conflict("cart.full").With("max", strconv.Itoa(MaxLines))
	}
	c.Lines = append(c.Lines, line)
	return nil
}

// MergeCarts brings what was put in a cart as a guest into the person's own,
// at sign-in. The guest cart is gone afterwards and the token of the own one
// moves on, so that nobody who still holds either sees what the person does
// later. A guest cart without an own one simply becomes the person's.
func (s *Service) MergeCarts(ctx context.Context, by market.Actor, guest, own market.ID) (*Cart, error) {
	from, err := s.cart(ctx, by, guest)
	if err != nil {
		return nil, err
	}
	if from.Order != "" {
		return nil, errOrdered
	}
	if own == "" {
		fresh, err := s.NewCart(ctx, by)
		if err != nil {
			return nil, err
		}
		own = fresh.ID
	}
	if own == guest {
		return s.handed(from), nil
	}
	merged, err := s.changeCart(ctx, by, own, func(c *Cart) error {
		c.Lines, c.Codes = Merge(c.Lines, from.Lines), mergeCodes(c.Codes, from.Codes)
		c.Turn++
		return nil
	})
	if err != nil {
		return nil, err
	}
	return merged, s.carts.Delete(ctx, from.ID)
}

func mergeCodes(own, guest []string) []string {
	all := append([]string{}, own...)
	for _, code := range guest {
		if len(all) < maxCodes && !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

// Merge joins two carts' lines. Of the same variant the larger quantity stays
// (somebody who put 2 in before and 3 now wants 3, not 5) with the later
// touch; own lines keep their order and come first; at most MaxLines stay.
func Merge(own, guest []CartLine) []CartLine {
	merged := append([]CartLine{}, own...)
	for _, g := range guest {
		i := indexOf(merged, g.Variant)
		if i < 0 {
			if len(merged) < MaxLines {
				merged = append(merged, g)
			}
			continue
		}
		merged[i].Quantity = max(merged[i].Quantity, g.Quantity)
		merged[i].Touch = later(merged[i].Touch, g.Touch)
	}
	return merged
}

func indexOf(lines []CartLine, variant market.ID) int {
	for i, l := range lines {
		if l.Variant == variant {
			return i
		}
	}
	return -1
}

func later(a, b *Touch) *Touch {
	if a == nil || b != nil && b.At.After(a.At) {
		return b
	}
	return a
}
