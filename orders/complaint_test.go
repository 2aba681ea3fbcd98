package orders_test

import (
	"errors"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
)

var moderator = market.Actor{Person: "judge", Roles: []market.Role{market.RoleModerator}}

func (s *shop) complains(o *orders.Order, p orders.Parcel) *orders.Complaint {
	s.t.Helper()
	g := orders.Grievance{ID: "c1", Category: "goods", Order: o.ID, Key: o.Key, Parcel: p.ID, Text: "Hàng hỏng.", Photos: [][]byte{photo(s.t)}}
	first, err := s.orders.Complain(s.ctx, guest, g)
	s.must(err)
	again, err := s.orders.Complain(s.ctx, guest, g)
	s.must(err)
	if again.Rev != first.Rev {
		s.t.Errorf("complaining twice wrote twice")
	}
	s.drain()
	return first
}

func (s *shop) keepComplaints() {
	s.t.Helper()
	_, err := s.orders.KeepComplaints(s.ctx)
	s.must(err)
	s.drain()
}

func TestGuestComplainsWithTheOrdersKey(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	o, p := s.arrived("wallet", a, want{s.product(a, "Thanh trà", 45_000, 10), 1})
	c := s.complains(o, p)
	for name, who := range map[string]struct {
		by   market.Actor
		key  string
		kind market.Kind
	}{
		"maker": {guest, o.Key, 0}, "seller": {sellerActor(a), "", 0}, "moderator": {moderator, "", 0},
		"other seller": {sellerActor(b), "", market.KindNotFound}, "stranger": {guest, "wrong", market.KindNotFound},
	} {
		if _, err := s.orders.Complaint(s.ctx, who.by, c.ID, who.key); err != nil && who.kind == 0 || who.kind != 0 && market.KindOf(err) != who.kind {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.orders.ComplaintEvidence(s.ctx, who.by, c.ID, who.key, c.Says[0].Photos[0]); err != nil && who.kind == 0 || who.kind != 0 && market.KindOf(err) != who.kind {
			t.Errorf("photo for %s: %v", name, err)
		}
	}
	if _, err := s.orders.Speak(s.ctx, sellerActor(a), c.ID, orders.Plea{Side: orders.SideBuyer, End: true}); market.KindOf(err) != market.KindNotFound {
		t.Errorf("the seller withdraws it: %v", err)
	}
}

func TestUnansweredComplaintGoesToThePlatform(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	o, p := s.arrived("wallet", a, want{s.product(a, "Thanh trà", 45_000, 10), 1})
	c := s.complains(o, p)
	s.now = c.AnswerBy.Add(-time.Millisecond)
	s.keepComplaints()
	if got, err := s.orders.Complaint(s.ctx, moderator, c.ID, ""); err != nil || got.State != orders.ComplaintOpen {
		t.Fatalf("a moment too early: %s, %v", got.State, err)
	}
	s.now = c.AnswerBy
	s.keepComplaints()
	s.keepComplaints()
	list, err := s.orders.Disputed(s.ctx, moderator, "", 10)
	s.must(err)
	if len(list.Items) != 1 || list.Items[0].State != orders.ComplaintEscalated {
		t.Fatalf("%d on the platform's list", len(list.Items))
	}
	s.now = p.DeliveredAt.Add(200 * time.Hour)
	s.keepTime()
	if s.parcelOf(o.ID, a).ClosedAt != nil {
		t.Fatal("the parcel closed under a complaint")
	}
	var e *market.Error
	if _, err := s.orders.Resolve(s.ctx, moderator, c.ID, orders.Outcome{Kind: orders.OutcomeUpheld}); !errors.As(err, &e) || e.Field != "text" {
		t.Errorf("a decision without words: %v", err)
	}
	_, err = s.orders.Resolve(s.ctx, moderator, c.ID, orders.Outcome{Kind: orders.OutcomeUpheld, Text: "Người bán hoàn tiền."})
	s.must(err)
	s.drain()
	s.keepTime()
	if s.parcelOf(o.ID, a).ClosedAt == nil {
		t.Error("the parcel did not close after the complaint had ended")
	}
}

func TestAnsweredComplaintEndsInSilence(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	o, p := s.arrived("wallet", a, want{s.product(a, "Thanh trà", 45_000, 10), 1})
	c := s.complains(o, p)
	_, err := s.orders.Speak(s.ctx, sellerActor(a), c.ID, orders.Plea{Side: orders.SideSeller, Text: "Chúng tôi xin lỗi."})
	s.must(err)
	answered := s.now
	s.now = answered.Add(72*time.Hour - time.Millisecond)
	s.keepComplaints()
	s.now = answered.Add(72 * time.Hour)
	s.keepComplaints()
	got, err := s.orders.Complaint(s.ctx, moderator, c.ID, "")
	s.must(err)
	if got.State != orders.ComplaintResolved || got.Outcome.Kind != orders.OutcomeSilence || !got.Outcome.At.Equal(s.now) {
		t.Errorf("complaint is %s, %+v", got.State, got.Outcome)
	}
}

func TestReviewsAreOfDeliveredGoodsOnce(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	v := s.product(a, "Thanh trà", 45_000, 90)
	o, _ := s.sent("wallet", a, want{v, 1})
	op := orders.Opinion{Variant: v, Stars: 4, Text: "Ngọt.", Photos: [][]byte{photo(t)}}
	if _, err := s.orders.WriteReview(s.ctx, guest, o.ID, o.Key, op); market.KindOf(err) != market.KindConflict {
		t.Errorf("before it came: %v", err)
	}
	o, p := s.arrived("wallet", a, want{v, 1})
	if _, err := s.orders.WriteReview(s.ctx, guest, o.ID, "", op); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a stranger: %v", err)
	}
	r, err := s.orders.WriteReview(s.ctx, guest, o.ID, o.Key, op)
	s.must(err)
	if _, err := s.orders.WriteReview(s.ctx, guest, o.ID, o.Key, op); market.KindOf(err) != market.KindConflict {
		t.Errorf("twice: %v", err)
	}
	for _, stars := range []int{5, 5} {
		more, _ := s.arrived("wallet", a, want{v, 1})
		_, err := s.orders.WriteReview(s.ctx, guest, more.ID, more.Key, orders.Opinion{Variant: v, Stars: stars})
		s.must(err)
	}
	s.drain()
	product := p.Lines[0].Product
	s.rated(product, 3, 14)
	_, err = s.orders.HideReview(s.ctx, moderator, r.ID, "lời lẽ xúc phạm")
	s.must(err)
	s.drain()
	s.rated(product, 2, 10)
	if _, err := s.orders.ReviewPhoto(s.ctx, r.ID, r.Photos[0]); market.KindOf(err) != market.KindNotFound {
		t.Errorf("the photo of a hidden review: %v", err)
	}
	s.must(s.orders.Rate(s.ctx, product))
	s.rated(product, 2, 10)
	mine, err := s.orders.ReviewsOf(s.ctx, sellerActor(a), a, "", 10)
	s.must(err)
	best, err := s.orders.Reviews(s.ctx, product, true, "", 10)
	s.must(err)
	if len(mine.Items) != 3 || len(best.Items) != 2 {
		t.Errorf("the seller sees %d, everybody %d", len(mine.Items), len(best.Items))
	}
}

func (s *shop) rated(product market.ID, count, sum int64) {
	s.t.Helper()
	all, err := s.orders.Ratings(s.ctx, product)
	s.must(err)
	if r := all[product]; r == nil || r.Count != count || r.Sum != sum || r.Tenths() != (sum*20+count)/(2*count) {
		s.t.Errorf("rating %+v, want %d reviews with %d stars", r, count, sum)
	}
}

func TestReportedReviewWaitsForAModerator(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	v := s.product(a, "Thanh trà", 45_000, 90)
	o, _ := s.arrived("wallet", a, want{v, 1})
	r, err := s.orders.WriteReview(s.ctx, guest, o.ID, o.Key, orders.Opinion{Variant: v, Stars: 1, Text: "…"})
	s.must(err)
	if _, err := s.orders.ReportReview(s.ctx, guest, r.ID, "bậy"); market.KindOf(err) != market.KindUnauthenticated {
		t.Errorf("a guest reports: %v", err)
	}
	for range 2 {
		_, err = s.orders.ReportReview(s.ctx, market.Actor{Person: "p"}, r.ID, "bậy")
		s.must(err)
	}
	list, err := s.orders.Reported(s.ctx, moderator, "", 10)
	s.must(err)
	if len(list.Items) != 1 || len(list.Items[0].Reports) != 1 {
		t.Fatalf("%d reported", len(list.Items))
	}
	if _, err := s.orders.HideReview(s.ctx, sellerActor(a), r.ID, "xấu"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("the seller hides it: %v", err)
	}
	_, err = s.orders.HideReview(s.ctx, moderator, r.ID, "")
	s.must(err)
	_, err = s.orders.ReplyReview(s.ctx, sellerActor(a), r.ID, "Cảm ơn bạn.")
	s.must(err)
	if list, err := s.orders.Reported(s.ctx, moderator, "", 10); err != nil || len(list.Items) != 0 {
		t.Errorf("%d still reported, %v", len(list.Items), err)
	}
}
