package orders_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// trace is all that an edit could move: the parcels, the stock, the payment and
// the books. The history of an order tells what people did and stays.
type trace struct {
	Parcels  []orders.Parcel
	Total    market.VND
	Held     []int64
	Intent   payments.Intent
	Balances map[payments.Account]market.VND
}

func (s *shop) trace(o *orders.Order) trace {
	now := s.order(o.ID)
	out := trace{Parcels: now.Parcels, Total: now.Total, Balances: s.balances()}
	for _, p := range now.Parcels {
		for _, l := range p.Lines {
			k := s.stock(l.Variant)
			out.Held = append(out.Held, k.Offered(), k.Held)
		}
	}
	in, err := s.payments.Intent(s.ctx, o.Parcels[0].Payment)
	s.must(err)
	out.Intent = *in
	return out
}

// Any edits, taken back by those who made them before they are settled, move no
// money and no goods and void nothing; settled, they give back exactly what the
// order costs less.
func TestPain05EditThenInverseMovesNothing(t *testing.T) {
	for _, method := range []string{"wallet", "cod"} {
		s := newShop(t)
		seller := s.seller("HTX")
		variants := []market.ID{s.product(seller, "Gạo", 30_001, 1000), s.product(seller, "Thanh trà", 45_007, 1000), s.product(seller, "Mè xửng", 19_999, 1000)}
		s.voucher(seller, "GIAM7", func(t *orders.VoucherTerms) {
			t.Kind, t.Amount, t.Percent, t.Most, t.MinGoods = orders.VoucherPercent, 0, 700, 50_000, 0
		})
		s.voucher("", "CHOHUE", func(t *orders.VoucherTerms) { t.Amount, t.MinGoods = 11_111, 60_000 })
		rapid.Check(t, func(r *rapid.T) {
			o := s.place(guest, method, want{variants[0], rapid.Int64Range(1, 9).Draw(r, "a")}, want{variants[1], rapid.Int64Range(1, 9).Draw(r, "b")}, want{variants[2], rapid.Int64Range(1, 9).Draw(r, "c")})
			if method == "wallet" {
				s.notice(o, payments.NoticeCapture)
			}
			s.drain()
			before, parcel := s.trace(o), o.Parcels[0]
			for range rapid.IntRange(1, 4).Draw(r, "edits") {
				l := rapid.SampledFrom(parcel.Lines).Draw(r, "line")
				_, err := s.orders.Edit(s.ctx, guest, o.ID, o.Key, parcel.ID, orders.Quantities{l.Variant: rapid.Int64Range(0, l.Quantity).Draw(r, "to")})
				if err != nil && !slices.Contains([]string{"order.edit_empty", "order.edit_dearer"}, key(err)) {
					r.Fatal(err)
				}
				checkOrderSums(t, s.order(o.ID))
			}
			lowered := s.order(o.ID)
			if rapid.Bool().Draw(r, "take back") {
				back := orders.Quantities{}
				for _, l := range parcel.Lines {
					back[l.Variant] = l.Quantity
				}
				_, err := s.orders.Edit(s.ctx, guest, o.ID, o.Key, parcel.ID, back)
				s.must(err)
				s.now = s.now.Add(time.Hour)
				_, err = s.orders.SettleEdits(s.ctx)
				s.must(err)
				if diff := cmp.Diff(before, s.trace(o)); diff != "" {
					r.Fatalf("something moved: %s", diff)
				}
				return
			}
			for range 2 {
				s.now = s.now.Add(time.Hour)
				_, err := s.orders.SettleEdits(s.ctx)
				s.must(err)
				s.drain()
			}
			s.settled(r, o, lowered, before)
		})
	}
}

// settled holds what has moved against what the order now says.
func (s *shop) settled(t *rapid.T, was, lowered *orders.Order, before trace) {
	now := s.order(was.ID)
	in, err := s.payments.Intent(s.ctx, was.Parcels[0].Payment)
	s.must(err)
	paid := in.Captured - in.Refunded
	if now.Method == orders.MethodCOD {
		paid = in.Amount
	}
	if now.Total != lowered.Total || paid != now.Total || in.State == payments.StateFailed {
		t.Fatalf("order %d, was %d, paid %d, payment %s", now.Total, lowered.Total, paid, in.State)
	}
	for i, l := range was.Parcels[0].Lines {
		var kept int64
		for _, n := range now.Parcels[0].Lines {
			if n.Variant == l.Variant {
				kept = n.Quantity
			}
		}
		if back := s.stock(l.Variant).Offered() - before.Held[2*i]; back != l.Quantity-kept {
			t.Fatalf("the order keeps %d of %d, %d came back to the shelf", kept, l.Quantity, back)
		}
	}
}

// Who may edit, what, and until when.
func TestEditRules(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	rice, tea := s.product(seller, "Gạo", 30_000, 50), s.product(seller, "Trà", 40_000, 50)
	o := s.place(guest, "cod", want{rice, 3}, want{tea, 2})
	s.drain()
	parcel := o.Parcels[0].ID
	edit := func(by market.Actor, key string, q orders.Quantities) error {
		_, err := s.orders.Edit(s.ctx, by, o.ID, key, parcel, q)
		return err
	}
	for name, test := range map[string]struct {
		by   market.Actor
		key  string
		q    orders.Quantities
		want string
	}{
		"a stranger":             {guest, "", orders.Quantities{rice: 1}, "order.missing"},
		"another seller":         {sellerActor("x"), "", orders.Quantities{rice: 1}, "order.missing"},
		"more than was bought":   {guest, o.Key, orders.Quantities{rice: 4}, "order.edit_quantity"},
		"less than nothing":      {guest, o.Key, orders.Quantities{rice: -1}, "order.edit_quantity"},
		"nothing at all":         {guest, o.Key, orders.Quantities{rice: 0, tea: 0}, "order.edit_empty"},
		"something never bought": {guest, o.Key, orders.Quantities{"other": 1}, ""},
	} {
		if err := edit(test.by, test.key, test.q); key(err) != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	s.must(edit(sellerActor(seller), "", orders.Quantities{rice: 1}))
	if err := edit(guest, o.Key, orders.Quantities{rice: 3}); key(err) != "order.edit_other" {
		t.Errorf("the buyer raised what the seller lacks: %v", err)
	}
	_, err := s.orders.Pack(s.ctx, sellerActor(seller), o.ID, parcel)
	s.must(err)
	s.drain()
	if err := edit(guest, o.Key, orders.Quantities{tea: 1}); key(err) != "order.packed" {
		t.Errorf("after packing: %v", err)
	}
	got := s.order(o.ID)
	in, err := s.payments.Intent(s.ctx, parcel)
	s.must(err)
	if in.Amount != got.Total || got.Goods != 110_000 || s.stock(rice).Offered() != 49 {
		t.Errorf("to collect %d of %d, goods %d, shelf %d", in.Amount, got.Total, got.Goods, s.stock(rice).Offered())
	}
}

// An order that is cancelled after edits, settled or not, gives back all of it.
func TestCancelAfterEdits(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	rice := s.product(seller, "Gạo", 30_000, 50)
	for _, settle := range []bool{false, true} {
		o := s.place(guest, "wallet", want{rice, 5})
		s.notice(o, payments.NoticeCapture)
		s.drain()
		_, err := s.orders.Edit(s.ctx, guest, o.ID, o.Key, o.Parcels[0].ID, orders.Quantities{rice: 2})
		s.must(err)
		if settle {
			s.now = s.now.Add(time.Hour)
			_, err = s.orders.SettleEdits(s.ctx)
			s.must(err)
			s.drain()
		}
		_, err = s.orders.Cancel(s.ctx, guest, o.ID, o.Key, "")
		s.must(err)
		for account, balance := range s.balances() {
			if balance != 0 {
				t.Errorf("settled %v: %s keeps %d", settle, account, balance)
			}
		}
		if got := s.stock(rice).Offered(); got != 50 {
			t.Errorf("settled %v: %d of 50 on the shelf", settle, got)
		}
		if got := s.order(o.ID); got.State != orders.StateRefunded {
			t.Errorf("settled %v: %s", settle, got.State)
		}
	}
}
