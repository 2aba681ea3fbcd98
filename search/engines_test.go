package search_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/search"
	"chohue/search/searchtest"
	"chohue/store/memory"
)

// moody is an engine whose server goes away and comes back.
type moody struct {
	search.Engine
	away bool
}

var errAway = errors.New("no connection")

func (m *moody) Query(ctx context.Context, q search.Query) (search.Result, error) {
	if m.away {
		return search.Result{}, errAway
	}
	return m.Engine.Query(ctx, q)
}

func (m *moody) Apply(ctx context.Context, changes []search.Change) error {
	if m.away {
		return errAway
	}
	return m.Engine.Apply(ctx, changes)
}

func (m *moody) Health(ctx context.Context) error {
	if m.away {
		return errAway
	}
	return m.Engine.Health(ctx)
}

// While the server is away the embedded engine answers, flagged. What the server
// missed it is told when it is back, before it answers again.
func TestAServerThatWasAwayIsMendedBeforeItAnswers(t *testing.T) {
	source := shop{}
	source.put("p", 1, "Trà cung đình", catalog.StatusPublished)
	source.put("q", 1, "Mè xửng", catalog.StatusPublished)
	server := &moody{Engine: open(t)}
	s := service(t, source, server, open(t))
	consume(t, s, news("p", catalog.EventPublished, 1), news("q", catalog.EventPublished, 1))
	if r := find(t, s, "cung dinh"); !r.Degraded {
		t.Errorf("a server that nobody has looked at answers: %+v", r)
	}
	if n, err := s.Recover(t.Context()); n != 0 || err != nil {
		t.Fatalf("mended %d, %v; want nothing", n, err)
	}
	if r := find(t, s, "cung dinh"); r.Degraded || r.Total != 1 {
		t.Fatalf("before: %+v", r)
	}
	server.away = true
	source.put("p", 2, "Trà sen", catalog.StatusPublished)
	source.put("q", 2, "Mè xửng", catalog.StatusWithdrawn)
	source.put("r", 1, "Nón lá", catalog.StatusPublished)
	consume(t, s, news("p", catalog.EventChanged, 2), news("q", catalog.EventWithdrawn, 2), news("r", catalog.EventPublished, 1))
	if r := find(t, s, "tra sen"); !r.Degraded || r.Total != 1 || !s.Degraded() {
		t.Errorf("away: %+v, degraded %v", r, s.Degraded())
	}
	server.away = false
	if r := find(t, s, "tra sen"); !r.Degraded {
		t.Errorf("back, and still behind, it answers: %+v", r)
	}
	n, err := s.Recover(t.Context())
	if err != nil || n != 3 {
		t.Errorf("mended %d, %v; want 3", n, err)
	}
	versions, err := server.Versions(t.Context())
	if err != nil || len(versions) != 2 || versions["p"] != 2 || versions["r"] != 1 {
		t.Errorf("afterwards it has %v, %v", versions, err)
	}
}

func TestNewsThatNoEngineHearsComeAgain(t *testing.T) {
	source := shop{}
	source.put("p", 1, "Trà", catalog.StatusPublished)
	s := service(t, source, &moody{Engine: open(t), away: true})
	if err := s.Consume(t.Context(), news("p", catalog.EventPublished, 1)); err == nil {
		t.Error("news that nobody heard are taken for delivered")
	}
}

func TestReconcileMendsWhatWasMissed(t *testing.T) {
	source := shop{}
	for _, id := range []market.ID{"a", "b", "c", "d"} {
		source.put(id, 2, "Trà "+string(id), catalog.StatusPublished)
	}
	engine := open(t)
	s := service(t, source, engine)
	if err := s.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	source.put("a", 3, "Trà sen", catalog.StatusPublished)
	source.put("b", 3, "Trà b", catalog.StatusWithdrawn)
	source.put("e", 1, "Trà e", catalog.StatusPublished)
	r, err := s.Reconcile(t.Context())
	if err != nil || r != (search.Reconciled{Products: 4, Missing: 1, Stale: 1, Gone: 1}) {
		t.Errorf("mended %+v, %v", r, err)
	}
	if r, err := s.Reconcile(t.Context()); err != nil || r != (search.Reconciled{Products: 4}) {
		t.Errorf("once more: %+v, %v", r, err)
	}
	if r := find(t, s, "tra sen"); r.Total != 1 {
		t.Errorf("what was stale: %d", r.Total)
	}
}

func TestFewerWordsFindMore(t *testing.T) {
	source := shop{}
	source.put("p", 1, "Trà cung đình", catalog.StatusPublished)
	source.put("q", 1, "Trà sen", catalog.StatusPublished)
	s := service(t, source, open(t))
	consume(t, s, news("p", catalog.EventPublished, 1), news("q", catalog.EventPublished, 1))
	got, err := s.Fewer(t.Context(), search.Query{Text: "trà qwertyuiop"})
	if err != nil || len(got) != 1 || got[0] != (search.Fewer{Text: "trà", Total: 2}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNotebookCountsWithoutSayingWho(t *testing.T) {
	env := market.NewEnv(func() time.Time { return searchtest.Now })
	n, err := search.NewNotebook(t.Context(), memory.New(), env)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"Mắm tôm", "mam tom", "MẮM TÔM ", "0905123456", "a@b.vn", "một hai ba bốn năm sáu bảy", "một lần"} {
		n.Note(text, 0)
	}
	n.Note("trà sen", 4)
	if _, err := n.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.Note("mam tom", 0)
	if _, err := n.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := n.NotFound(t.Context(), market.System, "2026-11")
	if err != nil || len(got) != 1 || got[0].Words != "mam tom" || got[0].Times != 4 || got[0].Nothing != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := n.NotFound(t.Context(), market.Actor{Person: "p"}, "2026-11"); market.KindOf(err) != market.KindForbidden {
		t.Errorf("a buyer sees it: %v", err)
	}
}

func TestNotebookKeepsSearchesOfOnePerson(t *testing.T) {
	n, err := search.NewNotebook(t.Context(), memory.New(), market.NewEnv(func() time.Time { return searchtest.Now }))
	if err != nil {
		t.Fatal(err)
	}
	lan, minh := market.Actor{Person: "lan"}, market.Actor{Person: "minh"}
	for range 2 {
		if err := n.Keep(t.Context(), lan, "/tim?q=mam", "mam"); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Drop(t.Context(), minh, "/tim?q=mam"); err != nil {
		t.Fatal(err)
	}
	if kept, err := n.Kept(t.Context(), lan); err != nil || len(kept) != 1 {
		t.Errorf("kept: %v, %v", kept, err)
	}
	if kept, err := n.Kept(t.Context(), minh); err != nil || len(kept) != 0 {
		t.Errorf("another's: %v, %v", kept, err)
	}
	if err := n.Keep(t.Context(), market.Actor{}, "/tim?q=mam", "mam"); market.KindOf(err) != market.KindUnauthenticated {
		t.Errorf("nobody keeps: %v", err)
	}
}
