package web

import (
	"strconv"
	"strings"

	"chohue/frontend/locale"
)

// preferred reads Accept-Language: the language we have with the highest
// quality, the earlier one among equals, Vietnamese when there is none.
func preferred(header string) string {
	best, lang := 0.0, locale.VI
	for range 16 { // nobody speaks more, and the header comes from strangers
		item, rest, more := strings.Cut(header, ",")
		tag, params, _ := strings.Cut(strings.TrimSpace(item), ";")
		if q := quality(params); q > best && known(tag) {
			best, lang = q, locale.Pick(tag)
		}
		if !more {
			break
		}
		header = rest
	}
	return lang
}

func known(tag string) bool {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	return primary == locale.VI || primary == locale.EN
}

func quality(params string) float64 {
	value, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || q > 1 {
		return 0
	}
	return q
}
