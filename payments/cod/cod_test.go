package cod_test

import (
	"path/filepath"
	"testing"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/payments/cod"
	"chohue/payments/paymentstest"
	"chohue/store"
	"chohue/store/sqlite"
)

var now = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

func open(t *testing.T) store.Engine {
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func charge() payments.Charge {
	return payments.Charge{
		ID: "P1", Order: "O1", OrderCode: "HUE-1", Amount: 120_000, Method: cod.Name,
		Shares: []payments.Share{{Seller: "A", SellerKind: "htx", TaxCode: "3300100001", Goods: 100_000, Shipping: 20_000, Fee: 3000}},
	}
}

func TestProvider(t *testing.T) {
	env := market.NewEnv(func() time.Time { return now })
	paymentstest.Run(t, paymentstest.Subject{Provider: cod.New(), Charge: charge(), Env: env, Open: open})
}

func TestCashIsOwedByTheCarrier(t *testing.T) {
	env := market.NewEnv(func() time.Time { return now })
	e := open(t)
	svc, err := payments.New(t.Context(), e, env, cod.New())
	if err != nil {
		t.Fatal(err)
	}
	in, err := svc.Begin(t.Context(), market.System, charge())
	if err != nil || in.State != payments.StateCollectable || in.Due != nil {
		t.Fatalf("Begin = %+v, %v; want collectable and nothing due", in, err)
	}
	if _, err := svc.Confirm(t.Context(), market.System, in.ID); err != nil {
		t.Fatal(err)
	}
	relay := store.NewRelay(e, nil, nil, store.Consumer{Name: "ledger", Handle: svc.Consume})
	if err := relay.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for account, want := range map[payments.Account]market.VND{
		payments.CarrierCOD: -120_000, payments.Payable("A"): 117_000, payments.PlatformFees: 3000,
	} {
		if got, err := svc.Balance(t.Context(), account); err != nil || got != want {
			t.Errorf("Balance(%s) = %d, %v; want %d", account, got, err, want)
		}
	}
}
