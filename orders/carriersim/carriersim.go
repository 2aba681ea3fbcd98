// Package carriersim is what the simulators of carriers share: the parcels that
// a carrier has taken, the faults that a test or a demonstration switches on,
// and the calls that the carrier makes to the market. The simulators were
// written from the carriers' documents and know nothing of the adapters.
package carriersim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Parcel is what a carrier has taken.
type Parcel struct {
	Number    string // the carrier's
	Reference string // the shop's
	Code      string // how it stands, in the carrier's word
	At        time.Time
	Grams     int64
	COD       int64
	Fee       int64
	To        string // of the receiver: name, phone, place
}

// Desk keeps a carrier's parcels.
type Desk struct {
	now    func() time.Time
	number func(n int) string

	mu      sync.Mutex
	parcels []*Parcel
	faults  []Fault
}

// Fault is how the next order goes wrong.
type Fault string

// The faults.
const (
	Deaf Fault = "deaf" // nothing is done and no answer comes
	Mute Fault = "mute" // it is done and no answer comes
)

// New opens a desk that numbers its parcels by number.
func New(now func() time.Time, number func(n int) string) *Desk {
	return &Desk{now: now, number: number}
}

// Break makes the next orders go wrong.
func (d *Desk) Break(faults ...Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, faults...)
}

// Trouble takes the next fault.
func (d *Desk) Trouble() Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.faults) == 0 {
		return ""
	}
	f := d.faults[0]
	d.faults = d.faults[1:]
	return f
}

// Take takes a parcel in the state code. One that is there under the same
// reference and not in the state gone is returned instead; fresh is false then.
func (d *Desk) Take(p Parcel, code, gone string) (taken Parcel, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, known := range d.parcels {
		if known.Reference == p.Reference && known.Code != gone {
			return *known, false
		}
	}
	return d.add(p, code), true
}

// Add takes a parcel in the state code, whatever there is under its reference.
func (d *Desk) Add(p Parcel, code string) Parcel {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.add(p, code)
}

func (d *Desk) add(p Parcel, code string) Parcel {
	p.Number, p.Code, p.At = d.number(len(d.parcels)+1), code, d.now()
	d.parcels = append(d.parcels, &p)
	return p
}

// Find finds the newest parcel by the carrier's number or the shop's reference.
func (d *Desk) Find(key string) (Parcel, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range slices.Backward(d.parcels) {
		if key != "" && (p.Number == key || p.Reference == key) {
			return *p, true
		}
	}
	return Parcel{}, false
}

// Move changes how a parcel stands.
func (d *Desk) Move(number, code string) (Parcel, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.parcels {
		if p.Number == number {
			p.Code, p.At = code, d.now()
			return *p, true
		}
	}
	return Parcel{}, false
}

// Parcels lists what was taken, oldest first.
func (d *Desk) Parcels() []Parcel {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Parcel, len(d.parcels))
	for i, p := range d.parcels {
		out[i] = *p
	}
	return out
}

// Callback is a call that the carrier makes to the shop.
type Callback struct {
	ContentType string
	Body        []byte
}

// Send makes the call. Anything but a 2xx is an error: come again.
func (c Callback) Send(ctx context.Context, client *http.Client, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(c.Body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", c.ContentType)
	answer, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)); err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the shop answered %d", answer.StatusCode)
	}
	return nil
}

// Read reads a JSON request; false has been answered.
func Read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(into); err != nil {
		Write(w, http.StatusBadRequest, map[string]any{"message": "invalid JSON"})
		return false
	}
	return true
}

// Write answers with JSON.
func Write(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what)
}

// Hang ends the connection without an answer.
func Hang(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
	}
	w.WriteHeader(http.StatusBadGateway)
}

// Freight is a price for simulated carriage: so much for the first kilogram and
// for each half one more, more when it leaves the province, and one in a hundred
// of the cash collected. It is nobody's price list.
func Freight(first, more, grams, cod int64, far bool) int64 {
	fee := first
	if far {
		fee += first / 2
	}
	if over := grams - 1000; over > 0 {
		fee += (over + 499) / 500 * more
	}
	return fee + cod/100
}

// PDF is the smallest paper that readers take for a label, with one line of
// plain text on it.
func PDF(text string) []byte {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`()\`, r) {
			return '-'
		}
		return r
	}, text)
	content := "BT /F1 12 Tf 10 100 Td (" + plain + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 227 227] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}
