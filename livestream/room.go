package livestream

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"chohue/market"
)

// Room is what everybody in a room sees of its show at one moment.
type Room struct {
	Show     market.ID `json:"show"`
	State    ShowState `json:"state"`
	Pinned   *OnSale   `json:"pinned,omitempty"`
	Offers   []OnSale  `json:"offers,omitempty"`
	Warnings []string  `json:"warnings,omitempty"`
	Why      string    `json:"why,omitempty"` // it was stopped
}

// OnSale is an offer with what is left of it.
type OnSale struct {
	Code    string      `json:"code"`
	Product market.ID   `json:"product"`
	Name    market.Text `json:"name"`
	Unit    string      `json:"unit"`
	Price   market.VND  `json:"price"`
	Usual   market.VND  `json:"usual"`
	Stars   int         `json:"stars,omitempty"`
	Left    int64       `json:"left"`
}

// Room returns the room of a show as it is now.
func (s *Service) Room(ctx context.Context, show market.ID) (*Room, error) {
	kept, err := s.Show(ctx, show)
	if err != nil {
		return nil, err
	}
	r := &Room{Show: kept.ID, State: kept.State, Why: kept.Why}
	for _, w := range kept.Warned() {
		r.Warnings = append(r.Warnings, w.Text)
	}
	if !kept.OnAir(s.env.Now()) {
		return r, nil
	}
	if r.Offers, err = s.onSale(ctx, kept); err != nil {
		return nil, err
	}
	for i := range r.Offers {
		if r.Offers[i].Code == kept.Pinned {
			r.Pinned = &r.Offers[i]
		}
	}
	return r, nil
}

func (s *Service) onSale(ctx context.Context, show *Show) ([]OnSale, error) {
	var variants []market.ID
	for _, o := range show.Offers {
		variants = append(variants, o.Variant)
	}
	if len(variants) == 0 {
		return nil, nil
	}
	stocks, err := s.shelf.Stocks(ctx, variants...)
	if err != nil {
		return nil, err
	}
	var out []OnSale
	now := s.env.Now()
	for _, o := range show.Offers {
		k := stocks[o.Variant]
		if !o.Open() || k == nil {
			continue
		}
		on := OnSale{Code: o.Code, Product: o.Product, Name: o.Name, Unit: o.Unit, Price: o.Price, Usual: o.Usual, Stars: o.Papers.Stars}
		if on.Left = k.Free(now); o.Stock > 0 {
			on.Left = k.Fenced(now, fence(show.ID, o.Code))
		}
		out = append(out, on)
	}
	return out, nil
}

// News is what happens in a room, as viewers hear of it.
type News struct {
	Kind     string    `json:"kind"`
	Room     *Room     `json:"room,omitempty"`
	Comments []Shown   `json:"comments,omitempty"`
	More     int       `json:"more,omitempty"` // comments that went by too fast to be told
	Comment  market.ID `json:"comment,omitempty"`
	Sold     *Sold     `json:"sold,omitempty"`
	Text     string    `json:"text,omitempty"`
}

// The kinds of news.
const (
	NewsRoom     = "room"
	NewsComments = "comments"
	NewsHidden   = "hidden" // a comment was taken out of sight, or brought back
	NewsSold     = "sold"
	NewsSaid     = "said" // the host wrote something on screen
)

// Shown is a comment as everybody sees it.
type Shown struct {
	ID   market.ID `json:"id"`
	At   time.Time `json:"at"`
	Name string    `json:"name"`
	Text string    `json:"text"`
}

// Sold is a line of an order, for the ticker: what, never who.
type Sold struct {
	Name     market.Text `json:"name"`
	Quantity int64       `json:"quantity"`
	Unit     string      `json:"unit"`
}

// Feed carries news to the viewers of a room in every process of the market. A
// key that was published before is not published again.
type Feed interface {
	Publish(ctx context.Context, show, key market.ID, news []byte) error
}

// publish tells the room. News are a comfort: what they say can be read on the
// page, so losing one is logged and nothing more.
func (s *Service) publish(ctx context.Context, show market.ID, n News, key market.ID) {
	if s.feed == nil {
		return
	}
	raw, err := json.Marshal(n)
	if err == nil {
		err = s.feed.Publish(ctx, show, key, raw)
	}
	if err != nil {
		slog.WarnContext(ctx, "room not told", "show", show, "kind", n.Kind, "error", err)
	}
}

// recorded keeps an entry of the record and tells the room.
func (s *Service) recorded(ctx context.Context, e market.Event) error {
	if err := s.keepRecord(ctx, e); err != nil {
		return err
	}
	if e.Type == EventSaid {
		var r Record
		var said struct{ Text string }
		if e.Decode(&r) == nil && json.Unmarshal([]byte(r.Data), &said) == nil {
			s.publish(ctx, e.Subject, News{Kind: NewsSaid, Text: said.Text}, e.ID)
		}
		return nil
	}
	room, err := s.Room(ctx, e.Subject)
	if err != nil {
		return err
	}
	s.publish(ctx, e.Subject, News{Kind: NewsRoom, Room: room}, e.ID)
	return nil
}
