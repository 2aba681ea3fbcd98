package catalog

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"chohue/market"
)

// Ten thousand random moves of fences and of those who take from them, each
// checked: nothing is lost, nothing is held twice, and what a fence gave comes
// back to it.
func TestFencesKeepTheSum(t *testing.T) {
	dice := rand.New(rand.NewPCG(6, 2026))
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s := &Stock{}
	best := now.Add(9 * time.Hour)
	if err := s.ReceiveLot(LotStock{Lot: "l1", Code: "L1", BestBefore: &best}, 40, false, now); err != nil {
		t.Fatal(err)
	}
	if err := s.Receive(60); err != nil {
		t.Fatal(err)
	}
	names := []market.ID{"o1", "o2", "o3", "o4", "o5", "o6", "draft:1", "draft:2"}
	sold := int64(0)
	for step := range 10_000 {
		now = now.Add(time.Duration(dice.IntN(3)) * time.Second)
		who, qty := names[dice.IntN(len(names))], 1+dice.Int64N(8)
		until := now.Add(time.Duration(1+dice.IntN(60)) * time.Second)
		switch dice.IntN(7) {
		case 0:
			_ = s.Hold("show:a", 1+dice.Int64N(30), now, until.Add(time.Minute))
		case 1:
			s.Release("show:a")
		case 2:
			_ = s.HoldFrom(who, qty, now, until, "show:a")
		case 3:
			_ = s.HoldFrom(who, qty, now, until, "draft:1", "show:a")
		case 4:
			s.Release(who)
		case 5:
			if dice.IntN(200) == 0 && s.HeldBy(who) {
				if h := s.hold(who); !h.Settled {
					sold += h.Quantity
				}
				if err := s.Settle(who); err != nil {
					t.Fatal(err)
				}
				s.Forget(who, 0, 0)
				s.Forgotten = nil
			}
		case 6:
			_ = s.Hold(who, qty, now, until)
		}
		if err := s.Check(); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		if s.Available+s.Held+s.Sold+s.Lost != 100 || s.Sold != sold {
			t.Fatalf("step %d: %+v", step, s)
		}
		if free := s.Free(now); free > 0 {
			probe := *s
			probe.Holds = nil
			for _, h := range s.Holds {
				h.Lots = append([]Share(nil), h.Lots...)
				probe.Holds = append(probe.Holds, h)
			}
			probe.Lots = append([]LotStock(nil), s.Lots...)
			if err := probe.Hold("probe", free, now, until); err != nil {
				t.Fatalf("step %d: %d are free, yet %v", step, free, err)
			}
		}
	}
	if sold == 0 {
		t.Error("nothing was sold: the play proves little")
	}
}

func TestGoodsGivenUpGoBackToTheirFence(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s := &Stock{}
	if err := s.Receive(20); err != nil {
		t.Fatal(err)
	}
	hour := now.Add(time.Hour)
	step := func(what string, err error, free, fenced int64) {
		t.Helper()
		if err != nil || s.Free(now) != free || s.Fenced(now, "show") != fenced {
			t.Errorf("%s: %v, %d free, %d fenced, want %d and %d", what, err, s.Free(now), s.Fenced(now, "show"), free, fenced)
		}
	}
	step("set apart", s.Hold("show", 10, now, hour), 10, 10)
	step("a comment", s.HoldFrom("draft", 4, now, now.Add(20*time.Minute), "show"), 10, 6)
	step("its order", s.HoldFrom("o1", 4, now, now.Add(5*time.Minute), "draft", "show"), 10, 6)
	if err := s.HoldFrom("o2", 7, now, hour, "show"); market.KindOf(err) != market.KindConflict {
		t.Errorf("seven of six: %v", err)
	}
	s.Release("o1")
	if got := s.Fenced(now, "draft"); got != 4 {
		t.Errorf("given up: %d back with the comment, want 4", got)
	}
	now = now.Add(20 * time.Minute)
	step("the comment is over", nil, 10, 10)
	s.Release("show")
	s.Expire(now)
	step("the show is over", s.Check(), 20, 0)
}

// Whatever is taken from a fence, given back and bought, the fence is as large
// as was said last, and saying it again changes nothing.
func TestAFenceIsAsLargeAsWasSaid(t *testing.T) {
	dice := rand.New(rand.NewPCG(84, 2026))
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	hour := now.Add(time.Hour)
	s := &Stock{}
	if err := s.Receive(100); err != nil {
		t.Fatal(err)
	}
	names := []market.ID{"o1", "o2", "o3", "draft:1"}
	total, sold, refused := int64(0), int64(0), map[string]int{}
	for step := range 5_000 {
		who := names[dice.IntN(len(names))]
		switch dice.IntN(5) {
		case 0:
			next := 1 + dice.Int64N(130)
			err := s.SetApart("show", next, now, hour)
			if err == nil {
				total = next
				err = s.SetApart("show", next, now, hour)
			}
			var e *market.Error
			if errors.As(err, &e) {
				refused[e.Key]++
			} else if err != nil {
				t.Fatal(err)
			}
		case 1:
			_ = s.HoldFrom(who, 1+dice.Int64N(9), now, hour, "show")
		case 2:
			_ = s.HoldFrom(who, 1+dice.Int64N(9), now, hour, "draft:1", "show")
		case 3:
			s.Release(who)
		case 4:
			if h := s.hold(who); h != nil && sold < 40 && dice.IntN(20) == 0 {
				sold += h.Quantity
				if err := s.Settle(who); err != nil {
					t.Fatal(err)
				}
				s.Forget(who, 0, 0)
				s.Forgotten = nil
			}
		}
		if err := s.Check(); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		if h := s.hold("show"); h != nil && (h.Quantity+h.Taken != total || h.Taken < sold) {
			t.Fatalf("step %d: %d lie there and %d are taken (%d sold), want %d in all", step, h.Quantity, h.Taken, sold, total)
		}
	}
	if sold == 0 || refused["stock.short"] == 0 || refused["stock.taken"] == 0 {
		t.Errorf("sold %d, refused %v: the play proves little", sold, refused)
	}
}
