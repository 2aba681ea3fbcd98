package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"chohue/orders"
	"chohue/orders/carriertest"
	"chohue/orders/ghn"
)

// TestPlayedCarrierTellsTheMarket: a parcel that is booked over the wire and
// moved by hand is told of, twice when the line is switched so.
func TestPlayedCarrierTellsTheMarket(t *testing.T) {
	var mu sync.Mutex
	var heard []string
	shop := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, r.URL.String()+" "+string(body))
	}))
	defer shop.Close()
	w := open(t.Context(), "", defaultPace, carrierParties(place{market: shop.URL}))
	desk := httptest.NewServer(w.mux)
	defer desk.Close()
	carrier, err := ghn.New(ghn.Config{Base: desk.URL + "/ghn", Token: simToken, ShopID: "885", Secret: simSecret, Client: desk.Client()})
	if err != nil {
		t.Fatal(err)
	}
	made, err := carrier.Create(t.Context(), carriertest.Consignment("01JD00000000000000000000P1"))
	if err != nil {
		t.Fatal(err)
	}
	w.lines["ghn"].Set(switchDuplicate, true)
	for _, back := range []string{"", "true"} {
		answer, err := desk.Client().PostForm(desk.URL+"/ghn/buoc", url.Values{"number": {made.Tracking}, "back": {back}})
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.Contains(string(page), made.Tracking) {
			t.Fatalf("the carrier's page: %d", answer.StatusCode)
		}
		w.wait()
	}
	report, err := carrier.Track(t.Context(), orders.Waybill{Tracking: made.Tracking})
	if err != nil || report.Code != "delivery_fail" {
		t.Errorf("moved to %+v, %v", report, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(heard) != 4 || !strings.HasPrefix(heard[0], "/api/v1/carriers/ghn/notices?key="+simSecret) || !strings.Contains(heard[2], "delivery_fail") {
		t.Errorf("the market heard %d: %.300v", len(heard), heard)
	}
}

// TestSettingsNameEveryCarrier: the market that runs beside offers them all.
func TestSettingsNameEveryCarrier(t *testing.T) {
	w := open(t.Context(), "http://127.0.0.1:8090", defaultPace, carrierParties(place{}))
	all := strings.Join(w.settings(), "\n")
	for _, want := range []string{"MARKET_GHN_URL=http://127.0.0.1:8090/ghn", "MARKET_GHTK_TOKEN=", "MARKET_VIETTELPOST_USER=", "MARKET_VNPOST_CUSTOMER="} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in\n%s", want, all)
		}
	}
}
