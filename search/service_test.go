package search_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/search"
	"chohue/search/embedded"
	"chohue/search/searchtest"
	"chohue/store"
)

// shop is a catalogue in memory.
type shop map[market.ID]*catalog.Product

func (s shop) PublishedProduct(_ context.Context, id market.ID) (*catalog.Product, error) {
	if p := s[id]; p != nil && p.Status == catalog.StatusPublished {
		return p, nil
	}
	return nil, market.NotFound("catalog.missing")
}

func (s shop) EachPublished(_ context.Context, do func(*catalog.Product) error) error {
	for _, p := range s {
		if p.Status == catalog.StatusPublished {
			if err := do(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s shop) EachTurned(_ context.Context, since time.Time, do func(*catalog.Product) error) (time.Time, error) {
	for _, p := range s {
		if p.Status == catalog.StatusPublished && !p.BadgeTurnedAt.IsZero() && !p.BadgeTurnedAt.Before(since) {
			if err := do(p); err != nil {
				return searchtest.Now, err
			}
		}
	}
	return searchtest.Now, nil
}

func (s shop) put(id market.ID, rev int64, name string, status catalog.Status) {
	s[id] = &catalog.Product{
		Doc: store.Doc{ID: id, Rev: rev}, Name: market.Text{VI: name}, Set: 12, Ward: "19753", Status: status, InStock: true,
	}
}

func news(id market.ID, kind string, version int64) market.Event {
	return market.NewEvent(market.NewEnv(market.SystemClock), kind, id, catalog.Changed{Product: id, Version: version})
}

func open(t testing.TB) search.Engine {
	t.Helper()
	synonyms, err := search.LoadSynonyms()
	if err != nil {
		t.Fatal(err)
	}
	e, err := embedded.Open(t.TempDir(), func() time.Time { return searchtest.Now }, synonyms)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func service(t testing.TB, source search.Source, engine search.Engine, fallbacks ...search.Engine) *search.Service {
	t.Helper()
	areas, err := market.LoadAreas()
	if err != nil {
		t.Fatal(err)
	}
	sets, err := catalog.LoadSets()
	if err != nil {
		t.Fatal(err)
	}
	return search.New(engine, source, sets, areas, fallbacks...)
}

func find(t *testing.T, s *search.Service, text string) search.Result {
	t.Helper()
	r, err := s.Search(context.Background(), search.Query{Text: text})
	if err != nil {
		t.Fatalf("search %q: %v", text, err)
	}
	return r
}

func consume(t testing.TB, s *search.Service, events ...market.Event) {
	t.Helper()
	for _, e := range events {
		if err := s.Consume(context.Background(), e); err != nil {
			t.Fatalf("%s: %v", e.Type, err)
		}
	}
}

func TestFollowsTheCatalogue(t *testing.T) {
	source := shop{}
	s := service(t, source, open(t))
	source.put("p", 3, "Trà cung đình", catalog.StatusPublished)
	published := news("p", catalog.EventPublished, 3)
	consume(t, s, published, published)
	if r := find(t, s, "tra cung dinh"); r.Total != 1 || r.IDs[0] != "p" {
		t.Errorf("published: %v", r.IDs)
	}
	if r := find(t, s, "phường Phú Xuân"); r.Total != 1 {
		t.Errorf("by ward: %d", r.Total)
	}
	source.put("p", 4, "Trà sen", catalog.StatusPublished)
	consume(t, s, news("p", catalog.EventChanged, 4))
	if r := find(t, s, "sen"); r.Total != 1 {
		t.Errorf("changed: %d", r.Total)
	}
	source.put("p", 5, "Trà sen", catalog.StatusWithdrawn)
	consume(t, s, news("p", catalog.EventWithdrawn, 5), published)
	if r := find(t, s, "sen"); r.Total != 0 {
		t.Errorf("withdrawn: %d", r.Total)
	}
	consume(t, s, market.Event{Type: "orders.placed", Subject: "p"})
}

func TestReindex(t *testing.T) {
	source := shop{}
	source.put("p", 3, "Trà cung đình", catalog.StatusPublished)
	source.put("q", 1, "Trà nháp", catalog.StatusDraft)
	s := service(t, source, open(t))
	if err := s.Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Count(context.Background()); n != 1 || err != nil {
		t.Errorf("count = %d, %v; want 1", n, err)
	}
}

func TestReadsTelexKeys(t *testing.T) {
	source := shop{}
	source.put("p", 1, "Trà cung đình", catalog.StatusPublished)
	s := service(t, source, open(t))
	consume(t, s, news("p", catalog.EventPublished, 1))
	r := find(t, s, "tra cung ddinhf")
	if r.Total != 1 || r.Corrected != "tra cung đình" {
		t.Errorf("total %d, corrected to %q", r.Total, r.Corrected)
	}
	if r := find(t, s, "zzz ddinhf"); r.Total != 0 || r.Corrected != "" {
		t.Errorf("nothing like it: total %d, corrected to %q", r.Total, r.Corrected)
	}
}

func TestCountsProvenCertificatesWhileTheyLast(t *testing.T) {
	day := func(n int) time.Time { return searchtest.Now.AddDate(0, 0, n) }
	revoked := day(-1)
	for _, c := range []struct {
		name string
		cert catalog.Certificate
		want int
	}{
		{"valid", catalog.Certificate{Stars: 4, Verification: catalog.ProofDecision, ValidFrom: day(-9), ValidTo: day(9)}, 1},
		{"expired", catalog.Certificate{Stars: 4, Verification: catalog.ProofDecision, ValidFrom: day(-9), ValidTo: day(0)}, 0},
		{"not yet", catalog.Certificate{Stars: 4, Verification: catalog.ProofDecision, ValidFrom: day(1), ValidTo: day(9)}, 0},
		{"revoked", catalog.Certificate{Stars: 4, Verification: catalog.ProofDecision, ValidFrom: day(-9), ValidTo: day(9), RevokedAt: &revoked}, 0},
		{"seller's word", catalog.Certificate{Stars: 4, Verification: catalog.ProofVendor, ValidFrom: day(-9), ValidTo: day(9)}, 0},
		{"two stars", catalog.Certificate{Stars: 2, Verification: catalog.ProofDecision, ValidFrom: day(-9), ValidTo: day(9)}, 0},
	} {
		source := shop{}
		source.put("p", 1, "Trà", catalog.StatusPublished)
		source["p"].Certificates = []catalog.Certificate{c.cert}
		s := service(t, source, open(t))
		consume(t, s, news("p", catalog.EventCertified, 1))
		r, err := s.Search(context.Background(), search.Query{Stars: 1})
		if err != nil || r.Total != c.want {
			t.Errorf("%s: %d, %v; want %d", c.name, r.Total, err, c.want)
		}
	}
}

// down is an engine that does not answer.
type down struct{ search.Engine }

func (down) Query(context.Context, search.Query) (search.Result, error) {
	return search.Result{}, errors.New("no connection")
}

func (down) Suggest(context.Context, string, int) ([]search.Suggestion, error) {
	return nil, errors.New("no connection")
}

func (down) Health(context.Context) error { return errors.New("no connection") }

func TestFallsBack(t *testing.T) {
	source := shop{}
	source.put("p", 1, "Trà cung đình", catalog.StatusPublished)
	spare := open(t)
	s := service(t, source, down{open(t)}, spare)
	consume(t, s, news("p", catalog.EventPublished, 1))
	if r := find(t, s, "tra"); r.Total != 1 || !r.Degraded {
		t.Errorf("total %d, degraded %v", r.Total, r.Degraded)
	}
	if names, err := s.Suggest(context.Background(), "tr", 3); len(names) != 1 || err != nil {
		t.Errorf("suggest: %+v, %v", names, err)
	}
	if err := s.Health(context.Background()); err != nil {
		t.Errorf("health with a fallback: %v", err)
	}
	alone := service(t, source, down{spare})
	_, err := alone.Search(context.Background(), search.Query{})
	if market.KindOf(err) != market.KindUnavailable || market.KindOf(alone.Health(context.Background())) != market.KindUnavailable {
		t.Errorf("nobody answers: %v, want unavailable", err)
	}
}

func TestRefusesWhatIsNoQuery(t *testing.T) {
	s := service(t, shop{}, open(t))
	for field, q := range map[string]search.Query{
		"sort": {Sort: "random"}, "set": {Set: 27}, "stars": {Stars: -1}, "price": {PriceFrom: -1},
	} {
		_, err := s.Search(context.Background(), q)
		var e *market.Error
		if !errors.As(err, &e) || e.Kind != market.KindInvalid || e.Field != field {
			t.Errorf("%+v: %v, want invalid %s", q, err, field)
		}
	}
}

func TestRevocationCountsBeforeItsNewsArrives(t *testing.T) {
	source := shop{}
	source.put("tra", 1, "Trà cung đình", catalog.StatusPublished)
	source.put("sen", 1, "Trà sen", catalog.StatusPublished)
	for id := range source {
		source[id].Certificates = []catalog.Certificate{{
			ID: "c", Stars: 4, Verification: catalog.ProofDecision,
			ValidFrom: searchtest.Now.AddDate(-1, 0, 0), ValidTo: searchtest.Now.AddDate(1, 0, 0),
		}}
	}
	s := service(t, source, open(t))
	if err := s.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	starred := func(want int) {
		t.Helper()
		r, err := s.Search(t.Context(), search.Query{Stars: 3, Facets: true})
		if err != nil {
			t.Fatal(err)
		}
		counted := 0
		for _, c := range r.Facets["stars"] {
			if c.Value == "4" {
				counted = c.N
			}
		}
		if r.Total != want || counted != want {
			t.Errorf("%d found, %d counted, want %d", r.Total, counted, want)
		}
	}
	starred(2)
	for i, id := range []market.ID{"tra", "sen"} {
		revoked := *source[id]
		revoked.Rev, revoked.BadgeTurnedAt = 2, searchtest.Now
		revoked.Certificates = []catalog.Certificate{revoked.Certificates[0]}
		revoked.Certificates[0].RevokedAt = &searchtest.Now
		source[id] = &revoked
		starred(1 - i)
	}
}
