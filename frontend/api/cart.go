package api

import (
	"context"
	"net/http"
	"time"

	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

// Cart is what somebody means to buy, at today's prices. Nothing is held and
// nothing promised.
type Cart struct {
	ID       market.ID     `json:"id" doc:"A signed token: who has it may use the cart until somebody has signed in to it; it changes at sign-in"`
	Parcels  []CartParcel  `json:"parcels" doc:"One for each seller"`
	Problems []CartProblem `json:"problems,omitempty" doc:"Why it cannot be bought as it stands"`
	Goods    Money         `json:"goods"`
	Shipping *Money        `json:"shipping,omitempty" doc:"Missing until a destination is known"`
	Total    Money         `json:"total" doc:"Without shipping until that is known"`
	Bill     Bill          `json:"bill" doc:"What the total is made of"`
	Vouchers []Grant       `json:"vouchers,omitempty" doc:"What counts already"`
	Offers   []Voucher     `json:"offers,omitempty" doc:"What there is for this cart, with its conditions and why it does not count"`
	Codes    []string      `json:"codes,omitempty" doc:"Codes that were typed and are none"`
	Count    int64         `json:"count" doc:"Units of all lines"`
	Adult    bool          `json:"adult,omitempty" doc:"Something in it is sold to adults only"`
}

// CartParcel is one seller's part.
type CartParcel struct {
	Seller   SellerLink `json:"seller"`
	Ward     string     `json:"ward"`
	Lines    []CartLine `json:"lines"`
	Goods    Money      `json:"goods"`
	Shipping *Money     `json:"shipping,omitempty"`
	Carrier  string     `json:"carrier,omitempty" doc:"Whose price the delivery is; missing when it is the market's dated list"`
	FreeFrom *Money     `json:"free_from,omitempty" doc:"Goods of this seller from which delivery is free"`
	ShipBy   *time.Time `json:"ship_by,omitempty" doc:"The seller hands it over by then"`
	Hours    int        `json:"transit_hours,omitempty" doc:"On its way, at most; missing until a destination is known"`
}

// CartLine is one variant in a cart.
type CartLine struct {
	Goods

	Terms
	Available int64  `json:"available" doc:"Units on the shelf"`
	Producer  string `json:"producer,omitempty"`
}

// Goods is a quantity of a variant with its price.
type Goods struct {
	Variant     market.ID `json:"variant"`
	Product     market.ID `json:"product"`
	Slug        string    `json:"slug"`
	Name        Text      `json:"name"`
	VariantName Text      `json:"variant_name"`
	Unit        string    `json:"unit"`
	Size        Size      `json:"size"`
	Price       Money     `json:"price" doc:"Of one unit"`
	Quantity    int64     `json:"quantity"`
	Amount      Money     `json:"amount" doc:"Price times quantity, less the seller's discount"`
	Discount    *Money    `json:"discount,omitempty" doc:"By the seller's voucher"`
	Subsidy     *Money    `json:"subsidy,omitempty" doc:"What the platform's voucher pays of the amount"`
	Stars       int       `json:"stars,omitempty"`
	Certificate market.ID `json:"certificate,omitempty" doc:"Recognition that it was sold under, see /certificates/{certificate}"`
	Version     string    `json:"certificate_version,omitempty" doc:"How the recognition stood at the sale"`
	Photo       string    `json:"photo,omitempty" doc:"Id of the first photo"`
	Weight      *Weight   `json:"weight,omitempty" doc:"Of goods that are weighed when packed"`
}

// CartProblem is why a line cannot be bought as it stands.
type CartProblem struct {
	Variant   market.ID `json:"variant"`
	Key       string    `json:"key" enum:"cart.gone,cart.short,cart.min,cart.step,cart.too_far"`
	Detail    string    `json:"detail"`
	Available int64     `json:"available"`
	Near      int64     `json:"near,omitempty" doc:"A quantity that can be had"`
}

// CartPath names a cart. Parts of inputs are exported because huma looks into
// no others.
type CartPath struct {
	Cart string `path:"cart" pattern:"^([0-9A-Z]{26}|[0-9A-Z]{56})$" doc:"Token of the cart"`
}

type cartInput struct {
	CartPath
	Conditional
}

// LinePath names a line of a cart.
type LinePath struct {
	CartPath
	Variant string `path:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the variant"`
}

type setLineInput struct {
	LinePath
	Body LineWish
}

// LineWish says how much of a variant is wanted.
type LineWish struct {
	Quantity int64  `json:"quantity" minimum:"0" maximum:"10000" doc:"Exactly so many units; 0 takes the line out"`
	Link     string `json:"link,omitempty" pattern:"^[0-9A-Za-z]{14}$" doc:"Code of the sale link that led here"`
}

type quoteInput struct {
	CartPath
	Province string `query:"province" pattern:"^[0-9]{2}$" doc:"Code of the province it goes to"`
	Ward     string `query:"ward" pattern:"^[0-9]{5}$" doc:"Code of the ward"`
	Conditional
}

func (d *Door) addCarts() error {
	add(d, operation{
		method: http.MethodPost, path: "/carts", id: "createCart", tag: "buying",
		vi: "Mở giỏ hàng", en: "Make an empty cart",
		status: http.StatusCreated, returns: Cart{}, headers: []string{"Location"},
		settings: settings{once: onceForPeople},
	}, d.newCart)
	add(d, operation{
		method: http.MethodGet, path: "/carts/{cart}", id: "getCart", tag: "buying",
		vi: "Xem giỏ hàng", en: "Show a cart", returns: Cart{}, headers: []string{"ETag"},
	}, func(ctx context.Context, in *cartInput) (*answer, error) {
		return d.quoted(ctx, in.id(), orders.Destination{})
	})
	add(d, operation{
		method: http.MethodPut, path: "/carts/{cart}/lines/{variant}", id: "setLine", tag: "buying",
		vi: "Đặt số lượng một dòng", en: "Put exactly so many of a variant in the cart",
		returns: Cart{}, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForAll},
	}, d.setLine)
	add(d, operation{
		method: http.MethodDelete, path: "/carts/{cart}/lines/{variant}", id: "removeLine", tag: "buying",
		vi: "Bỏ một dòng", en: "Take a line out of the cart",
		returns: Cart{}, errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *LinePath) (*answer, error) {
		return d.setQuantity(ctx, in, 0, nil)
	})
	add(d, operation{
		method: http.MethodGet, path: "/carts/{cart}/quote", id: "quoteCart", tag: "buying",
		vi: "Tính tiền hàng và phí giao", en: "Price a cart for a destination",
		returns: Cart{}, headers: []string{"ETag"},
	}, func(ctx context.Context, in *quoteInput) (*answer, error) {
		return d.quoted(ctx, in.id(), orders.Destination{Province: in.Province, Ward: in.Ward})
	})
	d.addCheckout()
	d.addVouchers()
	return nil
}

func (c CartPath) id() market.ID { return market.ID(c.Cart) }

func (d *Door) newCart(ctx context.Context, _ *struct{}) (*answer, error) {
	c, err := d.Orders.NewCart(ctx, web.Actor(ctx))
	if err != nil {
		return nil, err
	}
	out, err := did(http.StatusCreated, d.cart(ctx, &orders.Quote{Cart: c.ID}))
	if err == nil {
		out.Location = Prefix + "/carts/" + string(c.ID)
	}
	return out, err
}

func (d *Door) quoted(ctx context.Context, cart market.ID, to orders.Destination) (*answer, error) {
	q, err := d.Orders.Quote(ctx, web.Actor(ctx), cart, to)
	if err != nil {
		return nil, err
	}
	return show(d.cart(ctx, q))
}

func (d *Door) setLine(ctx context.Context, in *setLineInput) (*answer, error) {
	var touch *orders.Touch
	if in.Body.Link != "" {
		_, t, err := d.Livestream.Follow(ctx, in.Body.Link, livestream.Visitor{})
		if market.KindOf(err) == market.KindNotFound {
			return nil, market.Invalid("api.link", "link")
		}
		if err != nil {
			return nil, err
		}
		touch = &t
	}
	return d.setQuantity(ctx, &in.LinePath, in.Body.Quantity, touch)
}

func (d *Door) setQuantity(ctx context.Context, in *LinePath, quantity int64, touch *orders.Touch) (*answer, error) {
	by := web.Actor(ctx)
	c, err := d.Orders.SetLine(ctx, by, in.id(), market.ID(in.Variant), quantity, touch)
	if err != nil {
		return nil, err
	}
	q, err := d.Orders.Quote(ctx, by, c.ID, orders.Destination{})
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, d.cart(ctx, q))
}

func (d *Door) cart(ctx context.Context, q *orders.Quote) Cart {
	out := Cart{
		ID: q.Cart, Parcels: []CartParcel{}, Goods: money(q.Goods), Total: money(q.Total),
		Bill: bill(q.Bill()), Vouchers: grants(q.Vouchers), Offers: d.offered(ctx, q),
		Count: q.Count, Adult: q.Adult,
	}
	if q.ShippingKnown {
		out.Shipping = new(money(q.Shipping))
	}
	for _, p := range q.Parcels {
		out.Parcels = append(out.Parcels, cartParcel(p, q.ShippingKnown))
	}
	for _, r := range q.Refused {
		out.Codes = append(out.Codes, r.Code)
	}
	say := web.T(ctx)
	for _, p := range q.Problems {
		out.Problems = append(out.Problems, CartProblem{
			Variant: p.Variant, Key: p.Key, Available: p.Available, Near: p.Near,
			Detail: say(p.Key, spoken(p.Args())...),
		})
	}
	return out
}

func cartParcel(p orders.QuotedParcel, priced bool) CartParcel {
	out := CartParcel{
		Seller: SellerLink{ID: p.Seller.ID, Slug: p.Seller.Slug, Name: text(p.Seller.Name), Kind: p.SellerKind},
		Ward:   p.Seller.Ward, Lines: []CartLine{}, Goods: money(p.Goods),
	}
	if priced {
		out.Shipping = new(money(p.Shipping))
	}
	out.ShipBy, out.Hours, out.Carrier = utc(p.ShipBy), p.Hours, p.Carrier
	if p.FreeFrom > 0 {
		out.FreeFrom = new(money(p.FreeFrom))
	}
	for _, l := range p.Lines {
		out.Lines = append(out.Lines, CartLine{Goods: goods(l.Line), Terms: terms(l.Terms), Available: l.Available, Producer: l.Producer})
	}
	return out
}

func goods(l orders.Line) Goods {
	return Goods{
		Variant: l.Variant, Product: l.Product, Slug: l.Slug, Name: text(l.Name), VariantName: text(l.VariantName),
		Unit: l.Unit, Size: size(l.Size), Price: money(l.Price), Quantity: l.Quantity, Amount: money(l.Amount),
		Stars: l.Stars, Certificate: l.Certificate, Version: l.Version, Photo: l.Photo, Weight: weight(l.Weight),
		Discount: some(l.Discount), Subsidy: some(l.Subsidy),
	}
}
