package notices

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store/sqlite"
)

// world is the room with neighbours and channels that a test plays.
type world struct {
	*Service
	t     *testing.T
	at    time.Time
	order *orders.Order

	complaint *orders.Complaint
	preorder  *orders.Preorder

	email *line
	sms   *line
}

// line is a channel that keeps what it takes.
type line struct {
	mu         sync.Mutex
	name       string
	repeatable bool
	took       []Letter
	fail       error
	dies       bool // the process is killed while it sends
}

func (l *line) Name() string     { return l.name }
func (l *line) Repeatable() bool { return l.repeatable }
func (l *line) Send(_ context.Context, letter Letter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.took = append(l.took, letter)
	if l.dies {
		panic("killed")
	}
	return nil
}

type plainWriter struct{}

func (plainWriter) Write(lang string, m *Message) (Letter, error) {
	return Letter{Lang: lang, Subject: m.Key, Text: fmt.Sprint(m.Values())}, nil
}

func (plainWriter) WriteProof(_, link string) (Letter, error) { return Letter{Text: link}, nil }

func (w *world) Reader(_ context.Context, p market.ID) (Reader, error) {
	if p == "gone" {
		return Reader{}, market.NotFound("accounts.missing")
	}
	return Reader{Person: p, Phone: "+84905000001", Lang: "vi"}, nil
}

func (w *world) Keepers(_ context.Context, seller market.ID) ([]market.ID, error) {
	return map[market.ID][]market.ID{"coop": {"keeper", "second"}, "craft": {"keeper", "gone"}}[seller], nil
}

func (w *world) Operators(context.Context) ([]market.ID, error) {
	return []market.ID{"operator", "gone"}, nil
}

func (w *world) Order(_ context.Context, _ market.Actor, id market.ID, _ string) (*orders.Order, error) {
	if id != w.order.ID {
		return nil, market.NotFound("order.missing")
	}
	return w.order, nil
}

func (w *world) Complaint(_ context.Context, _ market.Actor, id market.ID, _ string) (*orders.Complaint, error) {
	if w.complaint == nil || id != w.complaint.ID {
		return nil, market.NotFound("complaint.missing")
	}
	return w.complaint, nil
}

func (w *world) Preorder(_ context.Context, _ market.Actor, id market.ID) (*orders.Preorder, error) {
	if w.preorder == nil || id != w.preorder.ID {
		return nil, market.NotFound("preorder.missing")
	}
	return w.preorder, nil
}

func (w *world) Good(_ context.Context, id market.ID) (market.ID, market.Text, error) {
	return "coop", market.Text{VI: "Thanh trà", EN: "Pomelo"}, nil
}

func open(t *testing.T) *world {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	w := &world{t: t, at: time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC), email: &line{name: ChannelEmail, repeatable: true}, sms: &line{name: ChannelSMS}}
	w.order = &orders.Order{Code: "HUE-7K3F9Q2M", Key: "secret", Buyer: "buyer", Total: 120_000, Address: market.Address{Phone: "+84905123456", Province: "01"}, Parcels: []orders.Parcel{
		{ID: "p1", Seller: "coop", SellerName: market.Text{VI: "HTX Thủy Biều"}, Goods: 70_000, Carrier: "GHN", Tracking: "G1", Lines: []orders.Line{{Name: market.Text{VI: "Thanh trà"}, Quantity: 2, Amount: 70_000}}},
		{ID: "p2", Seller: "craft", SellerName: market.Text{VI: "Bao La"}, Goods: 30_000, Lines: []orders.Line{{Name: market.Text{VI: "Rổ tre"}, Quantity: 1, Amount: 30_000}}},
	}}
	w.order.ID, w.order.Shipping = "order", 20_000
	env := market.NewEnv(func() time.Time { return w.at })
	w.Service, err = New(t.Context(), engine, env, Rooms{People: w, Orders: w, Goods: w, Writer: plainWriter{}}, w.email, w.sms)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) event(id market.ID, kind string, data any) market.Event {
	e := market.NewEvent(w.env, kind, w.order.ID, data)
	e.ID = id
	return e
}

// hear delivers an event the number of times, and what it has written.
func (w *world) hear(e market.Event, times int) {
	w.t.Helper()
	for range times {
		if err := w.Consume(w.t.Context(), e); err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.Deliver(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) told(person market.ID) []string {
	w.t.Helper()
	page, err := w.Inbox(w.t.Context(), market.Actor{Person: person}, "", 0)
	if err != nil {
		w.t.Fatal(err)
	}
	var keys []string
	for _, m := range page.Items {
		keys = append(keys, m.Key)
	}
	slices.Sort(keys)
	return keys
}

// proven gives the person an email address.
func (w *world) proven(person market.ID) {
	w.t.Helper()
	by := market.Actor{Person: person}
	if _, err := w.AskEmail(w.t.Context(), by, string(person)+"@vidu.vn"); err != nil {
		w.t.Fatal(err)
	}
	_, secret, _ := strings.Cut(w.email.took[len(w.email.took)-1].Text, "ma=")
	if _, err := w.ProveEmail(w.t.Context(), by, secret); err != nil {
		w.t.Fatal(err)
	}
	w.email.took = nil
}

// TestOneEventOneMessage: an event that comes five times tells each person
// once, by each channel once.
func TestOneEventOneMessage(t *testing.T) {
	w := open(t)
	w.proven("buyer")
	w.hear(w.event("e1", orders.EventConfirmed, orders.Confirmed{Order: "order"}), 5)
	for person, want := range map[market.ID][]string{
		"buyer": {"notice.order.confirmed"}, "keeper": {"notice.sale.new"}, "second": {"notice.sale.new"}, "gone": nil, "stranger": nil,
	} {
		if diff := cmp.Diff(want, w.told(person)); diff != "" {
			t.Errorf("%s: %s", person, diff)
		}
	}
	if len(w.email.took) != 1 || w.email.took[0].To != "buyer@vidu.vn" {
		t.Errorf("letters: %+v", w.email.took)
	}
	if len(w.sms.took) != 2 { // the keepers have no email; the buyer has
		t.Errorf("text messages: %+v", w.sms.took)
	}
	m, err := w.messages.Get(t.Context(), "e1:buyer")
	if err != nil {
		t.Fatal(err)
	}
	var sum market.VND
	for _, r := range m.Rows[:len(m.Rows)-1] {
		sum += r.Amount
	}
	if last := m.Rows[len(m.Rows)-1].Amount; sum != last || last != w.order.Total {
		t.Errorf("the rows add up to %d, the last says %d, the order %d", sum, last, w.order.Total)
	}
}

// TestGuestsHearByPhone: a guest has no inbox; what would reach nobody is not
// written.
func TestGuestsHearByPhone(t *testing.T) {
	w := open(t)
	w.order.Buyer = ""
	w.hear(w.event("e1", orders.EventShipped, orders.Moved{Order: "order", Parcel: "p1"}), 2)
	if len(w.sms.took) != 1 || w.sms.took[0].To != "+84905123456" || !strings.Contains(w.sms.took[0].Text, "G1") {
		t.Errorf("text messages: %+v", w.sms.took)
	}
	w.hear(w.event("e2", orders.EventDelivered, orders.Delivered{Order: "order", Parcel: w.order.Parcels[0]}), 2)
	if _, err := w.messages.Get(t.Context(), "e2:guest"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a message that reaches nobody: %v", err)
	}
}

// TestKilledWhileSending: what a channel tells apart by its id is sent again
// under the same id; what it does not is never said twice.
func TestKilledWhileSending(t *testing.T) {
	w := open(t)
	w.proven("buyer")
	w.email.dies, w.sms.dies = true, true
	e := w.event("e1", orders.EventConfirmed, orders.Confirmed{Order: "order"})
	for range 6 { // killed at each message in turn
		func() {
			defer func() { _ = recover() }()
			_ = w.Consume(t.Context(), e)
			_, _ = w.Deliver(t.Context())
		}()
	}
	w.email.dies, w.sms.dies = false, false
	w.hear(e, 1)
	if len(w.email.took)+len(w.sms.took) != 3 {
		t.Fatalf("before the lease is over: %d letters, %d text messages", len(w.email.took), len(w.sms.took))
	}
	w.at = w.at.Add(lease)
	w.hear(e, 3)
	if len(w.email.took) != 2 || w.email.took[0].ID != w.email.took[1].ID {
		t.Errorf("letters: %+v", w.email.took)
	}
	if len(w.sms.took) != 2 || w.sms.took[0].ID == w.sms.took[1].ID {
		t.Errorf("text messages: %+v", w.sms.took)
	}
	if m, _ := w.messages.Get(t.Context(), "e1:keeper"); m.Ways[0].State != WayUnsure || m.Due != nil {
		t.Errorf("a text message that was cut off: %+v", m.Ways)
	}
}

// TestTriesEnd: a channel that is down is tried again after ever longer
// pauses, and then no more.
func TestTriesEnd(t *testing.T) {
	w := open(t)
	w.proven("buyer")
	w.email.fail = market.Unavailable("notices.email_server")
	w.hear(w.event("e1", orders.EventCorrected, orders.Corrected{Order: "order", Parcel: "p1"}), 1)
	for i, pause := range pauses {
		w.at = w.at.Add(pause - time.Second)
		if n, _ := w.Deliver(t.Context()); n != 0 {
			t.Fatalf("try %d came too early", i+2)
		}
		w.at = w.at.Add(time.Second)
		if n, _ := w.Deliver(t.Context()); n != 1 {
			t.Fatalf("try %d did not come", i+2)
		}
	}
	m, err := w.messages.Get(t.Context(), "e1:buyer")
	if err != nil || m.Ways[0].State != WayGivenUp || m.Due != nil {
		t.Errorf("after the last try: %+v %v", m.Ways, err)
	}
}

// TestChoices: muted topics stay in the inbox alone; an address that is no
// longer the person's gets nothing that waits.
func TestChoices(t *testing.T) {
	w := open(t)
	by := market.Actor{Person: "buyer"}
	w.proven("buyer")
	if _, err := w.Choose(t.Context(), by, []string{"email:money"}); err != nil {
		t.Fatal(err)
	}
	w.hear(w.event("e1", orders.EventConfirmed, orders.Confirmed{Order: "order"}), 1)
	if len(w.email.took) != 0 {
		t.Errorf("a muted topic was sent: %+v", w.email.took)
	}
	w.email.fail = market.Unavailable("notices.email_server")
	w.hear(w.event("e2", payments.EventRefunded, payments.Happened{Order: "order", Amount: 5_000}), 1)
	w.email.fail = nil
	if _, err := w.AskEmail(t.Context(), by, ""); err != nil {
		t.Fatal(err)
	}
	w.at = w.at.Add(pauses[0])
	if _, err := w.Deliver(t.Context()); err != nil || len(w.email.took) != 0 {
		t.Errorf("sent to an address that was given up: %v %+v", err, w.email.took)
	}
	if m, _ := w.messages.Get(t.Context(), "e2:buyer"); m.Ways[0].State != WayDropped {
		t.Errorf("the way: %+v", m.Ways)
	}
}

// TestReading counts what is unread, and keeps others' hands off it.
func TestReading(t *testing.T) {
	w := open(t)
	keeper := market.Actor{Person: "keeper"}
	for i := range 3 {
		e := w.event(market.ID(fmt.Sprint("e", i)), cooperatives.EventVerified, cooperatives.Decided{Seller: "coop"})
		e.Subject = "coop"
		w.hear(e, 2)
	}
	if n, _ := w.Unread(t.Context(), keeper); n != 3 {
		t.Errorf("unread: %d", n)
	}
	if _, err := w.See(t.Context(), market.Actor{Person: "second"}, "e0:keeper"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another's message: %v", err)
	}
	if _, err := w.See(t.Context(), keeper, "e0:keeper"); err != nil {
		t.Error(err)
	}
	if n, _ := w.Unread(t.Context(), keeper); n != 2 {
		t.Errorf("unread after one was read: %d", n)
	}
	if n, err := w.SeeAll(t.Context(), keeper); n != 2 || err != nil {
		t.Errorf("all seen: %d %v", n, err)
	}
	if n, _ := w.Unread(t.Context(), keeper); n != 0 {
		t.Errorf("unread after all were read: %d", n)
	}
}

// TestBrowsers are known by their address, bounded in number, and forgotten
// when they end.
func TestBrowsers(t *testing.T) {
	w := open(t)
	by := market.Actor{Person: "buyer"}
	subscription := func(n int) string {
		return fmt.Sprintf(`{"endpoint":"https://push.vidu.vn/%d","keys":{"p256dh":"%s","auth":"%s"}}`, n, strings.Repeat("A", 87), strings.Repeat("A", 22))
	}
	for n := range MostBrowsers + 2 {
		for range 2 {
			if _, err := w.AddBrowser(t.Context(), by, subscription(n), "Firefox"); err != nil {
				t.Fatal(err)
			}
		}
	}
	found, err := w.Settings(t.Context(), by)
	if err != nil || len(found.Browsers) != MostBrowsers || found.Browsers[0].Subscription != subscription(2) {
		t.Errorf("%d browsers, %v", len(found.Browsers), err)
	}
	for _, bad := range []string{"", "{}", "null", strings.Replace(subscription(1), "https", "http", 1), strings.Replace(subscription(1), "AA", "A", 1), `{"endpoint":"https://a:b@push.vidu.vn/","keys":{}}`} {
		if _, err := w.AddBrowser(t.Context(), by, bad, ""); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzSubscription(f *testing.F) {
	f.Add(`{"endpoint":"https://push.vidu.vn/1","keys":{"p256dh":"` + strings.Repeat("A", 87) + `","auth":"` + strings.Repeat("A", 22) + `"}}`)
	f.Add(`{"endpoint":"http://127.0.0.1"}`)
	f.Fuzz(func(t *testing.T, raw string) {
		endpoint, err := endpointOf(raw)
		if err == nil && !strings.HasPrefix(strings.ToLower(endpoint), "https://") {
			t.Errorf("%q gave %q", raw, endpoint)
		}
	})
}
