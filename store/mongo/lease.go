package mongo

import (
	"context"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"chohue/market"
)

// leaseTime is how long the events of a process that died wait for another to
// deliver them.
const leaseTime = 20 * time.Second

// lease lets one process at a time deliver events, which keeps the order per
// subject. It goes by the clocks of the processes: if they disagree by more
// than leaseTime, or one delivery takes longer, events are delivered twice,
// never lost.
type lease struct {
	docs  *mongo.Collection
	now   market.Clock
	owner string

	mu    sync.Mutex
	until time.Time
}

// hold reports whether this process may deliver, taking or renewing the lease
// if it can.
func (l *lease) hold(ctx context.Context) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Before(l.until.Add(-leaseTime / 2)) {
		return true, nil
	}
	until := now.Add(leaseTime)
	_, err := l.docs.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: "relay"}, {Key: "$or", Value: bson.A{
			bson.D{{Key: "owner", Value: l.owner}},
			bson.D{{Key: "until", Value: bson.D{{Key: "$lte", Value: now}}}},
		}}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "owner", Value: l.owner}, {Key: "until", Value: until}}}},
		options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	l.until = until
	return true, nil
}

func (l *lease) release(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return nil
	}
	l.until = time.Time{}
	_, err := l.docs.DeleteOne(ctx, bson.D{{Key: "_id", Value: "relay"}, {Key: "owner", Value: l.owner}})
	return err
}
