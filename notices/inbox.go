package notices

import (
	"context"

	"chohue/market"
	"chohue/store"
)

var (
	errSignIn  = market.Unauthenticated("signin.needed")
	errMissing = market.NotFound("notices.missing")
)

// Inbox lists the actor's messages, newest first.
func (s *Service) Inbox(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Message], error) {
	if by.Person == "" {
		return store.Page[Message]{}, errSignIn
	}
	return s.messages.Find(ctx, store.Query{Index: "person", Eq: []any{by.Person}, Desc: true, After: after, Limit: limit})
}

// MostCounted is where Unread stops counting.
const MostCounted = 100

// Unread counts the actor's unread messages, up to MostCounted.
func (s *Service) Unread(ctx context.Context, by market.Actor) (int, error) {
	if by.Person == "" {
		return 0, nil
	}
	page, err := s.messages.Find(ctx, store.Query{Index: "unread", Eq: []any{by.Person}, Limit: MostCounted})
	return len(page.Items), err
}

// See marks a message as read and returns it.
func (s *Service) See(ctx context.Context, by market.Actor, id market.ID) (*Message, error) {
	m, err := s.messages.Get(ctx, id)
	if store.Missing(err) || err == nil && !m.mine(by) {
		return nil, errMissing
	}
	if err != nil || m.read() {
		return m, err
	}
	return s.messages.Update(ctx, id, func(m *Message) ([]market.Event, error) {
		m.Unread = ""
		return nil, nil
	})
}

// SeeAll marks all of the actor's messages as read and returns how many were
// not.
func (s *Service) SeeAll(ctx context.Context, by market.Actor) (int, error) {
	if by.Person == "" {
		return 0, errSignIn
	}
	n := 0
	err := s.messages.Each(ctx, store.Query{Index: "unread", Eq: []any{by.Person}}, func(m *Message) error {
		n++
		_, err := s.See(ctx, by, m.ID)
		return err
	})
	return n, err
}
