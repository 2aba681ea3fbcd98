package catalog

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func TestAddPhoto(t *testing.T) {
	s := open(t)
	p, err := s.CreateDraft(t.Context(), farmer, pomelo())
	if err != nil {
		t.Fatal(err)
	}
	data := withOrientation(photograph(t, 800, 600, 1), 6)
	p, err = s.AddPhoto(t.Context(), farmer, p.ID, data, market.Text{VI: " Trái  chín ", EN: "Ripe fruit"})
	if err != nil {
		t.Fatal(err)
	}
	want := Photo{ID: photoID(data), Widths: []int{240, 320}, WebP: true, Width: 600, Height: 800, Alt: market.Text{VI: "Trái chín", EN: "Ripe fruit"}}
	if diff := cmp.Diff([]Photo{want}, p.Photos); diff != "" {
		t.Errorf("photos (-want +got):\n%s", diff)
	}
	file, err := s.PhotoFile(t.Context(), want.ID, 320, PhotoJPEG)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file, []byte("Exif")) {
		t.Error("the copy still has what the camera wrote")
	}
	head, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil || head.Width != 320 || head.Height != 427 {
		t.Errorf("copy is %d × %d, %v; want 320 × 427", head.Width, head.Height, err)
	}
	again, err := s.AddPhoto(t.Context(), farmer, p.ID, data, market.Text{})
	if err != nil || again.Rev != p.Rev {
		t.Errorf("the same photo again: revision %d → %d, %v", p.Rev, again.Rev, err)
	}
	for _, bad := range []struct {
		id    string
		width int
	}{{want.ID, 640}, {"../" + want.ID[3:], 320}, {want.ID[:31], 320}, {want.ID, -1}} {
		if _, err := s.PhotoFile(t.Context(), bad.id, bad.width, PhotoJPEG); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if p, err = s.RemovePhoto(t.Context(), farmer, p.ID, want.ID); err != nil || len(p.Photos) != 0 {
		t.Errorf("removed: %d photos, %v", len(p.Photos), err)
	}
}

// redraw does with a file what AddPhoto does with it.
func redraw(data []byte) (copies, error) {
	n, err := inspect(data)
	if err != nil {
		return copies{}, err
	}
	return n.redraw()
}

func TestPhotosAreBounded(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	for i := range maxPhotos - 1 {
		if _, err := s.AddPhoto(t.Context(), farmer, p.ID, photograph(t, 100, 100, uint8(100+i)), market.Text{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.AddPhoto(t.Context(), farmer, p.ID, photograph(t, 100, 100, 99), market.Text{})
	wantError(t, err, market.KindConflict, "photo.many", "")
	_, err = s.AddPhoto(t.Context(), farmer, p.ID, make([]byte, MaxPhotoBytes+1), market.Text{})
	wantError(t, err, market.KindInvalid, "photo.large", "photo")
}

func TestNewPhotoOfShownProductIsChecked(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	p, err := s.AddPhoto(t.Context(), farmer, p.ID, photograph(t, 200, 200, 9), market.Text{})
	if err != nil || len(p.Photos) != 1 || len(p.AsEdited().Photos) != 2 {
		t.Errorf("shows %d photos, %v; want one until a moderator has seen the other", len(p.Photos), err)
	}
}

func TestBadPhotos(t *testing.T) {
	good := photograph(t, 200, 200, 1)
	for _, test := range []struct {
		name string
		data []byte
		key  string
	}{
		{"empty", nil, "photo.format"},
		{"text", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "photo.format"},
		{"gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "photo.format"},
		{"only a head", good[:20], "photo.broken"},
		{"cut off", good[:len(good)-200], "photo.broken"},
		{"small", photograph(t, 99, 200, 1), "photo.small"},
		{"bomb of pixels", pngHeader(16_000, 16_000, 2, 8), "photo.pixels"},
		{"long side", pngHeader(20_000, 200, 2, 8), "photo.pixels"},
		{"deep colours", pngHeader(7000, 7000, 2, 16), "photo.pixels"},
		{"progressive bomb", progressive(good, 7000, 7000), "photo.pixels"},
		{"fine size, no picture", pngHeader(7000, 7000, 2, 8), "photo.broken"},
	} {
		_, err := redraw(test.data)
		t.Run(test.name, func(t *testing.T) { wantError(t, err, market.KindInvalid, test.key, "photo") })
	}
}

func TestFormatsByContent(t *testing.T) {
	var out bytes.Buffer
	picture := image.NewNRGBA(image.Rect(0, 0, 150, 120)) // wholly transparent
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	drawn, err := redraw(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := jpeg.Decode(bytes.NewReader(drawn.files[0].jpeg))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := got.At(75, 60).RGBA(); min(r, g, b) < 0xf000 {
		t.Errorf("what was transparent is not white: %x %x %x", r, g, b)
	}
	webp, err := hex.DecodeString(webpOf100)
	if err != nil {
		t.Fatal(err)
	}
	if drawn, err = redraw(webp); err != nil || drawn.width != 100 || drawn.height != 100 {
		t.Errorf("WebP: %d × %d, %v", drawn.width, drawn.height, err)
	}
}

// webpOf100 is a lossless WebP of 100 × 100 pixels in one colour.
const webpOf100 = "524946461a000000574542505650384c0d0000002f63c01800284a91cbd3ff020000"

func TestCopiesAreLight(t *testing.T) {
	// Noise over gradients is harder than any market photo; nothing is enlarged.
	for _, test := range []struct {
		w, h   int
		widths []int
	}{
		{1600, 1200, []int{240, 320, 640, 1080}}, {1000, 1500, []int{240, 320, 640}}, {200, 150, []int{200}}, {320, 320, []int{240, 320}},
	} {
		drawn, err := redraw(orchard(t, test.w, test.h))
		if err != nil {
			t.Fatal(err)
		}
		var widths []int
		for i, f := range drawn.files {
			widths = append(widths, f.width)
			head, err := jpeg.DecodeConfig(bytes.NewReader(f.jpeg))
			if err != nil || head.Width != f.width {
				t.Errorf("%d wide copy: %d, %v", f.width, head.Width, err)
			}
			if want := sizes[i].jpeg; len(f.jpeg) > want {
				t.Errorf("%d × %d at %d takes %d bytes, want at most %d", test.w, test.h, f.width, len(f.jpeg), want)
			}
		}
		if !slices.Equal(widths, test.widths) {
			t.Errorf("%d × %d: widths %v, want %v", test.w, test.h, widths, test.widths)
		}
	}
}

// orchard looks like leaves and fruit: discs of many sizes and greens.
func orchard(t *testing.T, w, h int) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	picture := image.NewRGBA(image.Rect(0, 0, w, h))
	for range 600 {
		cx, cy, r := random.IntN(w), random.IntN(h), 8+random.IntN(w/14)
		c := color.RGBA{uint8(random.IntN(120)), uint8(80 + random.IntN(150)), uint8(random.IntN(80)), 255}
		for y := max(0, cy-r); y < min(h, cy+r); y++ {
			for x := max(0, cx-r); x < min(w, cx+r); x++ {
				if (x-cx)*(x-cx)+(y-cy)*(y-cy) < r*r {
					picture.SetRGBA(x, y, c)
				}
			}
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestTurn stores a picture with one red corner in all eight ways.
func TestTurn(t *testing.T) {
	red := color.RGBA{255, 0, 0, 255}
	// Where cameras put the corner that belongs at the top left.
	corners := map[int]image.Point{
		1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {0, 1}, 7: {2, 1}, 8: {2, 0},
	}
	for orientation, corner := range corners {
		stored := image.NewRGBA(image.Rect(0, 0, 3, 2))
		stored.SetRGBA(corner.X, corner.Y, red)
		got := turn(stored, orientation)
		size := image.Pt(3, 2)
		if orientation >= 5 {
			size = image.Pt(2, 3)
		}
		if got.Rect.Size() != size || got.RGBAAt(0, 0) != red {
			t.Errorf("orientation %d: size %v, top left %v", orientation, got.Rect.Size(), got.RGBAAt(0, 0))
		}
	}
}

func TestReadMeta(t *testing.T) {
	plain := photograph(t, 100, 100, 1)
	for orientation := 1; orientation <= 8; orientation++ {
		if got := readMeta(withOrientation(plain, orientation)).orientation; got != orientation {
			t.Errorf("got orientation %d, want %d", got, orientation)
		}
	}
	for _, value := range []int{0, 9} {
		if got := readMeta(withOrientation(plain, value)).orientation; got != 1 {
			t.Errorf("orientation %d read as %d", value, got)
		}
	}
	if got := readMeta(plain); got.orientation != upright || got.progressive || got.exif != nil || got.samples != 1.5 {
		t.Errorf("plain: %+v", got)
	}
	if !readMeta(progressive(plain, 100, 100)).progressive {
		t.Error("progressive not seen")
	}
}

func FuzzReadMeta(f *testing.F) {
	f.Add(withOrientation([]byte{0xff, markerStart, 0xff, markerScan, 0, 2}, 6))
	f.Add([]byte{0xff, markerStart, 0xff, 0xff, markerApp1, 0, 8, 'E', 'x', 'i', 'f', 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if got := readMeta(data).orientation; got < 1 || got > 8 {
			t.Errorf("orientation %d", got)
		}
	})
}

// withOrientation puts an EXIF segment behind the start of a JPEG.
func withOrientation(photo []byte, value int) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = append(binary.BigEndian.AppendUint16(tiff, uint16(value)), 0, 0, 0, 0, 0, 0)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, markerApp1}, uint16(len(body)+2))
	return slices.Concat(photo[:2], segment, body, photo[2:])
}

// progressive rewrites the frame header to claim another size and kind.
func progressive(photo []byte, w, h uint16) []byte {
	out := bytes.Clone(photo)
	at := bytes.Index(out, []byte{0xff, 0xc0})
	out[at+1] = markerProgressive
	binary.BigEndian.PutUint16(out[at+5:], h)
	binary.BigEndian.PutUint16(out[at+7:], w)
	return out
}

// pngHeader is a PNG of which only the header is there.
func pngHeader(w, h uint32, colours, depth byte) []byte {
	body := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	body = append(binary.BigEndian.AppendUint32(body, h), depth, colours, 0, 0, 0)
	head := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), body...)
	return binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(body))
}
