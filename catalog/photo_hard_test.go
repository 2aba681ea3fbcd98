package catalog

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chohue/market"
)

// heicOrchard is 240 × 320 once upright, in HEVC, with the place where it was
// taken (16.4637, 107.5909) in its EXIF block; made with heif-enc.
func heicOrchard(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/orchard.heic")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestHostilePhotos: each ends as clean copies or as a clear error.
func TestHostilePhotos(t *testing.T) {
	photo, apple := orchard(t, 400, 300), heicOrchard(t)
	for _, test := range []struct {
		name string
		data []byte
		key  string // of the error; empty when it is a photo
	}{
		{"JPEG and a page behind it", slices.Concat(photo, []byte("<html><script>alert(1)</script>")), ""},
		{"JPEG and an archive behind it", slices.Concat(photo, []byte("PK\x03\x04evil.sh")), ""},
		{"JPEG with a script as comment", withSegment(photo, 0xfe, []byte("*/=alert(1)//")), ""},
		{"page with a JPEG behind it", slices.Concat([]byte("<html><script>alert(1)</script>"), photo), "photo.format"},
		{"drawing with a script", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "photo.format"},
		{"drawing in XML", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>`), "photo.format"},
		{"archive", []byte("PK\x03\x04"), "photo.format"},
		{"film", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), "photo.format"},
		{"JPEG cut off", photo[:len(photo)/2], "photo.broken"},
		{"HEIC", apple, ""},
		{"HEIC cut off", apple[:len(apple)/2], "photo.broken"},
		{"HEIC, only its head", apple[:40], "photo.broken"},
		{"HEIC that says it is huge", heicSaying(t, apple, 20_000, 20_000), "photo.pixels"},
		{"HEIC of too many pixels", heicSaying(t, apple, 6000, 5000), "photo.pixels"},
		{"HEIC that says it is small but is coded large", heicCoded(12_000, 12_000), "photo.pixels"},
	} {
		t.Run(test.name, func(t *testing.T) {
			drawn, err := redraw(test.data)
			if test.key != "" {
				wantError(t, err, market.KindInvalid, test.key, "photo")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range drawn.files {
				clean(t, f)
			}
		})
	}
}

// heicSaying changes the size that the file says it has.
func heicSaying(t *testing.T, data []byte, w, h uint32) []byte {
	t.Helper()
	out := bytes.Clone(data)
	at := bytes.Index(out, []byte("ispe"))
	if at < 0 {
		t.Fatal("no size in the sample")
	}
	binary.BigEndian.PutUint32(out[at+8:], w)
	binary.BigEndian.PutUint32(out[at+12:], h)
	return out
}

// heicCoded is the head of a file that says it is small and whose parameter set
// says something else.
func heicCoded(w, h int) []byte {
	coded := strings.Repeat("0", 16+4+3+1+96) + golombBits(0) + golombBits(1) + golombBits(w) + golombBits(h) + "1"
	sps := packed(coded)
	config := append(make([]byte, hvcCFixed), 1, nalSPS, 0, 1, 0, byte(len(sps)))
	properties := slices.Concat(box("ispe", 0, 0, 0, 0, 0, 0, 1, 64, 0, 0, 0, 240), box("hvcC", append(config, sps...)...))
	meta := append([]byte{0, 0, 0, 0}, box("iprp", box("ipco", properties...)...)...)
	return append(box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")...), box("meta", meta...)...)
}

func box(kind string, body ...byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return slices.Concat(out, []byte(kind), body)
}

// packed writes a string of bits as bytes, protected as the stream is.
func packed(bits string) []byte {
	var out []byte
	for len(bits) > 0 {
		eight := (bits + "0000000")[:8]
		bits = bits[min(8, len(bits)):]
		n, _ := strconv.ParseUint(eight, 2, 8)
		if len(out) >= 2 && n <= 3 && out[len(out)-1] == 0 && out[len(out)-2] == 0 {
			out = append(out, 3)
		}
		out = append(out, byte(n))
	}
	return out
}

// TestCodedSize reads what a real encoder wrote.
func TestCodedSize(t *testing.T) {
	data := heicOrchard(t)
	_, after, _ := bytes.Cut(data, []byte("hvcC"))
	if got := codedSize(after); got != image.Pt(320, 240) {
		t.Errorf("the sample is coded as %v", got)
	}
	if h, err := heicHeader(heicCoded(1234, 5678)); err != nil || h.size != image.Pt(1234, 5678) {
		t.Errorf("read %v, %v", h.size, err)
	}
}

func golombBits(n int) string {
	s := strconv.FormatInt(int64(n+1), 2)
	return strings.Repeat("0", len(s)-1) + s
}

// withSegment puts a segment behind the start of a JPEG.
func withSegment(photo []byte, marker byte, body []byte) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return slices.Concat(photo[:2], segment, body, photo[2:])
}

// clean walks the copies byte by byte: only what draws the picture is in them.
func clean(t *testing.T, f copyFile) {
	t.Helper()
	for marker := range jpegMarkers(t, f.jpeg) {
		if !slices.Contains([]byte{0xdb, 0xc0, 0xc4, 0xda}, marker) {
			t.Errorf("the JPEG has a segment %x", marker)
		}
	}
	if !bytes.HasSuffix(f.jpeg, []byte{0xff, 0xd9}) {
		t.Error("something stands behind the JPEG")
	}
	for _, chunk := range webpChunks(t, f.webp) {
		if chunk != "VP8 " {
			t.Errorf("the WebP has a chunk %q", chunk)
		}
	}
	for _, trace := range []string{"Exif", "http://ns.adobe.com", "ICC_PROFILE", "ICCP", "GPS", "script", "PK\x03\x04"} {
		if bytes.Contains(f.jpeg, []byte(trace)) || bytes.Contains(f.webp, []byte(trace)) {
			t.Errorf("%q is still there", trace)
		}
	}
}

// jpegMarkers lists the segments up to the scan.
func jpegMarkers(t *testing.T, data []byte) map[byte]bool {
	t.Helper()
	found := map[byte]bool{}
	for rest := data[2:]; ; {
		if len(rest) < 4 || rest[0] != 0xff {
			t.Fatal("malformed JPEG")
		}
		found[rest[1]] = true
		if rest[1] == markerScan {
			return found
		}
		rest = rest[2+int(binary.BigEndian.Uint16(rest[2:])):]
	}
}

func webpChunks(t *testing.T, data []byte) []string {
	t.Helper()
	if len(data) < 12 || string(data[:4]) != "RIFF" || int(binary.LittleEndian.Uint32(data[4:]))+8 != len(data) {
		t.Fatal("malformed WebP")
	}
	var found []string
	for rest := data[12:]; len(rest) >= 8; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		found = append(found, string(rest[:4]))
		rest = rest[min(len(rest), 8+size+size%2):]
	}
	return found
}

// TestNothingOfTheCameraSurvives gives photos all that cameras write.
func TestNothingOfTheCameraSurvives(t *testing.T) {
	photo := orchard(t, 400, 300)
	photo = withSegment(photo, markerApp1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), "<x:xmpmeta>GPS</x:xmpmeta>"...))
	photo = withSegment(photo, 0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), bytes.Repeat([]byte{7}, 200)...))
	photo = withPlace(photo, 16.4637, 107.5909)
	if at, ok := gps(exifOf(photo)); !ok || at.coarse() != (Position{16.464, 107.591}) {
		t.Fatalf("the photo itself says %v, %v", at, ok)
	}
	drawn, err := redraw(photo)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range drawn.files {
		clean(t, f)
	}
}

// TestKindsOfJPEG: colours for print and grey come out as what browsers show.
func TestKindsOfJPEG(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 200, 150))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(i)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, grey, nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"grey": out.Bytes(), "print": cmyk(t), "progressive": read(t, "testdata/progressive.jpg")} {
		drawn, err := redraw(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := jpeg.Decode(bytes.NewReader(drawn.files[0].jpeg))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := got.(*image.YCbCr); !ok {
			t.Errorf("%s comes out as %T", name, got)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// cmyk is a photo in four colours as Adobe's programs write it.
func cmyk(t *testing.T) []byte {
	t.Helper()
	return read(t, "testdata/cmyk.jpg")
}

// withPlace puts an EXIF segment with a place behind the start of a JPEG.
func withPlace(photo []byte, lat, lng float64) []byte {
	b := []byte("MM\x00\x2a\x00\x00\x00\x08")
	b = append(b, 0, 1, 0x88, 0x25, 0, typeLong, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0) // one tag: the GPS directory is at 26
	b = append(b, 0, 4)
	entry := func(tag, kind uint16, count uint32, value []byte) {
		b = binary.BigEndian.AppendUint16(b, tag)
		b = binary.BigEndian.AppendUint16(b, kind)
		b = append(binary.BigEndian.AppendUint32(b, count), value...)
	}
	at := func(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
	entry(tagLatRef, typeASCII, 2, []byte("N\x00\x00\x00"))
	entry(tagLat, typeRational, 3, at(80))
	entry(tagLngRef, typeASCII, 2, []byte("E\x00\x00\x00"))
	entry(tagLng, typeRational, 3, at(104))
	b = append(b, 0, 0, 0, 0)
	for _, degrees := range []float64{lat, lng} {
		for _, part := range []uint32{uint32(degrees * 1_000_000), 1_000_000, 0, 1, 0, 1} {
			b = binary.BigEndian.AppendUint32(b, part)
		}
	}
	return withSegment(photo, markerApp1, append([]byte("Exif\x00\x00"), b...))
}

// TestMemoryIsBounded draws, in a process of its own, the largest photos that
// are let in, and measures the most memory that it ever had.
func TestMemoryIsBounded(t *testing.T) {
	if os.Getenv("PHOTO_CHILD") != "" {
		child(t)
		return
	}
	folder := t.TempDir()
	for i := range 4 {
		if err := os.WriteFile(filepath.Join(folder, strconv.Itoa(i)), large(t, 8000, 6000, uint8(i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status := func(kind string) int {
		cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryIsBounded$", "-test.v")
		cmd.Env = append(os.Environ(), "PHOTO_CHILD="+kind, "PHOTO_FOLDER="+folder, "GOMEMLIMIT=256MiB")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		_, rest, _ := strings.Cut(string(out), "peak ")
		megabytes, _, _ := strings.Cut(rest, " MB")
		n, err := strconv.Atoi(megabytes)
		if err != nil {
			t.Fatalf("%s", out)
		}
		return n
	}
	for _, test := range []struct {
		kind string
		most int // megabytes resident
	}{{"48 megapixels", 420}, {"four at once", 520}, {"HEIC", 260}} {
		got := status(test.kind)
		t.Logf("%s: at most %d MB resident", test.kind, got)
		if got > test.most {
			t.Errorf("%s took %d MB, more than %d", test.kind, got, test.most)
		}
	}
}

func child(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	add := func(data []byte) error {
		_, err := s.AddPhoto(t.Context(), farmer, p.ID, data, market.Text{})
		return err
	}
	switch os.Getenv("PHOTO_CHILD") {
	case "48 megapixels":
		if err := add(read(t, filepath.Join(os.Getenv("PHOTO_FOLDER"), "1"))); err != nil {
			t.Fatal(err)
		}
	case "four at once":
		errs := make(chan error)
		for i := range 4 {
			data := read(t, filepath.Join(os.Getenv("PHOTO_FOLDER"), strconv.Itoa(i)))
			go func() { errs <- add(data) }()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
	case "HEIC":
		if err := add(heicOrchard(t)); err != nil {
			t.Fatal(err)
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc here")
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(kilobytes)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("peak %d MB\n", n/1024)
}

// large is a JPEG of that size that is quickly made: the encoder reads it pixel
// by pixel from a function.
func large(t *testing.T, w, h int, seed uint8) []byte {
	t.Helper()
	picture := &image.YCbCr{
		Y: make([]byte, w*h), Cb: bytes.Repeat([]byte{seed * 20}, w*h/4), Cr: bytes.Repeat([]byte{128}, w*h/4),
		YStride: w, CStride: w / 2, SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, w, h),
	}
	for i := range picture.Y {
		picture.Y[i] = uint8(i/w) + uint8(i%w)*seed
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	if out.Len() > MaxPhotoBytes {
		t.Fatalf("%d bytes", out.Len())
	}
	return out.Bytes()
}

// TestHalve keeps colours and edges in place.
func TestHalve(t *testing.T) {
	src := image.NewNRGBA(image.Rect(3, 5, 103, 105))
	red := color.NRGBA{200, 10, 10, 255}
	for y := 5; y < 105; y++ {
		for x := 3; x < 53; x++ {
			src.SetNRGBA(x, y, red)
		}
	}
	got := halve(src, 3)
	if got.Bounds() != image.Rect(0, 0, 33, 33) {
		t.Fatalf("size %v", got.Bounds())
	}
	if left, right := got.At(2, 20), got.At(30, 20); left != (color.RGBA{200, 10, 10, 255}) || right != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("left %v, right %v", left, right)
	}
}

func FuzzHEICHeader(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, err := heicHeader(data); err == nil && (h.size.X < 0 || h.size.Y < 0 || max(h.size.X, h.size.Y) > maxSide+1) {
			t.Errorf("size %v", h.size)
		}
		_, _ = gps(exifOf(data))
		_ = codedSize(data)
	})
}
