package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

const (
	crashPath   = "MARKET_TEST_CRASH_PATH" // set in the child that is to be killed
	crashRounds = "MARKET_TEST_ROUNDS"
)

type parcel struct {
	store.Doc `bson:",inline"`
	Count     int64    `bson:"count"`
	Tags      []string `bson:"tags"`
}

var parcels = store.Spec{Name: "parcels", Indexes: []store.Index{
	{Name: "count", Fields: []string{"count"}},
	{Name: "tag", Fields: []string{"tags", "count"}},
}}

// TestCrash kills a process with 64 writers at random moments, again and again
// on one file. What was acknowledged must be there, and every index and event
// must fit the documents. It proves kill -9, not power loss: for that the
// engine relies on SQLite's synchronous=FULL.
func TestCrash(t *testing.T) {
	rounds := 20
	if text := os.Getenv(crashRounds); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", crashRounds, err)
		}
	}
	path := filepath.Join(t.TempDir(), "market.db")
	known := acknowledged{counts: map[market.ID]int64{}}
	for round := range rounds {
		known.killedAfter(t, path, round, rand.IntN(600))
		known.check(t, path)
	}
	if len(known.counts) < rounds {
		t.Errorf("only %d documents were acknowledged in %d rounds", len(known.counts), rounds)
	}
}

// acknowledged is what the killed processes were told to be durable: the
// count of each document, gone for a deleted one.
type acknowledged struct{ counts map[market.ID]int64 }

const (
	gone       = -1
	countsEach = 3 // writes of a document before it may be deleted
	shared     = market.ID("shared")
)

// killedAfter runs a child until it has reported the given number of writes.
func (a acknowledged) killedAfter(t *testing.T, path string, round, writes int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$")
	child.Env = append(os.Environ(), crashPath+"="+path, "MARKET_TEST_CRASH_ROUND="+strconv.Itoa(round))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		if n == writes {
			must(t, child.Process.Kill())
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		a.note(t, line)
	}
	if err := child.Wait(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("child ended by itself: %v", err)
	}
}

func (a acknowledged) note(t *testing.T, line string) {
	t.Helper()
	var id market.ID
	var count int64
	if _, err := fmt.Sscanf(line, "%s %d\n", &id, &count); err != nil {
		t.Fatalf("child says %q: %v", line, err)
	}
	if a.counts[id] != gone {
		a.counts[id] = max(a.counts[id], count)
	}
	if count == gone {
		a.counts[id] = gone
	}
}

func (a acknowledged) check(t *testing.T, path string) {
	t.Helper()
	e, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, e.Close()) }()
	c, err := store.Open[parcel](t.Context(), e, parcels)
	must(t, err)
	stored := map[market.ID]*parcel{}
	must(t, c.Each(t.Context(), store.Query{}, func(p *parcel) error {
		stored[p.ID] = p
		return nil
	}))
	for id, count := range a.counts {
		switch p := stored[id]; {
		case count == gone && p != nil:
			t.Fatalf("%s is back after its deletion", id)
		case count == gone:
		case p == nil && count == countsEach && id != shared:
			// its deletion may have been written and not yet reported
		case p == nil || p.Count < count:
			t.Fatalf("%s is %+v, acknowledged was count %d", id, p, count)
		}
	}
	checkEvents(t, e, stored)
	checkIndexes(t, e)
}

// checkEvents compares the outbox, from which nothing was ever taken, with the
// documents: one event for each write, in order.
func checkEvents(t *testing.T, e *Engine, stored map[market.ID]*parcel) {
	t.Helper()
	all, err := e.Pending(t.Context(), nil, 1<<30)
	must(t, err)
	written := map[market.ID]int64{}
	for _, p := range all {
		written[p.Event.Subject]++
		if want := eventID(p.Event.Subject, written[p.Event.Subject]); p.Event.ID != want {
			t.Fatalf("event %s, want %s", p.Event.ID, want)
		}
	}
	for id, p := range stored {
		if written[id] != p.Count || p.Rev != p.Count {
			t.Fatalf("%s: count %d, revision %d, %d events", id, p.Count, p.Rev, written[id])
		}
	}
}

// checkIndexes compares every index table with what the bodies say.
func checkIndexes(t *testing.T, e *Engine) {
	t.Helper()
	for _, ix := range parcels.Indexes {
		var want []string
		for _, row := range everyRow(t, e, "SELECT body, id FROM parcels") {
			for _, values := range ix.Rows(bson.Raw(row[0].([]byte))) {
				want = append(want, fmt.Sprintf("%q", append(values, row[1])))
			}
		}
		var got []string
		for _, row := range everyRow(t, e, `SELECT * FROM "parcels.`+ix.Name+`"`) {
			got = append(got, fmt.Sprintf("%q", row))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("index %s (-rebuilt +stored)\n%s", ix.Name, diff)
		}
	}
	if found := everyRow(t, e, "PRAGMA integrity_check"); len(found) != 1 || found[0][0] != "ok" {
		t.Fatalf("integrity: %v", found)
	}
}

func everyRow(t *testing.T, e *Engine, query string, args ...any) [][]any {
	t.Helper()
	rows, err := e.readers.QueryContext(t.Context(), query, args...)
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	columns, err := rows.Columns()
	must(t, err)
	var all [][]any
	for rows.Next() {
		row := make([]any, len(columns))
		to := make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		must(t, rows.Scan(to...))
		all = append(all, row)
	}
	must(t, rows.Err())
	return all
}

func eventID(id market.ID, n int64) market.ID { return market.ID(fmt.Sprintf("%s/%06d", id, n)) }

// TestCrashChild is the process that TestCrash kills.
func TestCrashChild(t *testing.T) {
	path := os.Getenv(crashPath)
	if path == "" {
		t.Skip("runs as a child of TestCrash")
	}
	e, err := Open(t.Context(), path)
	must(t, err)
	c, err := store.Open[parcel](t.Context(), e, parcels)
	must(t, err)
	round := os.Getenv("MARKET_TEST_CRASH_ROUND")
	var wait sync.WaitGroup
	for w := range 64 {
		wait.Go(func() { writeUntilKilled(t, c, fmt.Sprintf("%s-%d", round, w)) })
	}
	wait.Wait()
}

// writeUntilKilled makes new documents, counts in them and in one that all
// writers share, deletes some, and reports each write once it returned.
func writeUntilKilled(t *testing.T, c *store.Collection[parcel], name string) {
	ctx := t.Context()
	report := func(id market.ID) { fmt.Printf("%s %d\n", id, countUp(ctx, t, c, id)) }
	for i := 0; ; i++ {
		own := market.ID(fmt.Sprintf("%s-%d", name, i))
		for range countsEach {
			report(own)
		}
		report(shared)
		if i%2 == 0 {
			must(t, c.Delete(ctx, own))
			fmt.Printf("%s %d\n", own, gone)
		}
	}
}

func countUp(ctx context.Context, t *testing.T, c *store.Collection[parcel], id market.ID) int64 {
	p, err := c.Upsert(ctx, id, func(p *parcel) ([]market.Event, error) {
		p.Count++
		p.Tags = []string{"all", fmt.Sprint(p.Count % 2), fmt.Sprint(p.Count % 3)}
		return []market.Event{{ID: eventID(id, p.Count), Type: "parcels.counted", Subject: id, At: time.UnixMilli(0)}}, nil
	})
	must(t, err)
	return p.Count
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
