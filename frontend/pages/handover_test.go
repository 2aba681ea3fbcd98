package pages_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"chohue/cooperatives"
	"chohue/market"
)

// boxShot is a photo of a box as a phone writes it.
func boxShot(t *testing.T) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 160, 120))
	for i := range 160 * 120 {
		picture.Set(i%160, i/160, color.RGBA{R: 160, G: 110, B: 60, A: 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A seller hands a parcel over with a photo, in the form of the step itself and
// without script; the buyer and who arbitrates look at it, another seller and a
// stranger find nothing.
func TestAHandoverIsPhotographedThroughThePages(t *testing.T) {
	s := newShop(t)
	keeper := s.member("0905000031", "Người giao", s.coop, cooperatives.MemberManager)
	other := s.member("0905000032", "Làng nghề", s.craft, cooperatives.MemberManager)
	buyer := s.visitor()
	order := buyer.get(s.buy("thanh-tra-thuy-bieu", "kg", "cod")).is(200)
	id := strings.Split(order.at.Path, "/")[2]
	o, err := s.rooms.Orders.Order(t.Context(), market.System, market.ID(id), "")
	s.must(err)
	parcel := "/hop-tac-xa/don/" + id + "/" + string(o.Parcels[0].ID)
	keeper.post(parcel + "/dong-goi").is(200).says("Ảnh kiện hàng khi bàn giao")
	keeper.attach(parcel+"/giao-cho-van-chuyen", "photo", "thung.jpg", []byte("no photo"), "carrier", "Xe khách").is(422)
	keeper.get(parcel).is(200).says("Giao cho người vận chuyển")
	other.attach(parcel+"/giao-cho-van-chuyen", "photo", "thung.jpg", boxShot(t), "carrier", "Xe khách").is(404)
	sent := keeper.attach(parcel+"/giao-cho-van-chuyen", "photo", "thung.jpg", boxShot(t), "carrier", "Xe khách", "tracking", "X1")
	sent.is(303)
	keeper.get(parcel).is(200).says("Ảnh bàn giao")
	keeper.attach(parcel+"/da-giao", "photo", "cua.jpg", boxShot(t)).is(303) // the same photo is no second one
	keeper.attach(parcel+"/anh-ban-giao", "photo", "x.jpg", nil).is(303)
	keeper.get(parcel).is(200).says("Hãy chọn một ảnh")
	if o, err = s.rooms.Orders.Order(t.Context(), market.System, o.ID, ""); err != nil || len(o.Parcels[0].Proofs) != 1 {
		t.Fatalf("%+v, %v", o.Parcels[0].Proofs, err)
	}
	photo := "/don-hang/" + id + "/bang-chung/" + o.Parcels[0].Proofs[0].Photo
	seen := buyer.get("/don-hang/" + id + "?key=" + o.Key).is(200)
	seen.says("Ảnh bàn giao")
	if !strings.Contains(seen.body, photo) {
		t.Error("the buyer's page lacks the photo")
	}
	buyer.get(photo + "?key=" + o.Key).is(200)
	s.staff("0905000033", "Phân xử", market.RoleModerator).get(photo).is(200)
	stranger := s.visitor()
	stranger.get(photo).is(404)
	other.get(photo).is(404)
	if masked := stranger.get("/don-hang/" + id).is(200); strings.Contains(masked.body, "bang-chung") {
		t.Error("a stranger is shown where the photo is")
	}
}
