package mongo

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"chohue/market"
	"chohue/store"
)

// errConflict says that another process wrote the document between our read
// and our write.
var errConflict = errors.New("document changed meanwhile")

// Insert implements store.Engine. An id that is taken may be that of a deleted
// document whose events still wait; it is free all the same.
func (e *Engine) Insert(ctx context.Context, collection string, next store.Write) error {
	c, err := e.collection(collection)
	if err != nil {
		return err
	}
	_, err = c.docs.InsertOne(ctx, compose(next.Body, nil, next.Events))
	if err == nil {
		e.wakeFor(next.Events)
	}
	if !mongo.IsDuplicateKeyError(err) {
		return err
	}
	id := market.ID(next.Body.Lookup("_id").StringValue())
	return e.Update(ctx, collection, id, true, func(old bson.Raw) (store.Write, error) {
		if old != nil {
			return store.Write{}, store.ErrExists
		}
		return next, nil
	})
}

// Update implements store.Engine: read, change, and write if nobody else did,
// again and again until so. Somebody succeeds in every round.
func (e *Engine) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	return e.exclusively(ctx, collection, id, func(c *collected) error {
		old, err := c.read(ctx)
		if err != nil {
			return err
		}
		if old.body == nil && !create {
			return store.ErrMissing
		}
		next, err := change(old.body)
		if err != nil || next.Body == nil {
			return err
		}
		if err := c.replace(ctx, old, compose(next.Body, old.events, next.Events)); err != nil {
			return err
		}
		e.wakeFor(next.Events)
		return nil
	})
}

// Delete implements store.Engine. What has waiting events is left behind as
// them alone, until they are delivered.
func (e *Engine) Delete(ctx context.Context, collection string, id market.ID) error {
	return e.exclusively(ctx, collection, id, func(c *collected) error {
		old, err := c.read(ctx)
		if err != nil || old.body == nil {
			return err
		}
		if len(old.events) > 0 {
			left, err := bson.Marshal(bson.D{{Key: "_id", Value: id}, {Key: "_deleted", Value: true}})
			if err != nil {
				return err
			}
			return c.replace(ctx, old, compose(left, old.events, nil))
		}
		result, err := c.docs.DeleteOne(ctx, c.unchanged(old))
		if err == nil && result.DeletedCount == 0 {
			return errConflict
		}
		return err
	})
}

// exclusively calls do under the document's lock until it meets no conflict.
func (e *Engine) exclusively(ctx context.Context, name string, id market.ID, do func(*collected) error) error {
	c, err := e.collection(name)
	if err != nil {
		return err
	}
	release, err := e.locks.acquire(ctx, name+"/"+string(id))
	if err != nil {
		return err
	}
	defer release()
	for try := 0; ; try++ {
		err := do(&collected{collection: c, id: id})
		if !errors.Is(err, errConflict) {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

// pause waits a random while, longer with each conflict, to 64 ms.
func pause(ctx context.Context, try int) error {
	most := time.Millisecond << min(try, 6)
	timer := time.NewTimer(rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// collected is one document in its collection.
type collected struct {
	*collection
	id market.ID
}

// present is a document as it is stored now; body is nil when there is none
// for rooms to see.
type present struct {
	found   bool
	version any // nil when written by other means than this engine
	body    bson.Raw
	events  []waiting
}

func (c *collected) read(ctx context.Context) (present, error) {
	raw, err := c.fresh.FindOne(ctx, bson.D{{Key: "_id", Value: c.id}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return present{}, nil
	}
	if err != nil {
		return present{}, err
	}
	return dissect(raw)
}

// dissect parts what rooms wrote from what is the engine's.
func dissect(raw bson.Raw) (present, error) {
	var own struct {
		Version any       `bson:"_ver"`
		Events  []waiting `bson:"_events"`
		Deleted bool      `bson:"_deleted"`
	}
	if err := bson.Unmarshal(raw, &own); err != nil {
		return present{}, err
	}
	p := present{found: true, version: own.Version, events: own.Events}
	if own.Deleted {
		return p, nil
	}
	elements, err := raw.Elements()
	if err != nil {
		return p, err
	}
	body := make([]byte, 4, len(raw))
	for _, el := range elements {
		if key := el.Key(); key != "_ver" && key != "_events" && key != "_pending" {
			body = append(body, el...)
		}
	}
	p.body = closed(body)
	return p, nil
}

// compose puts a new version and the waiting events behind the body.
func compose(body bson.Raw, old []waiting, added []market.Event) bson.Raw {
	own := bson.D{{Key: "_ver", Value: bson.NewObjectID()}}
	all := append(old[:len(old):len(old)], wait(added)...)
	if len(all) > 0 {
		own = append(own, bson.E{Key: "_events", Value: all}, bson.E{Key: "_pending", Value: all[0].ID})
	}
	tail, err := bson.Marshal(own)
	if err != nil {
		panic(fmt.Sprintf("events: %v", err)) // strings and times only
	}
	doc := append(make([]byte, 0, len(body)+len(tail)), body[:len(body)-1]...)
	return closed(append(doc, tail[4:len(tail)-1]...))
}

// closed ends a document and writes its length in front.
func closed(doc []byte) bson.Raw {
	doc = append(doc, 0)
	binary.LittleEndian.PutUint32(doc, uint32(len(doc)))
	return doc
}

func (c *collected) unchanged(old present) bson.D {
	return bson.D{{Key: "_id", Value: c.id}, {Key: "_ver", Value: old.version}}
}

func (c *collected) replace(ctx context.Context, old present, next bson.Raw) error {
	if !old.found {
		_, err := c.docs.InsertOne(ctx, next)
		if mongo.IsDuplicateKeyError(err) {
			return errConflict
		}
		return err
	}
	result, err := c.docs.ReplaceOne(ctx, c.unchanged(old), next)
	if err == nil && result.MatchedCount == 0 {
		return errConflict
	}
	return err
}
