package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// heard is what arrived at the market, in order.
type heard struct {
	mu  sync.Mutex
	all []string
}

func (h *heard) notice(name string) func(context.Context) error {
	return func(context.Context) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.all = append(h.all, name)
		return nil
	}
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.all, " ")
}

func TestSwitchesOnNotices(t *testing.T) {
	for name, want := range map[string]struct{ at, later string }{
		"":              {"a b", "a b"},
		switchDuplicate: {"a a b b", "a a b b"},
		switchLose:      {"", ""},
		switchReorder:   {"b a", "b a"},
		switchLate:      {"", "a b"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, line := &heard{}, newLine(t.Context(), "x", defaultPace)
			if name != "" {
				line.Set(name, true)
			}
			line.Deliver(h.notice("a"))
			synctest.Wait()
			time.Sleep(time.Second)
			line.Deliver(h.notice("b"))
			synctest.Wait()
			if h.String() != want.at {
				t.Errorf("%s: at once %q, want %q", name, h, want.at)
			}
			time.Sleep(defaultPace.Late)
			synctest.Wait()
			if h.String() != want.later {
				t.Errorf("%s: later %q, want %q", name, h, want.later)
			}
		})
	}
}

// A notice that waits for another which never comes is sent in the end.
func TestNobodyOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, line := &heard{}, newLine(t.Context(), "x", defaultPace)
		line.Set(switchReorder, true)
		line.Deliver(h.notice("a"))
		time.Sleep(defaultPace.Late + time.Second)
		synctest.Wait()
		if h.String() != "a" {
			t.Errorf("heard %q, want a", h)
		}
	})
}

func TestNotAcknowledgedIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line, tries := newLine(t.Context(), "x", defaultPace), 0
		line.Deliver(func(context.Context) error {
			if tries++; tries < 3 {
				return errors.New("busy")
			}
			return nil
		})
		line.Wait()
		if got := line.Tally(); tries != 3 || got != (Tally{Sent: 3, Acknowledged: 1}) {
			t.Errorf("%d tries, %+v", tries, got)
		}
	})
}

// echo is a party that counts how often it was asked to do something.
func echo(asked *int) party {
	return party{name: "echo", title: "Echo", open: func(*Line, string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*asked++
			_, _ = w.Write([]byte(r.URL.Path))
		})
	}, settings: func(at string) []string { return []string{"ECHO_URL=" + at} }}
}

func TestAnswersAreCutAfterTheDeed(t *testing.T) {
	asked := 0
	w := open(t.Context(), "http://x", defaultPace, []party{echo(&asked)})
	server := httptest.NewServer(w.mux)
	defer server.Close()
	post := func() error {
		res, err := http.Post(server.URL+"/echo/do", "text/plain", nil)
		if err == nil {
			_ = res.Body.Close()
		}
		return err
	}
	if err := post(); err != nil || asked != 1 {
		t.Fatalf("asked %d, %v", asked, err)
	}
	w.lines["echo"].Set(switchCut, true)
	if err := post(); err == nil || asked != 2 {
		t.Errorf("asked %d, %v; want it done and the answer lost", asked, err)
	}
}

func TestDesk(t *testing.T) {
	asked := 0
	w := open(t.Context(), "http://x", defaultPace, []party{echo(&asked)})
	server := httptest.NewServer(w.mux)
	defer server.Close()
	res, err := http.PostForm(server.URL+"/switches", url.Values{"party": {"echo"}, "switch": {switchLose}, "on": {"true"}})
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	if !w.lines["echo"].On(switchLose) {
		t.Error("the switch was not turned")
	}
	for what, change := range map[string]func(*http.Request){
		"another host": func(r *http.Request) { r.Host = "evil.example" },
		"another page": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"no switch":    func(r *http.Request) { r.URL.RawQuery = "party=echo&switch=dance" },
		"no party":     func(r *http.Request) { r.URL.RawQuery = "party=x&switch=late" },
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/switches?party=echo&switch=late&on=true", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode < 400 {
			t.Errorf("%s: %v, %v; want refused", what, res.Status, err)
		}
		_ = res.Body.Close()
	}
	if w.lines["echo"].On(switchLate) {
		t.Error("a refused request has turned a switch")
	}
}

func TestTurnNamesWhatIsWrong(t *testing.T) {
	asked := 0
	w := open(t.Context(), "http://x", defaultPace, []party{echo(&asked)})
	if err := w.turn("echo:late, echo:lose"); err != nil || !w.lines["echo"].On(switchLate) || !w.lines["echo"].On(switchLose) {
		t.Errorf("turn: %v", err)
	}
	for _, bad := range []string{"echo:dance", "nobody:late", "late"} {
		if err := w.turn(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("turn(%q) = %v, want an error naming it", bad, err)
		}
	}
}

func TestOnlyThisMachine(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "localhost:80": true, "localhost": true,
		"10.0.0.1:80": false, "127.0.0.1.evil.example:80": false, "": false,
	} {
		if local(address) != want {
			t.Errorf("local(%q) = %v", address, !want)
		}
	}
	if err := run([]string{"-addr", "0.0.0.0:0"}); err == nil {
		t.Error("listens for everybody")
	}
}

// The market is run with the settings of everybody who is played, what was set
// by hand goes before, and its exit code is passed on.
func TestRunsTheMarket(t *testing.T) {
	t.Setenv("ECHO_URL", "by hand")
	if err := until([]string{"sh", "-c", `test "$ECHO_URL" = "by hand" && test "$OTHER" = here`}, []string{"ECHO_URL=x", "OTHER=here"}, nil); err != nil {
		t.Error(err)
	}
	if err := until([]string{"sh", "-c", "exit 3"}, nil, nil); err == nil || err.Error() != "exit status 3" {
		t.Errorf("got %v, want exit status 3", err)
	}
}
