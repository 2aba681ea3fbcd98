// Package carriertest is the suite that every carrier passes, spoken with over
// the wire: against its simulator always.
package carriertest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carriersim"
	"chohue/payments"
)

// Sim is a carrier played on the wire.
type Sim interface {
	Handler() http.Handler
	Break(faults ...carriersim.Fault)
	Find(key string) (carriersim.Parcel, bool)
	Move(number, code string) (carriersim.Parcel, bool)
	Parcels() []carriersim.Parcel
	Callback(p carriersim.Parcel) carriersim.Callback
}

// Bench is a carrier and how to test it.
type Bench struct {
	// Sim makes the carrier that is played, at the given time.
	Sim func(now func() time.Time) Sim
	// Open makes the adapter, which reaches the carrier at base.
	Open func(base string, client *http.Client) (orders.Carrier, error)
	// Query is that of the address which the carrier was given.
	Query string
	// Forge makes a genuine notice into one of somebody else.
	Forge func(payments.Raw) payments.Raw
	// Codes are some of the carrier's codes and what they mean.
	Codes map[string]orders.CarrierStatus
	// Picked is the code of a parcel that the carrier has fetched.
	Picked string
	// Lead: the carrier says how long it takes.
	Lead bool
	// Statement is a golden file of the carrier, with what it says.
	Statement string
	Lines     []orders.CODLine
}

// start is when the tests' clocks begin.
var start = time.Date(2026, 11, 23, 2, 15, 30, 0, time.UTC)

// stand is one carrier under test.
type stand struct {
	Bench
	t       *testing.T
	now     time.Time
	sim     Sim
	carrier orders.Carrier
	server  *httptest.Server
}

func open(t *testing.T, b Bench) *stand {
	t.Helper()
	s := &stand{Bench: b, t: t, now: start}
	s.sim = b.Sim(func() time.Time { return s.now })
	s.server = httptest.NewServer(s.sim.Handler())
	t.Cleanup(s.server.Close)
	var err error
	s.carrier, err = b.Open(s.server.URL, s.server.Client())
	s.must(err)
	return s
}

func (s *stand) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) ctx() context.Context { return s.t.Context() }

// Consignment is a parcel of 2.4 kg from Huế to Hà Nội, paid on delivery.
func Consignment(reference market.ID) orders.Consignment {
	return orders.Consignment{
		Reference: reference, Code: "HUE-7K3F9Q2M", Grams: 2400, Box: orders.Box{Length: 30, Width: 20, Height: 15}, COD: 235_000, Value: 200_000, At: start,
		From:  orders.Contact{Name: "HTX Thủy Biều", Phone: "+84905123456", Street: "12 Bùi Thị Xuân", Ward: "phường Thuỷ Xuân", Province: "thành phố Huế", WardCode: "19813", ProvinceCode: "46"},
		To:    orders.Contact{Name: "Nguyễn Thị Mua", Phone: "+84912345678", Street: "12 Đội Cấn", Ward: "phường Ngọc Hà", Province: "thành phố Hà Nội", WardCode: "00004", ProvinceCode: "01"},
		Goods: []orders.CarriedItem{{Name: "Thanh trà Thủy Biều 1 kg", Quantity: 2, Grams: 2400, Price: 100_000}},
		Note:  "Gọi trước khi giao",
	}
}

// Run runs the suite.
func Run(t *testing.T, b Bench) {
	for name, test := range map[string]func(*stand){
		"Quote": quotes, "CreatedOnce": createdOnce, "LostAnswer": lostAnswer, "Deaf": deaf, "Cancel": cancels, "Track": tracks,
		"Label": labels, "Codes": codes, "UnknownCode": unknownCode, "Forged": forged, "Damaged": damaged, "Replies": replies,
		"Statement": statement, "BadStatement": badStatement, "Down": down,
	} {
		t.Run(name, func(t *testing.T) { test(open(t, b)) })
	}
}

func quotes(s *stand) {
	far, err := s.carrier.Quote(s.ctx(), Consignment("p1"))
	s.must(err)
	near := Consignment("p1")
	near.To = near.From
	inside, err := s.carrier.Quote(s.ctx(), near)
	s.must(err)
	heavy := Consignment("p1")
	heavy.Grams = 9000
	more, err := s.carrier.Quote(s.ctx(), heavy)
	s.must(err)
	if far.Carrier != s.carrier.Name() || inside.Fee <= 0 || far.Fee <= inside.Fee || more.Fee <= far.Fee {
		s.t.Errorf("inside %+v, far %+v, heavy %+v", inside, far, more)
	}
	if s.Lead && (inside.Hours <= 0 || far.Hours <= inside.Hours) {
		s.t.Errorf("inside in %d hours, far in %d", inside.Hours, far.Hours)
	}
}

// createdOnce: the carrier understands weight and cash as we mean them, and the
// same parcel is taken once.
func createdOnce(s *stand) {
	w, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	s.must(err)
	p, ok := s.sim.Find(w.Tracking)
	if !ok || w.Tracking == "" || w.Reference != "p1" || w.Fee <= 0 {
		s.t.Fatalf("waybill %+v", w)
	}
	if p.Grams != 2400 || p.COD != 235_000 || p.Reference != "p1" || !strings.Contains(p.To, "0912345678") {
		s.t.Errorf("the carrier took %+v", p)
	}
	again, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	switch _, blind := s.carrier.(orders.Blind); {
	case err == nil && again.Tracking != w.Tracking:
		s.t.Errorf("again: %+v, first %+v", again, w)
	case err != nil && !blind:
		s.t.Errorf("again: %v", err)
	}
	if n := len(s.sim.Parcels()); n != 1 {
		s.t.Errorf("%d parcels", n)
	}
}

// lostAnswer: the carrier took the parcel and its answer was lost. Whoever asks
// again finds the first.
func lostAnswer(s *stand) {
	s.sim.Break(carriersim.Mute)
	_, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	if market.KindOf(err) != market.KindUnavailable {
		s.t.Fatalf("no answer: %v", err)
	}
	real := s.sim.Parcels()[0]
	report, err := s.carrier.Track(s.ctx(), orders.Waybill{Reference: "p1"})
	if _, blind := s.carrier.(orders.Blind); blind {
		if market.KindOf(err) != market.KindUnavailable {
			s.t.Errorf("blind, yet %+v %v", report, err)
		}
		report, err = s.carrier.Notice(s.ctx(), s.raw(real))
	}
	s.must(err)
	if report.Tracking != real.Number || report.Reference != "p1" {
		s.t.Errorf("found %+v, want %+v", report, real)
	}
	if _, err := s.carrier.Create(s.ctx(), Consignment("p1")); err != nil && market.KindOf(err) == market.KindInternal {
		s.t.Error(err)
	}
	if n := len(s.sim.Parcels()); n != 1 {
		s.t.Errorf("%d parcels", n)
	}
}

// deaf: nothing was taken, and the carrier says so when asked.
func deaf(s *stand) {
	s.sim.Break(carriersim.Deaf)
	if _, err := s.carrier.Create(s.ctx(), Consignment("p1")); market.KindOf(err) != market.KindUnavailable {
		s.t.Fatalf("no answer: %v", err)
	}
	if _, blind := s.carrier.(orders.Blind); !blind {
		if _, err := s.carrier.Track(s.ctx(), orders.Waybill{Reference: "p1"}); market.KindOf(err) != market.KindNotFound {
			s.t.Errorf("nothing was taken: %v", err)
		}
	}
	_, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	s.must(err)
}

func cancels(s *stand) {
	w, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	s.must(err)
	for range 2 {
		s.must(s.carrier.Cancel(s.ctx(), w))
	}
	again, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	s.must(err)
	if again.Tracking == w.Tracking {
		s.t.Errorf("a cancelled waybill came back: %+v", again)
	}
	s.sim.Move(again.Tracking, s.Picked)
	if err := s.carrier.Cancel(s.ctx(), again); market.KindOf(err) != market.KindConflict {
		s.t.Errorf("cancelled on its way: %v", err)
	}
}

func tracks(s *stand) {
	w, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	s.must(err)
	if _, blind := s.carrier.(orders.Blind); blind {
		return
	}
	s.now = start.Add(5 * time.Hour)
	s.sim.Move(w.Tracking, s.Picked)
	for _, ask := range []orders.Waybill{w, {Reference: "p1"}} {
		got, err := s.carrier.Track(s.ctx(), ask)
		s.must(err)
		want := orders.Report{
			Carrier: s.carrier.Name(), Reference: "p1", Tracking: w.Tracking, Code: s.Picked, Status: s.Codes[s.Picked],
			At: s.now, Fee: w.Fee, COD: 235_000,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			s.t.Errorf("asked by %+v (-want +got):\n%s", ask, diff)
		}
	}
	if _, err := s.carrier.Track(s.ctx(), orders.Waybill{Reference: "p2", Tracking: "nothing"}); market.KindOf(err) != market.KindNotFound {
		s.t.Errorf("never taken: %v", err)
	}
}

func labels(s *stand) {
	w, err := s.carrier.Create(s.ctx(), Consignment("p1"))
	s.must(err)
	pdf, err := s.carrier.Label(s.ctx(), w)
	s.must(err)
	if !strings.HasPrefix(string(pdf), "%PDF") || !strings.Contains(string(pdf), w.Tracking) {
		s.t.Errorf("label of %s: %.60q", w.Tracking, pdf)
	}
}

// raw is the carrier's call as the market hears it.
func (s *stand) raw(p carriersim.Parcel) payments.Raw {
	call := s.sim.Callback(p)
	return payments.Raw{Body: call.Body, Query: s.Query, Header: map[string][]string{"Content-Type": {call.ContentType}}}
}

func (s *stand) parcel(code string) carriersim.Parcel {
	return carriersim.Parcel{Number: "N1", Reference: "p1", Code: code, At: start.Add(90 * time.Second), Grams: 2400, COD: 235_000, Fee: 41_000}
}

func codes(s *stand) {
	for code, status := range s.Codes {
		got, err := s.carrier.Notice(s.ctx(), s.raw(s.parcel(code)))
		s.must(err)
		want := orders.Report{
			Carrier: s.carrier.Name(), Reference: "p1", Tracking: "N1", Code: code, Status: status, At: start.Add(90 * time.Second), Fee: 41_000, COD: 235_000,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			s.t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
}

func unknownCode(s *stand) {
	got, err := s.carrier.Notice(s.ctx(), s.raw(s.parcel("987")))
	s.must(err)
	if got.Code != "987" || got.Status != orders.CarrierUnknown {
		s.t.Errorf("got %+v", got)
	}
}

func forged(s *stand) {
	genuine := s.raw(s.parcel(s.Picked))
	garbage := s.Forge(genuine)
	garbage.Body = []byte("{")
	for name, raw := range map[string]payments.Raw{"another secret": s.Forge(genuine), "no secret, nothing to read": garbage, "empty": {}} {
		if report, err := s.carrier.Notice(s.ctx(), raw); market.KindOf(err) != market.KindForbidden || report != (orders.Report{}) {
			s.t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

// damaged: a genuine notice cut anywhere is refused or read as far as it goes,
// and never makes the carrier's word into another.
func damaged(s *stand) {
	whole := s.raw(s.parcel(s.Picked))
	want, err := s.carrier.Notice(s.ctx(), whole)
	s.must(err)
	for n := range len(whole.Body) {
		cut := whole
		cut.Body = slices.Clone(whole.Body[:n])
		got, err := s.carrier.Notice(s.ctx(), cut)
		if kind := market.KindOf(err); err != nil && kind != market.KindInvalid && kind != market.KindForbidden {
			s.t.Errorf("cut at %d: %v", n, err)
		}
		if err == nil && (got.At != want.At || got.Status != want.Status && got.Status != orders.CarrierUnknown) {
			s.t.Errorf("cut at %d: %+v", n, got)
		}
	}
}

func replies(s *stand) {
	for _, r := range []struct {
		err  error
		fine bool // the carrier need not come again
	}{
		{nil, true},
		{market.NotFound("x"), true},
		{market.Conflict("x"), true},
		{market.Forbidden("x"), false},
		{market.Unavailable("x"), false},
		{errors.New("disk full"), false},
	} {
		if got := s.carrier.Reply(r.err); (got.Status == http.StatusOK) != r.fine {
			s.t.Errorf("after %v: %d", r.err, got.Status)
		}
	}
}

func statement(s *stand) {
	got, err := s.carrier.ParseCODStatement(strings.NewReader(s.Statement))
	s.must(err)
	if diff := cmp.Diff(s.Lines, got); diff != "" {
		s.t.Errorf("statement (-want +got):\n%s", diff)
	}
	for _, l := range got {
		if l.Net != l.Collected-l.Fee {
			s.t.Errorf("line %d: %d − %d is not %d", l.Line, l.Collected, l.Fee, l.Net)
		}
	}
}

// badStatement: a file that is none, and one whose sums do not agree, are
// refused as a whole; the line is named.
func badStatement(s *stand) {
	lines := strings.Split(strings.TrimSpace(s.Statement), "\n")
	broken := slices.Clone(lines)
	for i, l := range lines {
		if strings.Contains(l, s.Lines[0].Tracking) {
			broken[i] = strings.ReplaceAll(l, "0", "9")
		}
	}
	for name, file := range map[string]string{"empty": "", "no statement": "a,b,c\n1,2,3\n", "other sums": strings.Join(broken, "\n")} {
		got, err := s.carrier.ParseCODStatement(strings.NewReader(file))
		if market.KindOf(err) != market.KindInvalid {
			s.t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func down(s *stand) {
	s.server.Close()
	_, quoted := s.carrier.Quote(s.ctx(), Consignment("p1"))
	_, made := s.carrier.Create(s.ctx(), Consignment("p1"))
	called := s.carrier.Cancel(s.ctx(), orders.Waybill{Reference: "p1", Tracking: "N1"})
	_, printed := s.carrier.Label(s.ctx(), orders.Waybill{Reference: "p1", Tracking: "N1"})
	for what, err := range map[string]error{"quote": quoted, "create": made, "cancel": called, "label": printed} {
		if market.KindOf(err) != market.KindUnavailable {
			s.t.Errorf("%s: %v", what, err)
		}
		if err != nil && strings.Contains(err.Error(), "127.0.0.1") {
			s.t.Errorf("%s tells the address, which may hold a secret: %v", what, err)
		}
	}
}

// Fuzz throws bytes at the carrier's two parsers: they answer or refuse, never
// panic, and what they accept is whole.
func Fuzz(f *testing.F, b Bench) {
	carrier, err := b.Open("http://127.0.0.1:9", http.DefaultClient)
	if err != nil {
		f.Fatal(err)
	}
	sim := b.Sim(func() time.Time { return start })
	f.Add(sim.Callback(carriersim.Parcel{Number: "N1", Reference: "p1", Code: b.Picked, At: start, Grams: 2400, COD: 235_000, Fee: 41_000}).Body)
	f.Add([]byte(b.Statement))
	f.Fuzz(func(t *testing.T, body []byte) {
		report, err := carrier.Notice(t.Context(), payments.Raw{Body: body, Query: b.Query})
		if err == nil && (report.Tracking == "" || report.Code == "" || report.At.IsZero() || report.Status == "" || report.Carrier != carrier.Name()) {
			t.Errorf("accepted %+v", report)
		}
		if kind := market.KindOf(err); err != nil && kind != market.KindInvalid && kind != market.KindForbidden {
			t.Errorf("notice: %v", err)
		}
		lines, err := carrier.ParseCODStatement(strings.NewReader(string(body)))
		if err != nil && market.KindOf(err) != market.KindInvalid {
			t.Errorf("statement: %v", err)
		}
		for _, l := range lines {
			if l.Tracking == "" || l.Net != l.Collected-l.Fee {
				t.Errorf("accepted %+v", l)
			}
		}
	})
}
