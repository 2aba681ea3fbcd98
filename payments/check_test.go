package payments

import (
	"errors"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

// plants are breaches of each invariant, made behind the room's back.
var plants = []struct {
	invariant, name string
	plant           func(*world)
}{
	{Balanced, "a posting below zero", func(w *world) {
		w.falsify("capture:P1", func(t *Transaction) { t.Postings[0].Amount = -1 })
	}},
	{Balanced, "a posting to no account", func(w *world) {
		w.falsify("capture:P1", func(t *Transaction) { t.Postings[0].To = "platform:purse" })
	}},
	{ZeroSum, "a balance out of nothing", func(w *world) {
		w.falsifyStanding(PlatformFees, func(st *Standing) { st.Balance++ })
	}},
	{Fold, "two balances changed against each other", func(w *world) {
		w.falsifyStanding(PlatformFees, func(st *Standing) { st.Balance++ })
		w.falsifyStanding(Clearing("bank"), func(st *Standing) { st.Balance-- })
	}},
	{Fold, "what a balance is made of", func(w *world) {
		w.falsifyStanding(Payable("A"), func(st *Standing) { st.By[0].Name = "gift" })
	}},
	{Chained, "an amount", func(w *world) {
		w.falsify("capture:P1", func(t *Transaction) { t.Postings[0].Amount++ })
	}},
	{Chained, "an amount, and its hash", func(w *world) {
		w.falsify("capture:P1", func(t *Transaction) { t.Postings[0].Amount++; t.Hash = t.sum() })
	}},
	{Chained, "the time of an entry", func(w *world) {
		w.falsify("capture:P1", func(t *Transaction) { t.At = t.At.Add(time.Second); t.Hash = t.sum() })
	}},
	{Chained, "an entry taken out", func(w *world) { w.remove(w.ledger.Delete(w.t.Context(), "capture:P1")) }},
	{Chained, "a block taken out", func(w *world) { w.remove(w.blocks.Delete(w.t.Context(), blockID(1))) }},
	{Chained, "the last block cut off", func(w *world) { w.remove(w.blocks.Delete(w.t.Context(), blockID(2))) }},
	{Chained, "entries of a block exchanged", func(w *world) {
		w.falsifyBlock(1, func(b *Block) { b.Entries[0], b.Entries[1] = b.Entries[1], b.Entries[0] })
	}},
	{Chained, "entries exchanged, and the hash", func(w *world) {
		w.falsifyBlock(1, func(b *Block) {
			b.Entries[0], b.Entries[1] = b.Entries[1], b.Entries[0]
			b.Hash = b.sum()
		})
	}},
	{Chained, "two blocks exchanged", func(w *world) {
		first, _ := w.blocks.Get(w.t.Context(), blockID(1))
		second, _ := w.blocks.Get(w.t.Context(), blockID(2))
		w.falsifyBlock(1, func(b *Block) { b.Entries, b.Hash = second.Entries, second.Hash })
		w.falsifyBlock(2, func(b *Block) { b.Entries, b.Hash = first.Entries, first.Hash })
	}},
	{Once, "an entry of no payment", func(w *world) {
		w.forge(Transaction{Doc: store.Doc{ID: "capture:P9"}, Kind: KindCapture, Ref: "P9", Postings: []Posting{{From: Clearing("bank"), To: Payable("A"), Amount: 1}}})
	}},
	{Once, "an entry of no movement", func(w *world) {
		w.forge(Transaction{Doc: store.Doc{ID: "refund:P1:K"}, Kind: KindRefund, Ref: "P1", Postings: []Posting{{From: Payable("A"), To: Clearing("bank"), Amount: 1}}})
	}},
	{Once, "a movement that is in two payments", func(w *world) {
		w.falsifyIntent("P2", func(in *Intent) { in.Captures[0].Transaction = "T-P1" })
	}},
	{Once, "a movement that never reached the ledger", func(w *world) {
		w.paid("P4")
		w.pass(2 * time.Hour)
	}},
	{Reserved, "more on its way back than came", func(w *world) {
		w.falsifyIntent("P1", func(in *Intent) {
			in.Refunds = append(in.Refunds, Refund{Key: "K", Amount: in.Captured + 1, State: RefundPending})
		})
	}},
	{Reserved, "money at the bank that no payout sent", func(w *world) {
		w.forge(Transaction{Doc: store.Doc{ID: "payout:X:A"}, Kind: KindPayout, Ref: "X", Postings: []Posting{{From: Payable("A"), To: AtBank(Clearing("bank")), Amount: 1}}})
	}},
	{Within, "more back than the refunds say", func(w *world) {
		w.falsifyIntent("P1", func(in *Intent) { in.Refunded = in.Captured + 1 })
	}},
	{Within, "fees above what is left", func(w *world) {
		w.falsifyIntent("P1", func(in *Intent) { in.Shares[0].Fee = in.Captured + 1 })
	}},
	{PayableSum, "a seller's fee changed in both books", func(w *world) {
		w.falsify("capture:P1", func(t *Transaction) {
			t.Postings[2].Amount++
			t.Hash = t.sum()
		})
	}},
	{PayableSum, "tax that nothing was withheld for", func(w *world) {
		w.falsifyIntent("P1", func(in *Intent) {
			in.Withheld = []Withheld{{ID: "x", Document: "capture:P1", Seller: "A", VAT: 7, Period: "2026-11"}}
		})
	}},
	{ClearingSum, "money that the provider did not tell", func(w *world) {
		w.remove(w.claims.Delete(w.t.Context(), "bank:capture:T-P1"))
	}},
	{ClearingSum, "another amount than the provider told", func(w *world) {
		_, err := w.claims.Update(w.t.Context(), "bank:capture:T-P1", func(c *claim) ([]market.Event, error) {
			c.Amount++
			return nil, nil
		})
		w.remove(err)
	}},
	{ClearingSum, "money told of long ago that no payment has", func(w *world) {
		w.remove(w.claims.Insert(w.t.Context(), &claim{Doc: store.Doc{ID: "bank:capture:T-lost"}, Payment: "P1", Amount: 5, At: w.env.Now()}))
		w.pass(2 * time.Hour)
	}},
}

// Every planted breach is named by the invariant that it breaks, and every
// invariant has one.
func TestCheckNamesEveryBreach(t *testing.T) {
	named := map[string]bool{}
	for _, p := range plants {
		named[p.invariant] = true
		t.Run(p.invariant+"/"+p.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.paid("P1")
			w.paid("P2")
			w.audited()
			w.paid("P3")
			w.audited() // in a second block
			p.plant(w)
			if found := w.breaches(); !found[p.invariant] {
				t.Errorf("Check named %v, want %s", found, p.invariant)
			}
		})
	}
	for _, invariant := range Invariants() {
		if !named[invariant] {
			t.Errorf("nothing is planted against %s", invariant)
		}
	}
}

// breaches are the invariants that Check says are broken.
func (w *world) breaches() map[string]bool {
	w.t.Helper()
	var found Breaches
	if err := w.Check(w.t.Context()); err != nil && !errors.As(err, &found) {
		w.t.Fatal(err)
	}
	named := map[string]bool{}
	for _, b := range found {
		named[b.Invariant] = true
	}
	return named
}

func (w *world) remove(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) forge(t Transaction) {
	w.t.Helper()
	w.remove(w.Post(w.t.Context(), t))
}

func (w *world) falsifyIntent(id market.ID, change func(*Intent)) {
	w.t.Helper()
	_, err := w.intents.Update(w.t.Context(), id, func(in *Intent) ([]market.Event, error) {
		change(in)
		return nil, nil
	})
	w.remove(err)
}

func (w *world) falsifyStanding(a Account, change func(*Standing)) {
	w.t.Helper()
	_, err := w.standings.Update(w.t.Context(), market.ID(a), func(st *Standing) ([]market.Event, error) {
		change(st)
		return nil, nil
	})
	w.remove(err)
}

func (w *world) falsifyBlock(seq int64, change func(*Block)) {
	w.t.Helper()
	_, err := w.blocks.Update(w.t.Context(), blockID(seq), func(b *Block) ([]market.Event, error) {
		change(b)
		return nil, nil
	})
	w.remove(err)
}
