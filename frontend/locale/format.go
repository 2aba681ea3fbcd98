package locale

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

const noBreak = "\u00a0"

// Vietnam is the time zone in which people read dates: UTC+7 all year.
func Vietnam() *time.Location { return time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60) }

// VND writes an amount of đồng: "45.000 ₫", in English "45,000 ₫". The space
// does not break.
func VND(lang string, amount market.VND) string {
	return Number(lang, int64(amount)) + noBreak + "₫"
}

// Number writes a whole number with its thousands apart: "12.500".
func Number(lang string, n int64) string {
	digits, negative := strings.CutPrefix(strconv.FormatInt(n, 10), "-")
	return sign(negative) + group(lang, digits)
}

// Decimal writes value with at most places digits after the comma and no
// trailing zeros: "1,5".
func Decimal(lang string, value float64, places int) string {
	text := strconv.FormatFloat(math.Abs(value), 'f', places, 64)
	whole, rest, _ := strings.Cut(text, ".")
	out := group(lang, whole)
	if rest = strings.TrimRight(rest, "0"); rest != "" {
		out += point(lang) + rest
	}
	return sign(value < 0 && out != "0") + out
}

func sign(negative bool) string {
	if negative {
		return "−"
	}
	return ""
}

func group(lang, digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + thousands(lang) + digits[i:]
	}
	return digits
}

// Weight writes grams as people say them: "500 g", "1,5 kg".
func Weight(lang string, grams int64) string {
	if grams < 1000 && grams > -1000 {
		return Number(lang, grams) + noBreak + "g"
	}
	return Decimal(lang, float64(grams)/1000, 3) + noBreak + "kg"
}

// Percent writes hundredths of a percent: 150 is "1,5%".
func Percent(lang string, basisPoints int64) string {
	return Decimal(lang, float64(basisPoints)/100, 2) + "%"
}

// Date writes a moment (kept in UTC) as the day it is in Vietnam: "23/11/2026",
// in English "23 Nov 2026". The zero time is an empty string.
func Date(lang string, at time.Time) string {
	if lang == EN {
		return day(at, "2 Jan 2006")
	}
	return day(at, "02/01/2006")
}

// DateTime is Date with the hour: "23/11/2026 08:30".
func DateTime(lang string, at time.Time) string {
	if lang == EN {
		return day(at, "2 Jan 2006, 15:04")
	}
	return day(at, "02/01/2006 15:04")
}

// Clock writes only the hour: "08:30".
func Clock(at time.Time) string { return day(at, "15:04") }

func day(at time.Time, layout string) string {
	if at.IsZero() {
		return ""
	}
	return at.In(Vietnam()).Format(layout)
}

func thousands(lang string) string {
	if lang == EN {
		return ","
	}
	return "."
}

func point(lang string) string {
	if lang == EN {
		return "."
	}
	return ","
}

// write turns an argument of a sentence into text; money, whole numbers and
// moments get the form of the language.
func write(lang string, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case market.VND:
		return VND(lang, v)
	case int:
		return Number(lang, int64(v))
	case int64:
		return Number(lang, v)
	case time.Time:
		return Date(lang, v)
	case market.Text:
		return v.In(lang)
	default:
		return fmt.Sprint(v)
	}
}
