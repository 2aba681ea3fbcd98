package catalog

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// format reads one kind of picture.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// formats are the kinds of picture accepted, by their sniffed type.
var formats = map[string]format{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// photoMeta is what matters of a JPEG's markers.
type photoMeta struct {
	orientation int // EXIF, 1 to 8
	progressive bool
}

// JPEG markers (ITU-T T.81, Annex B).
const (
	markerStart       = 0xd8
	markerScan        = 0xda
	markerApp1        = 0xe1
	markerProgressive = 0xc2
)

// readMeta walks the segments of a JPEG up to its picture. Anything else, or
// anything malformed, is upright and plain.
func readMeta(data []byte) photoMeta {
	meta := photoMeta{orientation: 1}
	if !bytes.HasPrefix(data, []byte{0xff, markerStart}) {
		return meta
	}
	for rest := data[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker := rest[1]
		if marker == 0xff { // fill byte
			rest = rest[1:]
			continue
		}
		length := int(binary.BigEndian.Uint16(rest[2:]))
		if marker == markerScan || length < 2 || len(rest) < 2+length {
			break
		}
		body := rest[4 : 2+length]
		meta.progressive = meta.progressive || marker == markerProgressive
		if exif, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && marker == markerApp1 {
			meta.orientation = orientation(exif)
		}
		rest = rest[2+length:]
	}
	return meta
}

const (
	tagOrientation = 0x0112
	typeShort      = 3
	tagSize        = 12
)

// orientation reads the tag from the first directory of a TIFF block.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	order := binary.ByteOrder(binary.BigEndian)
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	tags := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(tags) < tagSize {
			return 1
		}
		value := int(order.Uint16(tags[8:]))
		if order.Uint16(tags) == tagOrientation && order.Uint16(tags[2:]) == typeShort && value >= 1 && value <= 8 {
			return value
		}
		tags = tags[tagSize:]
	}
	return 1
}
