package sqlite

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Pending implements store.Engine. One writer numbers all events, so their
// order is the order of the writes.
func (e *Engine) Pending(ctx context.Context, after any, limit int) ([]store.Pending, error) {
	stmt, err := e.reads.get(ctx, `SELECT seq, id, type, subject, at, data FROM "_outbox" WHERE seq > ? ORDER BY seq LIMIT ?`)
	if err != nil {
		return nil, err
	}
	place, _ := after.(int64) // nil is before the first number
	rows, err := stmt.QueryContext(ctx, place, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var pending []store.Pending
	for rows.Next() {
		var seq, at int64
		var ev market.Event
		if err := rows.Scan(&seq, &ev.ID, &ev.Type, &ev.Subject, &at, (*[]byte)(&ev.Data)); err != nil {
			return nil, err
		}
		ev.At = time.UnixMilli(at).UTC()
		pending = append(pending, store.Pending{Event: ev, Ref: seq})
	}
	return pending, rows.Err()
}

// Done implements store.Engine. What was delivered was mostly written in a row,
// and is forgotten by the run.
func (e *Engine) Done(ctx context.Context, delivered []store.Pending) error {
	runs := inRuns(delivered)
	return e.submit(ctx, func(ctx context.Context, w *writer) error {
		for _, r := range runs {
			if err := w.exec(ctx, `DELETE FROM "_outbox" WHERE seq BETWEEN ? AND ?`, r.first, r.last); err != nil {
				return err
			}
		}
		return nil
	})
}

type run struct{ first, last int64 }

// inRuns joins numbers that follow each other.
func inRuns(delivered []store.Pending) []run {
	numbers := make([]int64, 0, len(delivered))
	for _, p := range delivered {
		if n, ok := p.Ref.(int64); ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	var runs []run
	for _, n := range numbers {
		if last := len(runs) - 1; last >= 0 && n <= runs[last].last+1 {
			runs[last].last = n
			continue
		}
		runs = append(runs, run{n, n})
	}
	return runs
}
