// Package feed carries what happens in rooms to those who watch: within one
// process, or through Redis to the viewers of every process of the market.
//
// A message has an id that sorts; whoever was cut off says the last one they
// had and gets what they missed, as far as it is kept. A viewer who reads too
// slowly is cut off, and comes back by the same way.
package feed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"chohue/market"
)

// Message is one thing that happened in a room.
type Message struct {
	ID   string
	News []byte
}

const (
	kept   = 200 // messages of a room
	behind = 64  // messages that a viewer may be behind
)

// errSlow ends the watching of somebody who does not keep up.
var errSlow = errors.New("feed: viewer is too slow")

// hub hands messages to the viewers in this process.
type hub struct {
	mu    sync.Mutex
	rooms map[market.ID]map[chan Message]struct{}
}

func newHub() *hub { return &hub{rooms: map[market.ID]map[chan Message]struct{}{}} }

func (h *hub) join(show market.ID) chan Message {
	ch := make(chan Message, behind)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[show] == nil {
		h.rooms[show] = map[chan Message]struct{}{}
	}
	h.rooms[show][ch] = struct{}{}
	return ch
}

// leave reports whether the room is empty afterwards.
func (h *hub) leave(show market.ID, ch chan Message) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.rooms[show], ch)
	if len(h.rooms[show]) == 0 {
		delete(h.rooms, show)
		return true
	}
	return false
}

func (h *hub) hand(show market.ID, m Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.rooms[show] {
		select {
		case ch <- m:
		default:
			delete(h.rooms[show], ch)
			close(ch)
		}
	}
}

// Disperse sends every viewer away, so that a process can end: they come back
// to another.
func (h *hub) Disperse() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, room := range h.rooms {
		for ch := range room {
			delete(room, ch)
			close(ch)
		}
	}
}

func (h *hub) count(show market.ID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.rooms[show])
}

// follow delivers from ch until ctx or the viewer ends; what is not after seen
// was delivered before.
func follow(ctx context.Context, ch chan Message, seen string, deliver func(id string, news []byte) error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m, ok := <-ch:
			if !ok {
				return errSlow
			}
			if !after(m.ID, seen) {
				continue
			}
			if err := deliver(m.ID, m.News); err != nil {
				return err
			}
		}
	}
}

// after compares ids of the form time-number.
func after(id, seen string) bool {
	a, b := place(id), place(seen)
	return a[0] > b[0] || a[0] == b[0] && a[1] > b[1]
}

func place(id string) (at [2]int64) {
	_, _ = fmt.Sscanf(id, "%d-%d", &at[0], &at[1])
	return at
}

// Memory is the feed of a market that runs as one process.
type Memory struct {
	*hub
	epoch int64

	mu    sync.Mutex
	lines map[market.ID]*ring
}

// ring is what a room remembers.
type ring struct {
	seq  int64
	last []Message
	keys map[market.ID]bool
	told []market.ID
}

// NewMemory makes an empty feed.
func NewMemory() *Memory {
	return &Memory{hub: newHub(), epoch: time.Now().UnixMilli(), lines: map[market.ID]*ring{}}
}

// Publish implements livestream.Feed.
func (m *Memory) Publish(_ context.Context, show, key market.ID, news []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.lines[show]
	if r == nil {
		r = &ring{keys: map[market.ID]bool{}}
		m.lines[show] = r
	}
	if r.keys[key] {
		return nil
	}
	r.seq++
	msg := Message{ID: fmt.Sprintf("%d-%d", m.epoch, r.seq), News: news}
	r.keys[key], r.told, r.last = true, append(r.told, key), append(r.last, msg)
	if len(r.last) > kept {
		delete(r.keys, r.told[0])
		r.told, r.last = r.told[1:], r.last[1:]
	}
	m.hand(show, msg)
	return nil
}

// Watch delivers what happens in a room until ctx is over, first what came after
// the message since, if it is kept; empty for nothing of before.
func (m *Memory) Watch(ctx context.Context, show market.ID, since string, deliver func(id string, news []byte) error) error {
	ch := m.join(show)
	defer m.leave(show, ch)
	for _, old := range m.since(show, since) {
		if err := deliver(old.ID, old.News); err != nil {
			return err
		}
		since = old.ID
	}
	return follow(ctx, ch, since, deliver)
}

func (m *Memory) since(show market.ID, since string) []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.lines[show]
	if r == nil || since == "" {
		return nil
	}
	for i, old := range r.last {
		if after(old.ID, since) {
			return append([]Message(nil), r.last[i:]...)
		}
	}
	return nil
}

// Viewers is how many watch a room.
func (m *Memory) Viewers(_ context.Context, show market.ID) (int, error) { return m.count(show), nil }

// Close ends nothing: there is nothing to end.
func (m *Memory) Close() error { return nil }
