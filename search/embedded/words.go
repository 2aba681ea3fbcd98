package embedded

import (
	"strings"

	"chohue/market"
	"chohue/search"
)

// kind is one way of looking products up by words.
type kind int

const (
	all       kind = iota // words anywhere, folded
	name                  // words of a name, folded
	seller                // words of who sells it, folded
	place                 // words of where it comes from and of which kind it is, folded
	exact                 // marked words anywhere, with their marks
	exactName             // marked words of a name
	pair                  // two words that stand side by side in a name, folded
	kinds
)

// row is what is kept of a product to filter, count, sort and name it. Rows do
// not change once they are in the index.
type row struct {
	ID         market.ID    `json:"i"`
	Version    int64        `json:"v"`
	Names      [2]string    `json:"n"` // Vietnamese, English
	Lengths    [2]int       `json:"l"` // words in each
	Seller     market.ID    `json:"s,omitempty"`
	SellerName string       `json:"sn,omitempty"`
	SellerSlug string       `json:"ss,omitempty"`
	Set        int          `json:"t,omitempty"`
	Ward       string       `json:"w,omitempty"`
	WardName   string       `json:"wn,omitempty"`
	At         search.Point `json:"at,omitzero"`
	Badges     []badge      `json:"b,omitempty"`
	Price      market.VND   `json:"p"`
	InStock    bool         `json:"k,omitempty"`
	Published  int64        `json:"d"` // Unix milliseconds
}

// badge is a search.Badge in Unix milliseconds.
type badge struct {
	Stars int   `json:"c"`
	From  int64 `json:"f"`
	Until int64 `json:"u"`
}

func rowOf(d *search.Document, version int64) *row {
	r := &row{
		ID: d.ID, Version: version, Names: [2]string{d.Name.VI, d.Name.EN},
		Seller: d.Seller, SellerName: d.SellerName.VI, SellerSlug: d.SellerSlug,
		Set: d.Set, Ward: d.Ward, WardName: d.WardName, At: d.At,
		Price: d.Price, InStock: d.InStock, Published: d.PublishedAt.UnixMilli(),
	}
	for _, b := range d.Badges {
		r.Badges = append(r.Badges, badge{b.Stars, b.From.UnixMilli(), b.Until.UnixMilli()})
	}
	return r
}

// reader reads documents and remembers the words that it has read: the same few
// thousand syllables come again and again.
type reader struct {
	put func(k kind, key string)
}

// read puts every word of the document by each kind it is looked up by, and
// notes in the row how long the names are.
func (r reader) read(d *search.Document, row *row) {
	for i, text := range row.Names {
		words := search.Words(text)
		row.Lengths[i] = len(words)
		r.words(words, name, exactName)
		for j := 1; j < len(words); j++ {
			r.put(pair, words[j-1].Folded+" "+words[j].Folded)
		}
	}
	for _, option := range d.Options {
		r.words(search.Words(option.VI), name, exactName)
		r.words(search.Words(option.EN), name, exactName)
	}
	for _, text := range []string{d.SellerName.VI, d.SellerName.EN} {
		r.words(search.Words(text), seller, exact)
	}
	for _, text := range []string{d.WardName, d.SetName.VI, d.SetName.EN} {
		r.words(search.Words(text), place, exact)
	}
	for _, text := range []string{d.Description.VI, d.Description.EN} {
		r.words(search.Words(text), all, exact)
	}
}

// words puts the words under the kinds given, and under the ones for anywhere.
func (r reader) words(words []search.Word, folded, marked kind) {
	for _, w := range words {
		if w.Folded == "" {
			continue
		}
		r.put(all, w.Folded)
		if folded != all {
			r.put(folded, w.Folded)
		}
		if w.Marked() {
			r.put(exact, w.Exact)
			if marked != exact {
				r.put(marked, w.Exact)
			}
		}
	}
}

// shape is an exact form without its tone, which stands at its end.
func shape(exact string) string {
	return strings.TrimRight(exact, "\u0300\u0301\u0303\u0309\u0323")
}
