package catalog

import (
	"bytes"
	"encoding/binary"
)

// photoMeta is what matters of a JPEG's markers.
type photoMeta struct {
	exif        []byte  // the TIFF block, or nil
	orientation int     // EXIF, 1 to 8
	samples     float64 // for each pixel: 1.5 when colour is kept at half size
	progressive bool
}

// JPEG markers (ITU-T T.81, Annex B).
const (
	markerStart       = 0xd8
	markerScan        = 0xda
	markerApp1        = 0xe1
	markerBaseline    = 0xc0
	markerProgressive = 0xc2
)

// mostSamples is taken for a frame that cannot be read.
const mostSamples = 4

// bytesPerPixel is what the decoder takes. A progressive JPEG keeps a 32-bit
// coefficient beside each sample; of one in four colours, or in red, green and
// blue, a second picture is made.
func (m photoMeta) bytesPerPixel() float64 {
	n := m.samples
	if m.progressive {
		n *= 5
	}
	if m.samples >= 3 {
		n += 4
	}
	return n
}

// readMeta walks the segments of a JPEG up to its picture. Anything else, or
// anything malformed, is upright and as heavy as can be.
func readMeta(data []byte) photoMeta {
	meta := photoMeta{orientation: upright, samples: mostSamples}
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
		meta.segment(marker, rest[4:2+length])
		rest = rest[2+length:]
	}
	return meta
}

func (m *photoMeta) segment(marker byte, body []byte) {
	switch marker {
	case markerApp1:
		if exif, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
			m.exif, m.orientation = exif, orientation(exif)
		}
	case markerProgressive, markerBaseline, markerBaseline + 1:
		m.progressive = m.progressive || marker == markerProgressive
		m.samples = samples(body)
	}
}

// samples counts how many samples a frame keeps for each pixel.
func samples(frame []byte) float64 {
	if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) || frame[5] == 0 {
		return mostSamples
	}
	var sum, widest, highest int
	for i := range int(frame[5]) {
		h, v := int(frame[7+3*i]>>4), int(frame[7+3*i]&15)
		sum, widest, highest = sum+h*v, max(widest, h), max(highest, v)
	}
	if widest*highest == 0 {
		return mostSamples
	}
	return min(mostSamples, float64(sum)/float64(widest*highest))
}
