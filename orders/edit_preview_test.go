package orders_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// What a preview says is what the edit does, and it does nothing itself.
func TestPreviewIsTheEditWithoutItsTrace(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	rice, tea := s.product(seller, "Gạo", 30_000, 50), s.product(seller, "Trà", 40_000, 50)
	o := s.place(guest, "wallet", want{rice, 3}, want{tea, 2})
	s.notice(o, payments.NoticeCapture)
	s.drain()
	parcel, wish := o.Parcels[0].ID, orders.Quantities{rice: 1, tea: 0}
	before := s.order(o.ID)
	seen, err := s.orders.PreviewEdit(s.ctx, guest, o.ID, o.Key, parcel, wish)
	s.must(err)
	if diff := cmp.Diff(before, s.order(o.ID)); diff != "" {
		t.Fatalf("looking changed the order: %s", diff)
	}
	done, err := s.orders.Edit(s.ctx, guest, o.ID, o.Key, parcel, wish)
	s.must(err)
	if diff := cmp.Diff(seen.Parcels, done.Parcels); diff != "" || seen.Total != done.Total {
		t.Errorf("the edit is not what was shown: %s", diff)
	}
	if got := done.Parcels[0].Cheaper(); got != before.Total-done.Total || got == 0 || done.Parcels[0].Bought(rice) != 3 {
		t.Errorf("cheaper by %d, the order by %d", got, before.Total-done.Total)
	}
	for by, key := range map[string]string{"": "order.missing", "no": "order.missing"} {
		if _, err := s.orders.PreviewEdit(s.ctx, guest, o.ID, by, parcel, wish); market.KindOf(err) != market.KindNotFound {
			t.Errorf("a stranger's preview with %q: %v, want %s", by, err, key)
		}
	}
}

// While more weight is asked for the quantities stand, and one seller hears
// nothing of what another asks.
func TestAskedWeightKeepsItsLinesAndItsSecret(t *testing.T) {
	s := newShop(t)
	seller, other := s.seller("HTX"), s.seller("Hộ khác")
	fish := s.listed(seller, catalog.Keeping{}, weighedFish())
	o := s.place(guest, "cod", want{fish, 2}, want{s.product(other, "Gạo", 30_000, 50), 1})
	s.drain()
	a := s.asked(o, 2_150, fish)
	mine, err := s.orders.Order(s.ctx, sellerActor(seller), o.ID, "")
	s.must(err)
	theirs, err := s.orders.Order(s.ctx, sellerActor(other), o.ID, "")
	s.must(err)
	masked, err := s.orders.Track(s.ctx, o.ID)
	s.must(err)
	if len(mine.Asks) != 1 || len(theirs.Asks) != 0 || len(masked.Asks) != 0 {
		t.Errorf("seen: %d by its seller, %d by another, %d by anybody", len(mine.Asks), len(theirs.Asks), len(masked.Asks))
	}
	edit := func() error {
		_, err := s.orders.Edit(s.ctx, guest, o.ID, o.Key, a.Parcel, orders.Quantities{fish: 1})
		return err
	}
	if err := edit(); key(err) != "order.edit_asked" {
		t.Errorf("edited while asked: %v", err)
	}
	if !s.order(o.ID).Answerable(a, s.now) || s.order(o.ID).Answerable(a, a.Until) {
		t.Error("a question can be answered until its end, and no longer")
	}
	_, _, err = s.orders.AnswerWeight(s.ctx, guest, o.ID, o.Key, a.ID, false, "")
	s.must(err)
	if err := edit(); err != nil {
		t.Errorf("after the answer: %v", err)
	}
}
