package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The switches of a line. Those on notices say what becomes of them on the way;
// slow and cut what becomes of answers; the rest are the party's own business,
// which asks [Line.On].
const (
	switchLate      = "late"      // notices come after a while
	switchDuplicate = "duplicate" // notices come twice
	switchReorder   = "reorder"   // a notice waits for the next and comes after it
	switchLose      = "lose"      // notices never come
	switchSlow      = "slow"      // answers come after a while
	switchCut       = "cut"       // what is asked is done, but the answer is lost
	switchRefuse    = "refuse"    // the party says no to everything
	switchPending   = "pending"   // nothing is ever settled
	switchForge     = "forge"     // notices and answers are signed with a wrong key
)

// switchNames lists all switches in the order in which they are shown.
var switchNames = []string{
	switchLate, switchDuplicate, switchReorder, switchLose, switchSlow, switchCut, switchRefuse, switchPending, switchForge,
}

// Pace is how long things take on a line.
type Pace struct {
	Late    time.Duration   // of a late notice, and of one that waits in vain for another
	Slow    time.Duration   // of a slow answer
	Retries []time.Duration // pauses before a notice that was not acknowledged is sent again
}

// defaultPace is quick enough to be watched.
var defaultPace = Pace{
	Late: 20 * time.Second, Slow: 5 * time.Second,
	Retries: []time.Duration{2 * time.Second, 10 * time.Second, 30 * time.Second, 2 * time.Minute},
}

// Line is what lies between one simulated party and the market: notices are
// handed to it to be delivered, and answers pass through it. What goes wrong on
// the way is switched.
type Line struct {
	name  string
	pace  Pace
	ctx   context.Context // ends with the program; unsent notices are then lost
	tasks sync.WaitGroup  // deliveries under way

	mu   sync.Mutex
	on   map[string]bool
	held []func(context.Context) error // waiting for another to overtake them
	sum  Tally
}

// Tally counts what became of notices.
type Tally struct {
	Sent         int `json:"sent"`         // tries that reached the market
	Acknowledged int `json:"acknowledged"` // tries that the market took
	Lost         int `json:"lost"`
}

func newLine(ctx context.Context, name string, pace Pace) *Line {
	return &Line{name: name, pace: pace, ctx: ctx, on: map[string]bool{}}
}

// Set turns a switch.
func (l *Line) Set(name string, on bool) {
	l.mu.Lock()
	l.on[name] = on
	l.mu.Unlock()
	if name == switchReorder && !on {
		l.Release()
	}
}

// On reports whether the switch of that name is on.
func (l *Line) On(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.on[name]
}

// Tally returns what has become of the notices until now.
func (l *Line) Tally() Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sum
}

// Deliver takes a notice to be sent and returns at once. send is called as
// often as the switches say, and again for as long as it fails.
func (l *Line) Deliver(send func(context.Context) error) {
	switch {
	case l.On(switchLose):
		l.count(func(t *Tally) { t.Lost++ })
	case l.On(switchReorder):
		l.overtake(send)
	case l.On(switchLate):
		l.later(l.pace.Late, send)
	default:
		l.later(0, send)
	}
}

// overtake lets this notice wait when none waits; else it is sent now and the
// waiting ones after it.
func (l *Line) overtake(send func(context.Context) error) {
	l.mu.Lock()
	waiting := l.held
	l.held = nil
	if len(waiting) == 0 {
		l.held = append(l.held, send)
	}
	l.mu.Unlock()
	if len(waiting) == 0 {
		time.AfterFunc(l.pace.Late, l.Release)
		return
	}
	l.inTurn(append([]func(context.Context) error{send}, waiting...))
}

// Release sends the notices that wait to be overtaken.
func (l *Line) Release() {
	l.mu.Lock()
	waiting := l.held
	l.held = nil
	l.mu.Unlock()
	l.inTurn(waiting)
}

func (l *Line) inTurn(all []func(context.Context) error) {
	if len(all) == 0 {
		return
	}
	l.tasks.Go(func() {
		for _, send := range all {
			l.send(send)
		}
	})
}

func (l *Line) later(wait time.Duration, send func(context.Context) error) {
	l.tasks.Go(func() {
		if l.pause(wait) {
			l.send(send)
		}
	})
}

// send delivers one notice, twice when it is switched so, until it is
// acknowledged or the party gives up.
func (l *Line) send(send func(context.Context) error) {
	times := 1
	if l.On(switchDuplicate) {
		times = 2
	}
	for range times {
		for _, wait := range append(slices.Clone(l.pace.Retries), 0) {
			if l.try(send) || !l.pause(wait) {
				break
			}
		}
	}
}

func (l *Line) try(send func(context.Context) error) bool {
	err := send(l.ctx)
	l.count(func(t *Tally) {
		t.Sent++
		if err == nil {
			t.Acknowledged++
		}
	})
	if err != nil {
		slog.Warn("notice not acknowledged", "party", l.name, "error", err)
	}
	return err == nil
}

// pause reports whether the program still runs after the wait.
func (l *Line) pause(wait time.Duration) bool {
	if wait <= 0 {
		return l.ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.ctx.Done():
		return false
	}
}

func (l *Line) count(change func(*Tally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.sum)
}

// Wait returns when no delivery is under way. Notices that wait to be overtaken
// are not under way.
func (l *Line) Wait() { l.tasks.Wait() }

// Answers puts the line in front of a party's doors: answers may be slow, or
// lost after what was asked has been done.
func (l *Line) Answers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.On(switchSlow) && !l.pause(l.pace.Slow) {
			return
		}
		if l.On(switchCut) && r.Method == http.MethodPost {
			next.ServeHTTP(nowhere{http.Header{}}, r)
			panic(http.ErrAbortHandler) // the caller sees a broken connection
		}
		next.ServeHTTP(w, r)
	})
}

// nowhere is where a lost answer is written to.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header       { return n.header }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}
