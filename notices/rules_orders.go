package notices

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// more adds what a rule says beyond the order's own words.
type more func(t *telling, o *orders.Order, parcel *orders.Parcel)

// aboutOrder reads the order that an event is about, and the parcel when it
// names one.
func aboutOrder(ctx context.Context, s *Service, e market.Event) (*orders.Order, *orders.Parcel, error) {
	var about struct {
		Parcel ref `json:"parcel"`
	}
	if err := e.Decode(&about); err != nil {
		return nil, nil, err
	}
	o, err := s.rooms.Orders.Order(ctx, market.System, e.Subject, "")
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(o.Parcels, func(p orders.Parcel) bool { return p.ID == about.Parcel.id })
	if i < 0 {
		return o, nil, nil
	}
	return o, &o.Parcels[i], nil
}

// ref reads the parcel of an event: its id, or the whole parcel with one.
type ref struct{ id market.ID }

// UnmarshalJSON implements json.Unmarshaler.
func (r *ref) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return decode(raw, &r.id)
	}
	var whole struct {
		ID market.ID `json:"id"`
	}
	err := decode(raw, &whole)
	r.id = whole.ID
	return err
}

// buyer tells whoever ordered: a person, or a guest by the phone number that
// the parcel goes to.
func buyer(add more) func(context.Context, *Service, market.Event) ([]telling, error) {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		o, parcel, err := aboutOrder(ctx, s, e)
		if err != nil {
			return nil, err
		}
		t, err := s.toBuyer(ctx, o)
		if err != nil {
			return nil, err
		}
		t.args = append(t.args, facts(o, parcel)...)
		if add != nil {
			add(&t, o, parcel)
		}
		return []telling{t}, nil
	}
}

func (s *Service) toBuyer(ctx context.Context, o *orders.Order) (telling, error) {
	link := "/don-hang/" + string(o.ID)
	if o.Buyer == "" {
		guest := Reader{Phone: o.Address.Phone, Lang: "vi"}
		return telling{to: guest, link: link + "?key=" + o.Key}, nil
	}
	reader, err := s.rooms.People.Reader(ctx, o.Buyer)
	return telling{to: reader, link: link}, err
}

// facts are what the words may name of an order.
func facts(o *orders.Order, parcel *orders.Parcel) []Arg {
	parcels := o.Parcels
	if parcel != nil {
		parcels = []orders.Parcel{*parcel}
	}
	args := []Arg{word("code", o.Code), money("total", o.Total), word("reason", o.Reason)}
	if len(parcels) > 0 && len(parcels[0].Lines) > 0 {
		args = append(args, text("goods", parcels[0].Lines[0].Name), text("seller", parcels[0].SellerName))
	}
	lines := 0
	for _, p := range parcels {
		lines += len(p.Lines)
	}
	return append(args, count("n", int64(lines)))
}

// withSum shows what the order costs, line by line, in the same amounts as the
// order's own page.
func withSum(t *telling, o *orders.Order, _ *orders.Parcel) {
	for _, p := range o.Parcels {
		for _, l := range p.Lines {
			t.rows = append(t.rows, Row{Name: l.Name, Count: l.Quantity, Amount: l.Amount})
		}
	}
	t.rows = append(t.rows, Row{Key: "notice.row.shipping", Amount: o.Shipping}, Row{Key: "notice.row.total", Amount: o.Total})
}

func withCarrier(t *telling, _ *orders.Order, p *orders.Parcel) {
	if p == nil {
		return
	}
	t.args = append(t.args, word("carrier", p.Carrier), word("tracking", p.Tracking))
	if p.Tracking == "" {
		t.key = "notice.order.shipped_untracked"
	}
}

// sellers tells the keepers of every shop that has a parcel in the order.
func sellers(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	return sellersOf(func(*orders.Order) bool { return true })(ctx, s, e)
}

// sellersOf is sellers, for the orders that count only.
func sellersOf(counts func(*orders.Order) bool) tell {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		o, _, err := aboutOrder(ctx, s, e)
		if err != nil || !counts(o) {
			return nil, err
		}
		var all []telling
		for i := range o.Parcels {
			told, err := s.toKeepers(ctx, o, &o.Parcels[i])
			if err != nil {
				return nil, err
			}
			all = append(all, told...)
		}
		return onceEach(all), nil
	}
}

func (s *Service) toKeepers(ctx context.Context, o *orders.Order, p *orders.Parcel) ([]telling, error) {
	readers, err := s.keepers(ctx, p.Seller)
	if err != nil {
		return nil, err
	}
	var all []telling
	for _, r := range readers {
		args := append(facts(o, p), money("amount", p.Goods), text("place", market.Text{VI: o.Address.Province}))
		all = append(all, telling{to: r, args: args, link: "/hop-tac-xa?gian-hang=" + p.SellerSlug})
	}
	return all, nil
}

// onceEach keeps the first telling of each reader: who keeps two shops in one
// order hears of it once.
func onceEach(all []telling) []telling {
	var out []telling
	for _, t := range all {
		if !slices.ContainsFunc(out, func(o telling) bool { return o.to.id() == t.to.id() }) {
			out = append(out, t)
		}
	}
	return out
}

// wasConfirmed reports whether the sellers had heard of the order.
func wasConfirmed(o *orders.Order) bool {
	return slices.ContainsFunc(o.History, func(h orders.Entry) bool { return h.What == "confirmed" })
}

// payer tells the buyer of money that moved.
func payer(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	var moved payments.Happened
	if err := e.Decode(&moved); err != nil {
		return nil, err
	}
	told, err := buyer(nil)(ctx, s, e)
	for i := range told {
		told[i].args = append(told[i].args, money("amount", moved.Amount), word("method", moved.Method))
	}
	return told, err
}
