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

// Bill is what an amount is made of. Prices include tax.
type Bill struct {
	List        Money `json:"list" doc:"Goods at their stated prices"`
	SellerOff   Money `json:"seller_off" doc:"What sellers' vouchers take off goods"`
	Shipping    Money `json:"shipping" doc:"Delivery before vouchers"`
	ShippingOff Money `json:"shipping_off" doc:"What sellers' vouchers take off delivery"`
	PlatformOff Money `json:"platform_off" doc:"What the platform's vouchers pay of both"`
	Total       Money `json:"total" doc:"list - seller_off + shipping - shipping_off - platform_off"`
	TaxIncluded bool  `json:"tax_included"`
}

func bill(b orders.Bill) Bill {
	return Bill{
		List: money(b.List), SellerOff: money(b.SellerOff), Shipping: money(b.Shipping), ShippingOff: money(b.ShippingOff),
		PlatformOff: money(b.PlatformOff), Total: money(b.Total), TaxIncluded: true,
	}
}

// Policies are versions of published rules.
type Policies struct {
	Delivery string `json:"delivery"`
	Prices   string `json:"prices,omitempty"`
	Returns  string `json:"returns,omitempty"`
	Vouchers string `json:"vouchers,omitempty"`
}

// Gift says that an order goes to somebody else.
type Gift struct {
	From       string `json:"from" minLength:"2" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
	Message    string `json:"message,omitempty" maxLength:"300" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
	HidePrices bool   `json:"hide_prices,omitempty" doc:"The slip in the parcel shows no prices"`
}

func (g *Gift) wanted() *orders.Gift {
	if g == nil {
		return nil
	}
	return &orders.Gift{From: g.From, Message: g.Message, HidePrices: g.HidePrices}
}

func gift(g *orders.Gift) *Gift {
	if g == nil {
		return nil
	}
	return &Gift{From: g.From, Message: g.Message, HidePrices: g.HidePrices}
}

// Seen is a line as the buyer saw it.
type Seen struct {
	Variant  market.ID `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Quantity int64     `json:"quantity" minimum:"1" maximum:"10000"`
	Price    int64     `json:"price" minimum:"0" maximum:"1000000000000" doc:"Of one unit, in đồng"`
}

func seen(in []Seen) []orders.SeenLine {
	var out []orders.SeenLine
	for _, l := range in {
		out = append(out, orders.SeenLine{Variant: l.Variant, Quantity: l.Quantity, Price: market.VND(l.Price)})
	}
	return out
}

func some(v market.VND) *Money {
	if v == 0 {
		return nil
	}
	return new(money(v))
}

// Grant is a voucher as it counts.
type Grant struct {
	Code   market.ID `json:"code"`
	Seller market.ID `json:"seller,omitempty" doc:"Who pays; missing for the platform"`
	Name   Text      `json:"name"`
	Kind   string    `json:"kind" enum:"amount,percent,shipping"`
	Amount Money     `json:"amount" doc:"What it takes off"`
}

func grants(all []orders.Granted) []Grant {
	var out []Grant
	for _, g := range all {
		out = append(out, Grant{Code: g.Voucher, Seller: g.Seller, Name: text(g.Name), Kind: string(g.Terms.Kind), Amount: money(g.Amount)})
	}
	return out
}

// VoucherTerms are the conditions of a voucher, told before anybody orders.
type VoucherTerms struct {
	Kind       string      `json:"kind" enum:"amount,percent,shipping"`
	Way        string      `json:"way" enum:"auto,listed,code" doc:"Given by itself, taken from the list, or for who knows the code"`
	Amount     int64       `json:"amount,omitempty" minimum:"0" maximum:"1000000000000" doc:"Đồng off, of kind amount"`
	Percent    int64       `json:"percent_bp,omitempty" minimum:"0" maximum:"9000" doc:"Share in 1/100 %, of kind percent"`
	Most       int64       `json:"most,omitempty" minimum:"0" maximum:"1000000000000" doc:"At most so many đồng for one order"`
	MinGoods   int64       `json:"min_goods,omitempty" minimum:"0" maximum:"1000000000000"`
	Sets       []int       `json:"sets,omitempty" maxItems:"26" doc:"Product sets that it is for; none for all"`
	Products   []market.ID `json:"products,omitempty" maxItems:"200"`
	Sellers    []market.ID `json:"sellers,omitempty" maxItems:"200" doc:"Of the platform's: whose goods"`
	FirstOrder bool        `json:"first_order,omitempty"`
	PerPerson  int         `json:"per_person,omitempty" minimum:"0" maximum:"1000"`
	From       time.Time   `json:"from"`
	To         time.Time   `json:"to" doc:"The first moment at which it is over"`
	Budget     int64       `json:"budget" minimum:"1" maximum:"1000000000000"`
	Uses       int64       `json:"uses" minimum:"1" maximum:"10000000"`
}

func (t VoucherTerms) wanted() orders.VoucherTerms {
	return orders.VoucherTerms{
		Kind: orders.VoucherKind(t.Kind), Way: orders.VoucherWay(t.Way), Amount: market.VND(t.Amount), Percent: market.Rate(t.Percent),
		Most: market.VND(t.Most), MinGoods: market.VND(t.MinGoods), Sets: t.Sets, Products: t.Products, Sellers: t.Sellers,
		FirstOrder: t.FirstOrder, PerPerson: t.PerPerson, From: t.From.UTC(), To: t.To.UTC(), Budget: market.VND(t.Budget), Uses: t.Uses,
	}
}

func voucherTerms(t orders.VoucherTerms) VoucherTerms {
	return VoucherTerms{
		Kind: string(t.Kind), Way: string(t.Way), Amount: int64(t.Amount), Percent: int64(t.Percent), Most: int64(t.Most),
		MinGoods: int64(t.MinGoods), Sets: t.Sets, Products: t.Products, Sellers: t.Sellers, FirstOrder: t.FirstOrder,
		PerPerson: t.PerPerson, From: t.From, To: t.To, Budget: int64(t.Budget), Uses: t.Uses,
	}
}

// Voucher is a voucher with its conditions: to its owner with its budget, to a
// buyer with what it does for the cart.
type Voucher struct {
	Code    market.ID    `json:"code"`
	Seller  market.ID    `json:"seller,omitempty"`
	Name    Text         `json:"name"`
	Terms   VoucherTerms `json:"terms"`
	Taken   bool         `json:"taken,omitempty" doc:"It counts for this cart"`
	Amount  *Money       `json:"amount,omitempty" doc:"What it takes off"`
	Why     string       `json:"why,omitempty" doc:"Why it does not count"`
	Held    *Money       `json:"held,omitempty" doc:"For its owner: set aside for orders that are not sure yet"`
	Spent   *Money       `json:"spent,omitempty" doc:"For its owner"`
	Stopped *time.Time   `json:"stopped_at,omitempty"`
}

func (d *Door) offered(ctx context.Context, q *orders.Quote) []Voucher {
	say := web.T(ctx)
	var out []Voucher
	for _, o := range q.Offers {
		v := Voucher{Code: o.Voucher.ID, Seller: o.Voucher.Seller, Name: text(o.Voucher.Name), Terms: voucherTerms(o.Voucher.Terms), Taken: o.Taken, Amount: some(o.Amount)}
		if !o.Taken {
			v.Why = say(o.Key, "missing", o.Missing, "name", o.Voucher.Name)
		}
		out = append(out, v)
	}
	return out
}

func owned(v *orders.Voucher) Voucher {
	return Voucher{
		Code: v.ID, Seller: v.Seller, Name: text(v.Name), Terms: voucherTerms(v.Terms),
		Held: new(money(v.Held)), Spent: new(money(v.Spent)), Stopped: utcAt(v.Stopped),
	}
}

// VoucherPage is one page of vouchers, the newest first.
type VoucherPage struct {
	Items []Voucher `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// VoucherWish is a voucher to be made.
type VoucherWish struct {
	Seller market.ID    `json:"seller,omitempty" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Who pays; missing for the platform"`
	Code   string       `json:"code,omitempty" maxLength:"24" doc:"What people type; made by the market when missing"`
	Name   string       `json:"name" minLength:"1" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$"`
	Terms  VoucherTerms `json:"terms"`
}

// CodeList are the voucher codes that somebody typed.
type CodeList struct {
	Codes []string `json:"codes" maxItems:"6"`
}

type codesInput struct {
	CartPath
	Body CodeList
}

type vouchersInput struct {
	Seller string `query:"seller" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Whose; missing for the platform's"`
	Paging
	Conditional
}

type makeVoucherInput struct{ Body VoucherWish }

// VoucherPath names a voucher.
type VoucherPath struct {
	Code string `path:"code" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Code of the voucher"`
}

func (d *Door) addVouchers() {
	add(d, operation{
		method: http.MethodPut, path: "/carts/{cart}/vouchers", id: "setVouchers", tag: "buying",
		vi: "Nhập mã ưu đãi", en: "Use voucher codes for the cart", returns: Cart{}, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForAll},
	}, func(ctx context.Context, in *codesInput) (*answer, error) {
		if _, err := d.Orders.SetCodes(ctx, web.Actor(ctx), in.id(), in.Body.Codes); err != nil {
			return nil, err
		}
		return d.quoted(ctx, in.id(), orders.Destination{})
	})
	add(d, operation{
		method: http.MethodGet, path: "/vouchers", id: "listVouchers", tag: "selling",
		vi: "Ưu đãi của gian hàng", en: "A seller's vouchers, or the platform's", returns: VoucherPage{},
		headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, d.listVouchers)
	add(d, operation{
		method: http.MethodPost, path: "/vouchers", id: "makeVoucher", tag: "selling",
		vi: "Tạo ưu đãi", en: "Make a voucher; its terms never change", status: http.StatusCreated, returns: Voucher{}, signedIn: true,
		errors: []int{http.StatusConflict, http.StatusNotFound}, settings: settings{limit: smallBody, once: onceNeeded},
	}, func(ctx context.Context, in *makeVoucherInput) (*answer, error) {
		v, err := d.Orders.MakeVoucher(ctx, web.Actor(ctx), orders.NewVoucher{
			ID: web.OnceID(ctx), Seller: in.Body.Seller, Code: in.Body.Code, Name: market.Text{VI: in.Body.Name}, Terms: in.Body.Terms.wanted(),
		})
		if err != nil {
			return nil, relocate(err, termsField)
		}
		return did(http.StatusCreated, owned(v))
	})
	add(d, operation{
		method: http.MethodPost, path: "/vouchers/{code}/stop", id: "stopVoucher", tag: "selling",
		vi: "Dừng ưu đãi", en: "Stop a voucher; what was granted stays granted", returns: Voucher{}, signedIn: true,
		settings: settings{once: onceNeeded},
	}, func(ctx context.Context, in *VoucherPath) (*answer, error) {
		v, err := d.Orders.StopVoucher(ctx, web.Actor(ctx), market.ID(in.Code))
		if err != nil {
			return nil, err
		}
		return did(http.StatusOK, owned(v))
	})
}

// termsField is where the room's field is in the request.
func termsField(name string) string {
	switch name {
	case "code", "name", "seller":
		return name
	default:
		return "terms/" + name
	}
}

func (d *Door) listVouchers(ctx context.Context, in *vouchersInput) (*answer, error) {
	page, err := d.Orders.VouchersOf(ctx, web.Actor(ctx), market.ID(in.Seller), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := VoucherPage{Items: []Voucher{}, Next: string(page.Next)}
	for _, v := range page.Items {
		out.Items = append(out.Items, owned(v))
	}
	return linked(out, "/vouchers", page.Next, url.Values{"limit": {strconv.Itoa(in.Limit)}, "seller": {in.Seller}})
}
