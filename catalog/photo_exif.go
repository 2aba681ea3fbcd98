package catalog

import (
	"bytes"
	"encoding/binary"
	"math"
)

// upright is the orientation of a picture that needs no turning.
const upright = 1

// EXIF tags and types (CIPA DC-008, TIFF 6.0).
const (
	tagOrientation = 0x0112
	tagGPS         = 0x8825
	tagLatRef      = 1
	tagLat         = 2
	tagLngRef      = 3
	tagLng         = 4
	typeASCII      = 2
	typeShort      = 3
	typeLong       = 4
	typeRational   = 5
	tagSize        = 12
	maxTags        = 1000
)

// tiff is an EXIF block.
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

// tag is one entry of a directory: its type, how many values, and where they
// or their place stand.
type tag struct {
	kind  uint16
	count uint32
	value []byte // four bytes
}

func openTIFF(data []byte) (tiff, bool) {
	if len(data) < 8 {
		return tiff{}, false
	}
	t := tiff{data, binary.BigEndian}
	if bytes.HasPrefix(data, []byte("II")) {
		t.order = binary.LittleEndian
	}
	return t, true
}

// directory reads the tags at an offset; what is cut off is left out.
func (t tiff) directory(at uint32) map[uint16]tag {
	found := map[uint16]tag{}
	if int64(at)+2 > int64(len(t.data)) {
		return found
	}
	rest := t.data[at+2:]
	for range min(t.order.Uint16(t.data[at:]), maxTags) {
		if len(rest) < tagSize {
			break
		}
		found[t.order.Uint16(rest)] = tag{t.order.Uint16(rest[2:]), t.order.Uint32(rest[4:]), rest[8:12]}
		rest = rest[tagSize:]
	}
	return found
}

func (t tiff) first() map[uint16]tag { return t.directory(t.order.Uint32(t.data[4:])) }

// orientation reads how a picture must be turned.
func orientation(exif []byte) int {
	t, ok := openTIFF(exif)
	if !ok {
		return upright
	}
	found := t.first()[tagOrientation]
	if found.kind != typeShort {
		return upright
	}
	if value := int(t.order.Uint16(found.value)); value >= 1 && value <= 8 {
		return value
	}
	return upright
}

// gps reads where a picture was taken.
func gps(exif []byte) (Position, bool) {
	t, ok := openTIFF(exif)
	if !ok {
		return Position{}, false
	}
	link := t.first()[tagGPS]
	if link.kind != typeLong {
		return Position{}, false
	}
	tags := t.directory(t.order.Uint32(link.value))
	lat, okLat := t.degrees(tags[tagLat], tags[tagLatRef], 'N', 'S')
	lng, okLng := t.degrees(tags[tagLng], tags[tagLngRef], 'E', 'W')
	at := Position{Lat: lat, Lng: lng}
	return at, okLat && okLng && at.possible()
}

// degrees reads three fractions, degrees, minutes and seconds, with the half of
// the globe that they are in.
func (t tiff) degrees(value, ref tag, positive, negative byte) (float64, bool) {
	if value.kind != typeRational || value.count != 3 || ref.kind != typeASCII {
		return 0, false
	}
	at := int64(t.order.Uint32(value.value))
	if at+24 > int64(len(t.data)) {
		return 0, false
	}
	sum := 0.0
	for i, unit := range []float64{1, 60, 3600} {
		pair := t.data[at+int64(i)*8:]
		sum += float64(t.order.Uint32(pair)) / float64(t.order.Uint32(pair[4:])) / unit
	}
	if ref.value[0] == negative {
		sum = -sum
	}
	return sum, !math.IsNaN(sum) && !math.IsInf(sum, 0) && (ref.value[0] == positive || ref.value[0] == negative)
}

// exifOf finds the EXIF block of a photo file; nil when there is none.
func exifOf(data []byte) []byte {
	if meta := readMeta(data); meta.exif != nil {
		return meta.exif
	}
	if isHEIC(data) {
		return heicExif(data)
	}
	return nil
}

// heicExif looks for the TIFF header that an EXIF block begins with (ISO/IEC
// 23008-12, A.2.1): what stands before it differs from phone to phone.
func heicExif(data []byte) []byte {
	for _, header := range []string{"MM\x00*\x00\x00\x00\x08", "II*\x00\x08\x00\x00\x00"} {
		if at := bytes.Index(data, []byte(header)); at >= 0 {
			return data[at:]
		}
	}
	return nil
}
