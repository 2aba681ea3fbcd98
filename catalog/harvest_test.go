package catalog

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"chohue/market"
)

// season is a crop of the pomelos that are in the shop.
func (s *shop) season(t testing.TB) (*Product, HarvestDraft) {
	t.Helper()
	p := s.show(t, pomelo())
	s.heard(t)
	return p, HarvestDraft{
		Product: p.ID, Variant: p.Variants[1].ID, From: start.AddDate(0, 2, 0), To: start.AddDate(0, 3, 0), Closes: start.AddDate(0, 1, 0),
		Yield: 100, Deposit: 2000,
	}
}

func TestHarvestFromDeclarationToShares(t *testing.T) {
	s := open(t)
	_, d := s.season(t)
	h, err := s.DeclareHarvest(t.Context(), farmer, d)
	if err != nil || h.Left(start) != 80 {
		t.Fatalf("left %d, %v; want 80 of 100", h.Left(start), err)
	}
	for i, quantity := range []int64{50, 20, 10} {
		order := market.ID(fmt.Sprint("order-", i))
		if _, err := s.ReserveHarvest(t.Context(), buyer, h.ID, order, quantity, 15*time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ConfirmReservation(t.Context(), market.System, h.ID, order); err != nil {
			t.Fatal(err)
		}
		s.wait(time.Minute)
	}
	_, err = s.ReserveHarvest(t.Context(), buyer, h.ID, "one-more", 1, 15*time.Minute)
	wantError(t, err, market.KindConflict, "harvest.short", "")
	h, err = s.AllocateHarvest(t.Context(), farmer, h.ID, 41)
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]int64 // exact shares: 25.625, 10.25 and 5.125
	for _, r := range h.Reservations {
		got = append(got, [2]int64{r.Allocated, int64(r.Refund())})
	}
	if diff := cmp.Diff([][2]int64{{26, 216_000}, {10, 90_000}, {5, 45_000}}, got); diff != "" {
		t.Errorf("units and đồng back (-want +got):\n%s", diff)
	}
	again, err := s.AllocateHarvest(t.Context(), farmer, h.ID, 41)
	if err != nil || cmp.Diff(h.Reservations, again.Reservations) != "" {
		t.Errorf("shared out again: %v %v", again.Reservations, err)
	}
	_, err = s.AllocateHarvest(t.Context(), farmer, h.ID, 80)
	wantError(t, err, market.KindConflict, "harvest.allocated_otherwise", "")
	want := []string{EventHarvestOpened}
	for range 6 {
		want = append(want, EventHarvestReserved)
	}
	if diff := cmp.Diff(append(want, EventHarvestAllocated, EventLotMade), s.heard(t)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestHarvestChangesAreTold(t *testing.T) {
	s := open(t)
	_, d := s.season(t)
	h, err := s.DeclareHarvest(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func() (*Harvest, error){
		func() (*Harvest, error) { return s.RedeclareHarvest(t.Context(), farmer, h.ID, 60) },
		func() (*Harvest, error) { return s.CloseHarvest(t.Context(), farmer, h.ID) },
		func() (*Harvest, error) { return s.CancelHarvest(t.Context(), farmer, h.ID, "Bão số 12") },
	} {
		for range 2 { // told once, however often it is said
			if h, err = change(); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []HarvestNotice{
		{Kind: EventHarvestOpened, At: start, Now: 100},
		{Kind: EventHarvestChanged, At: start, Was: 100, Now: 60},
		{Kind: EventHarvestClosed, At: start},
		{Kind: EventHarvestCancelled, At: start, Text: "Bão số 12"},
	}
	if diff := cmp.Diff(want, h.Notices); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{EventHarvestOpened, EventHarvestChanged, EventHarvestClosed, EventHarvestCancelled}, s.heard(t)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	_, err = s.RedeclareHarvest(t.Context(), farmer, h.ID, 90)
	wantError(t, err, market.KindConflict, "harvest.over", "")
	_, err = s.CancelHarvest(t.Context(), farmer, h.ID, " ")
	wantError(t, err, market.KindInvalid, "harvest.reason", "reason")
}

func TestHarvestDeclarationsAreChecked(t *testing.T) {
	s := open(t)
	p, good := s.season(t)
	for _, test := range []struct {
		key, field string
		change     func(*HarvestDraft)
	}{
		{"harvest.window", "to", func(d *HarvestDraft) { d.To = d.From }},
		{"harvest.window", "to", func(d *HarvestDraft) { d.To = start.AddDate(2, 0, 0) }},
		{"harvest.closes", "closes", func(d *HarvestDraft) { d.Closes = start }},
		{"harvest.closes", "closes", func(d *HarvestDraft) { d.Closes = d.From.Add(time.Second) }},
		{"harvest.yield", "yield", func(d *HarvestDraft) { d.Yield = 0 }},
		{"harvest.deposit", "deposit", func(d *HarvestDraft) { d.Deposit = 999 }},
		{"harvest.deposit", "deposit", func(d *HarvestDraft) { d.Deposit = 3001 }},
		{"product.id_form", "id", func(d *HarvestDraft) { d.ID = "a b" }},
	} {
		d := good
		test.change(&d)
		_, err := s.DeclareHarvest(t.Context(), farmer, d)
		wantError(t, err, market.KindInvalid, test.key, test.field)
	}
	good.ID = "made-by-client"
	for range 2 {
		if h, err := s.DeclareHarvest(t.Context(), farmer, good); err != nil || h.ID != good.ID || len(h.Notices) != 1 {
			t.Errorf("declared %+v, %v", h, err)
		}
	}
	if _, err := s.Withdraw(t.Context(), farmer, p.ID); err != nil {
		t.Fatal(err)
	}
	good.ID = ""
	_, err := s.DeclareHarvest(t.Context(), farmer, good)
	wantError(t, err, market.KindConflict, "harvest.not_in_shop", "")
}

func TestHarvestsOfOthers(t *testing.T) {
	s := open(t)
	_, d := s.season(t)
	h, err := s.DeclareHarvest(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReserveHarvest(t.Context(), buyer, h.ID, "mine", 5, 15*time.Minute); err != nil {
		t.Fatal(err)
	}
	for _, by := range []market.Actor{neighbour, moderator, official, {}} {
		_, err := s.DeclareHarvest(t.Context(), by, d)
		wantError(t, err, market.KindNotFound, "catalog.missing", "")
		for _, id := range []market.ID{h.ID, "never-was"} {
			_, err = s.AllocateHarvest(t.Context(), by, id, 1)
			wantError(t, err, market.KindNotFound, "harvest.missing", "")
			_, err = s.CancelHarvest(t.Context(), by, id, "không")
			wantError(t, err, market.KindNotFound, "harvest.missing", "")
			_, err = s.WithdrawReservation(t.Context(), by, id, "mine")
			wantError(t, err, market.KindNotFound, "harvest.missing", "")
			_, err = s.ConfirmReservation(t.Context(), by, id, "mine")
			wantError(t, err, market.KindNotFound, "harvest.missing", "")
		}
	}
	_, err = s.ReserveHarvest(t.Context(), market.Actor{}, h.ID, "guest", 1, 15*time.Minute)
	wantError(t, err, market.KindUnauthenticated, "signin.needed", "")
	for person, want := range map[*market.Actor]int{&buyer: 1, &farmer: 1, &moderator: 1, &neighbour: 0, {}: 0} {
		seen, err := s.HarvestSeen(t.Context(), *person, h.ID)
		if err != nil || len(seen.Reservations) != want {
			t.Errorf("%s sees %d reservations, %v; want %d", person.Person, len(seen.Reservations), err, want)
		}
	}
	if _, err := s.WithdrawReservation(t.Context(), buyer, h.ID, "mine"); err != nil {
		t.Error(err)
	}
}

// TestHarvestUnderARace sends every reservation twice at once: no more is
// promised than may be, and each counts once.
func TestHarvestUnderARace(t *testing.T) {
	s := open(t)
	_, d := s.season(t)
	h, err := s.DeclareHarvest(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 60 {
		order := market.ID(fmt.Sprint("order-", i/2))
		all.Go(func() {
			_, err := s.ReserveHarvest(t.Context(), buyer, h.ID, order, 3, 15*time.Minute)
			if err == nil {
				_, err = s.ConfirmReservation(t.Context(), market.System, h.ID, order)
			}
			if kind := market.KindOf(err); err != nil && kind != market.KindConflict {
				t.Errorf("%s: %v", order, err)
			}
		})
	}
	all.Wait()
	h, err = s.HarvestSeen(t.Context(), farmer, h.ID)
	if err != nil || len(h.Reservations) != 26 || h.Promised(start) != 78 {
		t.Errorf("%d reservations for %d units, %v; want 26 for 78 of 80", len(h.Reservations), h.Promised(start), err)
	}
}

// TestHarvestSharesAreFair holds the shares of any buyers against each other:
// who reserved as much differs by one unit at most, who reserved more never
// gets less, and more goods never mean fewer for the whole.
func TestHarvestSharesAreFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quantities := rapid.SliceOfN(rapid.Int64Range(1, maxOrder), 1, 40).Draw(t, "quantities")
		actual := rapid.Int64Range(0, 300_000).Draw(t, "actual")
		h, total := &Harvest{Yield: maxQuantity, CapPermille: 1000, State: HarvestOpen, Closes: start.Add(time.Hour)}, int64(0)
		for i, quantity := range quantities {
			order := market.ID(fmt.Sprint(i))
			if err := h.Reserve(Reservation{Order: order, Quantity: quantity, Until: start.Add(time.Minute)}, start); err != nil {
				t.Fatal(err)
			}
			if err := h.Confirm(order); err != nil {
				t.Fatal(err)
			}
			total += quantity
		}
		if err := h.Allocate(actual, start); err != nil {
			t.Fatal(err)
		}
		given := int64(0)
		for i, a := range h.Reservations {
			given += a.Allocated
			for _, b := range h.Reservations[i+1:] {
				if off := a.Allocated - b.Allocated; a.Quantity == b.Quantity && (off < -1 || off > 1) || a.Quantity > b.Quantity && off < 0 || a.Quantity < b.Quantity && off > 0 {
					t.Fatalf("%d of %d beside %d of %d", a.Allocated, a.Quantity, b.Allocated, b.Quantity)
				}
			}
		}
		if given != min(actual, total) {
			t.Fatalf("%d given of %d", given, min(actual, total))
		}
	})
}
