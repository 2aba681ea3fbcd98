package accounts

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
	"chohue/store/sqlite"
)

const phone = "+84905123012"

// house is the room on a real engine with a clock that tests move.
type house struct {
	*Service
	engine store.Engine
	inbox  *Inbox
	mu     sync.Mutex
	now    time.Time
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func open(t *testing.T, change func(*Rules)) *house {
	t.Helper()
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	h := &house{engine: e, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	env := market.NewEnv(h.clock)
	if h.inbox, err = NewInbox(t.Context(), e, env); err != nil {
		t.Fatal(err)
	}
	rules := DefaultRules()
	rules.Argon.Memory, rules.Argon.Iterations = 64, 1
	if change != nil {
		change(&rules)
	}
	if h.Service, err = NewWithRules(t.Context(), e, env, h.inbox, rules); err != nil {
		t.Fatal(err)
	}
	return h
}

// code asks for a code and reads it from the inbox.
func (h *house) code(t *testing.T, phone string) string {
	t.Helper()
	if err := h.RequestCode(t.Context(), phone, "vi", ""); err != nil {
		t.Fatalf("request code: %v", err)
	}
	messages, err := h.inbox.Messages(t.Context(), 1)
	if err != nil || len(messages) != 1 {
		t.Fatalf("inbox: %v, %v", messages, err)
	}
	return messages[0].Code
}

func (h *house) signIn(t *testing.T, phone string) (Session, string) {
	t.Helper()
	session, token, err := h.SignIn(t.Context(), phone, h.code(t, phone), Device{UserAgent: "test"})
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
	h.pass(20 * time.Minute) // so that the next code is allowed
	return session, token
}

func actor(s Session) market.Actor { return market.Actor{Person: s.Person} }

func wantKey(t *testing.T, err error, kind market.Kind, key string) {
	t.Helper()
	var e *market.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Key != key {
		t.Errorf("error = %v, want %s of kind %d", err, key, kind)
	}
}

func TestFirstSignInMakesABuyerAndTheSecondFindsThem(t *testing.T) {
	h := open(t, nil)
	first, token := h.signIn(t, "0905 123 012")
	p, err := h.Person(t.Context(), first.Person)
	if err != nil {
		t.Fatal(err)
	}
	if p.Phone != phone || len(p.Roles) != 1 || !p.Is(market.RoleBuyer) {
		t.Errorf("person = %+v, want a buyer with %s", p, phone)
	}
	second, other := h.signIn(t, "+84 905.123.012")
	if second.Person != first.Person {
		t.Errorf("second sign-in is %s, want %s", second.Person, first.Person)
	}
	if token == other {
		t.Error("two sign-ins share a token")
	}
}

func TestACodeWorksOnce(t *testing.T) {
	h := open(t, func(r *Rules) { r.TriesPerIP = Limit{} })
	code := h.code(t, phone)
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		in   int
		dead int
	)
	for range 32 {
		wait.Go(func() {
			_, _, err := h.SignIn(context.Background(), phone, code, Device{IP: "10.0.0.1"})
			mu.Lock()
			defer mu.Unlock()
			var e *market.Error
			switch {
			case err == nil:
				in++
			case errors.As(err, &e) && e.Key == "code.expired":
				dead++
			default:
				t.Errorf("sign in: %v", err)
			}
		})
	}
	wait.Wait()
	if in != 1 || dead != 31 {
		t.Errorf("%d signed in and %d were refused, want 1 and 31", in, dead)
	}
}

func TestGuessesAreCountedAlsoSideBySide(t *testing.T) {
	h := open(t, nil)
	code := h.code(t, phone)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() { _, _, _ = h.SignIn(context.Background(), phone, wrong, Device{}) })
	}
	wait.Wait()
	_, _, err := h.SignIn(t.Context(), phone, code, Device{})
	wantKey(t, err, market.KindInvalid, "code.expired")
}

func TestCodeEnds(t *testing.T) {
	tests := []struct {
		name  string
		after func(*house, *testing.T)
		key   string
	}{
		{"right at the end", func(h *house, _ *testing.T) { h.pass(5*time.Minute - time.Millisecond) }, ""},
		{"after five minutes", func(h *house, _ *testing.T) { h.pass(5 * time.Minute) }, "code.expired"},
		{"when a newer one was sent", func(h *house, t *testing.T) { h.code(t, phone) }, "code.wrong"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, nil)
			code := h.code(t, phone)
			tt.after(h, t)
			_, _, err := h.SignIn(t.Context(), phone, code, Device{})
			if tt.key == "" {
				if err != nil {
					t.Errorf("sign in: %v", err)
				}
				return
			}
			wantKey(t, err, market.KindInvalid, tt.key)
		})
	}
}

func TestTheCodeIsNotKept(t *testing.T) {
	h := open(t, nil)
	digits := h.code(t, phone)
	kept, err := h.codes.Get(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept.Hash) != 32 || string(kept.Hash) == digits || kept.Salt == digits {
		t.Errorf("kept %q under %q, want a hash of 32 bytes", kept.Hash, kept.Salt)
	}
}

func TestCodesAreLimitedByPhoneAndAddress(t *testing.T) {
	h := open(t, func(r *Rules) {
		r.CodesPerPhone = Limit{2, time.Hour}
		r.CodesPerIP = Limit{4, time.Hour}
	})
	ask := func(phone, ip string) error { return h.RequestCode(t.Context(), phone, "vi", ip) }
	for range 2 {
		if err := ask(phone, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	err := ask(phone, "192.0.2.9")
	wantKey(t, err, market.KindUnavailable, "signin.too_many")
	var e *market.Error
	if errors.As(err, &e) && (e.Args["wait"] != 30*time.Minute || e.Args["n"] != 30) {
		t.Errorf("wait = %v, n = %v, want half an hour", e.Args["wait"], e.Args["n"])
	}
	for _, other := range []string{"0905000001", "0905000002"} {
		if err := ask(other, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	wantKey(t, ask("0905000003", "192.0.2.1"), market.KindUnavailable, "signin.too_many")
	h.pass(30 * time.Minute)
	if err := ask(phone, "192.0.2.1"); err != nil {
		t.Errorf("half an hour later: %v", err)
	}
}

type brokenSender struct{}

func (brokenSender) Send(context.Context, string, string, string) error {
	return errors.New("gateway is down")
}

func TestAMessageThatCannotBeSentIsUnavailable(t *testing.T) {
	h := open(t, nil)
	h.sender = brokenSender{}
	wantKey(t, h.RequestCode(t.Context(), phone, "vi", ""), market.KindUnavailable, "code.not_sent")
}

func TestFirstSignInsSideBySideMakeOnePerson(t *testing.T) {
	h := open(t, nil)
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		ids  = map[market.ID]bool{}
	)
	for range 32 {
		wait.Go(func() {
			p, err := h.Ensure(context.Background(), market.System, phone, "Lê Thị Bê", market.RoleFarmer)
			if err != nil {
				t.Errorf("ensure: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[p.ID] = true
		})
	}
	wait.Wait()
	if len(ids) != 1 {
		t.Errorf("%d people, want 1", len(ids))
	}
}

func TestAPersonLostByACrashIsMadeAgain(t *testing.T) {
	h := open(t, nil)
	first, _ := h.signIn(t, phone)
	if err := h.people.Delete(t.Context(), first.Person); err != nil {
		t.Fatal(err)
	}
	again, _ := h.signIn(t, phone)
	if again.Person != first.Person {
		t.Errorf("made %s, want %s", again.Person, first.Person)
	}
	if _, err := h.Person(t.Context(), again.Person); err != nil {
		t.Error(err)
	}
}

func TestSweep(t *testing.T) {
	h := open(t, nil)
	session, token := h.signIn(t, phone)
	if n, err := h.Sweep(t.Context()); err != nil || n != 2 { // the code and the limit of the phone
		t.Errorf("swept %d, %v; want 2", n, err)
	}
	if _, err := h.Session(t.Context(), token); err != nil {
		t.Errorf("session %s: %v", session.ID, err)
	}
	h.pass(200 * 24 * time.Hour)
	if n, err := h.Sweep(t.Context()); err != nil || n != 1 { // the session
		t.Errorf("swept %d, %v; want 1", n, err)
	}
	if n, err := h.Sweep(t.Context()); err != nil || n != 0 {
		t.Errorf("swept %d, %v; want 0", n, err)
	}
}
