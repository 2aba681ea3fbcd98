package orders

import (
	"context"
	"math"
	"slices"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// Sold is a parcel as it was before somebody changed it. While it is kept,
// nothing has moved: the goods are still the order's and the money is where it
// was, so a change and its inverse leave no trace. Settling an edit is one event
// that moves both.
type Sold struct {
	Lines           []Line     `bson:"lines" json:"lines"`
	Goods           market.VND `bson:"goods" json:"goods"`
	Shipping        market.VND `bson:"shipping" json:"shipping"`
	ShippingOff     market.VND `bson:"shipping_off" json:"shipping_off"`
	ShippingSubsidy market.VND `bson:"shipping_subsidy" json:"shipping_subsidy"`
	Subsidy         market.VND `bson:"subsidy" json:"subsidy"`
	Fee             market.VND `bson:"fee" json:"fee"`
	At              time.Time  `bson:"at" json:"at"` // when the edit is settled
}

// EditGrace is how long a change can be taken back before goods and money move.
const EditGrace = 15 * time.Minute

// Who changed a line; only they may change it back.
const (
	bySeller = "seller"
	byBuyer  = "buyer"
)

// Quantities are what lines are to be, by variant; others stay as they are.
type Quantities map[market.ID]int64

// Edit changes the quantities of a parcel that nobody has begun to pack, down to
// nothing and back up to what was bought; who lowered a line may raise it again.
// More than was bought is another order, with its own price, hold and payment.
// What the parcel costs less goes back to the buyer when the edit is settled: at
// packing, or a quarter of an hour after the last change. Its buyer may, and its
// seller.
func (s *Service) Edit(ctx context.Context, by market.Actor, order market.ID, key string, parcel market.ID, wanted Quantities) (*Order, error) {
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		return s.editBy(o, by, key, parcel, wanted)
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	if err != nil {
		return nil, err
	}
	return o.forKey(by, key), nil
}

func (s *Service) editBy(o *Order, by market.Actor, key string, parcel market.ID, wanted Quantities) ([]market.Event, error) {
	p := o.parcel(parcel)
	who := o.editor(by, key, p)
	switch {
	case who == "":
		return nil, errOrder
	case p.State == ParcelWaiting:
		return nil, market.Conflict("order.edit_unpaid")
	case p.State != ParcelNew:
		return nil, market.Conflict("order.packed")
	case who == byBuyer && o.Prepaid > 0:
		return nil, market.Conflict("preorder.too_late") // see Cancel
	case o.weighing(parcel):
		return nil, market.Conflict("order.edit_asked")
	}
	return s.edit(o, p, who, wanted)
}

// editor says as whom the actor may change the parcel.
func (o *Order) editor(by market.Actor, key string, p *Parcel) string {
	switch {
	case p == nil:
		return ""
	case o.owned(by, key):
		return byBuyer
	case by.For(p.Seller) || by.Is(market.RoleOperator):
		return bySeller
	}
	return ""
}

func (s *Service) edit(o *Order, p *Parcel, who string, wanted Quantities) ([]market.Event, error) {
	sold := p.sold()
	lines := slices.Clone(p.Lines)
	var checks market.Checks
	for i := range lines {
		if q, ok := wanted[lines[i].Variant]; ok && q != lines[i].Quantity {
			checks.Add("lines/"+string(lines[i].Variant), lines[i].change(sold.line(lines[i].Variant), who, q))
		}
	}
	if err := checks.Err(); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(lines, func(l Line) bool { return l.Quantity > 0 }) {
		return nil, market.Conflict("order.edit_empty")
	}
	if slices.EqualFunc(lines, p.Lines, func(a, b Line) bool { return a.Quantity == b.Quantity }) {
		return nil, nil
	}
	if err := s.editTo(o, p, sold, lines); err != nil {
		return nil, err
	}
	o.note(s.env.Now(), "edited", p.ID)
	o.arrange()
	return []market.Event{market.NewEvent(s.env, EventEdited, o.ID, o.moved(p.ID))}, nil
}

// editTo gives the parcel its new lines and what they cost. Delivery that gets
// dearer because goods are lacking is the buyer's to bear only when the buyer
// took them out.
func (s *Service) editTo(o *Order, p *Parcel, sold Sold, lines []Line) error {
	p.restore(sold)
	if slices.EqualFunc(lines, p.Lines, func(a, b Line) bool { return a.Quantity == b.Quantity }) {
		o.add()
		return nil
	}
	due, atMost := p.Due(), market.VND(math.MaxInt64)
	if slices.ContainsFunc(lines, func(l Line) bool { return l.EditedBy == bySeller }) {
		atMost = p.Shipping + p.ShippingOff
	}
	p.Lines = lines
	if err := s.reprice(o, p, atMost); err != nil {
		return err
	}
	if p.Due() >= due {
		return market.Conflict("order.edit_dearer").With("shipping", p.Shipping)
	}
	sold.At = s.env.Now().Add(EditGrace)
	p.Sold = &sold
	return nil
}

// change sets a line's quantity to one between nothing and what was sold. What
// vouchers took off follows in proportion, so that the same quantity always
// costs the same.
func (l *Line) change(sold Line, who string, quantity int64) error {
	switch {
	case quantity < 0 || quantity > sold.Quantity:
		return market.Invalid("order.edit_quantity", "").With("name", l.Name).With("sold", sold.Quantity)
	case quantity > l.Quantity && l.EditedBy != who:
		return market.Conflict("order.edit_other").With("name", l.Name)
	}
	rest := []int64{quantity, sold.Quantity - quantity}
	lots := l.Lots
	*l = sold
	l.Lots = lots
	if quantity == sold.Quantity {
		return nil
	}
	l.EditedBy, l.Quantity = who, quantity
	l.Discount, l.Subsidy = sold.Discount.Split(rest)[0], sold.Subsidy.Split(rest)[0]
	l.Amount = l.Price*market.VND(quantity) - l.Discount
	if w := sold.Weight; w != nil {
		scaled := *w
		scaled.Stated, scaled.Agreed, scaled.Subsidy = w.Stated/sold.Quantity*quantity, l.Amount, l.Subsidy
		l.Weight = &scaled
	}
	return nil
}

// sold is the parcel as it was bought.
func (p *Parcel) sold() Sold {
	if p.Sold != nil {
		return *p.Sold
	}
	return Sold{
		Lines: slices.Clone(p.Lines), Goods: p.Goods, Shipping: p.Shipping, ShippingOff: p.ShippingOff,
		ShippingSubsidy: p.ShippingSubsidy, Subsidy: p.Subsidy, Fee: p.Fee,
	}
}

func (s Sold) line(variant market.ID) Line {
	i := slices.IndexFunc(s.Lines, func(l Line) bool { return l.Variant == variant })
	return s.Lines[i]
}

// restore takes back an edit that has not been settled.
func (p *Parcel) restore(s Sold) {
	p.Lines = slices.Clone(s.Lines)
	p.Goods, p.Shipping, p.ShippingOff, p.ShippingSubsidy = s.Goods, s.Shipping, s.ShippingOff, s.ShippingSubsidy
	p.Subsidy, p.Fee, p.Sold = s.Subsidy, s.Fee, nil
}

// unedit takes back all edits that have not been settled: an order that ends
// gives back what was bought.
func (o *Order) unedit() {
	for i := range o.Parcels {
		if p := &o.Parcels[i]; p.Sold != nil {
			p.restore(*p.Sold)
		}
	}
	o.add()
}

// settleEdit makes a parcel's edit final and tells what goes back: goods to the
// shelf, money to the buyer.
func (o *Order) settleEdit(env market.Env, p *Parcel) []market.Event {
	if p.Sold == nil {
		return nil
	}
	was := *p
	was.restore(*p.Sold)
	back := was.less(o, *p)
	if o.Method != MethodCOD && back.Shipping < 0 { // of money that has come only the sum goes back
		back.Goods, back.Shipping = back.gross(), 0
	}
	p.Edits++
	back.Key, back.Reason = editKey(p), "edit"
	for i := range p.Lines {
		l := &p.Lines[i]
		if less := p.Sold.line(l.Variant).Quantity - l.Quantity; less > 0 {
			l.GivenUp += less
			l.Lots = without(l.Lots, less)
			back.Lines = append(back.Lines, Taken{l.Variant, l.GivenUp})
		}
		l.EditedBy = ""
	}
	p.Lines = slices.DeleteFunc(p.Lines, func(l Line) bool { return l.Quantity == 0 })
	p.Sold = nil
	o.note(env.Now(), "corrected", p.ID)
	o.arrange()
	return []market.Event{market.NewEvent(env, EventCorrected, o.ID, back)}
}

func editKey(p *Parcel) market.ID { return p.ID + "-e" + market.ID('0'+rune(p.Edits%10)) }

// without takes units off what is known of a line's lots: from the end, as the
// stock does.
func without(lots []catalog.Share, units int64) []catalog.Share {
	lots = slices.Clone(lots)
	for i := len(lots) - 1; i >= 0 && units > 0; i-- {
		n := min(units, lots[i].Quantity)
		lots[i].Quantity, units = lots[i].Quantity-n, units-n
	}
	return slices.DeleteFunc(lots, func(s catalog.Share) bool { return s.Quantity == 0 })
}

// nextSettling is when the first unsettled edit of the order is due.
func (o *Order) nextSettling() *time.Time {
	var first *time.Time
	for _, p := range o.Parcels {
		if p.Sold != nil && p.State == ParcelNew && (first == nil || p.Sold.At.Before(*first)) {
			first = &p.Sold.At
		}
	}
	return first
}

// SettleEdits settles the edits whose time to be taken back is over and returns
// how many orders it looked at; a worker calls it.
func (s *Service) SettleEdits(ctx context.Context) (int, error) {
	now, n := s.env.Now(), 0
	err := s.orders.Each(ctx, store.Query{Index: "settle_at", To: now.Add(time.Millisecond)}, func(found *Order) error {
		n++
		_, err := s.orders.Update(ctx, found.ID, func(o *Order) ([]market.Event, error) {
			var news []market.Event
			for i := range o.Parcels {
				if p := &o.Parcels[i]; p.Sold != nil && p.State == ParcelNew && !p.Sold.At.After(now) {
					news = append(news, o.settleEdit(s.env, p)...)
				}
			}
			o.arrange()
			return news, nil
		})
		return err
	})
	return n, err
}
