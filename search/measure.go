package search

import (
	"strconv"
	"strings"
)

// unit is how people write a unit of measure, in thousandths of what they
// count in: grams and kilograms, millilitres and litres.
type unit struct {
	base  string // g or ml
	times int
}

var units = map[string]unit{
	"g": {"g", 1}, "gr": {"g", 1}, "gram": {"g", 1}, "gam": {"g", 1},
	"kg": {"g", 1000}, "ki": {"g", 1000}, "kilo": {"g", 1000}, "can": {"g", 1000},
	"ml": {"ml", 1}, "mililit": {"ml", 1},
	"l": {"ml", 1000}, "lit": {"ml", 1000},
}

// spellings of an amount: of the small unit and of the great one.
var spellings = map[string][2][]string{
	"g":  {{"g", "gr", "gam", "gram"}, {"kg", "ký", "kilo"}},
	"ml": {{"ml", "mililit"}, {"l", "lít"}},
}

// measure reads the amount at the beginning of the words: "500 ml", "0,5 l",
// "nửa ký". It returns how many words it has and all other ways to write it.
func measure(words []Word) (int, [][]string) {
	amount, n := number(words)
	if n == 0 || n >= len(words) {
		return 0, nil
	}
	u, ok := units[words[n].Folded]
	if !ok {
		return 0, nil
	}
	thousandths := amount * u.times
	if thousandths%1000 != 0 || thousandths == 0 {
		return 0, nil
	}
	return n + 1, others(thousandths/1000, u.base)
}

// number reads a number in thousandths.
func number(words []Word) (thousandths, n int) {
	if len(words) > 1 && words[0].Folded == "nua" {
		return 500, 1
	}
	if len(words) == 0 || !digital(words[0].Folded) {
		return 0, 0
	}
	whole, err := strconv.Atoi(words[0].Folded)
	if err != nil || whole > 1_000_000 {
		return 0, 0
	}
	if len(words) < 2 || !digital(words[1].Folded) || len(words[1].Folded) > 3 {
		return whole * 1000, 1
	}
	part, err := strconv.Atoi((words[1].Folded + "00")[:3])
	if err != nil {
		return 0, 0
	}
	return whole*1000 + part, 2
}

func digital(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// others writes an amount in every way that goods are labelled.
func others(amount int, base string) [][]string {
	var out [][]string
	write := func(number string, units []string) {
		for _, u := range units {
			out = append(out, exactWords(Words(number+" "+u)))
		}
	}
	write(strconv.Itoa(amount), spellings[base][0])
	great := strconv.Itoa(amount / 1000)
	if rest := amount % 1000; rest != 0 {
		great += " " + strings.TrimRight(strconv.Itoa(1000 + rest)[1:], "0")
	}
	write(great, spellings[base][1])
	if amount == 500 {
		write("nửa", spellings[base][1])
	}
	return out
}
