package salestest

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// seeds is how many seeds to play: MARKET_TEST_SEEDS, or few enough not to
// wait for.
func seeds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("MARKET_TEST_SEEDS")
	if text == "" {
		return 150
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("MARKET_TEST_SEEDS=%q: want a number", text)
	}
	return n
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
	inParallel(uint64(seeds(t)), func(seed uint64) bool {
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

// inParallel plays seeds from 1 on every core until one says to stop.
func inParallel(n uint64, play func(seed uint64) bool) {
	var next atomic.Uint64
	var stop atomic.Bool
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for seed := next.Add(1); seed <= n && !stop.Load(); seed = next.Add(1) {
				if !play(seed) {
					stop.Store(true)
				}
			}
		})
	}
	wait.Wait()
}
