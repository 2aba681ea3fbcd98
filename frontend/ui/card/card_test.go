package card

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// noise is the photo that compresses worst.
func noise(t *testing.T, wide, high int) []byte {
	t.Helper()
	dice := rand.New(rand.NewPCG(84, 2026))
	m := image.NewRGBA(image.Rect(0, 0, wide, high))
	for i := range m.Pix {
		m.Pix[i] = byte(dice.Uint32())
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestACardIsWholeAndLight whatever it is drawn of.
func TestACardIsWholeAndLight(t *testing.T) {
	full := Card{
		Brand: "Chợ Huế", Title: "Trà cung đình vỏ thanh trà Thủy Biều phơi ba nắng, hộp quà biếu Tết đặc biệt rất dài không vừa một dòng nào cả",
		Price: "120.000 ₫/hộp", Was: "150.000 ₫", Stars: 4, Note: "HTX Nông nghiệp Thủy Biều · phường Thuỷ Xuân", Domain: "chohue.vn",
	}
	square, tall := full, full
	square.Photo, tall.Photo = noise(t, 1080, 1080), noise(t, 300, 900)
	flagged := square
	flagged.Flag = "Phiên trực tiếp"
	for name, c := range map[string]Card{"without a photo": full, "square": square, "tall": tall, "of a show": flagged, "empty": {}} {
		data, err := Draw(c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		drawn, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil || drawn.Bounds() != image.Rect(0, 0, Width, Height) || len(data) > MaxBytes {
			t.Errorf("%s: %v, %d bytes, %v", name, drawn.Bounds(), len(data), err)
		}
		if folder := os.Getenv("MARKET_TEST_SCREENSHOTS"); folder != "" {
			_ = os.WriteFile(folder+"/card-"+strings.ReplaceAll(name, " ", "-")+".jpg", data, 0o600)
		}
	}
	if _, err := Draw(Card{Photo: []byte("no photo")}); err == nil {
		t.Error("drawn of no photo")
	}
}

// TestTheFontHasEveryVietnameseLetter and what amounts are written with, also
// when accents come apart.
func TestTheFontHasEveryVietnameseLetter(t *testing.T) {
	letters := "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
	letters += strings.ToUpper(letters) + "0123456789.,:/·…–()₫"
	parsed, err := readFonts()
	if err != nil {
		t.Fatal(err)
	}
	var b sfnt.Buffer
	for _, r := range norm.NFC.String(norm.NFD.String(letters)) {
		for i, f := range parsed {
			if at, err := f.GlyphIndex(&b, r); err != nil || at == 0 {
				t.Errorf("font %d has no %q", i, r)
			}
		}
	}
}

// TestWordsStayInTheirPlace: nothing is written beyond the right edge, and long
// words are cut with a sign.
func TestWordsStayInTheirPlace(t *testing.T) {
	faces, err := fonts()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Mè xửng", strings.Repeat("Thanh trà ", 40), strings.Repeat("Nghiêng", 40), ""} {
		lines := wrap(faces.title, text, textRight-textLeft, 3)
		if len(lines) > 3 {
			t.Errorf("%d lines", len(lines))
		}
		for _, line := range lines {
			if w := width(faces.title, line); w > textRight-textLeft {
				t.Errorf("%q is %d wide", line, w)
			}
		}
		if cutOff := len(strings.Fields(text)) > 20; cutOff && !strings.HasSuffix(lines[2], "…") {
			t.Errorf("%q does not say that there was more", lines[2])
		}
	}
	data, err := Draw(Card{Brand: "Chợ Huế", Title: strings.Repeat("Thanh trà ", 40), Note: strings.Repeat("Thủy Biều ", 40)})
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for y := range Height {
		if r, g, b, _ := drawn.At(Width-20, y).RGBA(); r>>8 < 0xe0 || g>>8 < 0xe0 || b>>8 < 0xe0 {
			t.Fatalf("something is written at the edge, %d px down: %v", y, color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255})
		}
	}
}
