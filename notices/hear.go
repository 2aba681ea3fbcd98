package notices

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/store"
)

// EventWritten says that a message waits for its channels. The subject is the
// message.
const EventWritten = "notices.written"

// Consumes lists the events that Consume wants: those of the rules, and the
// room's own.
func Consumes() []string {
	types := []string{EventWritten}
	for _, r := range rules {
		if !slices.Contains(types, r.on) {
			types = append(types, r.on)
		}
	}
	return types
}

// Consume writes the messages that an event calls for, and sends those that
// are written. Hearing of an event twice writes nothing twice.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	if e.Type == EventWritten {
		return s.deliver(ctx, e.Subject)
	}
	for _, r := range rules {
		if r.on != e.Type {
			continue
		}
		if err := s.apply(ctx, r, e); err != nil {
			return err
		}
	}
	return nil
}

// apply tells everybody whom the rule names. What an event is about may be
// gone by now; then there is nothing to tell.
func (s *Service) apply(ctx context.Context, r rule, e market.Event) error {
	told, err := r.tell(ctx, s, e)
	if market.KindOf(err) == market.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	for _, one := range told {
		if err := s.write(ctx, e, r, one); err != nil {
			return err
		}
	}
	return nil
}

// telling is what one reader is told.
type telling struct {
	to   Reader
	key  string // "" for the rule's
	args []Arg
	rows []Row
	link string
}

func (s *Service) write(ctx context.Context, e market.Event, r rule, t telling) error {
	m := &Message{
		Doc: store.Doc{ID: messageID(e.ID, t.to.id())}, Person: t.to.Person, Unread: t.to.Person,
		Topic: r.topic, Key: r.key, Args: t.args, Rows: t.rows, Link: t.link, At: e.At,
	}
	if t.key != "" {
		m.Key = t.key
	}
	var err error
	if m.Ways, err = s.ways(ctx, t.to, r); err != nil {
		return err
	}
	if m.Person == "" && len(m.Ways) == 0 {
		return nil // nobody would ever see it
	}
	var news []market.Event
	if len(m.Ways) > 0 {
		now := s.env.Now()
		m.Due = &now
		news = []market.Event{market.NewEvent(s.env, EventWritten, m.ID, struct{}{})}
	}
	if err := s.messages.Insert(ctx, m, news...); !store.Exists(err) {
		return err
	}
	return nil
}

// keepers are the people who run a shop, as readers.
func (s *Service) keepers(ctx context.Context, seller market.ID) ([]Reader, error) {
	ids, err := s.rooms.People.Keepers(ctx, seller)
	if err != nil {
		return nil, err
	}
	return s.readers(ctx, ids)
}

// readers are the people as readers, without those who are gone.
func (s *Service) readers(ctx context.Context, ids []market.ID) ([]Reader, error) {
	var out []Reader
	for _, id := range ids {
		r, err := s.rooms.People.Reader(ctx, id)
		if market.KindOf(err) == market.KindNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}
