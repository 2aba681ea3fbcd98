package ghn_test

import (
	_ "embed"
	"net/http"
	"testing"
	"time"

	"chohue/orders"
	"chohue/orders/carriertest"
	"chohue/orders/ghn"
	"chohue/orders/ghn/ghnsim"
	"chohue/payments"
)

//go:embed testdata/cod.csv
var statement string

func bench() carriertest.Bench {
	return carriertest.Bench{
		Sim: func(now func() time.Time) carriertest.Sim { return ghnsim.New("token", "885", now) },
		Open: func(base string, client *http.Client) (orders.Carrier, error) {
			return ghn.New(ghn.Config{Base: base, Token: "token", ShopID: "885", Secret: "s3cret", Client: client})
		},
		Query: "key=s3cret", Forge: func(r payments.Raw) payments.Raw { r.Query = "key=guess"; return r },
		Codes: map[string]orders.CarrierStatus{
			"ready_to_pick":            orders.CarrierCreated,
			"picking":                  orders.CarrierPickup,
			"picked":                   orders.CarrierPicked,
			"storing":                  orders.CarrierTransit,
			"delivering":               orders.CarrierOut,
			"money_collect_delivering": orders.CarrierOut,
			"delivered":                orders.CarrierDelivered,
			"delivery_fail":            orders.CarrierFailed,
			"return":                   orders.CarrierReturning,
			"return_fail":              orders.CarrierReturning,
			"returned":                 orders.CarrierReturned,
			"cancel":                   orders.CarrierCancelled,
			"lost":                     orders.CarrierLost,
			"damage":                   orders.CarrierDamaged,
			"exception":                orders.CarrierUnknown,
		},
		Picked: "picked", Lead: true, Statement: statement,
		Lines: []orders.CODLine{
			{Tracking: "LH000001VN", Reference: "01JD00000000000000000000P1", Collected: 235000, Fee: 33350, Net: 201650, At: time.Date(2026, 11, 24, 2, 12, 0, 0, time.UTC), Line: 4},
			{Tracking: "LH000002VN", Reference: "01JD00000000000000000000P2", Collected: 0, Fee: 20500, Net: -20500, At: time.Date(2026, 11, 24, 8, 40, 21, 0, time.UTC), Line: 5},
		},
	}
}

func TestCarrier(t *testing.T) { carriertest.Run(t, bench()) }

func FuzzParsers(f *testing.F) { carriertest.Fuzz(f, bench()) }
