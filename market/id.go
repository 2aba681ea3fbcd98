package market

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"
)

// ID names one document. It is 26 characters of Crockford base 32: 48 bits of
// milliseconds, then 80 random bits (the ULID layout), so ids sort by the time
// they were made.
type ID string

const idAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID makes an identity for something that came to be at now.
func NewID(now time.Time) ID { return ID(encode(stamped(now))) }

func stamped(now time.Time) (raw [16]byte) {
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		raw[i] = byte(ms >> (40 - 8*i))
	}
	fill(raw[6:])
	return raw
}

// sequence makes identities that sort in the order in which they were made.
type sequence struct {
	mu   sync.Mutex
	ms   int64
	last [16]byte
}

// next is NewID, and of the same millisecond the one before and a random step
// of up to 2^40 further: as hard to guess, and later in every list.
func (s *sequence) next(now time.Time) ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ms := now.UnixMilli(); ms != s.ms {
		s.ms, s.last = ms, stamped(now)
		s.last[6] &= 0x7f // leaves room for a thousand million steps at the least
		return ID(encode(s.last))
	}
	var step [8]byte
	fill(step[3:])
	low := binary.BigEndian.Uint64(s.last[8:])
	sum := low + binary.BigEndian.Uint64(step[:]) + 1
	binary.BigEndian.PutUint64(s.last[8:], sum)
	if sum < low {
		binary.BigEndian.PutUint16(s.last[6:], binary.BigEndian.Uint16(s.last[6:])+1)
	}
	return ID(encode(s.last))
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
