package pages

import (
	"context"
	"sync"
	"time"

	"chohue/market"
)

// memo keeps something that is dear to make and may be a little old. While it
// is made anew others get the old one, so that a crowd does not make it at once.
type memo[T any] struct {
	now  market.Clock
	life time.Duration
	make func(context.Context) (*T, error)

	mu     sync.Mutex
	value  *T
	until  time.Time
	making bool
}

func newMemo[T any](now market.Clock, life time.Duration, make func(context.Context) (*T, error)) *memo[T] {
	return &memo[T]{now: now, life: life, make: make}
}

// get returns the kept value, or makes it. When making fails, an old value
// still serves.
func (m *memo[T]) get(ctx context.Context) (*T, error) {
	m.mu.Lock()
	old, fresh := m.value, m.now().Before(m.until)
	if old != nil && (fresh || m.making) {
		m.mu.Unlock()
		return old, nil
	}
	m.making = true
	m.mu.Unlock()

	value, err := m.make(ctx)

	m.mu.Lock()
	defer m.mu.Unlock()
	m.making = false
	if err != nil {
		if old != nil {
			return old, nil
		}
		return nil, err
	}
	m.value, m.until = value, m.now().Add(m.life)
	return value, nil
}
