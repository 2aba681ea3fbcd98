package catalog

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"chohue/market"
)

// TestPlaceNeedsConsent: without the farmer's word nothing is kept, whatever
// the photo says.
func TestPlaceNeedsConsent(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	placed := withPlace(photograph(t, 200, 200, 40), 16.4637, 107.5909)
	for _, test := range []struct {
		name   string
		data   []byte
		place  PlaceConsent
		source string // where the place was read; empty when none is kept
	}{
		{"no consent", withPlace(photograph(t, 200, 200, 41), 16.4637, 107.5909), PlaceConsent{}, ""},
		{"no consent, but a place", photograph(t, 200, 200, 42), PlaceConsent{At: Position{16.4, 107.5}}, ""},
		{"consent, the file says it", placed, PlaceConsent{Given: true}, PlaceFromFile},
		{"consent, the device says it", photograph(t, 200, 200, 43), PlaceConsent{Given: true, At: Position{16.4637, 107.5909}}, PlaceFromDevice},
		{"consent, HEIC", heicOrchard(t), PlaceConsent{Given: true}, PlaceFromFile},
		{"consent, nobody knows", photograph(t, 200, 200, 44), PlaceConsent{Given: true}, ""},
		{"consent, off the globe", photograph(t, 200, 200, 45), PlaceConsent{Given: true, At: Position{91, 200}}, ""},
	} {
		before := len(s.places(t, p.ID))
		if _, err := s.PutPhoto(t.Context(), farmer, p.ID, PhotoDraft{Data: test.data, Place: test.place}); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		kept := s.places(t, p.ID)
		if got := len(kept) - before; got != min(1, len(test.source)) {
			t.Errorf("%s: %d places kept", test.name, got)
			continue
		}
		if test.source == "" {
			continue
		}
		o := kept[len(kept)-1]
		if o.Source != test.source || o.At != (Position{16.464, 107.591}) || o.AgreedBy != farmer.Person || o.Wording != PlaceWording {
			t.Errorf("%s: %+v", test.name, o)
		}
	}
	if err := s.ForgetPlaces(t.Context(), farmer, p.ID); err != nil || len(s.places(t, p.ID)) != 0 {
		t.Errorf("withdrawn: %v, %d left", err, len(s.places(t, p.ID)))
	}
}

func (s *shop) places(t *testing.T, id market.ID) []*PhotoOrigin {
	t.Helper()
	kept, err := s.PhotoOrigins(t.Context(), farmer, id)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestRemovedPhotoTakesItsPlaceAlong(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	data := photograph(t, 200, 200, 40)
	draft := PhotoDraft{Data: data, Place: PlaceConsent{Given: true, At: Position{16.4, 107.5}}}
	if _, err := s.PutPhoto(t.Context(), farmer, p.ID, draft); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RemovePhoto(t.Context(), farmer, p.ID, photoID(data)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutPhoto(t.Context(), farmer, p.ID, PhotoDraft{Data: data}); err != nil || len(s.places(t, p.ID)) != 0 {
		t.Errorf("the photo came again without consent: %v, %d places", err, len(s.places(t, p.ID)))
	}
}

// TestNear compares with the ward: Huế's citadel and Phú Bài airport are 14 km
// apart, Đà Nẵng is 78.
func TestNear(t *testing.T) {
	citadel, airport, danang := Position{16.4698, 107.5775}, Position{16.4015, 107.7028}, Position{16.0544, 108.2022}
	for _, test := range []struct {
		to   Position
		near bool
		km   int
	}{{citadel, true, 0}, {airport, false, 15}, {danang, false, 81}} {
		got := citadel.distance(test.to)
		if got/1000 != test.km {
			t.Errorf("%v is %d m away, want %d km", test.to, got, test.km)
		}
		o := PhotoOrigin{Known: true, Metres: got, Most: 15_000}
		if o.Near() != test.near {
			t.Errorf("%d m near: %v", got, o.Near())
		}
	}
	if (&PhotoOrigin{Metres: 0, Most: 15_000}).Near() {
		t.Error("near a ward that nobody knows")
	}
	sets, err := LoadSets()
	if err != nil {
		t.Fatal(err)
	}
	if got := sets.nearAt(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)); got != 15_000 {
		t.Errorf("near today is %d m", got)
	}
	if got := sets.nearAt(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); got != 0 {
		t.Errorf("near before the rule is %d m", got)
	}
}

func TestMalformedPlaces(t *testing.T) {
	good := withPlace(photograph(t, 120, 120, 1), 16.5, 107.5)
	exif := exifOf(good)
	if _, ok := gps(exif); !ok {
		t.Fatal("the sample has no place")
	}
	for n := range exif {
		gps(exif[:n]) // must not panic, whatever it makes of it
	}
	if _, ok := gps(bytes.Replace(exif, []byte("N\x00\x00\x00"), []byte("X\x00\x00\x00"), 1)); ok {
		t.Error("a half of the globe called X")
	}
	if _, ok := gps(exifOf(withPlace(photograph(t, 120, 120, 1), 0, 0))); ok {
		t.Error("zero and zero is what broken receivers write")
	}
}

// TestPhotoQuota: one person cannot keep the market busy for a day.
func TestPhotoQuota(t *testing.T) {
	s := open(t)
	for range maxPhotosDaily {
		if err := s.spendPhotoQuota(t.Context(), farmer, 1000); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, s.spendPhotoQuota(t.Context(), farmer, 1000), market.KindConflict, "photo.quota", "")
	wantError(t, s.spendPhotoQuota(t.Context(), market.Actor{Person: "other"}, maxBytesDaily+1), market.KindConflict, "photo.quota", "")
	if err := s.spendPhotoQuota(t.Context(), market.System, maxBytesDaily+1); err != nil {
		t.Errorf("the market itself: %v", err)
	}
}

// TestUploadSweep forgets what was never finished, with all its parts.
func TestUploadSweep(t *testing.T) {
	s := open(t)
	data := photograph(t, 200, 200, 1)
	begin := func(id market.ID) {
		if _, err := s.BeginUpload(t.Context(), farmer, UploadDraft{ID: id, Length: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AppendUpload(t.Context(), farmer, id, 0, data[:100]); err != nil {
			t.Fatal(err)
		}
	}
	begin("one")
	begin("two")
	if n, err := s.SweepUploads(t.Context()); err != nil || n != 0 {
		t.Errorf("swept %d, %v while they live", n, err)
	}
	s.wait(uploadLife + time.Second)
	if _, err := s.Upload(t.Context(), farmer, "one"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("after a day: %v", err)
	}
	if n, err := s.SweepUploads(t.Context()); err != nil || n != 4 {
		t.Errorf("swept %d, %v; want two uploads and two parts", n, err)
	}
}

// TestUploadForm: what a form takes is whole, its own, and taken once.
func TestUploadForm(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	before := len(p.Photos)
	data := photograph(t, 200, 200, 60)
	if _, err := s.BeginUpload(t.Context(), farmer, UploadDraft{ID: "form", Length: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
	_, err := s.TakeUpload(t.Context(), farmer, p.ID, "form", PlaceConsent{})
	wantError(t, err, market.KindConflict, "upload.unfinished", "")
	at := 0
	for part := range slices.Chunk(data, 1000) {
		if _, err := s.AppendUpload(t.Context(), farmer, "form", int64(at), part); err != nil {
			t.Fatal(err)
		}
		at += len(part)
	}
	for range 2 {
		if p, err = s.TakeUpload(t.Context(), farmer, p.ID, "form", PlaceConsent{}); err != nil || len(p.Photos) != before+1 {
			t.Fatalf("taken: %d photos, %v", len(p.Photos), err)
		}
	}
	other := market.Actor{Person: "other"}
	if _, err := s.TakeUpload(t.Context(), other, p.ID, "form", PlaceConsent{}); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another's upload: %v", err)
	}
	for i := range maxOpenUploads {
		if _, err := s.BeginUpload(t.Context(), other, UploadDraft{ID: market.ID(rune('a'+i%26)) + market.ID(rune('a'+i/26)), Length: 10}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = s.BeginUpload(t.Context(), other, UploadDraft{ID: "more", Length: 10})
	wantError(t, err, market.KindConflict, "upload.many", "")
}
