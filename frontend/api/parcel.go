package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// SellerPath names a seller.
type SellerPath struct {
	Seller string `path:"seller" pattern:"^[0-9A-Za-z_-]{1,120}$" doc:"Id of the seller"`
}

func (s SellerPath) id() market.ID { return market.ID(s.Seller) }

type sellerOrdersInput struct {
	SellerPath
	State string `query:"state" enum:"waiting,new,packed,shipped,delivered,undelivered,returning,returned,lost,cancelled" doc:"Only orders with a parcel in this state"`
	Paging
	Conditional
}

// ParcelPath names a parcel of an order.
type ParcelPath struct {
	OrderPath
	Parcel string `path:"parcel" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the parcel"`
}

type packInput struct {
	ParcelPath
	Body *Packed
}

// Packed is what a parcel's weighed goods really weigh.
type Packed struct {
	Weights []RealWeight `json:"weights,omitempty" nullable:"false" maxItems:"100" doc:"One for each weighed line. What is lacking is paid back to the buyer; what is too much is not charged."`
}

// RealWeight is what a weighed line really weighs.
type RealWeight struct {
	Variant string `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Grams   int64  `json:"grams" minimum:"1" maximum:"1000000000"`
}

func (in *packInput) weights() orders.Weights {
	out := orders.Weights{}
	if in.Body == nil {
		return out
	}
	for _, w := range in.Body.Weights {
		out[market.ID(w.Variant)] = w.Grams
	}
	return out
}

type shipInput struct {
	ParcelPath
	Body Shipment
}

// Shipment names who carries a parcel and under which number.
type Shipment struct {
	Carrier  string `json:"carrier" minLength:"1" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$" example:"Viettel Post"`
	Tracking string `json:"tracking,omitempty" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$"`
}

func (d *Door) addParcels() error {
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/orders", id: "listSellerOrders", tag: "selling",
		vi: "Đơn hàng của người bán", en: "Orders with a parcel of the seller, with only these parcels",
		returns: OrderPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.sellerOrders)
	add(d, d.step("pack", "Đã gói hàng", "Say that a parcel is packed, and what its weighed goods weigh", smallBody), func(ctx context.Context, in *packInput) (*answer, error) {
		return d.advance(ctx, &in.ParcelPath, func(ctx context.Context, by market.Actor, o, p market.ID) (*orders.Order, error) {
			return d.Orders.PackWeighed(ctx, by, o, p, in.weights())
		})
	})
	add(d, d.step("ship", "Đã gửi hàng", "Say that a parcel is with a carrier", smallBody), func(ctx context.Context, in *shipInput) (*answer, error) {
		return d.advance(ctx, &in.ParcelPath, func(ctx context.Context, by market.Actor, o, p market.ID) (*orders.Order, error) {
			return d.Orders.Ship(ctx, by, o, p, orders.Shipment(in.Body))
		})
	})
	add(d, d.step("deliver", "Đã giao hàng", "Say that the buyer has a parcel; the seller may, and the signed-in buyer", 0), func(ctx context.Context, in *ParcelPath) (*answer, error) {
		return d.advance(ctx, in, d.Orders.Deliver)
	})
	return nil
}

func (d *Door) step(name, vi, en string, limit int64) operation {
	return operation{
		method: http.MethodPost, path: "/orders/{order}/parcels/{parcel}/" + name, id: name + "Parcel", tag: "selling",
		vi: vi, en: en, returns: Order{}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{limit: limit, once: onceNeeded},
	}
}

func (d *Door) sellerOrders(ctx context.Context, in *sellerOrdersInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Orders.OfSeller(ctx, by, in.id(), orders.ParcelState(in.State), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	q := url.Values{"limit": {strconv.Itoa(in.Limit)}}
	if in.State != "" {
		q.Set("state", in.State)
	}
	return orderPage(by, page, "/sellers/"+in.Seller+"/orders", q)
}

func (d *Door) advance(ctx context.Context, in *ParcelPath, to func(context.Context, market.Actor, market.ID, market.ID) (*orders.Order, error)) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	o, err := to(ctx, by, in.id(), market.ID(in.Parcel))
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, order(web.Actor(ctx), o))
}
