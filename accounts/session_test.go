package accounts

import (
	"strings"
	"testing"
	"time"

	"chohue/market"
)

const day = 24 * time.Hour

func TestSessionLife(t *testing.T) {
	h := open(t, nil)
	_, token, err := h.StartSession(t.Context(), "", map[string]string{"cart": "C1"}, Device{UserAgent: strings.Repeat("x", 1000), IP: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Session(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if got.Values["cart"] != "C1" || len(got.Device.UserAgent) != 300 || got.Person != "" {
		t.Errorf("session = %+v", got)
	}
	if strings.Contains(string(got.ID), token) || len(got.ID) != 52 {
		t.Errorf("id = %q, want the hash of the token", got.ID)
	}
	if err := h.SaveSession(t.Context(), token, map[string]string{"cart": "C2"}); err != nil {
		t.Fatal(err)
	}
	if got, err = h.Session(t.Context(), token); err != nil || got.Values["cart"] != "C2" {
		t.Errorf("saved = %+v, %v", got, err)
	}
	if err := h.EndSession(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := h.Session(t.Context(), token); market.KindOf(err) != market.KindNotFound {
			t.Errorf("after its end: %v", err)
		}
		wantKey(t, h.SaveSession(t.Context(), token, nil), market.KindNotFound, "session.missing")
		if err := h.EndSession(t.Context(), token); err != nil {
			t.Errorf("ending twice: %v", err)
		}
	}
}

func TestSessionEndsWhenIdleAndWhenOld(t *testing.T) {
	h := open(t, nil)
	_, idle, err := h.StartSession(t.Context(), "", nil, Device{})
	if err != nil {
		t.Fatal(err)
	}
	_, busy, err := h.StartSession(t.Context(), "", nil, Device{})
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		h.pass(29 * day)
		if _, err := h.Session(t.Context(), busy); err != nil {
			t.Fatalf("busy session ended at %s: %v", h.clock(), err)
		}
	}
	_, err = h.Session(t.Context(), idle)
	wantKey(t, err, market.KindNotFound, "session.missing")
	wantKey(t, h.SaveSession(t.Context(), idle, nil), market.KindNotFound, "session.missing")
	h.pass(7 * day) // 181 days old, used a week ago
	_, err = h.Session(t.Context(), busy)
	wantKey(t, err, market.KindNotFound, "session.missing")
}

func TestUseIsNotedNowAndThen(t *testing.T) {
	h := open(t, nil)
	first, token, err := h.StartSession(t.Context(), "", nil, Device{})
	if err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	soon, err := h.Session(t.Context(), token)
	if err != nil || soon.Rev != first.Rev {
		t.Errorf("revision %d after a minute, %v; want %d", soon.Rev, err, first.Rev)
	}
	h.pass(15 * time.Minute)
	later, err := h.Session(t.Context(), token)
	if err != nil || later.Rev != first.Rev+1 || !later.SeenAt.Equal(h.clock()) {
		t.Errorf("session = %+v, %v; want it seen now", later, err)
	}
}

func TestDevicesAndSigningOutEverywhere(t *testing.T) {
	h := open(t, nil)
	mine, first := h.signIn(t, phone)
	_, second := h.signIn(t, phone)
	_, foreign := h.signIn(t, "0905000002")
	list, err := h.Sessions(t.Context(), actor(mine))
	if err != nil || len(list) != 2 || list[0].SeenAt.Before(list[1].SeenAt) {
		t.Fatalf("devices = %v, %v; want two, the last used first", list, err)
	}
	if err := h.EndAllSessions(t.Context(), actor(mine)); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{first, second} {
		_, err := h.Session(t.Context(), token)
		wantKey(t, err, market.KindNotFound, "session.missing")
	}
	if _, err := h.Session(t.Context(), foreign); err != nil {
		t.Errorf("somebody else was signed out: %v", err)
	}
}

// A guest is nobody: guests must not be able to list or end each other's
// visits.
func TestGuestsHaveNoDeviceList(t *testing.T) {
	h := open(t, nil)
	_, token, err := h.StartSession(t.Context(), "", nil, Device{})
	if err != nil {
		t.Fatal(err)
	}
	wantKey(t, h.EndAllSessions(t.Context(), market.Actor{}), market.KindUnauthenticated, "signin.needed")
	_, err = h.Sessions(t.Context(), market.Actor{})
	wantKey(t, err, market.KindUnauthenticated, "signin.needed")
	if _, err := h.Session(t.Context(), token); err != nil {
		t.Error(err)
	}
}

func TestSessionsKeepLittle(t *testing.T) {
	h := open(t, nil)
	large := map[string]string{"cart": strings.Repeat("x", 16<<10)}
	_, _, err := h.StartSession(t.Context(), "", large, Device{})
	wantKey(t, err, market.KindInvalid, "session.full")
	_, token, err := h.StartSession(t.Context(), "", map[string]string{"cart": "C1"}, Device{})
	if err != nil {
		t.Fatal(err)
	}
	wantKey(t, h.SaveSession(t.Context(), token, large), market.KindInvalid, "session.full")
	if got, err := h.Session(t.Context(), token); err != nil || got.Values["cart"] != "C1" {
		t.Errorf("session = %+v, %v; want the old values", got, err)
	}
}

func TestUnknownTokens(t *testing.T) {
	h := open(t, nil)
	for _, token := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("x", 1<<16), "\x00\xff"} {
		_, err := h.Session(t.Context(), token)
		wantKey(t, err, market.KindNotFound, "session.missing")
	}
}
