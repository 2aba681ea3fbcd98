package embedded

import (
	"context"
	"errors"
	"log/slog"

	"chohue/market"
	"chohue/search"
)

// Changes beside the snapshot are few, so that a query hardly notices them: a
// new snapshot is written from so many on, or from a share of all.
const (
	renewFrom  = 1500
	renewShare = 16
)

// settle writes a new snapshot in the background when there is enough news.
func (e *Engine) settle() {
	news := len(e.live.rows) - int(e.live.base)
	if news < max(e.renewFrom, int(e.live.base)/renewShare) || !e.renew.TryLock() {
		return
	}
	e.work.Go(func() {
		defer e.renew.Unlock()
		if err := e.condense(); err != nil && !errors.Is(err, errClosed) {
			slog.Error("search: snapshot", "err", err)
		}
	})
}

// condense makes base and news one snapshot.
func (e *Engine) condense() error {
	var then *still
	number, err := e.begin(func() {
		e.look.RLock()
		then = e.live.still()
		e.look.RUnlock()
	})
	if err != nil {
		return err
	}
	return e.finish(number, then)
}

// Rebuild reports conflict when another one runs, or a new snapshot is being
// written.
func (e *Engine) Rebuild(ctx context.Context, each func(yield func(search.Document) error) error) error {
	if e.Health(ctx) != nil {
		return errClosed
	}
	if !e.renew.TryLock() {
		return market.Conflict("search.rebuilding")
	}
	defer e.renew.Unlock()
	next := emptyIndex()
	var gone map[market.ID]int64
	number, err := e.begin(func() { gone = e.live.still().gone })
	if err != nil {
		return err
	}
	err = each(func(d search.Document) error {
		next.replace(&d)
		return ctx.Err()
	})
	if err != nil {
		e.abandon()
		return err
	}
	for id, version := range gone { // older news of it may still be on its way
		if _, back := next.byID[id]; !back {
			next.gone[id] = version
		}
	}
	return e.finish(number, next.own())
}

// replace puts a document in place whatever was there: who yields it knows.
func (x *index) replace(d *search.Document) {
	if d.Version >= x.version(d.ID) {
		x.remove(d.ID)
		x.add(d, d.Version)
	}
}

// begin starts a new log. From here on changes go into the log and the list of
// what the new index has to be told.
func (e *Engine) begin(look func()) (number int, err error) {
	e.write.Lock()
	defer e.write.Unlock()
	if e.live == nil {
		return 0, errClosed
	}
	next, err := openJournal(e.journal(e.log.number+1), e.log.number+1)
	if err != nil {
		return 0, err
	}
	before := e.log
	e.log, e.since = next, &[]search.Change{}
	look()
	return next.number, before.close()
}

// abandon goes on with what is: both logs together hold all changes.
func (e *Engine) abandon() {
	e.write.Lock()
	defer e.write.Unlock()
	e.since = nil
}

// finish writes the snapshot and puts it in place, on disk first: after a crash
// the next opening finds one or the other, never neither.
func (e *Engine) finish(number int, then *still) error {
	frozen, err := then.freeze()
	if err == nil {
		err = frozen.write(e.snapshot(number))
	}
	if err != nil {
		e.abandon()
		return err
	}
	next := newIndex(frozen)
	e.write.Lock()
	defer e.write.Unlock()
	since := *e.since
	e.since = nil
	if e.live == nil {
		return errClosed
	}
	next.apply(since)
	if err := e.point(number); err != nil {
		return err
	}
	e.look.Lock()
	e.live = next
	e.look.Unlock()
	return e.sweep(number, number)
}
