package catalog

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"chohue/market"
)

// Cells of a product sheet say numbers, days and choices as people write them.
// Each pair of functions below writes a value and reads it again as the same.

func wrongCell(key, text string) *market.Error {
	return market.Invalid(key, "").With("value", text)
}

func writeNumber[N ~int | ~int64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// readNumber reads a whole number, with or without marks between thousands.
// Nothing is none.
func readNumber[N ~int | ~int64](into *N, text string) *market.Error {
	*into = 0
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(joinThousands(text), 10, 64)
	if err != nil || int64(N(n)) != n {
		return wrongCell("transfer.number", text)
	}
	*into = N(n)
	return nil
}

// joinThousands takes the marks out of "12.500" and "12,500"; other text stays
// as it is.
func joinThousands(text string) string {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "−", "-").Replace(text)
	for _, mark := range []string{".", ","} {
		parts := strings.Split(text, mark)
		whole := len(parts) > 1 && len(strings.TrimPrefix(parts[0], "-")) <= 3
		for _, part := range parts[1:] {
			whole = whole && len(part) == 3
		}
		if whole {
			return strings.Join(parts, "")
		}
	}
	return text
}

func readAmount(into *market.VND, text string) *market.Error {
	*into = 0
	if text == "" {
		return nil
	}
	amount, err := market.ParseVND(text)
	if err != nil {
		return wrongCell("transfer.price", text)
	}
	*into = amount
	return nil
}

func writeTenths(n int) string {
	if n == 0 {
		return ""
	}
	return strings.TrimSuffix(strconv.Itoa(n/10)+","+strconv.Itoa(n%10), ",0")
}

func readTenths(into *int, text string) *market.Error {
	*into = 0
	if text == "" {
		return nil
	}
	whole, tenth, _ := strings.Cut(strings.Replace(strings.TrimRight(text, "%° "), ".", ",", 1), ",")
	n, err := strconv.Atoi(whole + (tenth + "0")[:1])
	if err != nil || len(tenth) > 1 || n < 0 {
		return wrongCell("transfer.tenths", text)
	}
	*into = n
	return nil
}

func writeYes(yes bool) string {
	if yes {
		return "có"
	}
	return ""
}

func readYes(into *bool, text string) *market.Error {
	switch market.Fold(text) {
	case "", "khong", "no", "0", "false":
		*into = false
	case "co", "x", "yes", "1", "true":
		*into = true
	default:
		return wrongCell("transfer.yes", text)
	}
	return nil
}

func writeBase(base market.Base) string {
	switch base {
	case market.Grams:
		return "gam"
	case market.Pieces:
		return "cái"
	default:
		return ""
	}
}

func readBase(into *market.Base, text string) *market.Error {
	switch market.Fold(text) {
	case "":
		*into = ""
	case "gam", "g", "gram", "grams":
		*into = market.Grams
	case "cai", "trai", "qua", "con", "chiec", "piece", "pieces":
		*into = market.Pieces
	default:
		return wrongCell("transfer.base", text)
	}
	return nil
}

// weekdays are the days as sheets name them, from Sunday.
var weekdays = []string{"CN", "T2", "T3", "T4", "T5", "T6", "T7"}

func writeDays(days Days) string {
	var out []string
	for day, word := range weekdays {
		if days&(1<<day) != 0 {
			out = append(out, word)
		}
	}
	return strings.Join(out, " ")
}

func readDays(into *Days, text string) *market.Error {
	*into = 0
	for _, word := range words(text) {
		day := -1
		for i, name := range weekdays {
			if strings.EqualFold(name, word) {
				day = i
			}
		}
		if day < 0 {
			return wrongCell("transfer.days", text)
		}
		*into |= DaysOf(time.Weekday(day))
	}
	return nil
}

// writeMonths puts a letter before each number: a spreadsheet would make a
// date of bare ones.
func writeMonths(months Months) string {
	var out []string
	for month := time.January; month <= time.December; month++ {
		if months&(1<<month) != 0 {
			out = append(out, "th"+strconv.Itoa(int(month)))
		}
	}
	return strings.Join(out, " ")
}

func readMonths(into *Months, text string) *market.Error {
	*into = 0
	for _, word := range words(market.Fold(text)) {
		if word == "thang" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimPrefix(word, "th"))
		if err != nil || n < 1 || n > 12 {
			return wrongCell("transfer.months", text)
		}
		*into |= MonthsOf(n)
	}
	return nil
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func writeCold(cold Cold) string {
	if !cold.Said {
		return ""
	}
	return strconv.Itoa(cold.Min) + " đến " + strconv.Itoa(cold.Max)
}

// coldForm is a range of temperatures: "2 đến 8", "-18 to -12 °C".
var coldForm = regexp.MustCompile(`^(-?\d{1,3}) *(?:den|to) *(-?\d{1,3})(?: *°?c)?$`)

func readCold(into *Cold, text string) *market.Error {
	*into = Cold{}
	if text == "" {
		return nil
	}
	ends := coldForm.FindStringSubmatch(market.Fold(strings.ReplaceAll(text, "−", "-")))
	if ends == nil {
		return wrongCell("transfer.temperature", text)
	}
	*into = Cold{Said: true}
	into.Min, _ = strconv.Atoi(ends[1])
	into.Max, _ = strconv.Atoi(ends[2])
	return nil
}

func (s Sets) writePacking(code string) string {
	if packing, ok := s.Packing(code); ok {
		return packing.Name.VI
	}
	return code
}

func (s Sets) readPacking(into *string, text string) *market.Error {
	*into = text
	for _, packing := range s.sold.packings {
		if strings.EqualFold(packing.Name.VI, text) || strings.EqualFold(packing.Name.EN, text) {
			*into = packing.Code
		}
	}
	if _, known := s.Packing(*into); text != "" && !known {
		return wrongCell("transfer.packing", text)
	}
	return nil
}

// readSet reads the number of a product set or its name.
func (s Sets) readSet(into *int, text string) *market.Error {
	for _, set := range s.all {
		if strings.EqualFold(set.Name.VI, text) || strings.EqualFold(set.Name.EN, text) {
			*into = set.Number
			return nil
		}
	}
	if err := readNumber(into, text); err != nil {
		return wrongCell("transfer.set", text)
	}
	return nil
}
