package market

import (
	"crypto/rand"
	"time"
)

// ID names one document. It is 26 characters of Crockford base 32: 48 bits of
// milliseconds, then 80 random bits (the ULID layout), so ids sort by the time
// they were made.
type ID string

const idAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID makes an identity for something that came to be at now.
func NewID(now time.Time) ID {
	var raw [16]byte
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		raw[i] = byte(ms >> (40 - 8*i))
	}
	fill(raw[6:])
	return ID(encode(raw))
}

// NewSecret makes an unguessable name of 128 random bits: whoever holds it may
// use what it names (a guest's cart, a session, a confirm link).
func NewSecret() string {
	var raw [16]byte
	fill(raw[:])
	return encode(raw)
}

// fill never fails: crypto/rand.Read stops the program rather than return
// weak randomness.
func fill(b []byte) { _, _ = rand.Read(b) }

func encode(raw [16]byte) string {
	var out [26]byte
	// 130 bits of output carry 128 bits of input: the first digit holds three.
	acc, bits, at := uint32(0), uint(2), 0
	for _, b := range raw {
		acc = acc<<8 | uint32(b)
		bits += 8
		for bits >= 5 {
			bits -= 5
			out[at] = idAlphabet[acc>>bits&31]
			at++
		}
	}
	return string(out[:])
}

// Time returns when the id was made, or the zero time for an id of other form.
func (id ID) Time() time.Time {
	if len(id) != 26 {
		return time.Time{}
	}
	var ms int64
	for i := range 10 {
		d := digit(id[i])
		if d < 0 {
			return time.Time{}
		}
		ms = ms<<5 | int64(d)
	}
	return time.UnixMilli(ms).UTC()
}

func digit(c byte) int {
	for i := range len(idAlphabet) {
		if idAlphabet[i] == c {
			return i
		}
	}
	return -1
}
