package orders_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"sync"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
)

// evidenceShot is a photo as a phone writes it, with where it was taken; shade
// tells photos apart.
func evidenceShot(t *testing.T, shade int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 200, 160))
	for i := range 200 * 160 {
		picture.Set(i%200, i/200, color.RGBA{R: uint8(shade * 31), G: 90, B: 60, A: 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	camera := append([]byte("Exif\x00\x00"), "GPSLatitude 16.4637 GPSLongitude 107.5909"...)
	segment := append([]byte{0xff, 0xe1, 0, byte(len(camera) + 2)}, camera...)
	return slices.Insert(b.Bytes(), 2, segment...)
}

// The seller's photo of a handover: seen by the buyer, the seller and the
// platform's people, by nobody else; once however often it is sent.
func TestAHandoverIsShownToThoseItConcerns(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	pomelo, rice := s.product(a, "Thanh trà", 45_000, 10), s.product(b, "Gạo", 30_000, 10)
	o, p := s.sent("wallet", a, want{pomelo, 1}, want{rice, 1})
	seller, other := sellerActor(a), sellerActor(b)
	shot := evidenceShot(t, 1)
	for range 2 {
		got, err := s.orders.ProveHandover(s.ctx, seller, o.ID, p.ID, shot)
		s.must(err)
		if len(got.Parcels) != 1 || len(got.Parcels[0].Proofs) != 1 {
			t.Fatalf("the seller is shown %+v", got.Parcels)
		}
	}
	proof := s.parcelOf(o.ID, a).Proofs[0]
	if proof.State != orders.ParcelShipped || !proof.At.Equal(s.now) {
		t.Errorf("proof %+v", proof)
	}
	for name, by := range map[string]market.Actor{"seller": seller, "moderator": {Person: "m", Roles: []market.Role{market.RoleModerator}}} {
		if data, err := s.orders.Evidence(s.ctx, by, o.ID, "", proof.Photo); err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
	data, err := s.orders.Evidence(s.ctx, guest, o.ID, o.Key, proof.Photo)
	s.must(err)
	if bytes.Contains(data, []byte("GPSLatitude")) || !bytes.Contains(shot, []byte("GPSLatitude")) || bytes.Equal(data, shot) {
		t.Error("the photo is as the camera wrote it")
	}
	for name, by := range map[string]market.Actor{"guest": guest, "another seller of the order": other, "somebody": {Person: "x"}} {
		if _, err := s.orders.Evidence(s.ctx, by, o.ID, "", proof.Photo); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s sees the photo: %v", name, err)
		}
	}
	masked, err := s.orders.Track(s.ctx, o.ID)
	s.must(err)
	for _, parcel := range masked.Parcels {
		if len(parcel.Proofs) > 0 {
			t.Error("whoever has the address of an order is told of its photos")
		}
	}
	if len(s.parcelOf(o.ID, a).Proofs) != 1 {
		t.Error("masking has taken the photo out of the order")
	}
}

// Who may show a handover, and when: nobody but the parcel's seller and
// operators, not before the box is closed, not once no claim can come of it.
func TestWhoShowsAHandoverAndWhen(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	pomelo, rice := s.product(a, "Thanh trà", 45_000, 10), s.product(b, "Gạo", 30_000, 10)
	o := s.paid("wallet", want{pomelo, 1}, want{rice, 1})
	p := s.parcelOf(o.ID, a)
	shot := evidenceShot(t, 2)
	prove := func(by market.Actor) error {
		_, err := s.orders.ProveHandover(s.ctx, by, o.ID, p.ID, shot)
		return err
	}
	wantKey(t, prove(sellerActor(a)), "proof.state")
	_, err := s.orders.Pack(s.ctx, sellerActor(a), o.ID, p.ID)
	s.must(err)
	for name, by := range map[string]market.Actor{"guest": guest, "another seller of the order": sellerActor(b), "somebody": {Person: "x"}} {
		if err := prove(by); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = s.orders.ProveHandover(s.ctx, sellerActor(a), o.ID, "nothing", shot)
	wantKey(t, err, "order.missing")
	_, err = s.orders.ProveHandover(s.ctx, sellerActor(a), o.ID, p.ID, []byte("not a photo"))
	if market.KindOf(err) != market.KindInvalid {
		t.Errorf("no photo: %v", err)
	}
	s.must(prove(market.System))
	_, err = s.orders.Ship(s.ctx, sellerActor(a), o.ID, p.ID, orders.Shipment{Carrier: "Xe khách"})
	s.must(err)
	_, err = s.orders.Deliver(s.ctx, sellerActor(a), o.ID, p.ID)
	s.must(err)
	s.drain()
	s.now = s.now.Add(60 * 24 * time.Hour)
	_, err = s.orders.KeepTime(s.ctx)
	s.must(err)
	wantKey(t, prove(sellerActor(a)), "proof.state")
}

// Sent by many hands at once, each photo is kept once and never more than fit.
func TestHandoversInParallel(t *testing.T) {
	s := newShop(t)
	a := s.seller("HTX A")
	o, p := s.sent("wallet", a, want{s.product(a, "Thanh trà", 45_000, 10), 1})
	var wait sync.WaitGroup
	for i := range 24 {
		shot := evidenceShot(t, i%8)
		wait.Go(func() {
			_, err := s.orders.ProveHandover(s.ctx, sellerActor(a), o.ID, p.ID, shot)
			if err != nil && market.KindOf(err) != market.KindConflict {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	seen := map[string]bool{}
	for _, f := range s.parcelOf(o.ID, a).Proofs {
		seen[f.Photo] = true
	}
	if n := len(s.parcelOf(o.ID, a).Proofs); n != 6 || len(seen) != 6 {
		t.Errorf("%d photos, %d of them different", n, len(seen))
	}
	_, err := s.orders.ProveHandover(s.ctx, sellerActor(a), o.ID, p.ID, evidenceShot(t, 99))
	wantKey(t, err, "proof.many")
}
