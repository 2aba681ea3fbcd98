package walletsim

import (
	_ "embed"
	"html/template"
	"net/http"
	"strconv"
	"time"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Page is what a payer sees at a provider.
type Page struct {
	Brand    string // the provider that is played
	Colour   string // six hexadecimal digits, dark enough for white text
	Question string // what is decided here
	Amount   int64
	Rows     [][2]string
	Hidden   map[string]string // fields that the form sends back
	Action   string            // where the form is sent
	Choices  []Choice          // none when there is nothing left to decide
	Over     string            // why there is nothing left to decide
	Back     string            // where the payer goes then
	Paste    string            // where a code that is pasted is sent; then nothing is asked yet
}

// Choice is a button of the page.
type Choice struct{ Value, Label string }

// Choices are the decisions that every wallet offers.
func Choices(amount int64) []Choice {
	return []Choice{
		{string(Paid), "Thanh toán " + Dong(amount)},
		{string(Cancelled), "Không thanh toán"},
		{string(Short), "Thử trường hợp không đủ tiền"},
	}
}

// Money is the amount as people write it.
func (p Page) Money() string { return Dong(p.Amount) }

// Style makes the provider's colour known to the sheet.
func (p Page) Style() template.CSS { return template.CSS("--brand:#" + p.Colour) } //nolint:gosec // a constant of ours

// Write answers with the page. Without a script it works the same.
func (p Page) Write(w http.ResponseWriter, status int) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, p) // the reader has gone
}

// Dong writes 330000 as 330.000 ₫.
func Dong(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return digits + " ₫"
}

// hue is Vietnam's one time zone.
var hue = time.FixedZone("ICT", 7*60*60)

// Clock writes a time as people in Vietnam read it.
func Clock(t time.Time) string { return t.In(hue).Format("15:04 02/01/2006") }

// Hue is the time in Vietnam.
func Hue(t time.Time) time.Time { return t.In(hue) }
