package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// NewPreorder is a share of a harvest that is to be reserved.
type NewPreorder struct {
	ID       string  `json:"id,omitempty" pattern:"^[0-9A-Z]{26}$" doc:"Made by the client: the same id again is the same pre-order."`
	Quantity int64   `json:"quantity" minimum:"1" maximum:"100000" doc:"In sold units"`
	Address  Address `json:"address"`
	Method   string  `json:"method" maxLength:"40" doc:"How to pay the deposit; not cod"`
	Note     string  `json:"note,omitempty" maxLength:"500" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
	Adult    bool    `json:"adult,omitempty" doc:"The buyer is 18 or older; needed for alcohol"`
	Expect   *Money  `json:"expect_deposit,omitempty" doc:"The deposit that the buyer saw; another one is refused"`
}

// BalancePayment says how the balance is paid.
type BalancePayment struct {
	Method string `json:"method" maxLength:"40" doc:"Not cod"`
}

// Preorder is a share of a harvest, from its reservation to the order that it
// becomes.
type Preorder struct {
	ID         market.ID      `json:"id" doc:"Of the order too, once it is paid"`
	Code       string         `json:"code" example:"HUE-7K3F9Q2M"`
	Harvest    market.ID      `json:"harvest"`
	State      string         `json:"state" enum:"reserved,deposited,due,paid,ordered,lapsed,refunding,refunded,forfeited"`
	Reason     string         `json:"reason,omitempty" enum:"unpaid,withdrawn,late_deposit,harvest_lost,nothing_left,stock_gone,balance_unpaid"`
	Address    Receiver       `json:"address"`
	Note       string         `json:"note,omitempty"`
	Quantity   int64          `json:"quantity"`
	Share      int64          `json:"share,omitempty" doc:"Units that the buyer gets, once the harvest is in"`
	Goods      Money          `json:"goods"`
	Shipping   Money          `json:"shipping" doc:"Never more than this"`
	Total      Money          `json:"total"`
	Deposit    Money          `json:"deposit"`
	Credit     Money          `json:"credit" doc:"Of the deposit, what counts towards the share"`
	Rest       Money          `json:"rest" doc:"Left to pay when the harvest is in"`
	ReservedAt *time.Time     `json:"reserved_at"`
	DepositBy  *time.Time     `json:"deposit_by"`
	DueAt      *time.Time     `json:"due_at,omitempty" doc:"Until when the rest can be paid"`
	History    []PreorderStep `json:"history"`
}

// PreorderStep is a step of a pre-order's life, or a change of its harvest.
type PreorderStep struct {
	At     *time.Time `json:"at"`
	What   string     `json:"what"`
	Was    int64      `json:"was,omitempty"`
	Now    int64      `json:"now,omitempty"`
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty"`
	Text   string     `json:"text,omitempty"`
	Amount *Money     `json:"amount,omitempty"`
}

// PreorderPage is one page of pre-orders.
type PreorderPage struct {
	Items []Preorder `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// ReservedShare is a pre-order with what its buyer has to do next.
type ReservedShare struct {
	Preorder Preorder `json:"preorder"`
	Payment  Step     `json:"payment"`
}

// PreorderPath names a pre-order.
type PreorderPath struct {
	Preorder string `path:"preorder" pattern:"^[0-9A-Z]{26}$" doc:"Id of the pre-order"`
}

func (p PreorderPath) id() market.ID { return market.ID(p.Preorder) }

type preorderInput struct {
	PreorderPath
	Conditional
}

type preordersInput struct {
	Paging
	Conditional
}

type harvestPreordersInput struct {
	HarvestPath
	Paging
	Conditional
}

func (d *Door) addPreorders() error {
	add(d, operation{
		method: http.MethodPost, path: "/harvests/{harvest}/preorders", id: "reserveHarvest", tag: "buying",
		vi: "Đặt trước mùa vụ", en: "Reserve a share of a harvest and begin the payment of its deposit",
		about:  "The rules of the deposit are in the harvest. The same id again returns the same pre-order.",
		status: http.StatusCreated, returns: ReservedShare{}, headers: []string{"Location"}, signedIn: true,
		errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
	}, d.reserveHarvest)
	add(d, operation{
		method: http.MethodGet, path: "/harvests/{harvest}/preorders", id: "listHarvestPreorders", tag: "selling",
		vi: "Ai đã đặt trước", en: "Who has reserved, for the seller", returns: PreorderPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.harvestPreorders)
	add(d, operation{
		method: http.MethodGet, path: "/preorders", id: "listPreorders", tag: "buying",
		vi: "Đặt trước của tôi", en: "My pre-orders", returns: PreorderPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusUnprocessableEntity},
	}, d.myPreorders)
	add(d, operation{
		method: http.MethodGet, path: "/preorders/{preorder}", id: "getPreorder", tag: "buying",
		vi: "Xem phần đặt trước", en: "Show a pre-order, to its buyer and its seller", returns: Preorder{}, headers: []string{"ETag"}, signedIn: true,
	}, func(ctx context.Context, in *preorderInput) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		p, err := d.Orders.Preorder(ctx, by, in.id())
		if err != nil {
			return nil, err
		}
		return show(preorder(p))
	})
	add(d, operation{
		method: http.MethodPost, path: "/preorders/{preorder}/cancel", id: "cancelPreorder", tag: "buying",
		vi: "Huỷ đặt trước", en: "Cancel a pre-order; the deposit goes back as the harvest's rules say", returns: Preorder{}, signedIn: true,
		errors: []int{http.StatusConflict}, settings: settings{once: onceNeeded},
	}, func(ctx context.Context, in *PreorderPath) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		p, err := d.Orders.CancelPreorder(ctx, by, in.id())
		if err != nil {
			return nil, err
		}
		return did(http.StatusOK, preorder(p))
	})
	add(d, operation{
		method: http.MethodPost, path: "/preorders/{preorder}/balance", id: "payBalance", tag: "buying",
		vi: "Trả nốt", en: "Begin the payment of the balance", returns: ReservedShare{}, signedIn: true,
		errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
	}, d.payBalance)
	return nil
}

func (d *Door) reserveHarvest(ctx context.Context, in *struct {
	HarvestPath
	Body NewPreorder
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	r := orders.Reserving{
		ID: cmp.Or(market.ID(b.ID), web.OnceID(ctx)), Harvest: in.id(), Quantity: b.Quantity, Address: market.Address(b.Address), Method: b.Method, Note: b.Note,
		Adult: b.Adult, BaseURL: d.cfg.BaseURL,
	}
	if b.Expect != nil {
		r.Expect = market.VND(b.Expect.Amount)
	}
	p, step, err := d.Orders.Reserve(ctx, by, r)
	return reserved(http.StatusCreated, p, step, relocate(err, checkoutField))
}

func reserved(status int, p *orders.Preorder, step payments.Step, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	out, err := did(status, ReservedShare{preorder(p), nextStep(step)})
	if err == nil && status == http.StatusCreated {
		out.Location = Prefix + "/preorders/" + string(p.ID)
	}
	return out, err
}

func (d *Door) payBalance(ctx context.Context, in *struct {
	PreorderPath
	Body BalancePayment
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	p, step, err := d.Orders.PayBalance(ctx, by, in.id(), in.Body.Method, d.cfg.BaseURL)
	return reserved(http.StatusOK, p, step, err)
}

func (d *Door) myPreorders(ctx context.Context, in *preordersInput) (*answer, error) {
	page, err := d.Orders.PreordersOfBuyer(ctx, web.Actor(ctx), store.Cursor(in.Cursor), in.Limit)
	return preorderPage(page, err, "/preorders", in.Limit)
}

func (d *Door) harvestPreorders(ctx context.Context, in *harvestPreordersInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Orders.PreordersOfHarvest(ctx, by, in.HarvestPath.id(), store.Cursor(in.Cursor), in.Limit)
	return preorderPage(page, err, "/harvests/"+in.Harvest+"/preorders", in.Limit)
}

func preorderPage(page store.Page[orders.Preorder], err error, path string, limit int) (*answer, error) {
	if err != nil {
		return nil, err
	}
	out := PreorderPage{Items: []Preorder{}, Next: string(page.Next)}
	for _, p := range page.Items {
		out.Items = append(out.Items, preorder(p))
	}
	return linked(out, path, page.Next, url.Values{"limit": {strconv.Itoa(limit)}})
}

func preorder(p *orders.Preorder) Preorder {
	a := p.Address
	out := Preorder{
		ID: p.ID, Code: p.Code, Harvest: p.Harvest, State: string(p.State), Reason: p.Reason, Address: Receiver{a.Name, a.Phone, a.Province, a.Ward, a.Street},
		Note: p.Note, Quantity: p.Quantity, Share: p.Share, Goods: money(p.Goods()), Shipping: money(p.Parcel.Shipping), Total: money(p.Total()),
		Deposit: money(p.Deposit), Credit: money(p.Credit), Rest: money(p.Rest()), ReservedAt: utc(p.ReservedAt), DepositBy: utc(p.Until), DueAt: utcAt(p.DueAt),
		History: []PreorderStep{},
	}
	for _, e := range p.History {
		step := PreorderStep{At: utc(e.At), What: e.What, Was: e.Was, Now: e.Now, From: utc(e.From), To: utc(e.To), Text: e.Text}
		if e.VND > 0 {
			amount := money(e.VND)
			step.Amount = &amount
		}
		out.History = append(out.History, step)
	}
	return out
}
