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

// Split divides v in proportion to the weights, which must not be negative and
// sum to less than 2⁶³.
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
// "45k", "45 nghìn", "1,5 triệu", "1tr2", "2 tỷ". A thousands dot is never a
// decimal point (40.000 is forty thousand). It returns an invalid error for
// anything else, for a negative amount, and above one thousand billion đồng.
func ParseVND(s string) (VND, error) {
	s = strings.TrimSpace(Fold(s))
	for _, suffix := range []string{"vnd", "dong", "₫", "d"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, suffix))
	}
	for _, u := range amountUnits {
		if head, tail, found := strings.Cut(s, u.word); found {
			return scaled(strings.TrimSpace(head), strings.TrimSpace(tail), u.value)
		}
	}
	return wholeNumber(s)
}

var amountUnits = []struct {
	word  string
	value VND
}{
	{"trieu", 1_000_000},
	{"tr", 1_000_000},
	{"nghin", 1000},
	{"ngan", 1000},
	{"k", 1000},
	{"ty", 1_000_000_000},
	{"ti", 1_000_000_000},
}

// MaxAmount is the largest amount accepted from outside: a thousand billion đồng.
const MaxAmount VND = 1_000_000_000_000

var (
	errAmount      = Invalid("money.form", "")
	errAmountRange = Invalid("money.range", "")
)

func checkedAmount(v VND) (VND, error) {
	if v < 0 || v > MaxAmount {
		return 0, errAmountRange
	}
	return v, nil
}

// scaled reads "1,5" or "1.5" before a unit word and the loose digits behind
// it: in "1tr2" the 2 stands for 200 thousand. Before a unit too, three digits
// behind a dot are thousands; behind a comma they could be either.
func scaled(head, tail string, unit VND) (VND, error) {
	whole, fraction := head, tail
	at := strings.LastIndexAny(head, ".,")
	if digits := head[at+1:]; at >= 0 && (len(digits) != 3 || head[at] == ',') {
		if len(digits) == 0 || len(digits) == 3 || tail != "" {
			return 0, errAmount
		}
		whole, fraction = head[:at], digits
	}
	n, err := wholeNumber(whole)
	if err != nil {
		return 0, err
	}
	if n > MaxAmount/unit {
		return 0, errAmountRange
	}
	value := n * unit
	for _, r := range fraction {
		unit /= 10
		if r < '0' || r > '9' || unit == 0 {
			return 0, errAmount
		}
		value += VND(r-'0') * unit
	}
	return checkedAmount(value)
}

// wholeNumber reads digits, in one piece or in threes parted by dots, commas
// or spaces, always the same.
func wholeNumber(s string) (VND, error) {
	s = strings.ReplaceAll(s, "\u00a0", " ")
	groups := []string{s}
	if at := strings.IndexAny(s, "., "); at >= 0 {
		groups = strings.Split(s, s[at:at+1])
	}
	for i, g := range groups {
		if (i > 0 && len(g) != 3) || (len(groups) > 1 && len(g) > 3) || g == "" || strings.Trim(g, "0123456789") != "" {
			return 0, errAmount
		}
	}
	n, err := strconv.ParseInt(strings.Join(groups, ""), 10, 64)
	if err != nil {
		return 0, errAmountRange
	}
	return checkedAmount(VND(n))
}
