package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

// maxGroup bounds how many writes share one commit.
const maxGroup = 256

// op is one write waiting for its group.
type op struct {
	ctx   context.Context
	do    func(context.Context, *writer) error
	err   error
	panic any
	done  chan struct{}
}

var errClosed = market.Unavailable("store.closed")

// submit hands do to the writer and waits until it is durably committed or
// has failed. do must leave nothing written when it returns an error that
// refused is true for; any other error rolls back the whole group, which is
// then tried again without it.
func (e *Engine) submit(ctx context.Context, do func(context.Context, *writer) error) error {
	o := &op{ctx: ctx, do: do, done: make(chan struct{})}
	e.closing.RLock()
	if e.closed {
		e.closing.RUnlock()
		return errClosed
	}
	e.ops <- o
	e.closing.RUnlock()
	<-o.done
	if o.panic != nil {
		panic(o.panic)
	}
	return o.err
}

func (e *Engine) write() {
	defer close(e.stopped)
	w := &writer{conn: e.conn, statements: e.writes}
	for first := range e.ops {
		group := append(make([]*op, 0, maxGroup), first)
		for len(group) < maxGroup && len(e.ops) > 0 {
			group = append(group, <-e.ops)
		}
		w.commit(group)
		if w.events {
			w.events = false
			select {
			case e.wake <- struct{}{}:
			default:
			}
		}
	}
}

// writer runs inside the one writing goroutine.
type writer struct {
	conn       *sql.Conn
	statements *statements
	events     bool
}

// commit runs the group in one transaction. When an op breaks the transaction
// (disk full, malformed SQL), the group is rolled back and each op is run in a
// transaction of its own, so that one cannot fail its neighbours.
func (w *writer) commit(group []*op) {
	err := w.transaction(group)
	if err != nil && len(group) > 1 {
		for _, o := range group {
			w.commit([]*op{o})
		}
		return
	}
	for _, o := range group {
		if err != nil && o.err == nil {
			o.err = err
		}
		close(o.done)
	}
}

func (w *writer) transaction(group []*op) error {
	ctx := context.Background()
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, o := range group {
		o.err, o.panic = nil, nil
		if o.err = o.ctx.Err(); o.err != nil {
			continue
		}
		o.run(ctx, w)
		if o.err != nil && !refused(o.err) {
			return errors.Join(o.err, w.exec(ctx, "ROLLBACK"))
		}
	}
	if err := w.exec(ctx, "COMMIT"); err != nil {
		return errors.Join(err, w.exec(ctx, "ROLLBACK"))
	}
	return nil
}

func (o *op) run(ctx context.Context, w *writer) {
	defer func() {
		if o.panic = recover(); o.panic != nil {
			o.err = errPanic
		}
	}()
	o.err = o.do(ctx, w)
}

var errPanic = market.Conflict("store.panic")

// refusal marks an error that came before anything was written.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refused(err error) bool {
	var r refusal
	return errors.As(err, &r) || errors.Is(err, errPanic)
}

func unwrapRefusal(err error) error {
	var r refusal
	if errors.As(err, &r) {
		return r.error
	}
	return err
}

func (w *writer) exec(ctx context.Context, text string, args ...any) error {
	_, err := w.run(ctx, text, args...)
	return err
}

func (w *writer) run(ctx context.Context, text string, args ...any) (sql.Result, error) {
	stmt, err := w.statements.get(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

func (w *writer) body(ctx context.Context, t *table, id market.ID) (bson.Raw, error) {
	stmt, err := w.statements.get(ctx, t.getOne)
	if err != nil {
		return nil, err
	}
	var body []byte
	err = stmt.QueryRowContext(ctx, string(id)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return body, err
}

// Insert implements store.Engine.
func (e *Engine) Insert(ctx context.Context, collection string, next store.Write) error {
	t, err := e.table(collection)
	if err != nil {
		return err
	}
	id := next.Body.Lookup("_id").StringValue()
	return unwrapRefusal(e.submit(ctx, func(ctx context.Context, w *writer) error {
		return w.insert(ctx, t, id, next)
	}))
}

func (w *writer) insert(ctx context.Context, t *table, id string, next store.Write) error {
	done, err := w.run(ctx, t.insert, id, []byte(next.Body))
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return refusal{store.ErrExists}
	}
	return w.follow(ctx, t, id, nil, next)
}

// Update implements store.Engine. change runs inside the writer: that is what
// lets 64 buyers of one product share a commit instead of retrying.
func (e *Engine) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	t, err := e.table(collection)
	if err != nil {
		return err
	}
	return unwrapRefusal(e.submit(ctx, func(ctx context.Context, w *writer) error {
		old, err := w.body(ctx, t, id)
		if err != nil {
			return err
		}
		if old == nil && !create {
			return refusal{store.ErrMissing}
		}
		next, err := change(old)
		if err != nil {
			return refusal{err}
		}
		switch {
		case next.Body == nil:
			return nil
		case old == nil:
			return w.insert(ctx, t, string(id), next)
		}
		return w.replace(ctx, t, string(id), old, next)
	}))
}

func (w *writer) replace(ctx context.Context, t *table, id string, old bson.Raw, next store.Write) error {
	if err := w.exec(ctx, t.update, []byte(next.Body), id); err != nil {
		return err
	}
	return w.follow(ctx, t, id, old, next)
}

// follow brings indexes and outbox up to a new body.
func (w *writer) follow(ctx context.Context, t *table, id string, old bson.Raw, next store.Write) error {
	if err := w.reindex(ctx, t, id, old, next.Body); err != nil {
		return err
	}
	return w.announce(ctx, next.Events)
}

func (w *writer) reindex(ctx context.Context, t *table, id string, old, next bson.Raw) error {
	for _, ix := range t.indexes {
		before, after := rows(ix.Index, old), rows(ix.Index, next)
		if err := w.each(ctx, ix.drop, id, missingFrom(before, after)); err != nil {
			return err
		}
		if err := w.each(ctx, ix.add, id, missingFrom(after, before)); err != nil {
			return err
		}
	}
	return nil
}

func rows(ix store.Index, body bson.Raw) [][]any {
	if body == nil {
		return nil
	}
	return ix.Rows(body)
}

// missingFrom returns the rows of a that b lacks.
func missingFrom(a, b [][]any) [][]any {
	var out [][]any
	for _, row := range a {
		if !slices.ContainsFunc(b, func(other []any) bool { return slices.Equal(row, other) }) {
			out = append(out, row)
		}
	}
	return out
}

// each runs a statement on every row of the document in an index.
func (w *writer) each(ctx context.Context, text, id string, rows [][]any) error {
	for _, row := range rows {
		if err := w.exec(ctx, text, append(row[:len(row):len(row)], id)...); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements store.Engine.
func (e *Engine) Delete(ctx context.Context, collection string, id market.ID) error {
	t, err := e.table(collection)
	if err != nil {
		return err
	}
	return e.submit(ctx, func(ctx context.Context, w *writer) error {
		old, err := w.body(ctx, t, id)
		if err != nil || old == nil {
			return err
		}
		if err := w.exec(ctx, t.remove, string(id)); err != nil {
			return err
		}
		return w.reindex(ctx, t, string(id), old, nil)
	})
}

func (w *writer) announce(ctx context.Context, events []market.Event) error {
	for _, ev := range events {
		w.events = true
		err := w.exec(ctx, `INSERT INTO "_outbox" (id, type, subject, at, data) VALUES (?, ?, ?, ?, ?)`,
			string(ev.ID), ev.Type, string(ev.Subject), ev.At.UnixMilli(), []byte(ev.Data))
		if err != nil {
			return fmt.Errorf("event %s: %w", ev.Type, err)
		}
	}
	return nil
}
