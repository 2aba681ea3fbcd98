package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// mostSamples bounds what one client remembers of its latencies.
const mostSamples = 1 << 20

// job is one operation of the client with that number.
type job func(client int) error

// sample is what a number of clients got done in a time.
type sample struct {
	clients int
	took    time.Duration
	each    []time.Duration // how long every operation took, the shortest first
	cpu     time.Duration   // of the server; zero when nobody asked
	noise   float64         // what the yardstick said
}

func (s sample) perSecond() float64 { return float64(len(s.each)) / s.took.Seconds() }

// quantile returns the time in which a share q of the operations was done.
func (s sample) quantile(q float64) time.Duration {
	if len(s.each) == 0 {
		return 0
	}
	return s.each[min(len(s.each)-1, int(q*float64(len(s.each))))]
}

// cpuEach is the server's processor time for one operation.
func (s sample) cpuEach() time.Duration {
	if len(s.each) == 0 {
		return 0
	}
	return s.cpu / time.Duration(len(s.each))
}

// repeat lets the clients do the job again and again until the time is over.
// The first error ends it.
func repeat(ctx context.Context, clients int, length time.Duration, do job) (sample, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, length, errOver)
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	begin := time.Now()
	all := make([][]time.Duration, clients)
	var wait sync.WaitGroup
	for i := range clients {
		wait.Go(func() {
			var err error
			if all[i], err = again(ctx, func() error { return do(i) }); err != nil {
				fail(err)
			}
		})
	}
	wait.Wait()
	s := sample{clients: clients, took: time.Since(begin), each: slices.Concat(all...)}
	slices.Sort(s.each)
	if err := context.Cause(ctx); err != errOver {
		return s, err
	}
	return s, nil
}

type over struct{}

func (over) Error() string { return "the time is over" }

var errOver error = over{}

func again(ctx context.Context, do func() error) ([]time.Duration, error) {
	var each []time.Duration
	for ctx.Err() == nil && len(each) < mostSamples {
		begin := time.Now()
		if err := do(); err != nil {
			return each, err
		}
		each = append(each, time.Since(begin))
	}
	return each, nil
}
