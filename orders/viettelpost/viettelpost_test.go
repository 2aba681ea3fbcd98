package viettelpost_test

import (
	"bytes"
	_ "embed"
	"net/http"
	"testing"
	"time"

	"chohue/orders"
	"chohue/orders/carriertest"
	"chohue/orders/viettelpost"
	"chohue/orders/viettelpost/viettelpostsim"
	"chohue/payments"
)

//go:embed testdata/cod.csv
var statement string

func bench() carriertest.Bench {
	return carriertest.Bench{
		Sim: func(now func() time.Time) carriertest.Sim { return viettelpostsim.New("user", "pass", "s3cret", now) },
		Open: func(base string, client *http.Client) (orders.Carrier, error) {
			return viettelpost.New(viettelpost.Config{Base: base, Username: "user", Password: "pass", Service: "VCN", Secret: "s3cret", Client: client})
		},
		Forge: func(r payments.Raw) payments.Raw {
			r.Body = bytes.Replace(r.Body, []byte("s3cret"), []byte("guess"), 1)
			return r
		},
		Codes: map[string]orders.CarrierStatus{
			"100": orders.CarrierCreated,
			"101": orders.CarrierCancelled,
			"104": orders.CarrierPickup,
			"105": orders.CarrierPicked,
			"107": orders.CarrierCancelled,
			"200": orders.CarrierPicked,
			"201": orders.CarrierCancelled,
			"300": orders.CarrierTransit,
			"400": orders.CarrierTransit,
			"500": orders.CarrierOut,
			"501": orders.CarrierDelivered,
			"502": orders.CarrierReturning,
			"504": orders.CarrierReturned,
			"505": orders.CarrierReturning,
			"506": orders.CarrierFailed,
			"507": orders.CarrierFailed,
			"508": orders.CarrierTransit,
			"515": orders.CarrierReturning,
			"550": orders.CarrierTransit,
		},
		Picked: "105", Lead: true, Statement: statement,
		Lines: []orders.CODLine{
			{Tracking: "20260000001", Reference: "01JD00000000000000000000P1", Collected: 235000, Fee: 44350, Net: 190650, At: time.Date(2026, 11, 24, 2, 12, 0, 0, time.UTC), Line: 2},
			{Tracking: "20260000002", Collected: 90000, Fee: 19900, Net: 70100, At: time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC), Line: 3},
		},
	}
}

func TestCarrier(t *testing.T) { carriertest.Run(t, bench()) }

func FuzzParsers(f *testing.F) { carriertest.Fuzz(f, bench()) }
