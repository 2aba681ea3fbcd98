package catalog

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

// edit changes a product as its seller and returns the answer.
func (s *shop) edit(t testing.TB, id market.ID, change func(*Draft)) *Product {
	t.Helper()
	p, err := s.Product(t.Context(), farmer, id)
	if err != nil {
		t.Fatal(err)
	}
	d := p.Draft()
	change(&d)
	got, err := s.Edit(t.Context(), farmer, id, d)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestEditionWaitsWhileTheShownOneSells(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thanh trà mới" })
	got := s.edit(t, p.ID, func(d *Draft) { d.Story.VI = "Vườn ven sông" })
	bought, err := s.ByVariant(t.Context(), p.Variants[0].ID)
	if err != nil || bought.Name.VI != p.Name.VI || bought.Story.VI != "" {
		t.Fatalf("buyers see %+v, %v", bought, err)
	}
	want := []Difference{{Field: "name"}, {Field: "story"}}
	if diff := cmp.Diff(want, Differences(got.Content(), got.Pending.Content)); diff != "" {
		t.Errorf("moderators see (-want +got):\n%s", diff)
	}
	page, err := s.Edits(t.Context(), moderator, "", 10)
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%d edits wait, %v", len(page.Items), err)
	}
	if _, err := s.Edits(t.Context(), farmer, "", 10); market.KindOf(err) != market.KindForbidden {
		t.Errorf("a farmer lists edits: %v", err)
	}
}

func TestApprovedEditionIsShownAtTodaysPrice(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	first := s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thanh trà mới" })
	s.edit(t, p.ID, func(d *Draft) { d.Variants[0].Price = 70_000 })
	for range 2 {
		got, err := s.ApproveEdit(t.Context(), moderator, p.ID, first.Pending.Number)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name.VI != "Thanh trà mới" || got.Variants[0].Price != 70_000 || got.Pending != nil || got.Shown.JudgeName != moderator.Name {
			t.Errorf("shown %q at %d by %+v, pending %v", got.Name.VI, got.Variants[0].Price, got.Shown, got.Pending)
		}
	}
}

func TestModeratorApprovesOnlyWhatTheyRead(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	read := s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thanh trà mới" })
	s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thuốc chữa bách bệnh" })
	_, err := s.ApproveEdit(t.Context(), moderator, p.ID, read.Pending.Number)
	wantError(t, err, market.KindConflict, "catalog.stale", "")
	_, err = s.ApproveEdit(t.Context(), farmer, p.ID, read.Pending.Number+1)
	wantError(t, err, market.KindForbidden, "catalog.forbidden", "")
	_, err = s.ApproveEdit(t.Context(), buyer, p.ID, read.Pending.Number+1)
	wantError(t, err, market.KindForbidden, "catalog.forbidden", "")
	got, err := s.PublishedProduct(t.Context(), p.ID)
	if err != nil || got.Name.VI != p.Name.VI {
		t.Errorf("buyers see %q, %v", got.Name.VI, err)
	}
}

func TestRefusedEditionIsKeptWithItsReason(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	waiting := s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thần dược" })
	for range 2 {
		got, err := s.RejectEdit(t.Context(), moderator, p.ID, waiting.Pending.Number, "Không ghi công dụng chữa bệnh")
		if err != nil {
			t.Fatal(err)
		}
		if got.Pending.State != EditionRefused || got.Pending.Reason == "" || got.Status != StatusPublished {
			t.Errorf("pending %+v of a %s product", got.Pending.Note, got.Status)
		}
	}
	if _, err := s.ApproveEdit(t.Context(), moderator, p.ID, waiting.Pending.Number); err == nil {
		t.Error("a refused edition was shown")
	}
	mended := s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thanh trà ngon" })
	if mended.Pending.State != EditionWaiting || mended.Pending.Number <= waiting.Pending.Number {
		t.Errorf("mended edition %+v", mended.Pending.Note)
	}
	if _, err := s.ApproveEdit(t.Context(), moderator, p.ID, mended.Pending.Number); err != nil {
		t.Fatal(err)
	}
	type line struct {
		State  EditionState
		Name   string
		Reason bool
	}
	var got []line
	history, err := s.History(t.Context(), farmer, p.ID, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range history {
		got = append(got, line{e.State, e.Content.Name.VI, e.Reason != ""})
	}
	want := []line{
		{EditionShown, "Thanh trà ngon", false},
		{EditionRefused, "Thần dược", true},
		{EditionPast, p.Name.VI, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if _, err := s.History(t.Context(), neighbour, p.ID, 10); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a neighbour reads the history: %v", err)
	}
}

func TestTakingBackAnEditLeavesNothingToRead(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thanh trà mới" })
	got := s.edit(t, p.ID, func(d *Draft) { d.Name = p.Name })
	if got.Pending != nil {
		t.Errorf("an edit that changes nothing waits: %+v", got.Pending)
	}
}

func TestWithdrawnProductIsWhatItsSellerLastSaid(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	s.edit(t, p.ID, func(d *Draft) { d.Name.VI = "Thanh trà mới" })
	got, err := s.Withdraw(t.Context(), farmer, p.ID)
	if err != nil || got.Name.VI != "Thanh trà mới" || got.Pending != nil {
		t.Errorf("withdrawn %q, pending %v, %v", got.Name.VI, got.Pending, err)
	}
}

func TestTwoEditsOfOneRevisionLoseNothing(t *testing.T) {
	s := open(t)
	for range 10 {
		p := s.draft(t, pomelo())
		var wins, stale int
		var mu sync.Mutex
		var both sync.WaitGroup
		for _, change := range []func(*Draft){
			func(d *Draft) { d.Story.VI = "Vườn ven sông" },
			func(d *Draft) { d.Description.VI = "Hái buổi sáng" },
		} {
			both.Go(func() {
				d := p.Draft()
				change(&d)
				_, err := s.Edit(t.Context(), farmer, p.ID, d)
				var e *market.Error
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					wins++
				} else if errors.As(err, &e) && e.Key == "catalog.stale" {
					stale++
				}
			})
		}
		both.Wait()
		if wins != 1 || stale != 1 {
			t.Fatalf("%d won and %d were told, want one each", wins, stale)
		}
	}
}

func TestPricesAreRemembered(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	v := p.Variants[0].ID
	for _, price := range []market.VND{60_000, 80_000} {
		s.wait(20 * 24 * time.Hour)
		p = s.edit(t, p.ID, func(d *Draft) { d.Variants[0].Price = price })
	}
	want := []PriceChange{
		{v, 65_000, 60_000, farmer.Person, farmer.Name, start.Add(20 * 24 * time.Hour)},
		{v, 60_000, 80_000, farmer.Person, farmer.Name, start.Add(40 * 24 * time.Hour)},
	}
	if diff := cmp.Diff(want, p.Prices); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := p.LowestSince(v, s.time().AddDate(0, 0, -30)); got != 60_000 {
		t.Errorf("lowest of 30 days %d, want 60000", got)
	}
	if got := p.LowestSince(v, s.time()); got != 80_000 {
		t.Errorf("lowest from now %d, want 80000", got)
	}
	for i := range market.VND(maxPrices + 5) {
		p = s.edit(t, p.ID, func(d *Draft) { d.Variants[0].Price = 90_000 + i })
	}
	if len(p.Prices) != maxPrices || p.Prices[maxPrices-1].Price != 90_000+maxPrices+4 {
		t.Errorf("%d changes remembered, the last to %d", len(p.Prices), p.Prices[len(p.Prices)-1].Price)
	}
}
