package ghtk_test

import (
	_ "embed"
	"net/http"
	"testing"
	"time"

	"chohue/orders"
	"chohue/orders/carriertest"
	"chohue/orders/ghtk"
	"chohue/orders/ghtk/ghtksim"
	"chohue/payments"
)

//go:embed testdata/cod.csv
var statement string

func bench() carriertest.Bench {
	return carriertest.Bench{
		Sim: func(now func() time.Time) carriertest.Sim { return ghtksim.New("token", "S1", now) },
		Open: func(base string, client *http.Client) (orders.Carrier, error) {
			return ghtk.New(ghtk.Config{Base: base, Token: "token", Source: "S1", Secret: "s3cret", Client: client})
		},
		Query: "key=s3cret", Forge: func(r payments.Raw) payments.Raw { r.Query = "key=guess"; return r },
		Codes: map[string]orders.CarrierStatus{
			"-1":  orders.CarrierCancelled,
			"1":   orders.CarrierCreated,
			"2":   orders.CarrierPickup,
			"3":   orders.CarrierPicked,
			"4":   orders.CarrierOut,
			"5":   orders.CarrierDelivered,
			"6":   orders.CarrierDelivered,
			"7":   orders.CarrierPickup,
			"9":   orders.CarrierFailed,
			"20":  orders.CarrierReturning,
			"21":  orders.CarrierReturned,
			"45":  orders.CarrierUnknown,
			"49":  orders.CarrierUnknown,
			"123": orders.CarrierUnknown,
		},
		Picked: "3", Lead: false, Statement: statement,
		Lines: []orders.CODLine{
			{Tracking: "S22.HU1.130000001", Reference: "01JD00000000000000000000P1", Collected: 235000, Fee: 39000, Net: 196000, At: time.Date(2026, 11, 24, 2, 12, 0, 0, time.UTC), Line: 2},
			{Tracking: "S22.HU1.130000002", Reference: "01JD00000000000000000000P2", Collected: 1150000, Fee: 18000, Net: 1132000, At: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC), Line: 3},
		},
	}
}

func TestCarrier(t *testing.T) { carriertest.Run(t, bench()) }

func FuzzParsers(f *testing.F) { carriertest.Fuzz(f, bench()) }
