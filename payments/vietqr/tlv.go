package vietqr

import (
	"fmt"
	"strconv"
	"strings"

	"chohue/market"
)

// field is one tag–length–value of an EMVCo QR code.
type field struct{ tag, value string }

// tlv writes fields, leaving out empty ones. Values must be ASCII of at most
// 99 characters; the encoder has made sure.
func tlv(fields ...field) string {
	var out strings.Builder
	for _, f := range fields {
		if f.value != "" {
			out.WriteString(fmt.Sprintf("%s%02d%s", f.tag, len(f.value), f.value))
		}
	}
	return out.String()
}

var errForm = market.Invalid("vietqr.form", "")

// split reads fields. A tag twice, a length beyond the end or an empty value is
// refused: a code that can be read in two ways must not be paid.
func split(s string) (map[string]string, error) {
	out := map[string]string{}
	for s != "" {
		if len(s) < 4 {
			return nil, errForm
		}
		length, err := strconv.ParseUint(s[2:4], 10, 8)
		if err != nil || s[2] == '+' || length == 0 || int(length) > len(s)-4 {
			return nil, errForm
		}
		tag, value := s[:2], s[4:4+length]
		if _, twice := out[tag]; twice || !digits(tag) {
			return nil, errForm
		}
		out[tag] = value
		s = s[4+length:]
	}
	return out, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// checksum is CRC-16/CCITT-FALSE (polynomial 1021, start FFFF) as four upper
// hexadecimal digits, leading zeros kept.
func checksum(s string) string {
	crc := uint16(0xFFFF)
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return fmt.Sprintf("%04X", crc)
}
