package notices

import (
	"context"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// People knows who reads and in which language.
type People interface {
	// Reader returns the person, or not found.
	Reader(ctx context.Context, person market.ID) (Reader, error)
	// Keepers are the people who run a seller's shop.
	Keepers(ctx context.Context, seller market.ID) ([]market.ID, error)
	// Operators are the people who run the platform.
	Operators(ctx context.Context) ([]market.ID, error)
}

// Orders tells what an order, a complaint or a pre-order is of.
type Orders interface {
	Order(ctx context.Context, by market.Actor, id market.ID, key string) (*orders.Order, error)
	Complaint(ctx context.Context, by market.Actor, id market.ID, key string) (*orders.Complaint, error)
	Preorder(ctx context.Context, by market.Actor, id market.ID) (*orders.Preorder, error)
}

// Goods tells whose a product is and what it is called.
type Goods interface {
	Good(ctx context.Context, product market.ID) (seller market.ID, name market.Text, err error)
}

// Rooms are the neighbours that notices ask.
type Rooms struct {
	People People
	Orders Orders
	Goods  Goods
	Writer Writer
}

// Service is the room's door. It may be used from many goroutines.
type Service struct {
	env      market.Env
	rooms    Rooms
	channels []Channel
	messages *store.Collection[Message]
	settings *store.Collection[Settings]
}

// New opens the room with the given channels.
func New(ctx context.Context, e store.Engine, env market.Env, rooms Rooms, channels ...Channel) (*Service, error) {
	s := &Service{env: env, rooms: rooms, channels: channels}
	var err error
	if s.messages, err = store.Open[Message](ctx, e, store.Spec{Name: "messages", Indexes: []store.Index{
		{Name: "person", Fields: []string{"person", "at"}},
		{Name: "unread", Fields: []string{"unread", "at"}},
		{Name: "due", Fields: []string{"due"}},
	}}); err != nil {
		return nil, err
	}
	s.settings, err = store.Open[Settings](ctx, e, store.Spec{Name: "message_settings", Cache: 4096})
	return s, err
}

func (s *Service) channel(name string) Channel {
	for _, c := range s.channels {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// Channels lists the channels that this market has.
func (s *Service) Channels() []string {
	names := make([]string, len(s.channels))
	for i, c := range s.channels {
		names[i] = c.Name()
	}
	return names
}
