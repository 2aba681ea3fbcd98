package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAParcelByAPI: offers, many confirmed at once, the carrier's word by its
// callback, what the buyer is shown.
func TestAParcelByAPI(t *testing.T) {
	s := openShop(t)
	sim := s.road
	coop := s.seller("HTX Một")
	placed := s.guest().buy("cod", s.product(coop, "Cam", 20_000, 10))
	owner := s.person("0905000001", nil, coop)
	stranger := s.person("0905000002", nil, s.seller("HTX Hai"))
	order, parcel := string(placed.Order.ID), string(placed.Order.Parcels[0].ID)
	path := "/orders/" + order + "/parcels/" + parcel

	offers := ok[CarrierOffers](t, owner.do("GET", path+"/offers", nil))
	if len(offers.Items) != 1 || offers.Items[0].Fee == nil || offers.Items[0].Hours <= 0 {
		t.Fatalf("offers %+v", offers)
	}
	many := BulkBooking{ParcelRefs{[]ParcelRef{{order, parcel}, {order, "01JD0000000000000000000000"}}}, Booking{Carrier: "ghn"}}
	done := ok[BulkDone](t, owner.do("POST", "/parcels/confirm", many))
	if done.Done != 1 || len(done.Failed) != 1 || done.Failed[0].Reason != "order.missing" {
		t.Fatalf("confirmed %+v", done)
	}
	if foreign := ok[BulkDone](t, stranger.do("POST", "/parcels/hand-over", many.ParcelRefs)); foreign.Done != 0 || foreign.Failed[0].Detail != foreign.Failed[1].Detail {
		t.Errorf("a stranger handed over %+v", foreign)
	}
	p, _ := sim.Find(parcel)
	p, _ = sim.Move(p.Number, "delivering")
	call := func(query string) int {
		r := httptest.NewRequest(http.MethodPost, Prefix+"/carriers/ghn/notices"+query, strings.NewReader(string(sim.Callback(p).Body)))
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		return w.Code
	}
	if got := call("?key=guess"); got != http.StatusForbidden {
		t.Errorf("a forged notice: %d", got)
	}
	for range 2 {
		if got := call("?key=s3cret"); got != http.StatusOK {
			t.Errorf("the carrier's notice: %d", got)
		}
	}
	seen := ok[Order](t, s.guest().do("GET", "/orders/"+order, nil)).Parcels[0]
	g := seen.Carriage
	if seen.State != "shipped" || g == nil || g.Code != "delivering" || len(g.Journey) != 1 || g.Fee != nil || g.Collect != nil {
		t.Errorf("a passer-by sees %+v of %s", g, seen.State)
	}
	own := ok[Order](t, owner.do("GET", "/orders/"+order, nil)).Parcels[0].Carriage
	if own.Fee == nil || own.Fee.Amount <= 0 || own.Collect == nil {
		t.Errorf("its seller sees %+v", own)
	}
	label := owner.do("GET", path+"/carriage/label", nil)
	if label.Code != http.StatusOK || !strings.HasPrefix(label.Body.String(), "%PDF") {
		t.Errorf("label: %d", label.Code)
	}
}
