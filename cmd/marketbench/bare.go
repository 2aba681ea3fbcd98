package main

import (
	"context"
	"database/sql"
	"net/url"
	"runtime"

	_ "modernc.org/sqlite" // registers the "sqlite" driver
)

// bare is what somebody would write by hand on the driver for one table of
// bodies by id: a prepared statement to read, and one goroutine that commits
// the changes of many callers together. It has the pragmas of store/sqlite.
type bare struct {
	readers, writers *sql.DB
	read             *sql.Stmt
	changes          chan change
}

type change struct {
	id   string
	do   func(old []byte) []byte
	done chan error
}

func openBare(ctx context.Context, path string) (*bare, error) {
	b := &bare{changes: make(chan change, 256)}
	var err error
	if b.writers, err = connect(path, "rwc", 1, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-32000)"); err != nil {
		return nil, err
	}
	if _, err := b.writers.ExecContext(ctx, "CREATE TABLE docs (id TEXT PRIMARY KEY NOT NULL, body BLOB NOT NULL)"); err != nil {
		return nil, err
	}
	if b.readers, err = connect(path, "ro", max(4, 2*runtime.NumCPU()), "cache_size(-16000)"); err != nil {
		return nil, err
	}
	b.read, err = b.readers.PrepareContext(ctx, "SELECT body FROM docs WHERE id = ?")
	return b, err
}

func connect(path, mode string, connections int, pragmas ...string) (*sql.DB, error) {
	pragmas = append(pragmas, "busy_timeout(10000)", "mmap_size(268435456)", "temp_store(MEMORY)")
	query := url.Values{"mode": {mode}, "_pragma": pragmas, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// fill inserts the documents and starts the writer.
func (b *bare) fill(ctx context.Context, ids []string, bodies [][]byte) error {
	tx, err := b.writers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if _, err := tx.ExecContext(ctx, "INSERT INTO docs VALUES (?, ?)", id, bodies[i]); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	w, err := newBareWriter(ctx, b.writers)
	if err != nil {
		return err
	}
	go w.run(b.changes)
	return nil
}

func (b *bare) get(ctx context.Context, id string) ([]byte, error) {
	var body []byte
	err := b.read.QueryRowContext(ctx, id).Scan(&body)
	return body, err
}

// update changes one body and returns when that is durable.
func (b *bare) update(id string, do func([]byte) []byte) error {
	c := change{id, do, make(chan error, 1)}
	b.changes <- c
	return <-c.done
}

type bareWriter struct{ begin, commit, read, write *sql.Stmt }

func newBareWriter(ctx context.Context, db *sql.DB) (bareWriter, error) {
	var w bareWriter
	conn, err := db.Conn(ctx)
	if err != nil {
		return w, err
	}
	for text, into := range map[string]**sql.Stmt{
		"BEGIN IMMEDIATE": &w.begin, "COMMIT": &w.commit,
		"SELECT body FROM docs WHERE id = ?": &w.read, "UPDATE docs SET body = ? WHERE id = ?": &w.write,
	} {
		if *into, err = conn.PrepareContext(ctx, text); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w bareWriter) run(changes chan change) {
	for first := range changes {
		group := []change{first}
		for len(group) < cap(changes) && len(changes) > 0 {
			group = append(group, <-changes)
		}
		err := w.together(group)
		for _, c := range group {
			c.done <- err
		}
	}
}

func (w bareWriter) together(group []change) error {
	if _, err := w.begin.Exec(); err != nil {
		return err
	}
	for _, c := range group {
		var body []byte
		if err := w.read.QueryRow(c.id).Scan(&body); err != nil {
			return err
		}
		if _, err := w.write.Exec(c.do(body), c.id); err != nil {
			return err
		}
	}
	_, err := w.commit.Exec()
	return err
}
