package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"chohue/market"
	"chohue/store"
)

// TestEveryQueryWalksItsIndex reads SQLite's plans: the index first, then the
// bodies, and no sorting except after In, where the runs of several values may
// have to be merged.
func TestEveryQueryWalksItsIndex(t *testing.T) {
	e, c := openParcels(t, filepath.Join(t.TempDir(), "market.db"))
	for i := range 50 {
		countUp(t.Context(), t, c, market.ID(fmt.Sprint(i%20)))
	}
	for _, q := range []struct {
		query store.Query
		at    []any
		want  string
	}{
		{store.Query{}, nil, "SCAN i USING INDEX"},
		{store.Query{}, []any{"7"}, "SEARCH i USING INDEX"},
		{store.Query{Desc: true}, []any{"7"}, "SEARCH i USING INDEX"},
		{store.Query{Index: "count"}, nil, "SCAN i"},
		{store.Query{Index: "count"}, []any{2, "7"}, "SEARCH i USING PRIMARY KEY ((count,id)>(?,?))"},
		{store.Query{Index: "count", Desc: true}, []any{2, "7"}, "SEARCH i USING PRIMARY KEY ((count,id)<(?,?))"},
		{store.Query{Index: "count", Eq: []any{2}}, nil, "SEARCH i USING PRIMARY KEY (count=?)"},
		{store.Query{Index: "count", From: 1, To: 3}, nil, "SEARCH i USING PRIMARY KEY (count>? AND count<?)"},
		{store.Query{Index: "count", In: []any{1, 3}}, nil, "SEARCH i USING PRIMARY KEY (count=?)"},
		{store.Query{Index: "tag", Eq: []any{"all"}, Desc: true}, nil, "SEARCH i USING PRIMARY KEY (tags=?)"},
		{store.Query{Index: "tag", Eq: []any{"all"}, From: 2}, nil, "SEARCH i USING PRIMARY KEY (tags=? AND count>?)"},
		{store.Query{Index: "tag", Eq: []any{"all"}}, []any{2, "7"}, "SEARCH i USING PRIMARY KEY (tags=? AND (count,id)>(?,?))"},
	} {
		q.query.Limit = 10
		plan := explain(t, e, q.query, q.at)
		if !strings.HasPrefix(plan[0], q.want) {
			t.Errorf("%+v begins with %q, want %q", q.query, plan[0], q.want)
		}
		if q.query.Index != "" && !strings.HasPrefix(plan[1], "SEARCH d USING INDEX") {
			t.Errorf("%+v then does %q", q.query, plan[1])
		}
		if all := fmt.Sprint(plan); q.query.In == nil && strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%+v sorts: %s", q.query, all)
		}
	}
}

func explain(t *testing.T, e *Engine, q store.Query, at []any) []string {
	t.Helper()
	text, args, err := newTable(parcels).find(q, at)
	must(t, err)
	var plan []string
	for _, row := range everyRow(t, e, "EXPLAIN QUERY PLAN "+text, args...) {
		plan = append(plan, row[3].(string))
	}
	return plan
}
