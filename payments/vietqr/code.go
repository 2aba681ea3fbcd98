package vietqr

import (
	"strconv"
	"strings"

	"chohue/market"
)

// Code is what a VietQR says: pay this account, perhaps this amount, with this
// reference. It follows NAPAS "Định dạng QR cho VietQR" v1.0 (09/2021), which is
// a profile of EMVCo merchant-presented mode.
type Code struct {
	BIN       string     // the bank, six digits
	Account   string     // 1 to 19 letters and digits
	Card      bool       // Account is a card number (service QRIBFTTC)
	Amount    market.VND // 0 lets the payer choose
	Holder    string     // folded to ASCII, at most 25 characters
	City      string     // folded to ASCII, at most 15 characters
	Bill      string     // tag 62.01, at most 25 characters
	Reference string     // tag 62.08, the transfer's content, at most 25 characters
	Dynamic   bool       // for one payment only
}

// The tags and values of the format that are used here.
const (
	guid       = "A000000727" // NAPAS
	toAccount  = "QRIBFTTA"
	toCard     = "QRIBFTTC"
	currency   = "704" // VND in ISO 4217
	country    = "VN"
	maxDigits  = 13 // of an amount
	maxHolder  = 25
	maxCity    = 15
	maxContent = 25
	maxCode    = 512 // a QR code of version 14 at level M holds less
)

// Encode writes the code. Texts are folded to ASCII letters, digits and
// spaces and cut to their length; an account or amount that cannot be written
// is an invalid error.
func (c Code) Encode() (string, error) {
	if err := c.check(); err != nil {
		return "", err
	}
	method, amount := "11", ""
	if c.Dynamic {
		method = "12"
	}
	if c.Amount > 0 {
		amount = strconv.FormatInt(int64(c.Amount), 10)
	}
	service := toAccount
	if c.Card {
		service = toCard
	}
	merchant := tlv(field{"00", guid}, field{"01", tlv(field{"00", c.BIN}, field{"01", c.Account})}, field{"02", service})
	more := tlv(field{"01", ASCII(c.Bill, maxContent)}, field{"08", ASCII(c.Reference, maxContent)})
	body := tlv(field{"00", "01"}, field{"01", method}, field{"38", merchant},
		field{"53", currency}, field{"54", amount}, field{"58", country},
		field{"59", ASCII(c.Holder, maxHolder)}, field{"60", ASCII(c.City, maxCity)}, field{"62", more}) + "6304"
	return body + checksum(body), nil
}

func (c Code) check() error {
	var found market.Checks
	found.That(len(c.BIN) == 6 && digits(c.BIN), "bin", "vietqr.bin")
	found.That(account(c.Account), "account", "vietqr.account")
	found.That(c.Amount >= 0 && len(strconv.FormatInt(int64(c.Amount), 10)) <= maxDigits, "amount", "vietqr.amount")
	return found.Err()
}

func account(s string) bool {
	for i := range len(s) {
		letter := s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z'
		if !letter && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 19
}

// ASCII writes text as banks carry it: Vietnamese marks off, upper case, only
// letters, digits and single spaces, at most n characters.
func ASCII(s string, n int) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToUpper(market.Fold(s)) {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			gap = b.Len() > 0
			continue
		}
		if gap && b.Len() < n-1 {
			b.WriteByte(' ')
		}
		gap = false
		if b.Len() >= n {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
