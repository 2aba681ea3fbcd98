package vnpost_test

import (
	_ "embed"
	"net/http"
	"testing"
	"time"

	"chohue/orders"
	"chohue/orders/carriertest"
	"chohue/orders/vnpost"
	"chohue/orders/vnpost/vnpostsim"
	"chohue/payments"
)

//go:embed testdata/cod.csv
var statement string

func bench() carriertest.Bench {
	return carriertest.Bench{
		Sim: func(now func() time.Time) carriertest.Sim { return vnpostsim.New("user", "pass", "T1", now) },
		Open: func(base string, client *http.Client) (orders.Carrier, error) {
			return vnpost.New(vnpost.Config{Base: base, Username: "user", Password: "pass", Customer: "T1", Service: "CTN009", Secret: "s3cret", Client: client})
		},
		Query: "key=s3cret", Forge: func(r payments.Raw) payments.Raw { r.Query = "key=guess"; return r },
		Codes: map[string]orders.CarrierStatus{
			"1":  orders.CarrierCreated,
			"4":  orders.CarrierPickup,
			"6":  orders.CarrierPicked,
			"7":  orders.CarrierPicked,
			"10": orders.CarrierTransit,
			"12": orders.CarrierOut,
			"14": orders.CarrierDelivered,
			"15": orders.CarrierFailed,
			"17": orders.CarrierReturning,
			"24": orders.CarrierReturning,
			"19": orders.CarrierReturned,
			"20": orders.CarrierPartly,
			"21": orders.CarrierDelivered,
			"22": orders.CarrierCancelled,
			"23": orders.CarrierPartly,
			"70": orders.CarrierUnknown,
		},
		Picked: "6", Lead: false, Statement: statement,
		Lines: []orders.CODLine{
			{Tracking: "CH000000001VN", Reference: "01JD00000000000000000000P1", Collected: 235000, Fee: 39250, Net: 195750, At: time.Date(2026, 11, 24, 2, 12, 0, 0, time.UTC), Line: 2},
			{Tracking: "CH000000002VN", Reference: "01JD00000000000000000000P2", Collected: 45000, Fee: 17450, Net: 27550, Line: 3},
		},
	}
}

func TestCarrier(t *testing.T) { carriertest.Run(t, bench()) }

func FuzzParsers(f *testing.F) { carriertest.Fuzz(f, bench()) }
