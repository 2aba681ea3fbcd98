package label

import "github.com/boombuler/barcode"

// dark reports whether the bar at that place is inked.
func dark(code barcode.Barcode, x int) bool {
	r, _, _, _ := code.At(x, 0).RGBA()
	return r == 0
}
