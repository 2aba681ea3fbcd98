package payments

import (
	"strings"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

// The example in the comment of Account.
func TestWorkedExample(t *testing.T) {
	w := newWorld(t)
	w.paid("P1")
	want := map[Account]market.VND{Clearing("bank"): -330_000, Payable("A"): 214_000, Payable("B"): 107_000, PlatformFees: 9000}
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("after the capture %v\nwant %v", got, want)
	}
	if _, err := w.RefundSeller(t.Context(), market.System, "P1", "B", 110_000, "returned", "K"); err != nil {
		t.Fatal(err)
	}
	want = map[Account]market.VND{Clearing("bank"): -220_000, Payable("A"): 214_000, Payable("B"): 0, PlatformFees: 6000}
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("after the return %v\nwant %v", got, want)
	}
	paidOut := Transaction{
		Doc: store.Doc{ID: "settlement:1"}, Kind: "settlement", Ref: "1",
		Postings: []Posting{{From: Payable("A"), To: Clearing("bank"), Amount: 214_000}},
	}
	if err := w.Post(t.Context(), paidOut); err != nil {
		t.Fatal(err)
	}
	want = map[Account]market.VND{Clearing("bank"): -6000, Payable("A"): 0, Payable("B"): 0, PlatformFees: 6000}
	if got := w.balances(); !sameBalances(got, want) {
		t.Errorf("after the settlement %v\nwant %v", got, want)
	}
	for account, balance := range want {
		if got, err := w.Balance(t.Context(), account); err != nil || got != balance {
			t.Errorf("Balance(%s) = %d, %v; want %d", account, got, err, balance)
		}
	}
}

func sameBalances(a, b map[Account]market.VND) bool {
	for account := range b {
		if _, ok := a[account]; !ok {
			return false
		}
	}
	for account, balance := range a {
		if b[account] != balance {
			return false
		}
	}
	return true
}

func entry(postings ...Posting) Transaction {
	return Transaction{Doc: store.Doc{ID: "x:1"}, Kind: "payout", Ref: "1", Postings: postings}
}

func TestPostIsIdempotentAndFinal(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if err := w.Post(t.Context(), entry(Posting{From: Payable("A"), To: PlatformFees, Amount: 5})); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := w.Balance(t.Context(), PlatformFees); got != 5 || err != nil {
		t.Errorf("Balance = %d, %v; want 5", got, err)
	}
	if err := w.Post(t.Context(), entry(Posting{From: Payable("A"), To: PlatformFees, Amount: 6})); market.KindOf(err) != market.KindConflict {
		t.Errorf("another one under the same id: %v, want conflict", err)
	}
}

func TestPostRefuses(t *testing.T) {
	w := newWorld(t)
	for name, p := range map[string]Posting{
		"zero":        {From: Payable("A"), To: PlatformFees, Amount: 0},
		"negative":    {From: Payable("A"), To: PlatformFees, Amount: -1},
		"too much":    {From: Payable("A"), To: PlatformFees, Amount: market.MaxAmount + 1},
		"to itself":   {From: PlatformFees, To: PlatformFees, Amount: 1},
		"no account":  {From: "", To: PlatformFees, Amount: 1},
		"no such":     {From: "platform:purse", To: PlatformFees, Amount: 1},
		"no seller":   {From: "seller::payable", To: PlatformFees, Amount: 1},
		"no provider": {From: "clearing:", To: PlatformFees, Amount: 1},
	} {
		if err := w.Post(t.Context(), entry(p)); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	if err := w.Post(t.Context(), entry()); market.KindOf(err) != market.KindInvalid {
		t.Errorf("no postings: %v", err)
	}
}

func TestStatementShowsASellerItsOwn(t *testing.T) {
	w := newWorld(t)
	for _, id := range []market.ID{"P1", "P2", "P3"} {
		w.paid(id)
		w.pass(time.Minute)
	}
	w.audited()
	a := market.Actor{Person: "1", Sellers: []market.ID{"A"}}
	var seen []market.ID
	query := store.Cursor("")
	for {
		page, err := w.Statement(t.Context(), a, "A", query, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range page.Items {
			seen = append(seen, tr.ID)
			for _, p := range tr.Postings {
				if strings.Contains(string(p.From+p.To), "seller:B") {
					t.Errorf("A sees B's %+v", p)
				}
			}
		}
		if query = page.Next; query == "" {
			break
		}
	}
	if len(seen) != 3 {
		t.Errorf("saw %v", seen)
	}
	for _, by := range []market.Actor{{}, {Person: "2", Sellers: []market.ID{"B"}}} {
		if _, err := w.Statement(t.Context(), by, "A", "", 10); market.KindOf(err) != market.KindNotFound {
			t.Errorf("by %+v: %v", by, err)
		}
	}
}

// falsify writes to the ledger behind the room's back.
func (w *world) falsify(id market.ID, change func(*Transaction)) {
	w.t.Helper()
	_, err := w.ledger.Upsert(w.t.Context(), id, func(t *Transaction) ([]market.Event, error) {
		change(t)
		return nil, nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestConsumeLeavesOthersNewsAlone(t *testing.T) {
	w := newWorld(t)
	if err := w.Consume(t.Context(), market.NewEvent(w.env, "orders.placed", "O1", nil)); err != nil {
		t.Error(err)
	}
}
