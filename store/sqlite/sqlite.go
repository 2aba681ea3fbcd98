// Package sqlite is the embedded engine: one file, one writer that commits
// writes in groups, readers beside it. Every acknowledged write survives
// kill -9 and power loss (WAL, synchronous=FULL).
//
// Each collection is a table of bodies; each declared index is a table of its
// own with real columns, so that a query is a walk along one b-tree.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	_ "modernc.org/sqlite" // registers the "sqlite" driver

	"chohue/market"
	"chohue/store"
)

// Engine implements store.Engine on one SQLite file.
type Engine struct {
	readers *sql.DB
	writers *sql.DB
	conn    *sql.Conn // the only connection that writes; used by the writer alone
	reads   *statements
	writes  *statements
	ops     chan *op
	wake    chan struct{}
	stopped chan struct{}

	mu    sync.RWMutex
	specs map[string]*table

	closing sync.RWMutex // held for reading while an op is handed over
	closed  bool
}

var _ store.Engine = (*Engine)(nil)

// Open opens or creates the file at path.
func Open(ctx context.Context, path string) (*Engine, error) {
	e := &Engine{
		ops: make(chan *op, maxGroup), wake: make(chan struct{}, 1),
		stopped: make(chan struct{}), specs: map[string]*table{},
	}
	var err error
	if e.writers, err = connect(path, "rwc", 1); err != nil {
		return nil, err
	}
	if e.conn, err = e.writers.Conn(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if _, err := e.conn.ExecContext(ctx, outboxTable); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if e.readers, err = connect(path, "ro", max(4, 2*runtime.NumCPU())); err != nil {
		return nil, err
	}
	e.reads = &statements{prepare: e.readers.PrepareContext}
	e.writes = &statements{prepare: e.conn.PrepareContext}
	go e.write()
	return e, nil
}

const outboxTable = `CREATE TABLE IF NOT EXISTS "_outbox" (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL, data BLOB)`

func connect(path, mode string, connections int) (*sql.DB, error) {
	pragmas := url.Values{"mode": {mode}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)",
		"cache_size(-32000)", "mmap_size(268435456)", "temp_store(MEMORY)",
	}, "_txlock": {"immediate"}}
	if mode == "ro" {
		pragmas["_pragma"] = []string{"busy_timeout(10000)", "cache_size(-16000)", "mmap_size(268435456)", "temp_store(MEMORY)"}
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: escapePath(path), RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

func escapePath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
}

// Ping implements store.Engine.
func (e *Engine) Ping(ctx context.Context) error { return e.readers.PingContext(ctx) }

// Wake implements store.Engine.
func (e *Engine) Wake() <-chan struct{} { return e.wake }

// Close waits for writes under way and closes the file.
func (e *Engine) Close() error {
	e.closing.Lock()
	if e.closed {
		e.closing.Unlock()
		return nil
	}
	e.closed = true
	close(e.ops)
	e.closing.Unlock()
	<-e.stopped
	e.reads.close()
	e.writes.close()
	err := e.readers.Close()
	if errConn := e.conn.Close(); err == nil {
		err = errConn
	}
	if errWriters := e.writers.Close(); err == nil {
		err = errWriters
	}
	return err
}

// Backup writes a consistent copy of the whole database to a new file while
// reads and writes go on.
func (e *Engine) Backup(ctx context.Context, path string) error {
	_, err := e.readers.ExecContext(ctx, "VACUUM INTO ?", path)
	return err
}

// Get implements store.Engine.
func (e *Engine) Get(ctx context.Context, collection string, ids ...market.ID) ([]bson.Raw, error) {
	t, err := e.table(collection)
	if err != nil {
		return nil, err
	}
	var found []bson.Raw
	for len(ids) > 0 {
		n := min(len(ids), 100)
		rows, err := e.query(ctx, t.get(n), anys(ids[:n])...)
		if err != nil {
			return nil, err
		}
		found, ids = append(found, rows...), ids[n:]
	}
	return found, nil
}

func anys(ids []market.ID) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// Find implements store.Engine.
func (e *Engine) Find(ctx context.Context, collection string, q store.Query, at []any) ([]bson.Raw, error) {
	t, err := e.table(collection)
	if err != nil {
		return nil, err
	}
	text, args, err := t.find(q, at)
	if err != nil {
		return nil, err
	}
	return e.query(ctx, text, args...)
}

// query runs a read, which is short: once begun it is not broken off, because
// to watch for that takes two goroutines and more time than most reads do.
func (e *Engine) query(ctx context.Context, text string, args ...any) ([]bson.Raw, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	stmt, err := e.reads.get(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []bson.Raw
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		found = append(found, body)
	}
	return found, rows.Err()
}

func (e *Engine) table(collection string) (*table, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	t := e.specs[collection]
	if t == nil {
		return nil, fmt.Errorf("collection %q is not declared", collection)
	}
	return t, nil
}

// statements keeps prepared statements by their text.
type statements struct {
	prepare func(context.Context, string) (*sql.Stmt, error)
	mu      sync.RWMutex
	kept    map[string]*sql.Stmt
}

func (s *statements) get(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.RLock()
	stmt := s.kept[text]
	s.mu.RUnlock()
	if stmt != nil {
		return stmt, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.kept[text]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.prepare(context.WithoutCancel(ctx), text)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", text, err)
	}
	if s.kept == nil {
		s.kept = map[string]*sql.Stmt{}
	}
	s.kept[text] = stmt
	return stmt, nil
}

func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stmt := range s.kept {
		_ = stmt.Close()
	}
	s.kept = nil
}
