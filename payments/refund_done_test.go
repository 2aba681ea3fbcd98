package payments

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func foreign(transaction string, amount market.VND) Notice {
	return Notice{Provider: "bank", Type: NoticeRefund, Transaction: transaction, Payment: "P1", Amount: amount, At: start}
}

// The wallet gives all back at its own desk while our refund of what came twice
// is only reserved: seed 2314 of the simulator.
func TestRefundFromOutsideTakesThePlaceOfWhatIsOnlyReserved(t *testing.T) {
	in := paidIntent()
	twice := captured("P1")
	twice.Transaction = "T2"
	in.capture(twice, start)
	must(t, in.reserve(Refund{Key: "weight", Amount: 30_000, Seller: "A"}, start))
	must(t, in.reserve(Refund{Key: "surplus", Amount: 330_000, Surplus: true}, start))
	wantOvertaken(t, in, foreign("W1", 330_000), "surplus")
	wantOvertaken(t, in, foreign("W2", 330_000), "weight", "surplus")
	if in.refuse("weight", start); in.Due == nil {
		t.Error("nobody asks what became of the other")
	}
	if in.refuse("surplus", start); in.Due != nil {
		t.Errorf("still due at %v", in.Due)
	}
	if in.Refundable() != 0 || in.surplus() != 0 || in.Refunded != 660_000 || in.State != StateRefunded {
		t.Errorf("%+v", in)
	}
	if _, err := in.settle(foreign("W3", 1), start); market.KindOf(err) != market.KindConflict {
		t.Errorf("more than came went back: %v", err)
	}
}

// A refund that was overtaken and turns out to be done overtakes another.
func TestOvertakenRefundThatIsDoneAfterAllMakesRoom(t *testing.T) {
	in := paidIntent()
	must(t, in.reserve(Refund{Key: "first", Amount: 200_000}, start))
	must(t, in.reserve(Refund{Key: "second", Amount: 100_000}, start))
	wantOvertaken(t, in, foreign("W1", 100_000), "second")
	late := foreign("W2", 100_000)
	late.Refund = "second"
	wantOvertaken(t, in, late, "first")
	if in.Refundable() != 130_000 || in.Refunded != 200_000 {
		t.Errorf("%d left, %d back", in.Refundable(), in.Refunded)
	}
}

// One refund from outside may be of both: of what came twice and of the price.
func TestRefundFromOutsideMayBeOfPriceAndSurplus(t *testing.T) {
	in := paidIntent()
	twice := captured("P1")
	twice.Transaction = "T2"
	in.capture(twice, start)
	wantOvertaken(t, in, foreign("W1", 100_000))
	wantOvertaken(t, in, foreign("W2", 500_000))
	r := in.Refunds[1]
	if r.Over != 270_000 || in.surplus() != 60_000 || in.Refundable() != 0 || in.State != StateRefunded {
		t.Errorf("%+v; surplus %d, refundable %d", r, in.surplus(), in.Refundable())
	}
	sum := market.VND(0)
	for _, p := range in.refundPostings(r) {
		if p.To == in.source() {
			sum += p.Amount
		}
	}
	if sum != 500_000 {
		t.Errorf("%d đồng posted to the provider", sum)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantOvertaken(t *testing.T, in *Intent, n Notice, keys ...market.ID) {
	t.Helper()
	if news, err := in.settle(n, start); err != nil || !news {
		t.Fatalf("%s: %v, %v", n.Transaction, news, err)
	}
	var got []market.ID
	for _, r := range in.Refunds {
		if r.State == RefundOvertaken {
			got = append(got, r.Key)
		}
	}
	if diff := cmp.Diff(keys, got); diff != "" {
		t.Errorf("%s overtook (-want +got)\n%s", n.Transaction, diff)
	}
}

// Whatever a provider does by itself, no đồng is counted twice or lost, and
// nothing stays reserved that is not there.
func TestRefundsFromOutsideLoseNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		in := randomPaid(dice)
		theirs := in.Captured // what the provider still has
		if dice.IntN(2) == 0 {
			again := captured("P1")
			again.Transaction, again.Amount = "again", in.Amount
			in.capture(again, start)
			theirs += in.Amount
		}
		for i := 0; theirs > 0; i++ {
			key := market.ID("K" + strconv.Itoa(i))
			amount := 1 + market.VND(dice.Int64N(int64(theirs)))
			if left := in.Refundable(); dice.IntN(2) == 0 && left > 0 {
				must(t, in.reserve(Refund{Key: key, Amount: min(amount, left)}, start))
			} else if over := in.surplus(); dice.IntN(2) == 0 && over > 0 {
				must(t, in.reserve(Refund{Key: key, Amount: over, Surplus: true}, start))
			} else {
				if _, err := in.settle(foreign("W"+strconv.Itoa(i), amount), start); err != nil {
					t.Fatalf("%d of %d: %v\n%+v", amount, theirs, err, in)
				}
				theirs -= amount
			}
			wantCounted(t, in)
		}
		if in.State != StateRefunded || in.Refunded != in.Captured {
			t.Fatalf("all is back: %+v", in)
		}
	}
}

func wantCounted(t *testing.T, in *Intent) {
	t.Helper()
	var live market.VND
	for _, r := range in.Refunds {
		if !r.live() {
			continue
		}
		live += r.Amount
		parts := r.over()
		for _, p := range r.Parts {
			parts += p.Gross
		}
		if parts != r.Amount {
			t.Fatalf("parts of %+v come to %d", r, parts)
		}
	}
	if in.Captured-live != in.Refundable()+in.surplus() || in.Refundable() < 0 || in.surplus() < 0 {
		t.Fatalf("%d captured, %d live, %d refundable, %d surplus", in.Captured, live, in.Refundable(), in.surplus())
	}
	for _, l := range in.left() {
		if l.Gross < 0 || l.Fee < 0 || l.Subsidy < 0 {
			t.Fatalf("taken too much: %+v", l)
		}
	}
}
