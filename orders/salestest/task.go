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
	name   string
	budget int // stops that it may pass without stopping
	next   func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool
	broken string // a panic that is not ours, with its stack
}

// killed unwinds a task whose process is gone: nothing it would have done
// next is done.
type killed struct{}

type taskKey struct{}

func newTask(name string, do func(context.Context)) *task {
	t := &task{name: name}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		defer t.unwound()
		do(context.WithValue(context.Background(), taskKey{}, t))
	})
	return t
}

func (t *task) unwound() {
	if r := recover(); r != nil && r != (killed{}) {
		t.broken = fmt.Sprintf("panic: %v\n%s", r, debug.Stack())
	}
}

// run lets the task pass some stops and reports whether there is more to do.
func (t *task) run(stops int) bool {
	t.budget = stops
	_, more := t.next()
	return more
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
	if !t.yield(struct{}{}) {
		panic(killed{})
	}
}
