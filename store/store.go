// Package store keeps documents. One aggregate is one document and one write;
// a change and the events that it causes are written together, and nothing
// spans two documents, so the same code is right on an embedded file and on a
// sharded cluster.
//
// Rooms use Collection[T]. Engines (store/sqlite, store/mongo) implement
// Engine and pass storetest.
package store

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
)

// Doc is embedded, inline, as the first field of everything that is stored.
type Doc struct {
	ID  market.ID `bson:"_id"`
	Rev int64     `bson:"_rev"` // 1 when inserted, one more with each change
}

func (d *Doc) doc() *Doc { return d }

// Spec declares a collection: its name and the only ways to look into it. A
// name is letters, digits, hyphens and underscores; engines keep those that
// begin with "_" for themselves, as the store does fields at the top of a
// document.
type Spec struct {
	Name    string
	Indexes []Index
	// Cache is how many decoded documents to keep. A cached document is used
	// only while the stored one is byte for byte the same, so reads are never
	// stale, but values read are shared: the caller must not change them.
	Cache int
}

// Index declares fields, by dotted path, that documents can be found and
// ordered by. A field may be a string, an integer, a boolean or a time, or an
// array of one of these (reached through arrays of documents too); a query
// must name the wanted element of an array by Eq. Of an index's fields at most
// one may lead through an array. A document that lacks one of the fields, or
// has null there, is not in the index.
//
// No index is unique, because on a sharded cluster none but the id can be:
// what must be unique is an id, claimed by Insert.
type Index struct {
	Name   string
	Fields []string
}

// Index returns the declared index of that name.
func (s Spec) Index(name string) (Index, bool) {
	for _, ix := range s.Indexes {
		if ix.Name == name {
			return ix, true
		}
	}
	return Index{}, false
}

// Query walks one declared index in its order, ties by id.
type Query struct {
	Index string // "" walks by id
	Eq    []any  // values of the index's first fields
	In    []any  // values of the field after those in Eq; not for arrays; empty but not nil finds nothing
	From  any    // least value of the field after those in Eq; nil for no bound
	To    any    // first value beyond; nil for no bound
	Desc  bool
	After Cursor // continue behind this position
	Limit int    // 1 to MaxLimit; 0 means MaxLimit
}

// MaxLimit is the largest page.
const MaxLimit = 1000

// Write is one new state of a document with the events that it causes.
type Write struct {
	Body   bson.Raw // begins with _id and _rev
	Events []market.Event
}

// Change computes a document's next state from its present one. It may run
// more than once, must not call the store, and must not keep or change old.
// A nil Body means that nothing is to be written.
type Change func(old bson.Raw) (Write, error)

// Engine is what a database must do. Errors are market.Error for what a
// caller can act on: not found "store.missing", conflict "store.exists";
// anything else is internal.
type Engine interface {
	// Declare makes the collection and its indexes ready, filling new indexes
	// from documents that are already there.
	Declare(ctx context.Context, s Spec) error
	// Insert writes a new document; conflict when the id is taken. Durable on return.
	Insert(ctx context.Context, collection string, w Write) error
	// Update applies change atomically: no other write to the document comes
	// between what change saw and what is written. With create, a missing
	// document is given to change as nil. Durable on return.
	Update(ctx context.Context, collection string, id market.ID, create bool, change Change) error
	// Delete removes a document; deleting a missing one is no error. Its
	// pending events stay.
	Delete(ctx context.Context, collection string, id market.ID) error
	// Get returns the documents that exist among ids, in any order.
	Get(ctx context.Context, collection string, ids ...market.ID) ([]bson.Raw, error)
	// Find returns the documents of one page, in order. at holds the decoded
	// cursor: the values of the fields after Eq, then the id; nil at the start.
	Find(ctx context.Context, collection string, q Query, at []any) ([]bson.Raw, error)
	// Pending returns events not yet Done from behind the place after (a Ref;
	// nil at the start), about limit of them, oldest first; those of one
	// subject in the order of their writing, if they were written with one
	// document. It returns none when another process is delivering.
	Pending(ctx context.Context, after any, limit int) ([]Pending, error)
	// Done forgets events that have been delivered.
	Done(ctx context.Context, delivered []Pending) error
	// Wake receives after a write that left events.
	Wake() <-chan struct{}
	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	Close() error
}

// Pending is an event waiting for delivery. Ref is the engine's own handle.
type Pending struct {
	Event market.Event
	Ref   any
}

// ErrMissing is returned for a document that does not exist.
var ErrMissing = market.NotFound("store.missing")

// ErrExists is returned by Insert when the id is taken.
var ErrExists = market.Conflict("store.exists")
