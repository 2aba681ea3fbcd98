// Package market is the ground floor: the words every room shares. Money in
// đồng, identities, who is asking, errors with kinds, events, bilingual text,
// administrative areas. It imports the standard library only and keeps no
// state.
package market

import "time"

// Clock tells the time in UTC. Rooms never call time.Now.
type Clock func() time.Time

// Env is what a room is handed instead of globals: the time, and new
// identities made from it.
type Env struct {
	Now   Clock
	NewID func() ID
}

// NewEnv returns an Env on the given clock with random identities, which sort
// in the order in which they were made, those of one millisecond too.
func NewEnv(now Clock) Env {
	ids := &sequence{}
	return Env{Now: now, NewID: func() ID { return ids.next(now()) }}
}

// SystemClock is the wall clock in UTC, cut to the millisecond that documents
// keep, so that a time read back equals the time written.
func SystemClock() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Text is something said in Vietnamese and, when somebody wrote it, in English.
type Text struct {
	VI string `bson:"vi" json:"vi"`
	EN string `bson:"en,omitempty" json:"en,omitempty"`
}

// In returns the text in the language asked for ("vi" or "en"), falling back
// to Vietnamese.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.VI
}

// HueZone is the time zone in which days, months and deadlines are counted.
// Vietnam has kept UTC+7 without summer time since 1975, so a fixed zone is
// exact and needs no zone database.
var HueZone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)
