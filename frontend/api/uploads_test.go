package api

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/market"
)

// halfSent begins an upload for the person of that phone.
func (s *shop) halfSent(key, phone string) {
	s.t.Helper()
	p, err := s.Accounts.Ensure(s.ctx, market.System, phone, "Người Thử", market.RoleBuyer)
	s.must(err)
	_, err = s.Catalog.BeginUpload(s.ctx, market.Actor{Person: p.ID}, catalog.UploadDraft{ID: market.ID(key), Length: 300})
	s.must(err)
}

func said(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(out, ",")
}

// begin opens an upload of data to the product, or to a form without one.
func (v *visitor) begin(key string, data []byte, product market.ID) *httptest.ResponseRecorder {
	meta := said("id", key)
	if product != "" {
		meta = said("id", key, "product", string(product), "alt", "Nón lá")
	}
	return v.do("POST", "/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", strconv.Itoa(len(data)), "Upload-Metadata", meta)
}

func (v *visitor) part(key string, offset int, data []byte) *httptest.ResponseRecorder {
	return v.do("PATCH", "/uploads/"+key, data, "Tus-Resumable", "1.0.0", "Content-Type", mediaPart, "Upload-Offset", strconv.Itoa(offset))
}

func (v *visitor) reached(key string) string {
	return v.do("HEAD", "/uploads/"+key, nil).Header().Get("Upload-Offset")
}

// photos asks the shop how many photos the product has.
func (s *shop) photos(id market.ID) int {
	p, err := s.Catalog.Product(s.ctx, market.System, id)
	s.must(err)
	return len(p.Photos)
}

// TestAPhotoInParts sends a photo over a connection that loses answers, repeats
// requests and cuts bodies, from two tabs: it arrives once.
func TestAPhotoInParts(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Mạng Yếu")
	draft := s.draft(coop, "Nón lá")
	farmer := s.person("0905000001", nil, coop)
	before := s.photos(draft.ID)
	data := picture(t, 77)
	third := len(data) / 3

	for range 2 { // the first answer was lost
		w := farmer.begin("nhe-tay-1", data, draft.ID)
		if w.Code != http.StatusCreated || w.Header().Get("Location") != Prefix+"/uploads/nhe-tay-1" || w.Header().Get("Upload-Offset") != "0" {
			t.Fatalf("begun: %d %v %s", w.Code, w.Header(), w.Body)
		}
	}
	if w := farmer.part("nhe-tay-1", 0, data[:third]); w.Code != http.StatusNoContent || w.Header().Get("Upload-Offset") != strconv.Itoa(third) {
		t.Fatalf("first part: %d %v", w.Code, w.Header())
	}
	// The same part again, a part too far, and one of another tab that knows
	// less: each hears where to go on.
	for _, offset := range []int{0, third + 1, len(data)} {
		if w := farmer.part("nhe-tay-1", offset, data[:5]); w.Code != http.StatusConflict || w.Header().Get("Upload-Offset") != strconv.Itoa(third) {
			t.Errorf("at %d: %d %v", offset, w.Code, w.Header())
		}
	}
	farmer.torn("nhe-tay-1", third, data[third:third+10], len(data)-third)
	if got := farmer.reached("nhe-tay-1"); got != strconv.Itoa(third+10) {
		t.Fatalf("of a part cut off %s bytes are there, want %d", got, third+10)
	}
	for range 2 { // the second time the photo is there already
		w := farmer.part("nhe-tay-1", third+10, data[third+10:])
		if w.Code != http.StatusNoContent && w.Header().Get("Upload-Offset") != strconv.Itoa(len(data)) {
			t.Fatalf("last part: %d %s", w.Code, w.Body)
		}
	}
	if got := s.photos(draft.ID); got != before+1 {
		t.Errorf("%d photos, want %d", got, before+1)
	}
	if u := ok[Upload](t, farmer.do("GET", "/uploads/nhe-tay-1", nil)); !u.Done || u.Offset != int64(len(data)) || u.Product != string(draft.ID) {
		t.Errorf("in the end: %+v", u)
	}
}

// torn sends a body that ends before the length that it said.
func (v *visitor) torn(key string, offset int, arrives []byte, says int) {
	v.t.Helper()
	r := httptest.NewRequest("PATCH", Prefix+"/uploads/"+key, io.MultiReader(bytes.NewReader(arrives), brokenLine{}))
	r.ContentLength = int64(says)
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.Header.Set("Content-Type", mediaPart)
	r.Header.Set("Upload-Offset", strconv.Itoa(offset))
	v.handler.ServeHTTP(httptest.NewRecorder(), r)
}

// brokenLine is a connection that has broken.
type brokenLine struct{}

func (brokenLine) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// TestUploadsAreTheirOwners: another person's upload is as one that never was,
// and the same id is another upload.
func TestUploadsAreTheirOwners(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Của Tôi")
	farmer, other := s.person("0905000001", nil, coop), s.person("0905000002", nil)
	data := picture(t, 3)
	farmer.begin("anh-1", data, "")
	for _, method := range []string{"GET", "DELETE"} {
		got, want := other.do(method, "/uploads/anh-1", nil), other.do(method, "/uploads/khong-co", nil)
		if got.Code != http.StatusNotFound || plain(got.Body.String()) != plain(want.Body.String()) {
			t.Errorf("%s: %d %s", method, got.Code, got.Body)
		}
	}
	if w := other.part("anh-1", 0, data[:10]); w.Code != http.StatusNotFound {
		t.Errorf("another's part: %d", w.Code)
	}
	if w := other.begin("anh-1", data[:50], ""); w.Code != http.StatusCreated {
		t.Errorf("the same id of another person: %d", w.Code)
	}
	if got := farmer.reached("anh-1"); got != "0" {
		t.Errorf("reached %q", got)
	}
	if w := s.guest().begin("anh-2", data, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("a guest: %d", w.Code)
	}
	if w := other.begin("anh-3", data, s.draft(coop, "Nháp").ID); w.Code != http.StatusNotFound {
		t.Errorf("to another's product: %d", w.Code)
	}
}

func TestUploadsRefuse(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Thử")
	draft := s.draft(coop, "Nháp")
	farmer := s.person("0905000001", nil, coop)
	long := make([]byte, catalog.MaxPhotoBytes+1)
	if w := farmer.begin("dai", long, ""); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("too long: %d", w.Code)
	}
	page := []byte("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
	farmer.begin("svg", page, draft.ID)
	if w := farmer.part("svg", 0, page); w.Code != http.StatusUnprocessableEntity || !bytes.Contains(w.Body.Bytes(), []byte("photo.format")) {
		t.Errorf("a drawing with a script: %d %s", w.Code, w.Body)
	}
	farmer.begin("ngan", page, "")
	if w := farmer.part("ngan", 0, slices.Concat(page, page)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("more than was said: %d", w.Code)
	}
	if w := farmer.do("PATCH", "/uploads/ngan", page, "Content-Type", "image/png", "Upload-Offset", "0"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("another media type: %d", w.Code)
	}
	if w := farmer.do("HEAD", "/uploads/ngan", nil, "Tus-Resumable", "2.0"); w.Code != http.StatusPreconditionFailed || w.Header().Get("Tus-Version") != tusVersion {
		t.Errorf("another version: %d", w.Code)
	}
	if w := farmer.do("DELETE", "/uploads/ngan", nil); w.Code != http.StatusNoContent || farmer.do("GET", "/uploads/ngan", nil).Code != http.StatusNotFound {
		t.Errorf("cancelled: %d", w.Code)
	}
}

// TestPlacesStayInside: the seller and those who check read where a photo was
// taken; buyers and other sellers hear what they hear of a product that is not.
func TestPlacesStayInside(t *testing.T) {
	s := openShop(t)
	coop, others := s.seller("HTX Của Tôi"), s.seller("HTX Khác")
	draft := s.draft(coop, "Nón lá")
	path := "/products/" + string(draft.ID) + "/photo-places"
	farmer := s.person("0905000001", nil, coop)
	data := picture(t, 5)
	farmer.do("POST", "/uploads", nil, "Upload-Length", strconv.Itoa(len(data)),
		"Upload-Metadata", said("id", "noi-chup", "product", string(draft.ID), "place", "16.46371,107.59093"))
	if w := farmer.part("noi-chup", 0, data); w.Code != http.StatusNoContent {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	kept := ok[PhotoPlaceList](t, farmer.do("GET", path, nil)).Items
	if len(kept) != 1 || kept[0].Lat != 16.464 || kept[0].Lng != 107.591 || kept[0].Source != "device" {
		t.Fatalf("kept %+v", kept)
	}
	for _, role := range []market.Role{market.RoleModerator, market.RoleOfficial} {
		if got := ok[PhotoPlaceList](t, s.person("0905000003", []market.Role{role}).do("GET", path, nil)); len(got.Items) != 1 {
			t.Errorf("%s sees %+v", role, got)
		}
	}
	for name, v := range map[string]*visitor{"buyer": s.person("0905000004", nil), "other seller": s.person("0905000005", nil, others)} {
		if w := v.do("GET", path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
		if w := v.do("DELETE", path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s deletes: %d", name, w.Code)
		}
	}
	if w := farmer.do("DELETE", path, nil); w.Code != http.StatusNoContent {
		t.Fatalf("withdrawn: %d", w.Code)
	}
	if got := ok[PhotoPlaceList](t, farmer.do("GET", path, nil)); len(got.Items) != 0 {
		t.Errorf("still kept: %+v", got)
	}
}
