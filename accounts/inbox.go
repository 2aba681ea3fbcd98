package accounts

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// Inbox is a Sender that keeps messages where a page can show them. It is for
// demonstrations only: whoever sees it can sign in as anybody.
type Inbox struct {
	env      market.Env
	messages *store.Collection[Message]
}

// Message is one code that would have been sent.
type Message struct {
	store.Doc `bson:",inline"`
	Phone     string    `bson:"phone"`
	Code      string    `bson:"code"`
	At        time.Time `bson:"at"`
}

var _ Sender = (*Inbox)(nil)

// NewInbox opens the inbox.
func NewInbox(ctx context.Context, e store.Engine, env market.Env) (*Inbox, error) {
	messages, err := store.Open[Message](ctx, e, store.Spec{Name: "inbox"})
	return &Inbox{env: env, messages: messages}, err
}

// Send implements Sender.
func (i *Inbox) Send(ctx context.Context, phone, code, _ string) error {
	return i.messages.Insert(ctx, &Message{
		Doc: store.Doc{ID: i.env.NewID()}, Phone: phone, Code: code, At: i.env.Now(),
	})
}

// Messages returns the last messages, the newest first.
func (i *Inbox) Messages(ctx context.Context, limit int) ([]Message, error) {
	page, err := i.messages.Find(ctx, store.Query{Desc: true, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Message, len(page.Items))
	for n, m := range page.Items {
		out[n] = *m
	}
	return out, nil
}
