package sqlite

import (
	"context"
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

// Done implements store.Engine.
func (e *Engine) Done(ctx context.Context, delivered []store.Pending) error {
	return e.submit(ctx, func(ctx context.Context, w *writer) error {
		for _, p := range delivered {
			if err := w.exec(ctx, `DELETE FROM "_outbox" WHERE seq = ?`, p.Ref); err != nil {
				return err
			}
		}
		return nil
	})
}
