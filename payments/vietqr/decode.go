package vietqr

import (
	"strconv"

	"chohue/market"
)

// Decode reads a VietQR and proves it: checksum, form, network, service,
// currency and country. Every failure is an invalid error.
func Decode(s string) (Code, error) {
	var c Code
	if len(s) < 8 || len(s) > maxCode || s[len(s)-8:len(s)-4] != "6304" {
		return c, errForm
	}
	if checksum(s[:len(s)-4]) != s[len(s)-4:] {
		return c, market.Invalid("vietqr.checksum", "")
	}
	fields, err := split(s)
	if err != nil {
		return c, err
	}
	if fields["00"] != "01" || fields["53"] != currency || fields["58"] != country || len(fields["63"]) != 4 {
		return c, errForm
	}
	err = c.read(fields)
	return c, err
}

func (c *Code) read(fields map[string]string) error {
	if method := fields["01"]; method != "11" && method != "12" {
		return errForm
	}
	c.Dynamic = fields["01"] == "12"
	c.Holder, c.City = fields["59"], fields["60"]
	if err := c.readAmount(fields["54"]); err != nil {
		return err
	}
	if err := c.readMerchant(fields["38"]); err != nil {
		return err
	}
	more, err := split(fields["62"])
	if err != nil {
		return err
	}
	c.Bill, c.Reference = more["01"], more["08"]
	return c.check()
}

// readAmount accepts whole đồng only: the currency has no smaller unit.
func (c *Code) readAmount(s string) error {
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || !digits(s) || len(s) > maxDigits || n == 0 {
		return market.Invalid("vietqr.amount", "amount")
	}
	c.Amount = market.VND(n)
	return nil
}

func (c *Code) readMerchant(s string) error {
	merchant, err := split(s)
	if err != nil {
		return err
	}
	if merchant["00"] != guid {
		return market.Invalid("vietqr.network", "")
	}
	switch merchant["02"] {
	case toAccount:
	case toCard:
		c.Card = true
	default:
		return market.Invalid("vietqr.service", "")
	}
	payee, err := split(merchant["01"])
	if err != nil {
		return err
	}
	c.BIN, c.Account = payee["00"], payee["01"]
	return nil
}
