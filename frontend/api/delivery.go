package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/store"
)

// Delivery is what a member brought to the common stock. It is written once; a
// mistake is taken back by a contra entry.
type Delivery struct {
	ID         market.ID  `json:"id"`
	Member     market.ID  `json:"member"`
	MemberName string     `json:"member_name"`
	Product    market.ID  `json:"product"`
	Variant    market.ID  `json:"variant"`
	Name       Text       `json:"name"`
	Lot        market.ID  `json:"lot,omitempty"`
	Unit       string     `json:"unit"`
	Size       Size       `json:"size" doc:"Of one unit"`
	Units      int64      `json:"units" doc:"Below zero in a contra entry"`
	Grade      string     `json:"grade" enum:"A,B,C"`
	Price      *Money     `json:"price,omitempty" doc:"Of one unit when agreed; missing for a share of sales"`
	At         *time.Time `json:"at"`
	NotedAt    *time.Time `json:"noted_at"`
	NotedBy    string     `json:"noted_by" doc:"Name of who wrote it down"`
	Reason     string     `json:"reason,omitempty" doc:"Of a correction"`
	Corrects   market.ID  `json:"corrects,omitempty" doc:"This is the contra entry of that delivery"`
	Contra     market.ID  `json:"contra,omitempty" doc:"Taken back by that entry"`
}

// DeliveryPage is one page of deliveries, the newest first.
type DeliveryPage struct {
	Items []Delivery `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// NewDelivery is a delivery that is to be written down.
type NewDelivery struct {
	ID      string     `json:"id,omitempty" pattern:"^[0-9A-Za-z_-]{10,64}$" doc:"Made by the client: the same id again is the same delivery."`
	Member  string     `json:"member" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Variant string     `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Lot     string     `json:"lot,omitempty" pattern:"^[0-9A-Za-z_-]{10,64}$"`
	Units   int64      `json:"units" minimum:"1" maximum:"1000000000"`
	Grade   string     `json:"grade" enum:"A,B,C"`
	Price   *Money     `json:"price,omitempty" doc:"Of one unit when agreed; left out for a share of sales"`
	At      *time.Time `json:"at,omitempty" doc:"When it was brought; left out, now"`
}

type deliveriesInput struct {
	SellerPath
	Paging
	Conditional
}

func (in *Paging) query() store.Query {
	return store.Query{After: store.Cursor(in.Cursor), Limit: in.Limit}
}

func (in *Paging) address() url.Values { return url.Values{"limit": {strconv.Itoa(in.Limit)}} }

func (d *Door) addDeliveries() {
	const path = "/sellers/{seller}/deliveries"
	add(d, operation{
		method: http.MethodGet, path: path, id: "listDeliveries", tag: "cooperative",
		vi: "Hàng thành viên nhập", en: "What members brought",
		about: "All to managers, their own to other members.", returns: DeliveryPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.deliveries)
	add(d, operation{
		method: http.MethodPost, path: path, id: "noteDelivery", tag: "cooperative",
		vi: "Ghi hàng nhập", en: "Write down what a member brought; it goes into the stock",
		about:  "For managers; for a member without a phone it needs their consent.",
		status: http.StatusCreated, returns: Delivery{}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		SellerPath
		Body NewDelivery
	},
	) (*answer, error) {
		return act(ctx, http.StatusCreated, func(by market.Actor) (any, error) {
			made, err := d.Pool.Deliver(ctx, by, in.id(), in.Body.bringing())
			if err != nil {
				return nil, err
			}
			return delivery(made), nil
		})
	})
	add(d, operation{
		method: http.MethodPost, path: path + "/{delivery}/correct", id: "correctDelivery", tag: "cooperative",
		vi: "Đính chính hàng nhập", en: "Take a delivery back by a contra entry, before it is settled",
		status: http.StatusNoContent, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		SellerPath
		Delivery string `path:"delivery" pattern:"^[0-9A-Za-z_:-]{1,80}$"`
		Body     Reasoned
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		return nothing(), d.Pool.Correct(ctx, by, in.id(), market.ID(in.Delivery), in.Body.Reason)
	})
}

func (n NewDelivery) bringing() cooperatives.Bringing {
	b := cooperatives.Bringing{
		ID: market.ID(n.ID), Member: market.ID(n.Member), Variant: market.ID(n.Variant), Lot: market.ID(n.Lot), Units: n.Units, Grade: n.Grade,
	}
	if n.Price != nil {
		b.Price = market.VND(n.Price.Amount)
	}
	if n.At != nil {
		b.At = *n.At
	}
	return b
}

func (d *Door) deliveries(ctx context.Context, in *deliveriesInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Pool.Deliveries(ctx, by, in.id(), in.query())
	if err != nil {
		return nil, err
	}
	out := DeliveryPage{Items: []Delivery{}, Next: string(page.Next)}
	for _, one := range page.Items {
		out.Items = append(out.Items, delivery(one))
	}
	return linked(out, "/sellers/"+in.Seller+"/deliveries", page.Next, in.address())
}

func delivery(d *cooperatives.Delivery) Delivery {
	out := Delivery{
		ID: d.ID, Member: d.Member, MemberName: d.MemberName, Product: d.Product, Variant: d.Variant, Name: text(d.Name), Lot: d.Lot,
		Unit: d.Unit, Size: size(d.Size), Units: d.Units, Grade: d.Grade, At: utc(d.At), NotedAt: utc(d.NotedAt), NotedBy: d.ByName,
		Reason: d.Reason, Corrects: d.Corrects, Contra: d.Contra,
	}
	if d.Price != 0 {
		price := money(d.Price)
		out.Price = &price
	}
	return out
}
