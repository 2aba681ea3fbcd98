package label

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"slices"
	"testing"
)

// TestAPosterReadsBack with and without a photo, in one page.
func TestAPosterReadsBack(t *testing.T) {
	photo := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for x := range 640 {
		for y := range 480 {
			photo.Set(x, y, color.RGBA{uint8(x / 3), uint8(120 + y/4), 60, 255})
		}
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, photo, nil); err != nil {
		t.Fatal(err)
	}
	p := Poster{
		Brand: "Chợ Huế", Title: "Thanh trà Thủy Biều, trái từ 0,9 kg", Price: "45.000 ₫/kg", Stars: "OCOP 4 sao", By: "HTX Nông nghiệp Thủy Biều",
		Call: "Quét mã để xem và đặt hàng", Link: "https://chohue.vn/l/AB01CD1234EFGH", Typed: "chohue.vn/l/AB01CD1234EFGH",
	}
	for name, photo := range map[string][]byte{"with": data.Bytes(), "without": nil} {
		p.Photo = photo
		pdf, err := PosterPDF(p, when)
		if err != nil {
			t.Fatal(err)
		}
		if folder := os.Getenv("MARKET_TEST_SCREENSHOTS"); folder != "" {
			_ = os.WriteFile(folder+"/poster-"+name+".pdf", pdf, 0o600)
		}
		found := pages(t, pdf, posterPaper)
		if len(found) != 1 {
			t.Fatalf("%s: %d pages", name, len(found))
		}
		code := found[0].(*image.Gray).SubImage(image.Rect(8*10, 8*190, 8*105, 8*290))
		if got := read(t, code); !slices.Equal(got, []string{p.Link}) {
			t.Errorf("%s: read %q", name, got)
		}
		if again, _ := PosterPDF(p, when); !bytes.Equal(pdf, again) {
			t.Errorf("%s: drawn twice, two files", name)
		}
	}
}
