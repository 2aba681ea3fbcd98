package api

import (
	"bytes"
	"net/http"
	"testing"

	"chohue/market"
	"chohue/orders"
)

// A guest sends photos, asks for money back with one, and finds the return and
// the seller's photo of the handover in the order; another guest finds neither.
func TestPhotosOfAnOrderThroughTheAPI(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX A")
	shelf := s.product(coop, "Bưởi", 30_000, 1_000)
	seller, guest, stranger := s.person("0905000001", nil, coop), s.guest(), s.guest()
	placed := guest.buy("cod", shelf)
	id, key := string(placed.Order.ID), placed.Order.Key
	order, parcel := placed.Order.ID, placed.Order.Parcels[0].ID
	_, err := s.Orders.Pack(s.ctx, market.System, order, parcel)
	s.must(err)
	for range 2 {
		proven := ok[Order](t, seller.do("POST", "/orders/"+id+"/parcels/"+string(parcel)+"/proofs", picture(t, 5), "Content-Type", "image/jpeg"))
		if len(proven.Parcels[0].Proofs) != 1 || proven.Parcels[0].Proofs[0].State != "packed" {
			t.Fatalf("proofs %+v", proven.Parcels[0].Proofs)
		}
	}
	_, err = s.Orders.Ship(s.ctx, market.System, order, parcel, orders.Shipment{Carrier: "Xe khách"})
	s.must(err)
	_, err = s.Orders.Deliver(s.ctx, market.System, order, parcel)
	s.must(err)
	s.drain()

	if got := stranger.do("POST", "/orders/"+id+"/evidence", picture(t, 6), "Content-Type", "image/jpeg"); got.Code != http.StatusNotFound {
		t.Errorf("a stranger keeps a photo: %d", got.Code)
	}
	kept := ok[KeptPhoto](t, guest.do("POST", "/orders/"+id+"/evidence?key="+key, picture(t, 6), "Content-Type", "image/jpeg"))
	ok[Return](t, guest.do("POST", "/orders/"+id+"/parcels/"+string(parcel)+"/returns", ReturnWish{
		Key: key, Reason: "damaged", Text: "dập", Photos: []string{kept.Photo}, Lines: []WishedLine{{Variant: string(shelf.Variants[0].ID), Quantity: 1}},
	}))
	mine := ok[Order](t, guest.do("GET", "/orders/"+id+"?key="+key, nil))
	if len(mine.Returns) != 1 || len(mine.Returns[0].Says) != 1 || mine.Returns[0].Says[0].Photos[0] != kept.Photo || mine.Returns[0].State != "requested" {
		t.Errorf("returns %+v", mine.Returns)
	}
	masked := ok[Order](t, stranger.do("GET", "/orders/"+id, nil))
	if !masked.Masked || len(masked.Returns) != 0 || len(masked.Parcels[0].Proofs) != 0 {
		t.Errorf("a stranger is told %+v %+v", masked.Returns, masked.Parcels[0].Proofs)
	}
	for _, photo := range []string{kept.Photo, mine.Parcels[0].Proofs[0].Photo} {
		at := "/orders/" + id + "/evidence/" + photo
		if got := guest.do("GET", at+"?key="+key, nil); got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/jpeg" || !bytes.HasPrefix(got.Body.Bytes(), []byte{0xff, 0xd8}) {
			t.Errorf("the buyer's %s: %d %s", photo, got.Code, got.Header())
		}
		if got := seller.do("GET", at, nil); got.Code != http.StatusOK {
			t.Errorf("the seller's %s: %d", photo, got.Code)
		}
		if got := stranger.do("GET", at, nil); got.Code != http.StatusNotFound {
			t.Errorf("a stranger's %s: %d", photo, got.Code)
		}
	}
}
