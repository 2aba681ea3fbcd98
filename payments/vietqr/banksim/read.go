package banksim

import (
	"errors"
	"fmt"
	"strconv"
)

// Code is what a VietQR asks for.
type Code struct {
	BIN, Account, Holder, Reference string
	Amount                          int64
}

var errCode = errors.New("not a VietQR")

// Read reads a code by NAPAS's document: tags with two digits of length, and a
// checksum over everything before it.
func Read(text string) (Code, error) {
	var c Code
	if len(text) < 12 || fmt.Sprintf("%04X", crc(text[:len(text)-4])) != text[len(text)-4:] {
		return c, errors.New("the checksum is wrong")
	}
	top := tags(text)
	account := tags(top["38"])
	to := tags(account["01"])
	if account["00"] != "A000000727" || top["53"] != "704" || top["58"] != "VN" || to["00"] == "" || to["01"] == "" {
		return c, errCode
	}
	c = Code{BIN: to["00"], Account: to["01"], Holder: top["59"], Reference: tags(top["62"])["08"]}
	if top["54"] == "" {
		return c, nil
	}
	amount, err := strconv.ParseInt(top["54"], 10, 64)
	c.Amount = amount
	return c, err
}

// tags splits a text into its fields; what does not fit is left out.
func tags(text string) map[string]string {
	out := map[string]string{}
	for len(text) >= 4 {
		n, err := strconv.Atoi(text[2:4])
		if err != nil || n < 0 || len(text) < 4+n {
			return out
		}
		out[text[:2]], text = text[4:4+n], text[4+n:]
	}
	return out
}

// crc is CRC-16/CCITT-FALSE, by table.
func crc(text string) uint16 {
	sum := uint16(0xFFFF)
	for _, b := range []byte(text) {
		sum = sum<<8 ^ table[byte(sum>>8)^b]
	}
	return sum
}

var table = func() (t [256]uint16) {
	for i := range t {
		v := uint16(i) << 8
		for range 8 {
			carry := v >> 15
			v = v<<1 ^ carry*0x1021
		}
		t[i] = v
	}
	return t
}()
