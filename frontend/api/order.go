package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Order is what a buyer agreed to, at the prices of that moment.
type Order struct {
	ID       market.ID `json:"id"`
	Code     string    `json:"code" doc:"What people read out" example:"HUE-7K3F9Q2M"`
	Key      string    `json:"key,omitempty" doc:"Shows the whole order to a guest; only its buyer is told"`
	Masked   bool      `json:"masked,omitempty" doc:"Who the buyer is was left out"`
	State    string    `json:"state" enum:"placed,confirmed,completed,cancelled,refunding,refunded"`
	Reason   string    `json:"reason,omitempty"`
	Method   string    `json:"method"`
	Address  Receiver  `json:"address"`
	Note     string    `json:"note,omitempty"`
	Parcels  []Parcel  `json:"parcels"`
	Goods    Money     `json:"goods"`
	Shipping Money     `json:"shipping"`
	Bill     Bill      `json:"bill" doc:"What the total is made of"`
	Vouchers []Grant   `json:"vouchers,omitempty"`
	Policies Policies  `json:"policies" doc:"Versions of the rules it was bought under"`
	Gift     *Gift     `json:"gift,omitempty"`

	Returns   []Return   `json:"returns,omitempty" doc:"What the buyer came back with: all of them for the buyer, their own for each seller"`
	Questions []Question `json:"questions,omitempty" doc:"About goods that weigh more than was ordered"`

	Total    Money      `json:"total"`
	PlacedAt *time.Time `json:"placed_at"`
	PaidAt   *time.Time `json:"paid_at,omitempty"`
	PayUntil *time.Time `json:"pay_until,omitempty" doc:"Then the order is given up, unless it is paid"`
	History  []Entry    `json:"history"`
}

// Receiver is an address as far as the reader may know it.
type Receiver struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	Province string `json:"province"`
	Ward     string `json:"ward"`
	Street   string `json:"street,omitempty"`
}

// Parcel is what one seller sends.
type Parcel struct {
	ID          market.ID    `json:"id"`
	Seller      SellerLink   `json:"seller"`
	State       string       `json:"state" enum:"waiting,new,packed,shipped,delivered,undelivered,returning,returned,lost,cancelled"`
	Lines       []Goods      `json:"lines"`
	Goods       Money        `json:"goods"`
	Shipping    Money        `json:"shipping"`
	Bill        Bill         `json:"bill"`
	Edit        *PendingEdit `json:"edit,omitempty" doc:"Goods that were taken out a moment ago"`
	Fee         *Money       `json:"fee,omitempty" doc:"The platform's commission; only for the seller"`
	Paid        bool         `json:"paid"`
	Why         string       `json:"why,omitempty" doc:"Why it was not delivered or not sent, in the words of whoever said so"`
	Carrier     string       `json:"carrier,omitempty"`
	Tracking    string       `json:"tracking,omitempty"`
	Carriage    *Carriage    `json:"carriage,omitempty" doc:"With a carrier that the market speaks with"`
	ShipBy      *time.Time   `json:"ship_by,omitempty" doc:"Promised at the sale: handed over by then"`
	PackedAt    *time.Time   `json:"packed_at,omitempty"`
	ShippedAt   *time.Time   `json:"shipped_at,omitempty"`
	DeliveredAt *time.Time   `json:"delivered_at,omitempty"`
	Proofs      []Proof      `json:"proofs,omitempty" doc:"Photos of its handover, for those it concerns"`
}

// Proof is a photo that the seller took when handing a parcel over.
type Proof struct {
	Photo string     `json:"photo" doc:"Name of the photo in the order's evidence"`
	At    *time.Time `json:"at" doc:"By the market's clock"`
	State string     `json:"state" enum:"packed,shipped,undelivered,delivered" doc:"Where the parcel stood then"`
}

// Entry is one step of an order's life.
type Entry struct {
	At     *time.Time `json:"at"`
	What   string     `json:"what" example:"packed"`
	Parcel market.ID  `json:"parcel,omitempty" doc:"Missing for the whole order"`
}

// OrderPage is one page of orders, the newest first.
type OrderPage struct {
	Items []Order `json:"items"`
	Next  string  `json:"next,omitempty"`
}

// OrderPath names an order.
type OrderPath struct {
	Order string `path:"order" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the order"`
}

func (o OrderPath) id() market.ID { return market.ID(o.Order) }

type orderInput struct {
	OrderPath
	Key string `query:"key" maxLength:"64" doc:"The order's key, for guests"`
	Conditional
}

type cancelInput struct {
	OrderPath
	Body Cancellation
}

// Cancellation ends an order that nobody has begun to pack.
type Cancellation struct {
	Key    string `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Reason string `json:"reason,omitempty" maxLength:"160" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

type ordersInput struct {
	Paging
	Conditional
}

func (d *Door) addOrders() error {
	add(d, operation{
		method: http.MethodGet, path: "/orders/{order}", id: "getOrder", tag: "buying",
		vi: "Xem, theo dõi đơn hàng", en: "Show or track an order",
		about:   "Whole for its buyer and for whoever holds its key, with their own parcels for sellers, masked for everybody else who has its id.",
		returns: Order{}, headers: []string{"ETag"},
	}, d.showOrder)
	add(d, operation{
		method: http.MethodPost, path: "/orders/{order}/cancel", id: "cancelOrder", tag: "buying",
		vi: "Huỷ đơn", en: "Cancel an order that nobody has begun to pack; what was paid goes back",
		returns: Order{}, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceNeeded},
	}, d.cancel)
	add(d, operation{
		method: http.MethodGet, path: "/orders", id: "listOrders", tag: "buying",
		vi: "Đơn hàng của tôi", en: "My orders",
		returns: OrderPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusUnprocessableEntity},
	}, d.myOrders)
	return nil
}

func (d *Door) showOrder(ctx context.Context, in *orderInput) (*answer, error) {
	by := web.Actor(ctx)
	o, err := d.Orders.Order(ctx, by, in.id(), in.Key)
	if err == nil {
		return show(order(by, o))
	}
	if market.KindOf(err) != market.KindNotFound {
		return nil, err
	}
	if o, err = d.Orders.Track(ctx, in.id()); err != nil {
		return nil, err
	}
	view := order(by, o)
	view.Masked = true
	return show(view)
}

func (d *Door) cancel(ctx context.Context, in *cancelInput) (*answer, error) {
	by := web.Actor(ctx)
	o, err := d.Orders.Cancel(ctx, by, in.id(), in.Body.Key, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, order(by, o))
}

func (d *Door) myOrders(ctx context.Context, in *ordersInput) (*answer, error) {
	by := web.Actor(ctx)
	page, err := d.Orders.OfBuyer(ctx, by, store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	return orderPage(by, page, "/orders", url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func orderPage(by market.Actor, page store.Page[orders.Order], path string, q url.Values) (*answer, error) {
	out := OrderPage{Items: []Order{}, Next: string(page.Next)}
	for _, o := range page.Items {
		out.Items = append(out.Items, order(by, o))
	}
	return linked(out, path, page.Next, q)
}

// order shows what the room gave: it has left out what the reader may not see.
func order(by market.Actor, o *orders.Order) Order {
	out := Order{
		ID: o.ID, Code: o.Code, Key: o.Key, State: string(o.State), Reason: o.Reason, Method: o.Method,
		Address: Receiver(o.Address), Note: o.Note, Parcels: []Parcel{},
		Goods: money(o.Goods), Shipping: money(o.Shipping), Total: money(o.Total),
		Bill: bill(o.Bill()), Vouchers: grants(o.Vouchers), Policies: Policies(o.Policies), Gift: gift(o.Gift),
		PlacedAt: utc(o.PlacedAt), PaidAt: utcAt(o.PaidAt), PayUntil: utcAt(o.UnpaidUntil), History: []Entry{}, Questions: questions(o.Asks),
	}
	shown := map[market.ID]bool{"": true}
	for _, p := range o.Parcels {
		shown[p.ID] = true
		out.Parcels = append(out.Parcels, parcel(by, p))
	}
	for i := range o.Returns {
		out.Returns = append(out.Returns, returned(&o.Returns[i]))
	}
	for _, e := range o.History {
		if shown[e.Parcel] {
			out.History = append(out.History, Entry{At: utc(e.At), What: e.What, Parcel: e.Parcel})
		}
	}
	return out
}

func parcel(by market.Actor, p orders.Parcel) Parcel {
	out := Parcel{
		ID: p.ID, Seller: SellerLink{ID: p.Seller, Slug: p.SellerSlug, Name: text(p.SellerName), Kind: p.SellerKind},
		State: string(p.State), Lines: []Goods{}, Goods: money(p.Goods), Shipping: money(p.Shipping), Bill: bill(p.Bill()), Edit: pendingEdit(p), Paid: p.Paid,
		Why: p.Why, Carrier: p.Carrier, Tracking: p.Tracking, ShipBy: utcAt(p.ShipBy),
		PackedAt: utcAt(p.PackedAt), ShippedAt: utcAt(p.ShippedAt), DeliveredAt: utcAt(p.DeliveredAt),
	}
	if by.For(p.Seller) || by.Is(market.RoleOperator) {
		out.Fee = new(money(p.Fee))
	}
	out.Carriage = carriage(p.Carriage, out.Fee != nil)
	for _, l := range p.Lines {
		out.Lines = append(out.Lines, goods(l))
	}
	for _, f := range p.Proofs {
		out.Proofs = append(out.Proofs, Proof{Photo: f.Photo, At: utc(f.At), State: string(f.State)})
	}
	return out
}
