package accounts

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"chohue/market"
)

const homeRegion = "VN"

// ParsePhone reads a number as people type it ("0905 123 456",
// "+84 905.123.456") and returns it in E.164. Numbers without a country are
// Vietnamese. Invalid "phone.invalid" on the field "phone" otherwise.
func ParsePhone(s string) (string, error) {
	n, err := parse(s)
	if err != nil {
		return "", err
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

func parse(s string) (*phonenumbers.PhoneNumber, error) {
	if len(s) > 40 {
		return nil, market.Invalid("phone.invalid", "phone")
	}
	n, err := phonenumbers.Parse(s, homeRegion)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return nil, market.Invalid("phone.invalid", "phone")
	}
	return n, nil
}

// mobile is ParsePhone for numbers that can receive a message.
func mobile(s string) (string, error) {
	n, err := parse(s)
	if err != nil {
		return "", err
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return phonenumbers.Format(n, phonenumbers.E164), nil
	default:
		return "", market.Invalid("phone.not_mobile", "phone")
	}
}

// MaskPhone writes a number so that its owner knows it and nobody can call it:
// 0905***012.
func MaskPhone(e164 string) string {
	local := e164
	if rest, ok := strings.CutPrefix(e164, "+84"); ok {
		local = "0" + rest
	}
	if len(local) < 8 {
		return "***"
	}
	return local[:4] + "***" + local[len(local)-3:]
}
