package api

import (
	"context"
	"net/http"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// Checkout is a buyer's decision.
type Checkout struct {
	Address Address `json:"address"`
	Method  string  `json:"method" maxLength:"40" doc:"How to pay: one of the methods, such as momo, zalopay, vnpay, vietqr, cod or sandbox"`
	Note    string  `json:"note,omitempty" maxLength:"500" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
	Adult   bool    `json:"adult,omitempty" doc:"The buyer is 18 or older; needed for alcohol"`
	Gift    *Gift   `json:"gift,omitempty" doc:"For an order that goes to somebody else"`
	Seen    []Seen  `json:"seen_lines,omitempty" maxItems:"100" doc:"The lines as the buyer saw them; what differs is refused line by line"`
	Expect  *Money  `json:"expect_total,omitempty" doc:"The total that the buyer saw; another one is refused"`
}

// Address is where parcels go.
type Address struct {
	Name     string `json:"name" minLength:"2" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$" example:"Nguyễn Thị Mai"`
	Phone    string `json:"phone" maxLength:"40" example:"0905 123 456"`
	Province string `json:"province" pattern:"^[0-9]{2}$" doc:"Code of the province" example:"46"`
	Ward     string `json:"ward" pattern:"^[0-9]{5}$" doc:"Code of the ward"`
	Street   string `json:"street" minLength:"3" maxLength:"300" pattern:"^[^\\x00-\\x1f]*$" doc:"House, street, hamlet"`
}

// Placed is an order with what its buyer has to do next.
type Placed struct {
	Order   Order `json:"order"`
	Payment Step  `json:"payment"`
}

// Step is what a buyer has to do to pay.
type Step struct {
	Kind      string `json:"kind" enum:"redirect,qr,none"`
	URL       string `json:"url,omitempty" doc:"Where to send the browser"`
	QR        string `json:"qr,omitempty" doc:"EMVCo payload to draw as a QR code"`
	Reference string `json:"reference,omitempty" doc:"What the buyer writes into a transfer"`
}

type checkoutInput struct {
	CartPath
	Body Checkout
}

func (d *Door) addCheckout() {
	add(d, operation{
		method: http.MethodPost, path: "/carts/{cart}/checkout", id: "checkout", tag: "buying",
		vi: "Đặt hàng", en: "Turn the cart into an order and begin its payment",
		about: "Placing the same cart again returns the same order. The Idempotency-Key also protects " +
			"a corrected address or method from an earlier try that is still on its way.",
		status: http.StatusCreated, returns: Placed{}, headers: []string{"Location"},
		errors:   []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceNeeded},
	}, d.checkout)
}

func (d *Door) checkout(ctx context.Context, in *checkoutInput) (*answer, error) {
	by := web.Actor(ctx)
	c := orders.Checkout{
		Cart: in.id(), Address: market.Address(in.Body.Address), Method: in.Body.Method, Note: in.Body.Note,
		Adult: in.Body.Adult, BaseURL: d.cfg.BaseURL, Gift: in.Body.Gift.wanted(), Seen: seen(in.Body.Seen),
	}
	if in.Body.Expect != nil {
		c.Expect = market.VND(in.Body.Expect.Amount)
	}
	o, step, err := d.Orders.Place(ctx, by, c)
	if err != nil {
		return nil, relocate(err, checkoutField)
	}
	out, err := did(http.StatusCreated, Placed{Order: order(by, o), Payment: nextStep(step)})
	if err == nil {
		out.Location = Prefix + "/orders/" + string(o.ID)
	}
	return out, err
}

// checkoutField is where the room's field is in the request.
func checkoutField(name string) string {
	switch name {
	case "name", "phone", "province", "ward", "street":
		return "address/" + name
	case "total":
		return "expect_total"
	default:
		return name
	}
}

func nextStep(s payments.Step) Step {
	if s.Kind == "" || s.Kind == payments.StepNone {
		return Step{Kind: payments.StepNone} // whatever a step without a transfer is called by, nobody writes it down
	}
	return Step{Kind: s.Kind, URL: s.URL, QR: s.QR, Reference: s.Reference}
}
