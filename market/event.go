package market

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is news of one change, written in the same step as the change and
// delivered later, at least once, in order per Subject. Consumers are
// idempotent by ID.
type Event struct {
	ID      ID              `bson:"id" json:"id"`
	Type    string          `bson:"type" json:"type"`       // "<room>.<what happened>"
	Subject ID              `bson:"subject" json:"subject"` // the aggregate that changed
	At      time.Time       `bson:"at" json:"at"`
	Data    json.RawMessage `bson:"data,omitempty" json:"data,omitempty"`
}

// NewEvent makes an event whose payload is data as JSON. It panics when data
// cannot be encoded, which is a mistake in the program, not in the input.
func NewEvent(env Env, kind string, subject ID, data any) Event {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("event %s: %v", kind, err))
	}
	return Event{ID: env.NewID(), Type: kind, Subject: subject, At: env.Now(), Data: raw}
}

// Decode reads the payload into v.
func (e Event) Decode(v any) error {
	if err := json.Unmarshal(e.Data, v); err != nil {
		return fmt.Errorf("event %s %s: %w", e.Type, e.ID, err)
	}
	return nil
}
