package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"chohue/store"
)

// ours begins the names of the indexes that the engine makes and drops; those
// of other names belong to the people who run the database.
const ours = "store_"

// Declare implements store.Engine. MongoDB fills new indexes itself.
func (e *Engine) Declare(ctx context.Context, s store.Spec) error {
	if strings.HasPrefix(s.Name, "_") || strings.Contains(s.Name, ".") {
		return fmt.Errorf("collection name %q", s.Name)
	}
	docs := e.database.Collection(s.Name)
	if err := settle(ctx, docs.Indexes(), wanted(s)); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	fresh := docs.Clone(options.Collection().SetReadConcern(readconcern.Local()))
	e.collections[s.Name] = &collection{spec: s, docs: docs, fresh: fresh}
	return nil
}

func wanted(s store.Spec) map[string]mongo.IndexModel {
	all := map[string]mongo.IndexModel{
		ours + "_pending": {
			Keys:    bson.D{{Key: "_pending", Value: 1}},
			Options: options.Index().SetName(ours + "_pending").SetSparse(true),
		},
	}
	for _, ix := range s.Indexes {
		name := ours + ix.Name
		fields := append(ix.Fields[:len(ix.Fields):len(ix.Fields)], "_id")
		all[name] = mongo.IndexModel{Keys: order(fields, false), Options: options.Index().SetName(name)}
	}
	return all
}

// settle drops the engine's indexes that are not wanted as they are and makes
// those that are missing.
func settle(ctx context.Context, view mongo.IndexView, all map[string]mongo.IndexModel) error {
	present, err := view.ListSpecifications(ctx)
	if err != nil {
		return err
	}
	for _, have := range present {
		want, ok := all[have.Name]
		if ok && sameKeys(have.KeysDocument, want.Keys.(bson.D)) {
			delete(all, have.Name)
			continue
		}
		if !strings.HasPrefix(have.Name, ours) {
			continue
		}
		if err := view.DropOne(ctx, have.Name); err != nil && !indexNotFound(err) {
			return fmt.Errorf("drop index %s: %w", have.Name, err)
		}
	}
	for name, model := range all {
		if _, err := view.CreateOne(ctx, model); err != nil {
			return fmt.Errorf("index %s: %w", name, err)
		}
	}
	return nil
}

func sameKeys(have bson.Raw, want bson.D) bool {
	elements, err := have.Elements()
	return err == nil && slices.EqualFunc(elements, want, func(a bson.RawElement, b bson.E) bool {
		return a.Key() == b.Key
	})
}

// indexNotFound says that another process dropped it first.
func indexNotFound(err error) bool {
	const code = 27
	var server mongo.ServerError
	return errors.As(err, &server) && server.HasErrorCode(code)
}
