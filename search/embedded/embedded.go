// Package embedded is the search engine inside the market's own process: an
// index of the catalogue made of an FST of words (blevesearch/vellum), which
// Levenshtein automata walk for mistakes, and one roaring bitmap of products
// for each word. What is filtered, counted and sorted by are bitmaps too. Rules
// of ranking split the bitmap of all matches, best part first, and only as far
// as the page asks: what a query costs hardly depends on how much it finds.
//
// On disk lie a snapshot, which is read whole at start, and a log of the
// changes since. Changes are in memory beside the snapshot until a new one is
// written in the background.
package embedded

import (
	"context"
	"errors"
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
	typos    [3]*levenshtein.LevenshteinAutomatonBuilder // by distance

	renewFrom int // see there; a test asks for new snapshots more often

	renew   sync.Mutex // one new snapshot at a time, for whatever reason
	work    sync.WaitGroup
	joining sync.Mutex
	queue   []waiting

	write sync.Mutex // Apply, and the moments at which a new snapshot begins and ends
	log   *journal
	since *[]search.Change // what was applied while a new snapshot is being made

	look sync.RWMutex // held by queries; whoever changes live waits for them
	live *index
}

var _ search.Engine = (*Engine)(nil)

var errClosed = market.Unavailable("search.unavailable")

// Open opens the index in dir, or begins an empty one.
func Open(dir string, now market.Clock, synonyms search.Synonyms) (*Engine, error) {
	e := &Engine{dir: dir, now: now, synonyms: synonyms, renewFrom: renewFrom}
	for distance := 1; distance < len(e.typos); distance++ {
		b, err := levenshtein.NewLevenshteinAutomatonBuilder(uint8(distance), true)
		if err != nil {
			return nil, err
		}
		e.typos[distance] = b
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return e, e.load()
}

// load reads the snapshot that counts and the changes since. A log that was
// begun for a snapshot that was never finished goes on from the log before.
func (e *Engine) load() error {
	number := e.current()
	base, err := readSnapshot(e.snapshot(number))
	if err != nil {
		return err
	}
	live := newIndex(base)
	for n := number; ; n++ {
		changes, found, err := replay(e.journal(n))
		if err != nil {
			return err
		}
		live.apply(changes)
		if !found && n > number {
			break
		}
		if e.log != nil {
			err = e.log.close()
		}
		if err != nil {
			return err
		}
		if e.log, err = openJournal(e.journal(n), n); err != nil {
			return err
		}
	}
	e.live = live
	return errors.Join(e.point(number), e.sweep(number, e.log.number))
}

// layout numbers the form of what is on disk. An index of another layout is
// dropped on opening, and Count says that it must be rebuilt.
const layout = 2

func (e *Engine) pointer() string { return filepath.Join(e.dir, "CURRENT") }

func (e *Engine) snapshot(n int) string { return filepath.Join(e.dir, fmt.Sprintf("%06d.snapshot", n)) }

func (e *Engine) journal(n int) string { return filepath.Join(e.dir, fmt.Sprintf("%06d.log", n)) }

// current reads which snapshot counts. One of another layout is passed over.
func (e *Engine) current() int {
	raw, err := os.ReadFile(e.pointer())
	var form, number int
	if err != nil {
		return 1
	}
	if _, err := fmt.Sscanf(string(raw), "%d/%d", &form, &number); err != nil || form != layout {
		return number + 1000
	}
	return number
}

// point makes the snapshot the one that is opened next time. The rename is the
// moment of the swap on disk.
func (e *Engine) point(number int) error {
	return writeWhole(e.pointer(), func(f *os.File) error {
		_, err := fmt.Fprintf(f, "%d/%d\n", layout, number)
		return err
	})
}

// sweep removes all but the snapshots and logs from one number to another: what
// a crash or an older layout left behind.
func (e *Engine) sweep(from, to int) error {
	entries, err := os.ReadDir(e.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		var n int
		_, err := fmt.Sscanf(entry.Name(), "%06d.", &n)
		ours := err == nil || strings.HasPrefix(entry.Name(), "index-") || strings.HasPrefix(entry.Name(), "CURRENT-")
		if !ours || err == nil && n >= from && n <= to && !strings.HasSuffix(entry.Name(), ".new") {
			continue
		}
		if err := os.RemoveAll(filepath.Join(e.dir, entry.Name())); err != nil {
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

// Apply makes the changes durable and visible. Calls that come while another
// one writes are written together: what costs is the disk's answer, not the
// number of changes.
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
	changes = e.live.news(changes)
	if len(changes) == 0 {
		return nil
	}
	if err := e.log.append(changes); err != nil {
		return err
	}
	if e.since != nil {
		*e.since = append(*e.since, changes...)
	}
	e.place(changes)
	e.settle()
	return nil
}

func (e *Engine) place(changes []search.Change) {
	e.look.Lock()
	defer e.look.Unlock()
	e.live.apply(changes)
}

// Wait returns at once: Apply has waited.
func (e *Engine) Wait(ctx context.Context) error { return e.Health(ctx) }

// Count returns how many products can be found.
func (e *Engine) Count(context.Context) (int, error) {
	e.look.RLock()
	defer e.look.RUnlock()
	if e.live == nil {
		return 0, errClosed
	}
	return len(e.live.byID), nil
}

// Versions returns the version of every product that can be found.
func (e *Engine) Versions(context.Context) (map[market.ID]int64, error) {
	e.look.RLock()
	defer e.look.RUnlock()
	if e.live == nil {
		return nil, errClosed
	}
	versions := make(map[market.ID]int64, len(e.live.byID))
	for id, number := range e.live.byID {
		versions[id] = e.live.rows[number].Version
	}
	return versions, nil
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

// Close waits for queries, changes and a snapshot under way.
func (e *Engine) Close() error {
	e.write.Lock()
	e.look.Lock()
	open := e.live != nil
	e.live = nil
	e.look.Unlock()
	e.write.Unlock()
	e.work.Wait()
	if !open {
		return nil
	}
	return e.log.close()
}
