// Package meili is search by a Meilisearch server, version 1.18 or later, for
// markets of several processes. What to know of the server: it takes changes as
// tasks and does them later; a task that failed is still an answer; it folds
// every Vietnamese mark, so that marks are looked at here; it has no condition
// on writing, so that versions are kept here. One process writes.
package meili

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	meilisearch "github.com/meilisearch/meilisearch-go"

	"chohue/market"
	"chohue/search"
)

// Config says where the server is.
type Config struct {
	URL      string
	Key      string // may make indexes and write them
	Index    string // name of the index
	Search   Search
	Now      market.Clock
	Synonyms search.Synonyms
	Client   *http.Client
}

// Search is a key that may only search, and its id. With them queries carry a
// tenant token, which shows published products alone whatever the query says.
type Search struct{ Key, UID string }

// Engine is a search.Engine on a server.
type Engine struct {
	config Config
	admin  meilisearch.ServiceManager

	rebuild sync.Mutex

	start   sync.Mutex
	started bool

	mu       sync.Mutex
	versions map[market.ID]version
	tasks    []task // handed over and not waited for
	building string // the index that Rebuild fills
	closed   bool
	reader   meilisearch.ServiceManager
	until    time.Time // when the reader's token ends
}

var _ search.Engine = (*Engine)(nil)

// version is what the server has been told of a product.
type version struct {
	number int64
	gone   bool
}

// task is work that the server has taken on, and what it is about.
type task struct {
	uid int64
	ids []market.ID
}

// Name is what results say of who gave them.
const Name = "meilisearch"

// New returns an engine. The server is first asked when it is needed: a market
// starts while its server is down.
func New(c Config) *Engine {
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 10 * time.Second}
	}
	e := &Engine{config: c, versions: map[market.ID]version{}}
	e.admin = meilisearch.New(c.URL, meilisearch.WithAPIKey(c.Key), meilisearch.WithCustomClient(c.Client), meilisearch.DisableRetries())
	e.reader = e.admin
	return e
}

// ready makes the index with its settings when it is not there, and reads which
// versions it has, once.
func (e *Engine) ready(ctx context.Context) error {
	e.start.Lock()
	defer e.start.Unlock()
	if e.started {
		return nil
	}
	if err := e.prepare(ctx, e.config.Index); err != nil {
		return err
	}
	if err := e.readVersions(ctx); err != nil {
		return err
	}
	e.started = true
	return nil
}

// open is ready, and not closed.
func (e *Engine) open(ctx context.Context) error {
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed {
		return errClosed
	}
	return e.ready(ctx)
}

// prepare makes an index with its settings.
func (e *Engine) prepare(ctx context.Context, uid string) error {
	info, err := e.admin.CreateIndexWithContext(ctx, &meilisearch.IndexConfig{Uid: uid, PrimaryKey: "id"})
	if err != nil {
		return broken(err)
	}
	if err := e.done(ctx, info.TaskUID); err != nil && !is(err, "index_already_exists") {
		return err
	}
	return e.set(ctx, uid)
}

// failed is a task that the server could not do.
type failed struct{ Code, Message string }

func (f *failed) Error() string { return "meilisearch: " + f.Code + ": " + f.Message }

func is(err error, code string) bool {
	var f *failed
	return errors.As(err, &f) && f.Code == code
}

// every is how often a task is asked about.
const every = 20 * time.Millisecond

// done waits for a task and tells how it ended: an ended task is no success.
func (e *Engine) done(ctx context.Context, uid int64) error {
	t, err := e.admin.WaitForTaskWithContext(ctx, uid, every)
	if err != nil {
		return broken(err)
	}
	if t.Status != meilisearch.TaskStatusSucceeded {
		return &failed{t.Error.Code, t.Error.Message}
	}
	return nil
}

func broken(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("meilisearch: %w", err)
}

const readAtOnce = 1000

// readVersions walks the index for what it has.
func (e *Engine) readVersions(ctx context.Context) error {
	for offset := int64(0); ; offset += readAtOnce {
		var page meilisearch.DocumentsResult
		err := e.admin.Index(e.config.Index).GetDocumentsWithContext(ctx, &meilisearch.DocumentsQuery{
			Offset: offset, Limit: readAtOnce, Fields: []string{"id", "version", "gone"},
		}, &page)
		if err != nil {
			return broken(err)
		}
		var docs []document
		if err := page.Results.DecodeInto(&docs); err != nil {
			return broken(err)
		}
		for _, d := range docs {
			e.versions[d.ID] = version{d.Version, d.Gone}
		}
		if int64(len(docs)) < readAtOnce {
			return nil
		}
	}
}

var errClosed = market.Unavailable("search.unavailable")

// Apply hands over what is newer than what the server was told.
func (e *Engine) Apply(ctx context.Context, changes []search.Change) error {
	if err := e.open(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	docs := e.news(changes)
	if len(docs) == 0 {
		return nil
	}
	for _, uid := range []string{e.building, e.config.Index} {
		if uid == "" {
			continue
		}
		info, err := e.admin.Index(uid).AddDocumentsWithContext(ctx, docs, nil)
		if err != nil {
			return broken(err)
		}
		e.tasks = append(e.tasks, task{info.TaskUID, idsOf(docs)})
	}
	for _, d := range docs {
		e.versions[d.ID] = version{d.Version, d.Gone}
	}
	return nil
}

// news are the documents to be written. One that was taken out is kept as gone,
// so that older news is known as such after a restart too.
func (e *Engine) news(changes []search.Change) []document {
	fresh := map[market.ID]document{}
	for _, c := range changes {
		id, number := c.Subject()
		if number <= max(e.versions[id].number, fresh[id].Version) {
			continue
		}
		fresh[id] = documentOf(c)
	}
	docs := make([]document, 0, len(fresh))
	for _, d := range fresh {
		docs = append(docs, d)
	}
	return docs
}

func idsOf(docs []document) []market.ID {
	ids := make([]market.ID, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	return ids
}

// Wait waits for all that was handed over. What the server could not do is
// forgotten, so that it may be told again.
func (e *Engine) Wait(ctx context.Context) error {
	e.mu.Lock()
	tasks := slices.Clone(e.tasks)
	e.mu.Unlock()
	var err error
	for _, t := range tasks {
		failed := e.done(ctx, t.uid)
		if ctx.Err() != nil {
			return ctx.Err() // the task goes on; it is still waited for
		}
		err = errors.Join(err, failed)
		e.ended(t, failed != nil)
	}
	return err
}

// ended strikes a task off the list. Until then a swap waits for it too.
func (e *Engine) ended(t task, failed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tasks = slices.DeleteFunc(e.tasks, func(other task) bool { return other.uid == t.uid })
	if !failed {
		return
	}
	for _, id := range t.ids {
		delete(e.versions, id)
	}
}

// Versions returns the version of every product that can be found.
func (e *Engine) Versions(ctx context.Context) (map[market.ID]int64, error) {
	if err := e.open(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[market.ID]int64{}
	for id, v := range e.versions {
		if !v.gone {
			out[id] = v.number
		}
	}
	return out, nil
}

// Count returns how many products can be found.
func (e *Engine) Count(ctx context.Context) (int, error) {
	versions, err := e.Versions(ctx)
	return len(versions), err
}

// Health asks the server.
func (e *Engine) Health(ctx context.Context) error {
	if err := e.open(ctx); err != nil {
		return err
	}
	_, err := e.admin.HealthWithContext(ctx)
	return broken(err)
}

// Close lets go of connections. What was handed over is with the server.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		e.admin.Close()
	}
	return nil
}

// asker is the client that queries go by: with a tenant token when there is a
// key for it.
func (e *Engine) asker(ctx context.Context) (meilisearch.ServiceManager, error) {
	if err := e.open(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now() // the server's time, not the shop's
	if e.config.Search.Key == "" || now.Before(e.until) {
		return e.reader, nil
	}
	until := now.Add(time.Hour)
	token, err := e.admin.GenerateTenantToken(e.config.Search.UID, map[string]any{
		e.config.Index: map[string]any{"filter": "gone = false"},
	}, &meilisearch.TenantTokenOptions{APIKey: e.config.Search.Key, ExpiresAt: until.UTC()})
	if err != nil {
		return nil, broken(err)
	}
	e.reader = meilisearch.New(e.config.URL, meilisearch.WithAPIKey(token), meilisearch.WithCustomClient(e.config.Client), meilisearch.DisableRetries())
	e.until = until.Add(-time.Minute)
	return e.reader, nil
}

// Rebuild fills a second index beside the live one and swaps them in one task.
func (e *Engine) Rebuild(ctx context.Context, each func(yield func(search.Document) error) error) error {
	if !e.rebuild.TryLock() {
		return market.Conflict("search.rebuilding")
	}
	defer e.rebuild.Unlock()
	next := e.config.Index + "_next"
	if err := e.begin(ctx, next); err != nil {
		return err
	}
	told, err := e.fill(ctx, next, each)
	if err != nil {
		e.end(func() {})
		return err
	}
	return e.swap(ctx, next, told)
}

func (e *Engine) begin(ctx context.Context, next string) error {
	if err := e.Health(ctx); err != nil {
		return err
	}
	info, err := e.admin.DeleteIndexWithContext(ctx, next) // of a rebuild that did not end
	if err != nil {
		return broken(err)
	}
	if err := e.done(ctx, info.TaskUID); err != nil && !is(err, "index_not_found") {
		return err
	}
	if err := e.prepare(ctx, next); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.building = next
	return nil
}

func (e *Engine) end(also func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.building = ""
	also()
}

const writeAtOnce = 1000

// fill writes what each yields. A product that changed meanwhile was written by
// Apply already; the older one must not come behind it.
func (e *Engine) fill(ctx context.Context, next string, each func(func(search.Document) error) error) (map[market.ID]int64, error) {
	e.mu.Lock()
	before := map[market.ID]int64{}
	for id, v := range e.versions {
		before[id] = v.number
	}
	e.mu.Unlock()
	told := map[market.ID]int64{}
	var batch []document
	flush := func() error {
		e.mu.Lock()
		defer e.mu.Unlock()
		var docs []document
		for _, d := range batch {
			if now := e.versions[d.ID].number; now == before[d.ID] || d.Version >= now {
				docs = append(docs, d)
			}
		}
		batch = nil
		if len(docs) == 0 {
			return nil
		}
		info, err := e.admin.Index(next).AddDocumentsWithContext(ctx, docs, nil)
		if err != nil {
			return broken(err)
		}
		for _, d := range docs {
			told[d.ID] = d.Version
		}
		e.tasks = append(e.tasks, task{info.TaskUID, nil})
		return nil
	}
	err := each(func(d search.Document) error {
		batch = append(batch, documentOf(search.Change{Document: &d}))
		if len(batch) < writeAtOnce {
			return ctx.Err()
		}
		return errors.Join(flush(), ctx.Err())
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = e.Wait(ctx)
	}
	return told, err
}

// swap waits for what was written, verifies that all is there, and changes the
// two indexes' names in one task. Writers wait for that long.
func (e *Engine) swap(ctx context.Context, next string, told map[market.ID]int64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.building = ""
	for _, t := range e.tasks {
		if err := e.done(ctx, t.uid); err != nil {
			return err
		}
	}
	e.tasks = nil
	versions, err := e.inIndex(ctx, next)
	if err != nil {
		return err
	}
	for id, number := range told {
		if versions[id].number < number {
			return fmt.Errorf("meilisearch: rebuild: %s has version %d, was told %d", id, versions[id].number, number)
		}
	}
	info, err := e.admin.SwapIndexesWithContext(ctx, []*meilisearch.SwapIndexesParams{{Indexes: []string{e.config.Index, next}}})
	if err != nil {
		return broken(err)
	}
	if err := e.done(ctx, info.TaskUID); err != nil {
		return err
	}
	e.versions = versions
	info, err = e.admin.DeleteIndexWithContext(ctx, next)
	if err != nil {
		return broken(err)
	}
	return e.done(ctx, info.TaskUID)
}

func (e *Engine) inIndex(ctx context.Context, uid string) (map[market.ID]version, error) {
	other := &Engine{config: e.config, admin: e.admin, versions: map[market.ID]version{}}
	other.config.Index = uid
	return other.versions, other.readVersions(ctx)
}

func raw(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(out)
}
