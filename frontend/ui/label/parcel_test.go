package label

import (
	"fmt"
	"image"
	"image/draw"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"chohue/market"
)

func sent(n int) Parcel {
	return Parcel{
		Carrier: "Giao Hàng Nhanh", Sort: "HUE-A-01", Tracking: fmt.Sprintf("LH%06dVN", n), Order: "Đơn HUE-7K3F9Q2M",
		Link:    fmt.Sprintf("https://chohue.vn/don-hang/01JD0000000000000000%06d", n),
		From:    Address{"Người gửi", []string{"HTX Nông nghiệp Thủy Biều", "0905 123 456", "12 Bùi Thị Xuân, phường Thuỷ Xuân, thành phố Huế"}},
		To:      Address{"Người nhận", []string{"Nguyễn Thị Thuỳ Dương", "0912 345 678", "Số 12, kiệt 45 đường Nguyễn Trường Tộ, phường Ngọc Hà, thành phố Hà Nội"}},
		Collect: "Thu hộ 1.235.000 ₫", Marks: []string{"HÀNG TƯƠI", "DỄ VỠ"},
		Goods: []string{"2 × Thanh trà Thủy Biều · hộp 3 trái", "1 × Mè xửng dẻo · hộp 500 g"}, Note: "Gọi trước khi giao giúp em",
	}
}

// bars reads the Code 128 of a label with a reader that is not ours, from the
// strip of the label that holds it.
func bars(t *testing.T, page image.Image) string {
	t.Helper()
	strip := image.NewGray(image.Rect(0, 0, page.Bounds().Dx(), 8*10))
	draw.Draw(strip, strip.Bounds(), page, image.Pt(0, 8*10), draw.Src)
	bitmap, err := gozxing.NewBinaryBitmapFromImage(strip)
	if err != nil {
		t.Fatal(err)
	}
	found, err := oned.NewCode128Reader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Fatal(err)
	}
	return found.GetText()
}

// TestFiftyLabelsReadBack: one file of fifty labels, each 78 mm wide, with the
// parcel's own codes.
func TestFiftyLabelsReadBack(t *testing.T) {
	var all []Parcel
	for n := range 50 {
		all = append(all, sent(n+1))
	}
	pdf, err := Parcels(all, when)
	if err != nil {
		t.Fatal(err)
	}
	found := pages(t, pdf, parcelPaper)
	if len(found) != 50 {
		t.Fatalf("%d pages", len(found))
	}
	if w := parcelPaper.page.Wd; w < 76 || w > 80 {
		t.Errorf("%v mm wide", w)
	}
	for i, page := range found {
		if got := bars(t, page); got != all[i].Tracking {
			t.Errorf("label %d: bars read %q", i, got)
		}
		if i%10 == 0 {
			if got := read(t, page); len(got) != 1 || got[0] != all[i].Link {
				t.Errorf("label %d: code reads %q", i, got)
			}
		}
	}
}

// TestEveryCarriersNumberFits: the longest numbers that carriers use.
func TestEveryCarriersNumberFits(t *testing.T) {
	for _, tracking := range []string{"LH000001VN", "S22.HU1.130000001", "20260000001", "CH000000001VN", "TG-0000000P1X", "S1234567.HU12.SG45.1300000012"} {
		p := sent(1)
		p.Tracking = tracking
		pdf, err := Parcels([]Parcel{p}, when)
		if err != nil {
			t.Fatal(err)
		}
		if got := bars(t, pages(t, pdf, parcelPaper)[0]); got != tracking {
			t.Errorf("%s reads %q", tracking, got)
		}
	}
	bad := sent(1)
	bad.Tracking = "mã vạch"
	if _, err := Parcels([]Parcel{bad}, when); market.KindOf(err) != market.KindInvalid {
		t.Errorf("letters that no bars stand for: %v", err)
	}
	for _, n := range []int{0, MaxParcels + 1} {
		if _, err := Parcels(make([]Parcel, n), when); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%d labels: %v", n, err)
		}
	}
}

// TestALabelNamesNoPriceButTheCash: it does for gifts. What it says is read off
// the paper by another program.
func TestALabelNamesNoPriceButTheCash(t *testing.T) {
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("no pdftotext here")
	}
	paid := sent(1)
	paid.Collect, paid.Paid = "", "Đã trả tiền, không thu"
	for name, p := range map[string]Parcel{"cash": sent(1), "paid": paid} {
		pdf, err := Parcels([]Parcel{p}, when)
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(t.TempDir(), "label.pdf")
		if err := os.WriteFile(at, pdf, 0o600); err != nil {
			t.Fatal(err)
		}
		words, err := exec.Command(reader, "-layout", at, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		text := string(words)
		for _, want := range []string{"Nguyễn Thị Thuỳ Dương", "0912 345 678", "HÀNG TƯƠI", "DỄ VỠ", "LH000001VN", "HUE-A-01"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
		if want := map[string]int{"cash": 1, "paid": 0}[name]; strings.Count(text, "₫") != want {
			t.Errorf("%s: %d amounts in\n%s", name, strings.Count(text, "₫"), text)
		}
	}
}
