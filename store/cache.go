package store

import (
	"sync"

	"chohue/market"
)

// revisions keeps decoded documents by id, each good for one revision only.
// When it is full an arbitrary entry goes: the map's random order is a fair
// and cheap choice, and a wrong guess costs one decoding.
type revisions[T any] struct {
	mu   sync.RWMutex
	size int
	kept map[market.ID]revision[T]
}

type revision[T any] struct {
	rev   int64
	value *T
}

func newRevisions[T any](size int) *revisions[T] {
	if size <= 0 {
		return nil
	}
	return &revisions[T]{size: size, kept: make(map[market.ID]revision[T])}
}

func (r *revisions[T]) get(d Doc) *T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, ok := r.kept[d.ID]; ok && e.rev == d.Rev {
		return e.value
	}
	return nil
}

func (r *revisions[T]) put(d Doc, t *T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.kept[d.ID]; !ok && len(r.kept) >= r.size {
		for id := range r.kept {
			delete(r.kept, id)
			break
		}
	}
	r.kept[d.ID] = revision[T]{d.Rev, t}
}
