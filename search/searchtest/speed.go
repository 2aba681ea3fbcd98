package searchtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"chohue/market"
	"chohue/search"
)

// Kinds of work that an engine is measured with.
var speedKinds = []string{"typed", "prefix", "typo", "three facets", "by price"}

// work makes queries of one kind, never the same twice in a row: goods, kinds
// and places by chance, half of them without marks.
type work struct{ rand *rand.Rand }

func (w work) query(kind string) search.Query {
	pick := func(list []string) string { return list[w.rand.IntN(len(list))] }
	text := pick(goods)
	if w.rand.IntN(2) == 0 {
		text += " " + pick(kinds)
	}
	if w.rand.IntN(3) == 0 {
		text += " " + pick(places)
	}
	if w.rand.IntN(2) == 0 {
		text = market.Fold(text)
	}
	q := search.Query{Text: text, Limit: 24}
	switch kind {
	case "prefix":
		q.Text = begin(text, 1+w.rand.IntN(len([]rune(text))))
	case "typo":
		q.Text = w.slip(market.Fold(text))
	case "three facets":
		q.Facets = true
		q.Set, q.Stars = w.rand.IntN(3)*w.rand.IntN(27), w.rand.IntN(4)
		if w.rand.IntN(4) == 0 {
			q.Text = ""
		}
	case "by price":
		q.Sort = []string{search.SortPrice, search.SortPriceDown}[w.rand.IntN(2)]
		q.Text = strings.Fields(text)[0]
	}
	return q
}

func begin(text string, n int) string { return string([]rune(text)[:n]) }

// slip changes one letter of the longest word.
func (w work) slip(text string) string {
	words := strings.Fields(text)
	at := 0
	for i, word := range words {
		if len(word) > len(words[at]) {
			at = i
		}
	}
	letters := []byte(words[at])
	i := 1 + w.rand.IntN(len(letters)-1)
	letters[i] = "abcdeghiklmnopqrstuvxy"[w.rand.IntN(22)]
	words[at] = string(letters)
	return strings.Join(words, " ")
}

// Speed is what one kind of work costs.
type Speed struct {
	Kind           string
	CPU50, CPU99   time.Duration // of the thread that answers
	One50, One99   time.Duration // by the clock, one client
	Many50, Many99 time.Duration // by the clock, sixteen clients
	Process        time.Duration // of the whole process for one query, garbage collection included
}

// Measure asks the engine so many queries of each kind and of all mixed. The
// engine must run in this process for its CPU to be seen.
func Measure(t *testing.T, e search.Engine, queries int) []Speed {
	t.Helper()
	var out []Speed
	for _, kind := range append(slices.Clone(speedKinds), "mixed") {
		out = append(out, measureKind(t, e, kind, queries))
	}
	return out
}

func measureKind(t *testing.T, e search.Engine, kind string, queries int) Speed {
	t.Helper()
	s := Speed{Kind: kind}
	all := planned(kind, queries)
	runtime.GC()
	before := rusage(t)
	var cpu, clock []time.Duration
	runtime.LockOSThread()
	for _, q := range all {
		c, at := threadTime(t), time.Now()
		if _, err := e.Query(context.Background(), q); err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		clock = append(clock, time.Since(at))
		cpu = append(cpu, threadTime(t)-c)
	}
	runtime.UnlockOSThread()
	s.Process = (rusage(t) - before) / time.Duration(queries)
	s.CPU50, s.CPU99 = percentiles(cpu)
	s.One50, s.One99 = percentiles(clock)
	s.Many50, s.Many99 = percentiles(crowd(t, e, all))
	return s
}

func planned(kind string, queries int) []search.Query {
	w := work{rand.New(rand.NewPCG(46, 5))}
	all := make([]search.Query, queries)
	for i := range all {
		k := kind
		if kind == "mixed" {
			k = speedKinds[i%len(speedKinds)]
		}
		all[i] = w.query(k)
	}
	return all
}

// crowd asks with sixteen clients at once.
func crowd(t *testing.T, e search.Engine, all []search.Query) []time.Duration {
	const clients = 16
	took := make([]time.Duration, len(all))
	var work sync.WaitGroup
	for c := range clients {
		work.Go(func() {
			for i := c; i < len(all); i += clients {
				at := time.Now()
				if _, err := e.Query(context.Background(), all[i]); err != nil {
					t.Errorf("%+v: %v", all[i], err)
				}
				took[i] = time.Since(at)
			}
		})
	}
	work.Wait()
	return took
}

// rusage is the processor time of the whole process. It counts in ticks of
// milliseconds, so it is good for many queries together.
func rusage(t *testing.T) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// threadTime is the processor time of this thread, exact enough for one query.
func threadTime(t *testing.T) time.Duration {
	t.Helper()
	var at unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &at); err != nil {
		t.Fatal(err)
	}
	return time.Duration(at.Nano())
}

func percentiles(of []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(of)
	return of[len(of)/2], of[len(of)*99/100]
}

// Report measures an engine that open opens in a folder, and prints the tables
// of docs/benchmarks.md.
func Report(t *testing.T, sizes []int, queries int, open func(dir string) search.Engine) map[int][]Speed {
	t.Helper()
	out := map[int][]Speed{}
	for _, n := range sizes {
		dir := t.TempDir()
		e := open(dir)
		docs := Products(n, 46)
		begun, cpu := time.Now(), rusage(t)
		if err := rebuild(e, docs); err != nil {
			t.Fatal(err)
		}
		built, cost := time.Since(begun), rusage(t)-cpu
		docs = nil
		t.Logf("%d products: built in %v (%v of CPU), %d MB on disk, %d MB in memory", n, built.Round(time.Millisecond), cost.Round(time.Millisecond), folder(t, dir)>>20, heap()>>20)
		t.Log("| work | CPU p50 | CPU p99 | CPU with GC | 1 client p50 / p99 | 16 clients p50 / p99 |")
		out[n] = Measure(t, e, queries)
		for _, s := range out[n] {
			t.Logf("| %s | %s | %s | %s | %s / %s | %s / %s |", s.Kind, ms(s.CPU50), ms(s.CPU99), ms(s.Process), ms(s.One50), ms(s.One99), ms(s.Many50), ms(s.Many99))
		}
		closes(t, e)
	}
	return out
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

func folder(t *testing.T, dir string) int64 {
	t.Helper()
	size := int64(0)
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
