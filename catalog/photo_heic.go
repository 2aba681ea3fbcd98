package catalog

import (
	"bytes"
	"encoding/binary"
	"image"
	"iter"
	"slices"
)

// heicBytesPerPixel is what decoding takes at its worst: planes, their turned
// and converted copies, and the growth of the sandbox that it runs in.
const heicBytesPerPixel = 12

// heicBrands are the brands of stills in HEVC (ISO/IEC 23008-12, B.4).
var heicBrands = []string{"heic", "heix", "heim", "heis"}

// isHEIC looks at the brands that a file says it is compatible with.
func isHEIC(data []byte) bool {
	for kind, body := range boxes(data) {
		if kind != "ftyp" || len(body) < 8 {
			return false
		}
		for brand := range slices.Chunk(slices.Concat(body[:4], body[8:]), 4) {
			if slices.Contains(heicBrands, string(brand)) {
				return true
			}
		}
		return false
	}
	return false
}

// boxes walks the boxes of an ISO base media file (ISO/IEC 14496-12, 4.2) and
// ends at one that is cut off.
func boxes(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(data) >= 8 {
			size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
			if size == 1 && len(data) >= 16 {
				size, head = binary.BigEndian.Uint64(data[8:]), 16
			}
			if size == 0 {
				size = uint64(len(data))
			}
			if size < head || size > uint64(len(data)) || !yield(string(data[4:8]), data[head:size]) {
				return
			}
			data = data[size:]
		}
	}
}

// heicHeader takes the largest of all sizes that the file speaks of: the whole
// picture, each tile of a grid, thumbnails, and the coded pictures themselves,
// so that none can be larger than what was said of another. The decoder turns
// the picture by itself.
func heicHeader(data []byte) (header, error) {
	h := header{orientation: upright, bytesPerPixel: heicBytesPerPixel}
	for kind, body := range boxes(heicProperties(data)) {
		size := image.Point{}
		switch {
		case kind == "ispe" && len(body) >= 12:
			size = image.Pt(int(binary.BigEndian.Uint32(body[4:])), int(binary.BigEndian.Uint32(body[8:])))
		case kind == "hvcC":
			size = codedSize(body)
		}
		if max(size.X, size.Y) > maxSide {
			return header{size: image.Pt(maxSide+1, maxSide+1), orientation: upright}, nil
		}
		if size.X*size.Y > h.size.X*h.size.Y {
			h.size = size
		}
	}
	if h.size == (image.Point{}) {
		return h, errBroken
	}
	return h, nil
}

// heicProperties is the inside of meta/iprp/ipco.
func heicProperties(data []byte) []byte {
	meta := inside(data, "meta")
	if len(meta) < 4 {
		return nil
	}
	return inside(inside(meta[4:], "iprp"), "ipco")
}

func inside(data []byte, wanted string) []byte {
	for kind, body := range boxes(data) {
		if kind == wanted {
			return body
		}
	}
	return nil
}

const (
	nalSPS    = 33
	hvcCFixed = 22
)

// codedSize reads the largest size from the sequence parameter sets in a
// decoder configuration (ISO/IEC 14496-15, 8.3.3.1.2).
func codedSize(config []byte) image.Point {
	var largest image.Point
	if len(config) <= hvcCFixed {
		return largest
	}
	rest := config[hvcCFixed+1:]
	for range config[hvcCFixed] {
		if len(rest) < 3 {
			break
		}
		kind, count := rest[0]&0x3f, binary.BigEndian.Uint16(rest[1:])
		rest = rest[3:]
		for range count {
			if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
				return largest
			}
			unit := rest[2 : 2+int(binary.BigEndian.Uint16(rest))]
			if size := spsSize(unit); kind == nalSPS && size.X*size.Y > largest.X*largest.Y {
				largest = size
			}
			rest = rest[2+len(unit):]
		}
	}
	return largest
}

// spsSize reads the coded size from a sequence parameter set (ITU-T H.265,
// 7.3.2.2).
func spsSize(unit []byte) image.Point {
	b := bits{data: bytes.ReplaceAll(unit, []byte{0, 0, 3}, []byte{0, 0})}
	b.skip(16 + 4)
	layers := b.take(3)
	b.skip(1 + 96)
	b.skipLayers(layers)
	b.golomb()
	if b.golomb() == 3 {
		b.skip(1)
	}
	return image.Pt(b.golomb(), b.golomb())
}

func (b *bits) skipLayers(layers int) {
	if layers == 0 {
		return
	}
	length := 0
	for i := range 8 {
		profile, level := b.take(1), b.take(1)
		if i < layers {
			length += 88*profile + 8*level
		}
	}
	b.skip(length)
}

// bits reads a string of bits; beyond its end there are zeros.
type bits struct {
	data []byte
	at   int
}

func (b *bits) skip(n int) { b.at += n }

func (b *bits) take(n int) int {
	value := 0
	for range n {
		value <<= 1
		if b.at/8 < len(b.data) {
			value |= int(b.data[b.at/8]>>(7-b.at%8)) & 1
		}
		b.at++
	}
	return value
}

// golomb reads an unsigned Exp-Golomb code of at most 31 bits.
func (b *bits) golomb() int {
	zeros := 0
	for zeros < 31 && b.at/8 < len(b.data) && b.take(1) == 0 {
		zeros++
	}
	return 1<<zeros - 1 + b.take(zeros)
}
