package sqlite

import (
	"context"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/store"
)

// Declare implements store.Engine. A new or changed index is filled in the
// same transaction that creates it.
func (e *Engine) Declare(ctx context.Context, s store.Spec) error {
	if strings.HasPrefix(s.Name, "_") || strings.Contains(s.Name, ".") {
		return fmt.Errorf("collection name %q", s.Name)
	}
	t := newTable(s)
	err := e.submit(ctx, func(ctx context.Context, w *writer) error {
		if err := w.exec(ctx, t.create()); err != nil {
			return err
		}
		if err := w.dropUndeclared(ctx, t); err != nil {
			return err
		}
		for _, ix := range s.Indexes {
			if err := w.declareIndex(ctx, t, ix); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.specs[s.Name] = t
	return nil
}

// dropUndeclared removes the indexes that the declaration no longer names:
// nobody would keep them true, and a later declaration would trust them.
func (w *writer) dropUndeclared(ctx context.Context, t *table) error {
	names, err := w.indexTables(ctx, t)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := t.spec.Index(strings.TrimPrefix(name, t.spec.Name+".")); ok {
			continue
		}
		if err := w.exec(ctx, "DROP TABLE "+quote(name)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) indexTables(ctx context.Context, t *table) ([]string, error) {
	rows, err := w.conn.QueryContext(ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?) = ?",
		len([]rune(t.spec.Name))+1, t.spec.Name+".")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// declareIndex compares the wanted index with the one that SQLite remembers
// having been told to create, so a changed declaration is rebuilt.
func (w *writer) declareIndex(ctx context.Context, t *table, ix store.Index) error {
	want, have := t.createIndex(ix), ""
	row := w.conn.QueryRowContext(ctx, "SELECT coalesce(max(sql), '') FROM sqlite_schema WHERE type = 'table' AND name = ?",
		t.spec.Name+"."+ix.Name)
	if err := row.Scan(&have); err != nil {
		return err
	}
	if have == want {
		return nil
	}
	for _, text := range []string{"DROP TABLE IF EXISTS " + t.indexName(ix), want} {
		if err := w.exec(ctx, text); err != nil {
			return err
		}
	}
	return w.fillIndex(ctx, t, ix)
}

func (w *writer) fillIndex(ctx context.Context, t *table, ix store.Index) error {
	last := ""
	for {
		bodies, ids, err := w.bodiesAfter(ctx, t, last)
		if err != nil || len(ids) == 0 {
			return err
		}
		for i, body := range bodies {
			if err := w.each(ctx, t.addRow(ix), ids[i], ix.Rows(body)); err != nil {
				return fmt.Errorf("fill %s: %w", ix.Name, err)
			}
		}
		last = ids[len(ids)-1]
	}
}

func (w *writer) bodiesAfter(ctx context.Context, t *table, last string) ([]bson.Raw, []string, error) {
	rows, err := w.conn.QueryContext(ctx, "SELECT id, body FROM "+t.name+" WHERE id > ? ORDER BY id LIMIT 500", last)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	var bodies []bson.Raw
	var ids []string
	for rows.Next() {
		var id string
		var body []byte
		if err := rows.Scan(&id, &body); err != nil {
			return nil, nil, err
		}
		bodies, ids = append(bodies, body), append(ids, id)
	}
	return bodies, ids, rows.Err()
}
