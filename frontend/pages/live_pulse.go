package pages

import (
	"context"
	"sync"
	"time"

	"chohue/market"
)

// pulses keeps each room's last pulse for a second: however many watch, the
// room is read once.
type pulses struct {
	mu  sync.Mutex
	all map[market.ID]*onePulse
}

type onePulse struct {
	mu  sync.Mutex
	at  time.Time
	raw string
}

const pulseKept = time.Second

func (r *pulses) get(ctx context.Context, p *Pages, show market.ID) (string, error) {
	r.mu.Lock()
	if r.all == nil || len(r.all) > 1000 {
		r.all = map[market.ID]*onePulse{}
	}
	one := r.all[show]
	if one == nil {
		one = &onePulse{}
		r.all[show] = one
	}
	r.mu.Unlock()
	one.mu.Lock()
	defer one.mu.Unlock()
	if time.Since(one.at) < pulseKept {
		return one.raw, nil
	}
	raw, err := p.pulseOf(ctx, show)
	if err == nil {
		one.raw, one.at = raw, time.Now()
	}
	return raw, err
}
