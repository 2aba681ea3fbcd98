package salestest

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// seeds are the seeds to play: MARKET_TEST_SEEDS, a number of them or from-to,
// or few enough not to wait for.
func seeds(t *testing.T) (from, to uint64) {
	t.Helper()
	text := cmp.Or(os.Getenv("MARKET_TEST_SEEDS"), "150")
	first, last, stretch := strings.Cut(text, "-")
	if !stretch {
		first, last = "1", text
	}
	from, wrong := strconv.ParseUint(first, 10, 64)
	to, wrongToo := strconv.ParseUint(last, 10, 64)
	if wrong != nil || wrongToo != nil || from < 1 || to < from {
		t.Fatalf("MARKET_TEST_SEEDS=%q: want a number, or from-to", text)
	}
	return from, to
}

// found are seeds that once broke a rule by something that the first few
// hundred do not try, as they were when there were fewer moves.
var found = []struct {
	seed uint64
	how  string
}{
	{596, "a checkout so slow that its order was given up before its payments were begun"},
	{1032, "workers that were down for a day"},
	{2314, "a wallet that gives all back at its own desk while our refund of the surplus is on its way"},
	{6137, "a correction that is refused because the wallet has given all back, before the payer pays again"},
	{4576, "the same while ours of the order is done and its notice lost"},
	{412, "the same while a goodwill is, which the wallet then refuses"},
}

func TestFoundSeeds(t *testing.T) {
	for _, f := range found {
		t.Run(fmt.Sprint(f.seed, " ", f.how), func(t *testing.T) { report(t, Options{Seed: f.seed, plain: true}) })
	}
}

// TestSimulator plays the seeds; MARKET_TEST_SEED=n plays one alone.
func TestSimulator(t *testing.T) {
	if one := os.Getenv("MARKET_TEST_SEED"); one != "" {
		seed, err := strconv.ParseUint(one, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		report(t, Options{Seed: seed})
		return
	}
	from, to := seeds(t)
	inParallel(from, to, func(seed uint64) bool {
		report(t, Options{Seed: seed})
		return !t.Failed()
	})
}

func report(t *testing.T, o Options) {
	t.Helper()
	f, err := Run(o)
	if err != nil {
		t.Error(err)
	}
	if f != nil {
		t.Error(f)
	}
}

// inParallel plays seeds on every core until one says to stop.
func inParallel(from, to uint64, play func(seed uint64) bool) {
	var next atomic.Uint64
	next.Store(from - 1)
	var stop atomic.Bool
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for seed := next.Add(1); seed <= to && !stop.Load(); seed = next.Add(1) {
				if !play(seed) {
					stop.Store(true)
				}
			}
		})
	}
	wait.Wait()
}
