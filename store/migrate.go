package store

import (
	"context"
	"fmt"
	"time"

	"chohue/market"
)

// Migration is one numbered change of stored documents. Numbers are never
// reused. Run must be resumable: it may be cut off anywhere and start again.
type Migration struct {
	Number int
	Name   string
	Run    func(ctx context.Context, e Engine) error
}

type applied struct {
	Doc  `bson:",inline"`
	Name string    `bson:"name"`
	At   time.Time `bson:"at"`
}

// Migrate runs the migrations not yet recorded, in order of number, and
// records each when it has ended. It returns how many ran.
func Migrate(ctx context.Context, e Engine, now market.Clock, all []Migration) (int, error) {
	log, err := Open[applied](ctx, e, Spec{Name: "migrations"})
	if err != nil {
		return 0, err
	}
	ran := 0
	for i, m := range all {
		if m.Number != i+1 {
			return ran, fmt.Errorf("migration %q: number %d, want %d", m.Name, m.Number, i+1)
		}
		id := market.ID(fmt.Sprintf("%06d", m.Number))
		if _, err := log.Get(ctx, id); err == nil {
			continue
		} else if !Missing(err) {
			return ran, err
		}
		if err := m.Run(ctx, e); err != nil {
			return ran, fmt.Errorf("migration %d %s: %w", m.Number, m.Name, err)
		}
		record := &applied{Doc: Doc{ID: id}, Name: m.Name, At: now()}
		if err := log.Insert(ctx, record); err != nil && !Exists(err) {
			return ran, err
		}
		ran++
	}
	return ran, nil
}
