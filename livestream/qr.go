package livestream

import (
	"github.com/skip2/go-qrcode"

	"chohue/market"
)

// The sizes of a QR code, in pixels: from a screen to a poster.
const (
	MinQR = 128
	MaxQR = 2048
)

// QR draws the address as a PNG of size pixels a side, with its quiet zone. A
// quarter of it may be dirty or torn and it still reads.
func QR(url string, size int) ([]byte, error) {
	var c market.Checks
	c.That(url != "" && len(url) <= 1000, "url", "qr.url")
	c.That(size >= MinQR && size <= MaxQR, "size", "qr.size")
	if err := c.Err(); err != nil {
		return nil, err
	}
	return qrcode.Encode(url, qrcode.High, size)
}
