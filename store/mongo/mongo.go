// Package mongo is the production engine: natural documents in MongoDB, on a
// replica set or a sharded cluster. Writes are acknowledged by a majority and
// reads see only what a majority has.
//
// Every write touches one document and names its _id, so collections may be
// sharded by _id (hashed or not), and by nothing else: then an id is unique in
// the whole cluster. No transaction and no other unique index is used.
//
// Beside what a room wrote, a document has fields of the engine: _ver changes
// with each write and is what a write must find unchanged; _events are the
// events not yet delivered; _pending is the id of the first of them, by which
// they are found; _deleted marks what is left of a deleted document until its
// events are delivered. They never reach a room. A document and its waiting
// events must fit in MongoDB's 16 MB.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"chohue/market"
	"chohue/store"
)

// Engine implements store.Engine on one MongoDB database.
type Engine struct {
	client   *mongo.Client
	database *mongo.Database
	locks    locks
	lease    lease
	wake     chan struct{}

	mu          sync.RWMutex
	collections map[string]*collection
}

var _ store.Engine = (*Engine)(nil)

// collection is one declared collection. A write begins with a read of what
// this primary has now, majority or not, since the write itself is refused if
// that is no longer so; other reads wait for no one but see only what stays.
type collection struct {
	spec  store.Spec
	docs  *mongo.Collection
	fresh *mongo.Collection
}

// Open connects to the deployment at uri and uses the named database. The
// concerns and the read preference in uri give way to those that the engine's
// promises need.
func Open(ctx context.Context, uri, database string) (*Engine, error) {
	o := options.Client().ApplyURI(uri).
		SetAppName("marketd").
		SetServerSelectionTimeout(10 * time.Second).
		SetWriteConcern(writeconcern.Majority()).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary())
	client, err := mongo.Connect(o)
	if err != nil {
		return nil, fmt.Errorf("connect to MongoDB: %w", err)
	}
	if err := client.Ping(ctx, nil); err != nil {
		return nil, errors.Join(fmt.Errorf("ping MongoDB: %w", err), client.Disconnect(ctx))
	}
	db := client.Database(database)
	return &Engine{
		client: client, database: db, wake: make(chan struct{}, 1),
		lease:       lease{docs: db.Collection("_leases"), now: market.SystemClock, owner: market.NewSecret()},
		collections: map[string]*collection{},
	}, nil
}

// Ping implements store.Engine.
func (e *Engine) Ping(ctx context.Context) error { return e.client.Ping(ctx, nil) }

// Wake implements store.Engine. It hears of the writes of this process only.
func (e *Engine) Wake() <-chan struct{} { return e.wake }

func (e *Engine) wakeFor(events []market.Event) {
	if len(events) == 0 {
		return
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Close lets another process deliver events at once and disconnects.
func (e *Engine) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := errors.Join(e.lease.release(ctx), e.client.Disconnect(ctx))
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return nil
	}
	return err
}

func (e *Engine) collection(name string) (*collection, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	c := e.collections[name]
	if c == nil {
		return nil, fmt.Errorf("collection %q is not declared", name)
	}
	return c, nil
}

// all lists the declared collections.
func (e *Engine) all() []*collection {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]*collection, 0, len(e.collections))
	for _, c := range e.collections {
		out = append(out, c)
	}
	return out
}

// Get implements store.Engine.
func (e *Engine) Get(ctx context.Context, collection string, ids ...market.ID) ([]bson.Raw, error) {
	c, err := e.collection(collection)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}, living}
	return c.find(ctx, filter, options.Find())
}

// Find implements store.Engine.
func (e *Engine) Find(ctx context.Context, collection string, q store.Query, at []any) ([]bson.Raw, error) {
	c, err := e.collection(collection)
	if err != nil {
		return nil, err
	}
	filter, sort, err := plan(c.spec, q, at)
	if err != nil {
		return nil, err
	}
	return c.find(ctx, filter, options.Find().SetSort(sort).SetLimit(int64(q.Limit)))
}

// withoutOwn keeps the engine's fields off the wire.
var withoutOwn = bson.D{{Key: "_ver", Value: 0}, {Key: "_events", Value: 0}, {Key: "_pending", Value: 0}}

// living holds for documents that are not deleted.
var living = bson.E{Key: "_deleted", Value: nil}

func (c *collection) find(ctx context.Context, filter bson.D, o *options.FindOptionsBuilder) ([]bson.Raw, error) {
	cursor, err := c.docs.Find(ctx, filter, o.SetProjection(withoutOwn))
	if err != nil {
		return nil, err
	}
	var found []bson.Raw
	return found, cursor.All(ctx, &found)
}
