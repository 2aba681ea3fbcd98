// Package bleve is the embedded search engine: bleve's scorch index on disk,
// read directly. Scorch keeps the words (an FST and a bitmap of documents per
// word, in immutable segments, durable and merged in the background); what is
// filtered, counted and sorted by lies in memory beside each segment. Bleve's
// own query tree reads frequencies and stored values for each match and needs
// ten times the CPU for the same answers.
package bleve

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/blevesearch/vellum/levenshtein"

	"chohue/market"
	"chohue/search"
)

// Engine is a search.Engine in one folder. Only one process may have it open.
type Engine struct {
	dir      string
	now      market.Clock
	synonyms search.Synonyms
	typos    *levenshtein.LevenshteinAutomatonBuilder

	rebuild sync.Mutex // one Rebuild at a time
	joining sync.Mutex
	queue   []waiting

	write sync.Mutex // Apply, and the moments at which Rebuild begins and ends
	next  *generation

	look sync.RWMutex // held by queries; whoever replaces live or its view waits for them
	live *generation
}

var _ search.Engine = (*Engine)(nil)

// layout numbers the form of what is on disk. An index of another layout is
// dropped on opening, and Count says that it must be rebuilt.
const layout = 1

var errClosed = market.Unavailable("search.unavailable")

// Open opens the index in dir, or begins an empty one.
func Open(dir string, now market.Clock, synonyms search.Synonyms) (*Engine, error) {
	typos, err := levenshtein.NewLevenshteinAutomatonBuilder(1, true)
	if err != nil {
		return nil, err
	}
	e := &Engine{dir: dir, now: now, synonyms: synonyms, typos: typos}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	number := e.current()
	if err := e.sweep(number); err != nil {
		return nil, err
	}
	if e.live, err = openGeneration(e.folder(number), number); err != nil {
		return nil, err
	}
	return e, e.point(number)
}

// current reads which generation is live; the first when none is.
func (e *Engine) current() int {
	raw, err := os.ReadFile(e.pointer())
	var form, number int
	if err != nil {
		return 1
	}
	if _, err := fmt.Sscanf(string(raw), "%d/%d", &form, &number); err != nil || form != layout {
		return number + 1
	}
	return number
}

func (e *Engine) pointer() string { return filepath.Join(e.dir, "CURRENT") }

func (e *Engine) folder(number int) string {
	return filepath.Join(e.dir, fmt.Sprintf("index-%06d", number))
}

// point makes the generation the one that is opened next time. The rename is
// the moment of the swap on disk.
func (e *Engine) point(number int) error {
	f, err := os.CreateTemp(e.dir, "CURRENT-*")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%d/%d\n", layout, number)
	if err == nil {
		err = f.Sync()
	}
	if failed := f.Close(); err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), e.pointer())
}

// sweep removes what a crash or an older layout left behind.
func (e *Engine) sweep(keep int) error {
	entries, err := os.ReadDir(e.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		left := strings.HasPrefix(name, "index-") || strings.HasPrefix(name, "CURRENT-")
		if !left || filepath.Join(e.dir, name) == e.folder(keep) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(e.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// waiting is a call of Apply that has not been answered.
type waiting struct {
	changes []search.Change
	done    chan error
}

// Apply makes the changes durable and visible. While Rebuild runs, the new
// index gets them too. Calls that come while another one writes are written
// together: what costs is the disk's answer, not the number of changes.
func (e *Engine) Apply(_ context.Context, changes []search.Change) error {
	mine := waiting{changes, make(chan error, 1)}
	e.joining.Lock()
	e.queue = append(e.queue, mine)
	e.joining.Unlock()
	e.write.Lock()
	defer e.write.Unlock()
	select {
	case err := <-mine.done: // by another call; those that came since shall gather
		return err
	default:
		e.applyTogether()
		return <-mine.done
	}
}

func (e *Engine) applyTogether() {
	e.joining.Lock()
	group := e.queue
	e.queue = nil
	e.joining.Unlock()
	var all []search.Change
	for _, w := range group {
		all = append(all, w.changes...)
	}
	err := e.apply(all)
	for _, w := range group {
		w.done <- err
	}
}

func (e *Engine) apply(changes []search.Change) error {
	if e.live == nil {
		return errClosed
	}
	if e.next != nil {
		if err := e.next.apply(changes); err != nil {
			return err
		}
	}
	if err := e.live.apply(changes); err != nil {
		return err
	}
	return e.refresh()
}

func (e *Engine) refresh() error {
	fresh, err := e.live.snapshot()
	if err != nil {
		return err
	}
	e.look.Lock()
	old := e.live.view
	e.live.view = fresh
	e.look.Unlock()
	return old.close()
}

// Count returns how many products can be found.
func (e *Engine) Count(context.Context) (int, error) {
	e.look.RLock()
	defer e.look.RUnlock()
	if e.live == nil {
		return 0, errClosed
	}
	return e.live.view.live, nil
}

// Health reports whether the index is open.
func (e *Engine) Health(context.Context) error {
	e.look.RLock()
	defer e.look.RUnlock()
	if e.live == nil {
		return errClosed
	}
	return nil
}

// Close waits for queries and changes under way.
func (e *Engine) Close() error {
	e.write.Lock()
	defer e.write.Unlock()
	e.look.Lock()
	defer e.look.Unlock()
	if e.live == nil {
		return nil
	}
	live := e.live
	e.live = nil
	return live.close()
}
