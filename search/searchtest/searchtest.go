// Package searchtest is what every search engine must do, as a suite, and the
// products that engines are measured with.
package searchtest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/search"
)

// Open opens an empty engine that tells the time by now. The suite closes it.
type Open func(t *testing.T, now market.Clock) search.Engine

// Now is the moment at which the suite's products are searched.
var Now = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// Run puts an engine through the suite.
func Run(t *testing.T, open Open) { run(t, open, finds) }

// RunFree is Run for an engine that allows mistakes whatever it finds without:
// what answers a query comes first, and more may follow.
func RunFree(t *testing.T, open Open) { run(t, open, findsFirst) }

func run(t *testing.T, open Open, finds func(*testing.T, search.Engine)) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, search.Engine)
	}{
		{"finds", finds},
		{"ranks", ranks},
		{"ranks by the published criteria", criteria},
		{"corrects", corrects},
		{"filters", filters},
		{"sorts", sorts},
		{"pages", pages},
		{"facets", facets},
		{"suggests", suggests},
		{"suggests places", suggestsPlaces},
		{"versions", versions},
		{"applies side by side", appliesSideBySide},
		{"deletes", deletes},
		{"rebuilds", rebuilds},
		{"keeps the index when a rebuild fails", rebuildFails},
		{"rebuilds under load", rebuildsUnderLoad},
		{"survives hostile queries", hostile},
	} {
		t.Run(part.name, func(t *testing.T) {
			e := open(t, func() time.Time { return Now })
			defer closes(t, e)
			part.run(t, e)
		})
	}
	t.Run("lets certificates expire", func(t *testing.T) { expires(t, open) })
}

func closes(t *testing.T, e search.Engine) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func fill(t *testing.T, e search.Engine, docs []search.Document) {
	t.Helper()
	changes := make([]search.Change, len(docs))
	for i := range docs {
		changes[i].Document = &docs[i]
	}
	apply(t, e, changes...)
}

func query(t *testing.T, e search.Engine, q search.Query) search.Result {
	t.Helper()
	r, err := e.Query(context.Background(), q)
	if err != nil {
		t.Fatalf("query %+v: %v", q, err)
	}
	if r.Total < len(r.IDs) {
		t.Errorf("query %+v: total %d for %d ids", q, r.Total, len(r.IDs))
	}
	return r
}

func ids(list ...string) []market.ID {
	out := make([]market.ID, len(list))
	for i, id := range list {
		out[i] = market.ID(id)
	}
	return out
}

func same(t *testing.T, what any, got, want []market.ID) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	ordered(t, what, got, want)
}

func ordered(t *testing.T, what any, got, want []market.ID) {
	t.Helper()
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%+v (-want +got):\n%s", what, diff)
	}
}

func counts(t *testing.T, e search.Engine, want int) {
	t.Helper()
	got, err := e.Count(context.Background())
	if err != nil || got != want {
		t.Errorf("count = %d, %v; want %d", got, err, want)
	}
}
