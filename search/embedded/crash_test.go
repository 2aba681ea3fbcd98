package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/search"
	"chohue/search/searchtest"
)

const indexerDir = "SEARCH_TEST_INDEXER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(indexerDir); dir != "" {
		indexer(dir, os.Args[len(os.Args)-1])
		return
	}
	os.Exit(m.Run())
}

// history is what happens to the shop: changes in the order of their news.
func history() []search.Change {
	docs := searchtest.Products(400, 11)
	rng := rand.New(rand.NewPCG(4, 6))
	versions := map[market.ID]int64{}
	changes := make([]search.Change, 3000)
	for i := range changes {
		d := docs[rng.IntN(len(docs))]
		versions[d.ID]++
		d.Version = versions[d.ID]
		d.Name.VI += fmt.Sprintf(" lô%d", i)
		changes[i] = search.Change{Document: &d}
		if rng.IntN(5) == 0 {
			changes[i] = search.Change{Delete: d.ID, Version: d.Version}
		}
	}
	return changes
}

// indexer tells the index of one change after the other, says which is done,
// and makes the whole anew now and then, until it is killed or at the end.
func indexer(dir, from string) {
	start, err := strconv.Atoi(from)
	fail(err)
	synonyms, err := search.LoadSynonyms()
	fail(err)
	e, err := Open(dir, unmoved, synonyms)
	fail(err)
	e.renewFrom = 100
	all := history()
	for i := start; i < len(all); i++ {
		fail(e.Apply(context.Background(), all[i:i+1]))
		fmt.Println(i)
		if i%701 == 700 {
			err := e.Rebuild(context.Background(), func(yield func(search.Document) error) error {
				for _, d := range standing(all[:i+1]) {
					if err := yield(d); err != nil {
						return err
					}
				}
				return nil
			})
			if market.KindOf(err) != market.KindConflict {
				fail(err)
			}
		}
	}
	fail(e.Close())
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// standing is the shop after the changes.
func standing(changes []search.Change) map[market.ID]search.Document {
	docs := map[market.ID]search.Document{}
	for _, c := range changes {
		if c.Document == nil {
			delete(docs, c.Delete)
			continue
		}
		docs[c.Document.ID] = *c.Document
	}
	return docs
}

// TestKillTheIndexerAnywhere kills the process that writes the index at any
// moment: in a change, in a new snapshot, in a rebuild. What it had said is done
// is there afterwards, and after the news have come again from where they were
// known to be heard, the index is the catalogue's, word by word and row by row.
func TestKillTheIndexerAnywhere(t *testing.T) {
	dir := t.TempDir()
	all := history()
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	done, kills, most := 0, 0, 12
	if os.Getenv("MARKET_TEST_REQUIRED") == "1" {
		most = 60
	}
	for done < len(all) {
		after := len(all)
		if kills < most {
			after = done + 1 + rng.IntN(2*len(all)/most)
		}
		if next := indexUntil(t, dir, done, after); next < len(all) {
			kills++
			done = max(done, next-rng.IntN(3)) // news come at least once
			acknowledged(t, dir, all[:next])
			continue
		}
		break
	}
	e := open(t, dir, unmoved)
	defer func() { _ = e.Close() }()
	fresh := open(t, t.TempDir(), unmoved)
	defer func() { _ = fresh.Close() }()
	for _, d := range standing(all) {
		apply(t, fresh, search.Change{Document: &d})
	}
	if diff := cmp.Diff(fresh.live.dump(), e.live.dump()); diff != "" {
		t.Errorf("after %d kills (-catalogue +index):\n%s", kills, diff)
	}
	t.Logf("%d changes, %d kills", len(all), kills)
}

// indexUntil runs the indexer and kills it when it has said that it did so
// many. It returns how many it said.
func indexUntil(t *testing.T, dir string, from, after int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$", strconv.Itoa(from))
	cmd.Env = append(os.Environ(), indexerDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := from
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(lines.Text())
		}
		if said = n + 1; said == after {
			_ = cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() == 3 {
		t.Fatalf("indexer: %v", err)
	}
	return said
}

// acknowledged looks whether all that was said to be done is there.
func acknowledged(t *testing.T, dir string, changes []search.Change) {
	t.Helper()
	e := open(t, dir, unmoved)
	defer func() { _ = e.Close() }()
	for _, c := range changes {
		if id, version := c.Subject(); e.live.version(id) < version {
			t.Fatalf("%s: version %d is lost, there is %d", id, version, e.live.version(id))
		}
	}
}

// dump is all that the index knows, by what does not depend on its history.
func (x *index) dump() map[string]string {
	out := map[string]string{}
	for n, r := range x.rows {
		if r != nil && x.live.Contains(uint32(n)) {
			raw, _ := json.Marshal(r)
			out["row "+string(r.ID)] = string(raw)
		}
	}
	for k := range x.dicts {
		d := &x.dicts[k]
		note := func(word string) {
			var ids []market.ID
			for _, n := range d.get(word).ToArray() {
				if x.live.Contains(n) {
					ids = append(ids, x.rows[n].ID)
				}
			}
			slices.Sort(ids)
			if len(ids) > 0 {
				out[fmt.Sprintf("%d %s", k, word)] = fmt.Sprint(ids)
			}
		}
		d.base.each(nil, nil, nil, func(word []byte, _ uint64) { note(string(word)) })
		for word := range d.fresh {
			note(word)
		}
	}
	return out
}

// TestRebuildUnderLoad wants a change to be in the very next answer, with
// rebuilds and new snapshots going on: 50,000 queries where CI demands all.
func TestRebuildUnderLoad(t *testing.T) {
	queries := 3000
	if os.Getenv("MARKET_TEST_REQUIRED") == "1" {
		queries = 50_000
	}
	e := open(t, t.TempDir(), unmoved)
	defer func() { _ = e.Close() }()
	e.renewFrom = 50
	searchtest.RebuildUnderLoad(t, e, queries, 0)
}
