package salestest

import (
	"context"
	"fmt"
	"iter"
	"runtime/debug"
)

// task is one piece of work in our process: a request, a delivery of the
// relay, a worker's round. It is a coroutine that stops at every look into the
// store and at every word with the outside, and goes on when the scheduler
// says so: whatever two pieces of work can do to each other between two writes
// can happen here, and happens again with the same seed.
type task struct {
	*thread

	name   string
	do     func(context.Context)
	budget int    // stops that it may pass without stopping
	broken string // a panic that is not ours, with its stack
	ended  bool
	gone   bool // its process is
}

// thread is a coroutine that does one task after another: its stack has grown
// once.
type thread struct {
	task  *task
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
}

// killed unwinds a task whose process is gone: nothing it would have done
// next is done.
type killed struct{}

type taskKey struct{}

func newThread() *thread {
	h := &thread{}
	h.next, h.stop = iter.Pull(func(yield func(struct{}) bool) {
		h.yield = yield
		for {
			h.task.work()
			if !yield(struct{}{}) {
				return
			}
		}
	})
	return h
}

func (t *task) work() {
	defer func() {
		t.ended = true
		if r := recover(); r != nil && r != (killed{}) {
			t.broken = fmt.Sprintf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	t.do(context.WithValue(context.Background(), taskKey{}, t))
}

// run lets the task pass some stops and reports whether there is more to do.
func (t *task) run(stops int) bool {
	t.budget, t.task = stops, t
	t.next()
	return !t.ended
}

// drop unwinds a task that has begun and not ended.
func (t *task) drop() {
	t.gone = true
	t.run(0)
}

// pause is a place where the task may be left standing, or dropped.
func pause(ctx context.Context) {
	t, ok := ctx.Value(taskKey{}).(*task)
	if !ok {
		return // setting up, or looking on from outside
	}
	if t.budget--; t.budget >= 0 {
		return
	}
	if !t.yield(struct{}{}) || t.gone {
		panic(killed{})
	}
}
