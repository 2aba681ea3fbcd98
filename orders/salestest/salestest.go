// Package salestest plays whole sales with everything going wrong: buyers and
// sellers who act at the same time, wallets that drop, repeat, delay and
// reorder what they say, and our own process killed between any two writes.
// The rooms are the real ones, on a real engine in memory; time is virtual,
// and one seeded scheduler decides all that happens, so a seed that fails does
// so again, and can be made shorter.
//
// Every write is held against the rules in audit.go. At the end of a seed
// faults stop, everybody finishes what was begun, and the rules in end.go must
// hold: nothing is stuck, and whoever paid has the goods or the money back.
package salestest

import (
	"fmt"
	"slices"
	"strings"
)

// Options say what to play.
type Options struct {
	Seed  uint64
	Steps int // 0 for the usual number

	plain bool // nothing is changed, returned or given away
	plant *plant
	skip  map[int]bool
	trace bool
}

// usualSteps is how many steps a seed has before everybody finishes.
const usualSteps = 220

// Failure is a rule that did not hold.
type Failure struct {
	Seed    uint64
	Step    int
	Rule    string
	Detail  string
	History []string
}

// String tells what happened and how to see it again.
func (f *Failure) String() string {
	return fmt.Sprintf("seed %d, step %d: %s: %s\n%s\nreplay: MARKET_TEST_SEED=%d go test ./orders/salestest -run TestSimulator",
		f.Seed, f.Step, f.Rule, f.Detail, strings.Join(f.History, "\n"), f.Seed)
}

// Run plays one seed and returns the first rule that was broken, in the
// shortest history that still breaks it; nil when all held.
func Run(o Options) (*Failure, error) {
	w, err := run(o)
	if err != nil || w.failed == nil {
		return nil, err
	}
	return shrink(o, w.failed)
}

func run(o Options) (*world, error) {
	w, err := newWorld(o)
	if err != nil {
		return nil, err
	}
	for i := range steps(o) {
		if o.skip[i] {
			continue
		}
		if w.play(i); w.failed != nil {
			return w, w.close()
		}
	}
	w.finish()
	return w, w.close()
}

func steps(o Options) int {
	if o.Steps > 0 {
		return o.Steps
	}
	return usualSteps
}

// close drops what is still running.
func (w *world) close() error {
	for _, t := range w.p.tasks {
		t.stop()
	}
	for _, h := range w.idle {
		h.stop()
	}
	return w.p.line.Close()
}

// shrink leaves out ever smaller stretches of steps while the same rule still
// breaks, then plays what is left once more and writes it down.
func shrink(o Options, f *Failure) (*Failure, error) {
	skip := map[int]bool{}
	if f.Step >= 0 && f.Step < steps(o) {
		o.Steps = f.Step + 1
	}
	for size := steps(o) / 2; size > 0; size /= 2 {
		for from := 0; from < steps(o); from += size {
			tried := with(skip, from, min(from+size, steps(o)))
			if len(tried) == len(skip) {
				continue
			}
			o.skip = tried
			w, err := run(o)
			if err != nil {
				return nil, err
			}
			if w.failed != nil && w.failed.Rule == f.Rule {
				skip = tried
			}
		}
	}
	o.skip, o.trace = skip, true
	w, err := run(o)
	if err != nil || w.failed == nil {
		return f, err
	}
	w.failed.History = abridge(w.history)
	return w.failed, nil
}

// abridge leaves out the middle of what happens when all only wait.
func abridge(history []string) []string {
	const head, tail = 60, 15
	calm := slices.IndexFunc(history, func(line string) bool { return strings.HasPrefix(line, " end ") })
	if calm < 0 || len(history)-calm < head+tail {
		return history
	}
	return slices.Concat(history[:calm+head], []string{"  …"}, history[len(history)-tail:])
}

func with(skip map[int]bool, from, to int) map[int]bool {
	more := map[int]bool{}
	for i := range skip {
		more[i] = true
	}
	for i := from; i < to; i++ {
		more[i] = true
	}
	return more
}
