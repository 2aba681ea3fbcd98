package payments

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"chohue/market"
	"chohue/store"
)

// Sealing is cut off at every write in turn and finished by the next round;
// nothing is sealed twice, nothing is left out, and balances stay the fold.
func TestSealIsFinishedAfterEveryCrash(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after=%v", after), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for at := int64(1); at < 20; at++ {
				w.paid(market.ID(fmt.Sprintf("P%d", at)))
				w.heard()
				w.engine.plan(at, after)
				_, err := w.Seal(t.Context())
				w.restart()
				w.foldsAsRead()
				w.audited()
				if err == nil {
					return
				}
			}
			t.Fatal("sealing has more writes than there can be")
		})
	}
}

// foldsAsRead holds every balance as it is read against the fold of everything.
func (w *world) foldsAsRead() {
	w.t.Helper()
	all, err := w.Balances(w.t.Context())
	w.remove(err)
	for a, want := range all {
		if got, err := w.Balance(w.t.Context(), a); err != nil || got != want {
			w.t.Fatalf("Balance(%s) = %d, %v; the fold is %d", a, got, err, want)
		}
	}
}

// Many post while two processes seal and somebody reads: the two accounts never
// tell a sum that was not there, and in the end all is sealed once.
func TestSealAmongWriters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other, err := New(t.Context(), w.engine, w.env, w.bank, w.hand)
	w.remove(err)
	const writers, each = 8, 25
	var writing, sealing sync.WaitGroup
	done, stop := context.WithCancel(t.Context())
	for n := range writers {
		writing.Go(func() {
			for i := range each {
				err := w.Post(t.Context(), Transaction{
					Doc: store.Doc{ID: market.ID(fmt.Sprintf("x:%d:%d", n, i))}, Kind: "test", Ref: "1",
					Postings: []Posting{{From: PlatformFees, To: Payable("A"), Amount: 1}},
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, s := range []*Service{w.Service, other} {
		sealing.Go(func() {
			for done.Err() == nil {
				if _, err := s.Seal(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sealing.Go(func() {
		for last := market.VND(0); done.Err() == nil; {
			got, err := other.Balance(t.Context(), Payable("A"))
			if err != nil || got < last || got > writers*each {
				t.Errorf("balance %d after %d, %v", got, last, err)
			}
			last = got
		}
	})
	writing.Wait()
	stop()
	sealing.Wait()
	if err := w.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.Balance(t.Context(), Payable("A")); got != writers*each {
		t.Errorf("balance %d, want %d", got, writers*each)
	}
	sealed := map[market.ID]int{}
	w.remove(w.blocks.Each(t.Context(), store.Query{}, func(b *Block) error {
		for _, e := range b.Entries {
			sealed[e.ID]++
		}
		return nil
	}))
	if len(sealed) != writers*each {
		t.Errorf("%d entries sealed, want %d", len(sealed), writers*each)
	}
	for id, n := range sealed {
		if n != 1 {
			t.Errorf("%s is sealed %d times", id, n)
		}
	}
}

// A balance reads the snapshot and what came since, not the history.
func TestBalanceReadsTheTailOnly(t *testing.T) {
	w := newWorld(t)
	for i := range 30 {
		w.forge(Transaction{Doc: store.Doc{ID: market.ID(fmt.Sprintf("x:%d", i))}, Kind: "test", Ref: "1", Postings: []Posting{{From: PlatformFees, To: Payable("A"), Amount: 1}}})
	}
	if _, err := w.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.forge(Transaction{Doc: store.Doc{ID: "x:late"}, Kind: "test", Ref: "1", Postings: []Posting{{From: PlatformFees, To: Payable("A"), Amount: 5}}})
	st, err := w.Standing(t.Context(), Payable("A"))
	if err != nil || st.Balance != 35 {
		t.Fatalf("balance %+v, %v; want 35", st, err)
	}
	read := 0
	w.remove(w.since(t.Context(), Payable("A"), st.Through, func(*Transaction) { read++ }))
	if read != 1 {
		t.Errorf("%d entries read, want the one that is not sealed", read)
	}
}

// What a standing is made of sums to its balance, in whatever order entries come.
func TestStandingSumsToItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accounts := []Account{Payable("A"), Payable("B"), Clearing("x"), PlatformFees, TaxVAT("2026-07")}
		whats := []string{ForGoods, ForFee, ForVAT, ForRefund, ""}
		st := &Standing{Doc: store.Doc{ID: market.ID(Payable("A"))}}
		var want market.VND
		for range rapid.IntRange(0, 20).Draw(t, "entries") {
			from := rapid.SampledFrom(accounts).Draw(t, "from")
			to := rapid.SampledFrom(accounts).Filter(func(a Account) bool { return a != from }).Draw(t, "to")
			p := Posting{from, to, market.VND(rapid.Int64Range(1, 1e12).Draw(t, "amount")), rapid.SampledFrom(whats).Draw(t, "for")}
			entry := &Transaction{Postings: []Posting{p}}
			st.add(entry)
			want += entry.effect(Payable("A"))
		}
		if st.Balance != want || sumOf(st.By) != want || sumOf(st.With) != want {
			t.Fatalf("balance %d, by %v, with %v; want %d", st.Balance, st.By, st.With, want)
		}
	})
}

func sumOf(sums []Sum) (all market.VND) {
	for _, s := range sums {
		all += s.Amount
	}
	return all
}
