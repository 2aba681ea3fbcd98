package catalog

import (
	"slices"
	"time"

	"chohue/market"
)

// Content is what a listing says: all that a moderator reads before buyers do.
type Content struct {
	Set           int         `bson:"set"`
	Alcohol       bool        `bson:"alcohol,omitempty"`
	Name          market.Text `bson:"name"`
	Description   market.Text `bson:"description"`
	Story         market.Text `bson:"story"`
	Photos        []Photo     `bson:"photos,omitempty"`
	Variants      []Variant   `bson:"variants,omitempty"`
	ShelfLifeDays int         `bson:"shelf_life_days,omitempty"`
	Keeping       Keeping     `bson:"keeping"`
}

// Edition is one version of a listing: what it said, who said so, and what
// became of it.
type Edition struct {
	Note    `bson:",inline"`
	Content Content `bson:"content"`
}

// Note is what is known of an edition beside its content.
type Note struct {
	Number    int64        `bson:"number"` // grows with each edition of the product; 0 before the first
	State     EditionState `bson:"state"`
	By        market.ID    `bson:"by,omitempty"`
	ByName    string       `bson:"by_name,omitempty"`
	At        time.Time    `bson:"at,omitempty"`
	Judge     market.ID    `bson:"judge,omitempty"` // who decided; empty while it waits
	JudgeName string       `bson:"judge_name,omitempty"`
	JudgedAt  time.Time    `bson:"judged_at,omitempty"`
	Reason    string       `bson:"reason,omitempty"` // why it was refused
}

// EditionState says what became of an edition.
type EditionState string

// The states of an edition.
const (
	EditionWaiting EditionState = "waiting" // for a moderator; the shown one stays on sale
	EditionShown   EditionState = "shown"
	EditionRefused EditionState = "refused"
	EditionPast    EditionState = "past" // was shown until the next one
)

// Content returns what the product says to buyers now.
func (p *Product) Content() Content {
	return Content{
		Set: p.Set, Alcohol: p.Alcohol, Name: p.Name, Description: p.Description, Story: p.Story,
		Photos: slices.Clone(p.Photos), Variants: slices.Clone(p.Variants), ShelfLifeDays: p.ShelfLifeDays, Keeping: p.Keeping,
	}
}

// AsEdited returns a copy of the product as its seller last said it: with the
// edition that waits or was refused in place of what is on sale.
func (p *Product) AsEdited() *Product {
	next, content := *p, p.Content()
	if p.Pending != nil {
		content = p.Pending.Content
		content.Photos, content.Variants = slices.Clone(content.Photos), slices.Clone(content.Variants)
	}
	next.say(content)
	return &next
}

// say makes the content the product's.
func (p *Product) say(c Content) {
	p.Set, p.Alcohol, p.Name, p.Description, p.Story = c.Set, c.Alcohol, c.Name, c.Description, c.Story
	p.Photos, p.Variants, p.ShelfLifeDays, p.Keeping = c.Photos, c.Variants, c.ShelfLifeDays, c.Keeping
	p.priceFrom()
}

func (p *Product) priceFrom() {
	p.PriceFrom = 0
	for i, v := range p.Variants {
		if i == 0 || v.Price < p.PriceFrom {
			p.PriceFrom = v.Price
		}
	}
}

// Difference names one thing in which two contents differ.
type Difference struct {
	Field   string    // name, description, story, set, photos, shelf_life_days, keeping or variant
	Variant market.ID // of a variant: in one of the contents or in both
}

// Differences lists what a moderator has to look at. Prices and the seller's
// own numbers are not in it: they show at once.
func Differences(was, now Content) []Difference {
	var out []Difference
	differs := func(field string, is bool) {
		if is {
			out = append(out, Difference{Field: field})
		}
	}
	differs("name", was.Name != now.Name)
	differs("set", was.Set != now.Set)
	differs("description", was.Description != now.Description)
	differs("story", was.Story != now.Story)
	differs("photos", !slices.EqualFunc(was.Photos, now.Photos, func(a, b Photo) bool { return a.ID == b.ID && a.Alt == b.Alt }))
	differs("shelf_life_days", was.ShelfLifeDays != now.ShelfLifeDays)
	differs("keeping", was.Keeping != now.Keeping)
	for _, v := range now.Variants {
		if old, ok := was.Variant(v.ID); !ok || old.words() != v.words() {
			out = append(out, Difference{"variant", v.ID})
		}
	}
	for _, v := range was.Variants {
		if _, ok := now.Variant(v.ID); !ok {
			out = append(out, Difference{"variant", v.ID})
		}
	}
	return out
}

// Variant returns the content's variant of that id.
func (c Content) Variant(id market.ID) (Variant, bool) {
	for _, v := range c.Variants {
		if v.ID == id {
			return v, true
		}
	}
	return Variant{}, false
}

// words is the variant without what its seller may change at once.
func (v Variant) words() Variant {
	v.Price, v.SKU = 0, ""
	return v
}

// stage keeps next as the edition that waits for a moderator, or forgets the
// waiting one when nothing is left to look at.
func (p *Product) stage(next *Product, by market.Actor, now time.Time) {
	content := next.Content()
	if len(Differences(p.Content(), content)) == 0 {
		p.Pending = nil
		return
	}
	if p.Pending != nil && len(Differences(p.Pending.Content, content)) == 0 {
		p.Pending.Content = content
		return
	}
	p.Editions++
	p.Pending = &Edition{Content: content, Note: Note{
		Number: p.Editions, State: EditionWaiting, By: by.Person, ByName: by.Name, At: now,
	}}
}

// settlePending makes the edition of that number what buyers see, at the
// prices of today.
func (p *Product) settlePending(by market.Actor, now time.Time) {
	content, note := p.Pending.Content, p.Pending.Note
	for i, v := range content.Variants {
		if shown, ok := p.Variant(v.ID); ok {
			content.Variants[i].Price, content.Variants[i].SKU = shown.Price, shown.SKU
		}
	}
	p.say(content)
	p.Shown = note.judged(EditionShown, by, now)
	p.Pending = nil
}

func (n Note) judged(state EditionState, by market.Actor, now time.Time) Note {
	n.State, n.Judge, n.JudgeName, n.JudgedAt = state, by.Person, by.Name, now
	return n
}
