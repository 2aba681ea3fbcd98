package payments

import "testing"

// Two refunds that were refused out of the same money are owed once, and a try
// that was refused is followed by one under a key of its own.
func TestRefusedRefundIsOwedOnceAndTriedAgain(t *testing.T) {
	in := paidIntent()
	must(t, in.reserve(Refund{Key: "parcel", Amount: 220_000, Seller: "A"}, start))
	in.refuse("parcel", start)
	must(t, in.reserve(Refund{Key: "rest", Amount: 330_000}, start))
	in.refuse("rest", start)
	if a, b := in.owed(in.Refunds[0]), in.owed(in.Refunds[1]); a != 220_000 || b != 110_000 || in.Due != nil {
		t.Fatalf("%d and %d are owed, next look at %v", a, b, in.Due)
	}
	again := captured("P1")
	again.Transaction = "T2"
	in.capture(again, start)
	if !in.mayTryAgain(in.Refunds[0]) || in.Due == nil {
		t.Error("money came, and nobody asks again")
	}
	key, err := in.tryAgain(in.Refunds[0], 220_000, start)
	if err != nil || key != "parcel~1" || in.owed(in.Refunds[0]) != 0 || in.owed(in.Refunds[1]) != 110_000 {
		t.Errorf("try %q: %v", key, err)
	}
	if r, _ := in.RefundOf("parcel"); r.Key != key || firstKey(key) != "parcel" || tryOf(key) != 1 {
		t.Errorf("the asker finds %+v", r)
	}
	in.refuse(key, start)
	if in.mayTryAgain(in.Refunds[2]) || !in.mayTryAgain(in.Refunds[1]) || in.owed(in.Refunds[1]) != 330_000 {
		t.Error("only what was refused before the money came is worth asking for again")
	}
}
