package catalog

import (
	"log/slog"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

func (s *shop) relay(t *testing.T) {
	t.Helper()
	relay := store.NewRelay(s.engine, slog.New(slog.DiscardHandler), nil, store.Consumer{Name: "catalog", Handle: s.Consume})
	if err := relay.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestInStockFollowsTheStocks(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants[0].Stock, d.Variants[1].Stock = 2, 1
	p := s.show(t, d)
	one, other := p.Variants[0].ID, p.Variants[1].ID
	s.relay(t)
	check := func(name string, want bool) {
		t.Helper()
		s.relay(t)
		got, err := s.PublishedProduct(t.Context(), p.ID)
		if err != nil || got.InStock != want {
			t.Errorf("%s: in stock %v, want %v", name, got.InStock, want)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check("at first", true)
	do(s.Hold(t.Context(), "a", one, 2, start.Add(time.Minute)))
	check("one variant sold out", true)
	do(s.Hold(t.Context(), "a", other, 1, start.Add(time.Hour)))
	check("both sold out", false)
	s.wait(time.Minute)
	_, err := s.ExpireHolds(t.Context())
	do(err)
	check("a hold expired", true)
	d.Variants = d.Variants[1:]
	edited, err := s.Edit(t.Context(), farmer, p.ID, d)
	do(err)
	_, err = s.ApproveEdit(t.Context(), moderator, p.ID, edited.Pending.Number)
	do(err)
	check("only the variant that is sold out is left", false)
}

func TestConsumeTwiceWritesOnce(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	if err := s.Hold(t.Context(), "a", p.Variants[0].ID, 100, start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	event := market.Event{ID: "e", Type: EventStock, Subject: p.ID}
	for range 2 {
		if err := s.Consume(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.PublishedProduct(t.Context(), p.ID)
	if err != nil || got.InStock || got.Rev != p.Rev+1 {
		t.Errorf("in stock %v, revision %d → %d, %v", got.InStock, p.Rev, got.Rev, err)
	}
	event.Subject = "unknown"
	if err := s.Consume(t.Context(), event); err != nil {
		t.Errorf("a product not there: %v", err)
	}
}
