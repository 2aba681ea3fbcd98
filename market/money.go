package market

import (
	"math/bits"
	"strconv"
	"strings"
)

// VND is an amount of whole đồng. The currency has no smaller unit, so nothing
// is ever multiplied by 100.
type VND int64

// String writes the amount as people do: 45.000 ₫.
func (v VND) String() string { return v.Digits() + " ₫" }

// Digits writes the amount with Vietnamese thousands dots and no currency sign.
func (v VND) Digits() string {
	raw := strconv.FormatInt(int64(v), 10)
	sign := ""
	if raw[0] == '-' {
		sign, raw = "-", raw[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range raw {
		if i > 0 && (len(raw)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Split divides v in proportion to the weights, which must not be negative.
// Every đồng goes somewhere: the parts sum to v. Leftover đồng go one each to
// the largest remainders, earlier parts first. With no positive weight
// everything goes to the first part.
func (v VND) Split(weights []int64) []VND {
	parts := make([]VND, len(weights))
	if len(weights) == 0 {
		return parts
	}
	var total uint64
	for _, w := range weights {
		total += uint64(max(w, 0))
	}
	if total == 0 {
		parts[0] = v
		return parts
	}
	amount, negative := uint64(v), v < 0
	if negative {
		amount = uint64(-v)
	}
	share(parts, weights, amount, total)
	if negative {
		for i := range parts {
			parts[i] = -parts[i]
		}
	}
	return parts
}

func share(parts []VND, weights []int64, amount, total uint64) {
	remainders := make([]uint64, len(weights))
	left := amount
	for i, w := range weights {
		hi, lo := bits.Mul64(amount, uint64(max(w, 0)))
		quotient, remainder := bits.Div64(hi, lo, total)
		parts[i], remainders[i] = VND(quotient), remainder
		left -= quotient
	}
	for ; left > 0; left-- {
		best := 0
		for i := range remainders {
			if remainders[i] > remainders[best] {
				best = i
			}
		}
		parts[best]++
		remainders[best] = 0
	}
}

// Rate is a share in basis points (1/10,000): 150 is 1.5 %.
type Rate int64

// Of returns the rate's share of v, rounded half away from zero to whole đồng.
func (r Rate) Of(v VND) VND {
	product := int64(v) * int64(r)
	if product < 0 {
		return VND((product - 5000) / 10000)
	}
	return VND((product + 5000) / 10000)
}

// ParseVND reads an amount as people type it: "45000", "45.000", "45,000 đ",
// "45k", "45 nghìn", "1,5 triệu", "1tr2". A thousands dot is never a decimal
// point (40.000 is forty thousand). It returns an invalid error for anything
// else, for a negative amount, and above one thousand billion đồng.
func ParseVND(s string) (VND, error) {
	s = strings.TrimSpace(Fold(s))
	for _, suffix := range []string{"vnd", "dong", "₫", "d"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, suffix))
	}
	number, unit := s, VND(1)
	for _, u := range amountUnits {
		if head, tail, found := strings.Cut(s, u.word); found {
			return scaled(strings.TrimSpace(head), strings.TrimSpace(tail), u.value)
		}
	}
	n, err := wholeNumber(number)
	if err != nil {
		return 0, err
	}
	return checkedAmount(VND(n) * unit)
}

var amountUnits = []struct {
	word  string
	value VND
}{
	{"trieu", 1_000_000}, {"tr", 1_000_000}, {"nghin", 1000}, {"ngan", 1000}, {"k", 1000},
}

// MaxAmount is the largest amount accepted from outside: a thousand billion đồng.
const MaxAmount VND = 1_000_000_000_000

func checkedAmount(v VND) (VND, error) {
	if v < 0 || v > MaxAmount {
		return 0, Invalid("money.range", "")
	}
	return v, nil
}

// scaled reads "1,5" or "1.5" before a unit word and the loose digits behind
// it: in "1tr2" the 2 stands for 200 thousand.
func scaled(head, tail string, unit VND) (VND, error) {
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(head, ",", "."), ".")
	if tail != "" {
		if fraction != "" {
			return 0, Invalid("money.form", "")
		}
		fraction = tail
	}
	n, err := wholeNumber(whole)
	if err != nil {
		return 0, err
	}
	if n > int64(MaxAmount/unit) {
		return 0, Invalid("money.range", "")
	}
	value := VND(n) * unit
	for _, r := range fraction {
		unit /= 10
		if r < '0' || r > '9' || unit == 0 {
			return 0, Invalid("money.form", "")
		}
		value += VND(r-'0') * unit
	}
	return checkedAmount(value)
}

func wholeNumber(s string) (int64, error) {
	groups := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == ',' || r == ' ' || r == '\u00a0' })
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return 0, Invalid("money.form", "")
		}
	}
	digits := strings.Join(groups, "")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, Invalid("money.form", "")
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > int64(MaxAmount) {
		return 0, Invalid("money.range", "")
	}
	return n, nil
}
