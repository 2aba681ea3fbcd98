package orders_test

import (
	"testing"

	"chohue/market"
	"chohue/orders"
)

// A receiver can be changed by the buyer until a box bears the name, within the
// province that the price is for.
func TestReaddressUntilPacked(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	o := s.place(guest, "cod", want{s.product(seller, "Gạo", 30_000, 50), 1})
	s.drain()
	to := func(change func(*orders.Receiver)) orders.Receiver {
		r := orders.Receiver{Address: o.Address, Note: "Gọi trước"}
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		by   market.Actor
		key  string
		to   orders.Receiver
		want string
	}{
		"a stranger":      {guest, "", to(func(*orders.Receiver) {}), "order.missing"},
		"its seller":      {sellerActor(seller), "", to(func(*orders.Receiver) {}), "order.missing"},
		"no street":       {guest, o.Key, to(func(r *orders.Receiver) { r.Address.Street = "" }), "address.street"},
		"no number":       {guest, o.Key, to(func(r *orders.Receiver) { r.Address.Phone = "12" }), "phone.invalid"},
		"far away":        {guest, o.Key, to(func(r *orders.Receiver) { r.Address.Province, r.Address.Ward = "46", "19813" }), "order.other_province"},
		"somebody nearby": {guest, o.Key, to(func(r *orders.Receiver) { r.Address.Name, r.Address.Phone = "Trần Văn Nhận", "0905 999 888" }), ""},
	} {
		if _, err := s.orders.Readdress(s.ctx, test.by, o.ID, test.key, test.to); key(err) != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	now := s.order(o.ID)
	if now.Address.Name != "Trần Văn Nhận" || now.Address.Phone != "+84905999888" || now.Note != "Gọi trước" || now.Total != o.Total {
		t.Errorf("goes to %+v, %q, for %d", now.Address, now.Note, now.Total)
	}
	for _, phone := range []string{o.Address.Phone, "0905999888"} {
		if _, err := s.orders.FindByCode(s.ctx, o.Code, phone); err != nil {
			t.Errorf("not found by %s: %v", phone, err)
		}
	}
	_, err := s.orders.Pack(s.ctx, sellerActor(seller), o.ID, o.Parcels[0].ID)
	s.must(err)
	if _, err := s.orders.Readdress(s.ctx, guest, o.ID, o.Key, to(func(*orders.Receiver) {})); key(err) != "order.packed" {
		t.Errorf("after packing: %v", err)
	}
}

// Another number gives no second turn at a voucher that is for everybody once.
func TestReaddressKeepsWhatWasUsed(t *testing.T) {
	s := newShop(t)
	rice := s.product(s.seller("HTX"), "Gạo", 60_000, 50)
	s.voucher("", "MOTLAN", func(t *orders.VoucherTerms) { t.PerPerson, t.Way = 1, orders.VoucherAuto })
	o := s.place(guest, "cod", want{rice, 2})
	s.drain()
	if len(o.Vouchers) != 1 {
		t.Fatalf("bought with %d vouchers", len(o.Vouchers))
	}
	to := orders.Receiver{Address: o.Address}
	to.Address.Phone = "0905999888"
	_, err := s.orders.Readdress(s.ctx, guest, o.ID, o.Key, to)
	s.must(err)
	_, err = s.orders.Cancel(s.ctx, guest, o.ID, o.Key, "")
	s.must(err)
	s.drain()
	if again := s.place(guest, "cod", want{rice, 2}); len(again.Vouchers) != 1 {
		t.Error("what an ended order used is not given back to whoever placed it")
	}
}
