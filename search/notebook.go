package search

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"chohue/market"
	"chohue/store"
)

// Notebook keeps what is asked, without saying by whom, and the searches that
// people want to keep.
type Notebook struct {
	env   market.Env
	asked *store.Collection[Asked]
	kept  *store.Collection[Kept]

	mu    sync.Mutex
	fresh map[market.ID]*Asked // since the last Flush
}

// Asked counts how often words were searched for in a month. Nothing ties it to
// a person, a session or an address.
type Asked struct {
	store.Doc `bson:",inline"`
	Month     string `bson:"month"` // 2026-11
	Words     string `bson:"words"` // folded, one space between
	Text      string `bson:"text"`  // as the first one typed it
	Times     int    `bson:"times"`
	Nothing   int    `bson:"nothing"` // times that nothing was found
}

// Kept is a search that a person keeps: the address of a list.
type Kept struct {
	store.Doc `bson:",inline"`
	Person    market.ID `bson:"person"`
	Address   string    `bson:"address"`
	Title     string    `bson:"title"`
	SeenAt    time.Time `bson:"seen_at"` // products published since are new
}

// NewNotebook opens the notebook.
func NewNotebook(ctx context.Context, e store.Engine, env market.Env) (*Notebook, error) {
	asked, err := store.Open[Asked](ctx, e, store.Spec{Name: "searches_asked", Indexes: []store.Index{{Name: "month", Fields: []string{"month"}}}})
	if err != nil {
		return nil, err
	}
	kept, err := store.Open[Kept](ctx, e, store.Spec{Name: "searches_kept", Indexes: []store.Index{{Name: "person", Fields: []string{"person"}}}})
	return &Notebook{env: env, asked: asked, kept: kept, fresh: map[market.ID]*Asked{}}, err
}

// longestAsked is how many words are counted; longer texts are somebody's own.
const longestAsked = 6

// freshMost is how many different texts are kept between two flushes.
const freshMost = 5000

// Note counts a search and what it found. Texts that may name a person are not
// counted: long numbers, addresses of mail, many words.
func (n *Notebook) Note(text string, found int) {
	words, ok := countable(text)
	if !ok {
		return
	}
	month := n.env.Now().In(hue).Format("2006-01")
	id := noteID(month, words)
	n.mu.Lock()
	defer n.mu.Unlock()
	a := n.fresh[id]
	if a == nil {
		if len(n.fresh) >= freshMost {
			return
		}
		a = &Asked{Month: month, Words: words, Text: cut(strings.TrimSpace(text), MaxText)}
		n.fresh[id] = a
	}
	a.Times++
	if found == 0 {
		a.Nothing++
	}
}

// hue is the market's time zone, which has no summer time.
var hue = time.FixedZone("ICT", 7*60*60)

func countable(text string) (string, bool) {
	if strings.ContainsRune(text, '@') {
		return "", false
	}
	var folded []string
	for _, w := range Words(text) {
		if digital(w.Folded) && len(w.Folded) > 5 {
			return "", false
		}
		folded = append(folded, w.Folded)
	}
	return strings.Join(folded, " "), len(folded) > 0 && len(folded) <= longestAsked
}

func noteID(parts ...string) market.ID {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return market.ID(hex.EncodeToString(sum[:12]))
}

// Flush writes what was counted since. Counts that cannot be written are kept
// for the next time.
func (n *Notebook) Flush(ctx context.Context) (int, error) {
	n.mu.Lock()
	fresh := n.fresh
	n.fresh = map[market.ID]*Asked{}
	n.mu.Unlock()
	written := 0
	for id, a := range fresh {
		_, err := n.asked.Upsert(ctx, id, func(kept *Asked) ([]market.Event, error) {
			if kept.Month == "" {
				kept.Month, kept.Words, kept.Text = a.Month, a.Words, a.Text
			}
			kept.Times += a.Times
			kept.Nothing += a.Nothing
			return nil, nil
		})
		if err != nil {
			n.putBack(fresh)
			return written, err
		}
		delete(fresh, id)
		written++
	}
	return written, nil
}

func (n *Notebook) putBack(counts map[market.ID]*Asked) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, a := range counts {
		if now := n.fresh[id]; now != nil {
			a.Times += now.Times
			a.Nothing += now.Nothing
		}
		n.fresh[id] = a
	}
}

// leastAsked is how often a text must have been searched for before anybody is
// shown it: what one person typed once is that person's own.
const leastAsked = 3

// NotFound lists what was searched for in a month and not found, what was missed
// most often first. It is for those who run the market.
func (n *Notebook) NotFound(ctx context.Context, by market.Actor, month string) ([]Asked, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return nil, market.Forbidden("search.not_yours")
	}
	var out []Asked
	err := n.asked.Each(ctx, store.Query{Index: "month", Eq: []any{month}}, func(a *Asked) error {
		if a.Nothing > 0 && a.Times >= leastAsked {
			out = append(out, *a)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Asked) int {
		return cmp.Or(b.Nothing-a.Nothing, b.Times-a.Times, strings.Compare(a.Words, b.Words))
	})
	return out[:min(len(out), 200)], err
}

// keptMost is how many searches a person may keep.
const keptMost = 30

// Keep remembers the address of a list for the person who asks. Keeping it again
// changes nothing.
func (n *Notebook) Keep(ctx context.Context, by market.Actor, address, title string) error {
	if by.Person == "" {
		return market.Unauthenticated("signin.needed")
	}
	kept, err := n.Kept(ctx, by)
	if err != nil {
		return err
	}
	if len(kept) >= keptMost && !slices.ContainsFunc(kept, func(k Kept) bool { return k.Address == address }) {
		return market.Invalid("search.kept.full", "address")
	}
	_, err = n.kept.Upsert(ctx, noteID(string(by.Person), address), func(k *Kept) ([]market.Event, error) {
		if k.Person == "" {
			k.Person, k.Address, k.Title, k.SeenAt = by.Person, address, title, n.env.Now()
		}
		return nil, nil
	})
	return err
}

// Kept lists the searches that the person who asks keeps.
func (n *Notebook) Kept(ctx context.Context, by market.Actor) ([]Kept, error) {
	if by.Person == "" {
		return nil, market.Unauthenticated("signin.needed")
	}
	page, err := n.kept.Find(ctx, store.Query{Index: "person", Eq: []any{by.Person}})
	if err != nil {
		return nil, err
	}
	out := make([]Kept, len(page.Items))
	for i, k := range page.Items {
		out[i] = *k
	}
	slices.SortFunc(out, func(a, b Kept) int { return strings.Compare(a.Title, b.Title) })
	return out, nil
}

// Seen says that the person has looked at a kept search: what is published until
// now is not new any more. A search that is not kept is left alone.
func (n *Notebook) Seen(ctx context.Context, by market.Actor, address string) error {
	_, err := n.kept.Update(ctx, noteID(string(by.Person), address), func(k *Kept) ([]market.Event, error) {
		k.SeenAt = n.env.Now()
		return nil, nil
	})
	if market.KindOf(err) == market.KindNotFound {
		return nil
	}
	return err
}

// Drop forgets a kept search; one that is not there is gone already.
func (n *Notebook) Drop(ctx context.Context, by market.Actor, address string) error {
	if by.Person == "" {
		return market.Unauthenticated("signin.needed")
	}
	err := n.kept.Delete(ctx, noteID(string(by.Person), address))
	if market.KindOf(err) == market.KindNotFound {
		return nil
	}
	return err
}
