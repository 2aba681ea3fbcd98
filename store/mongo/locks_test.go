package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestLocks(t *testing.T) {
	var l locks
	var wait sync.WaitGroup
	counts := [3]int{}
	for i := range 300 {
		wait.Go(func() {
			release, err := l.acquire(t.Context(), fmt.Sprint(i%3))
			if err != nil {
				t.Error(err)
				return
			}
			defer release()
			counts[i%3]++
		})
	}
	wait.Wait()
	if counts != [3]int{100, 100, 100} || len(l.held) != 0 {
		t.Errorf("counts %v, %d locks kept", counts, len(l.held))
	}
}

func TestLockWaitsNoLongerThanItsContext(t *testing.T) {
	var l locks
	release, err := l.acquire(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := l.acquire(ctx, "one")
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	release()
	if len(l.held) != 0 {
		t.Errorf("%d locks kept", len(l.held))
	}
}
