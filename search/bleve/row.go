package bleve

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"

	"chohue/market"
	"chohue/search"
)

// The fields of the index. Words with marks are in the exact fields; those
// without are the same in the folded ones.
const (
	fieldAll       = "a" // all words, folded
	fieldName      = "n" // words of the name, folded
	fieldExact     = "e" // all marked words
	fieldExactName = "x" // marked words of the name
	fieldRow       = "r" // the row, stored
)

// row is what is kept of a product to filter, count, sort and name it. Rows do
// not change once they are in the index.
type row struct {
	ID        market.ID  `json:"i"`
	Version   int64      `json:"v"`
	Gone      bool       `json:"g,omitempty"` // taken out; kept so that older news is known as such
	Names     [2]string  `json:"n"`           // Vietnamese, English
	Seller    market.ID  `json:"s"`
	Set       int        `json:"t"`
	Ward      string     `json:"w"`
	Badges    []badge    `json:"b,omitempty"`
	Price     market.VND `json:"p"`
	InStock   bool       `json:"k"`
	Published int64      `json:"d"` // Unix milliseconds

	exact, folded string // names as " word word | word "
}

// badge is a search.Badge in Unix milliseconds.
type badge struct {
	Stars int   `json:"c"`
	From  int64 `json:"f"`
	Until int64 `json:"u"`
}

// rowOf splits a change into its row and the rest of its text.
func rowOf(c search.Change) (*row, []string) {
	id, version := c.Subject()
	d := c.Document
	if d == nil {
		return &row{ID: id, Version: version, Gone: true}, nil
	}
	r := &row{
		ID: id, Version: version, Names: [2]string{d.Name.VI, d.Name.EN},
		Seller: d.Seller, Set: d.Set, Ward: d.Ward,
		Price: d.Price, InStock: d.InStock, Published: d.PublishedAt.UnixMilli(),
	}
	for _, b := range d.Badges {
		r.Badges = append(r.Badges, badge{b.Stars, b.From.UnixMilli(), b.Until.UnixMilli()})
	}
	r.prepare()
	return r, []string{
		d.SellerName.VI, d.SellerName.EN, d.SetName.VI, d.SetName.EN,
		d.WardName, d.Description.VI, d.Description.EN,
	}
}

func (r *row) prepare() {
	var exact, folded strings.Builder
	for i, name := range r.Names {
		if i > 0 && name != "" {
			exact.WriteString(" |")
			folded.WriteString(" |")
		}
		for _, w := range search.Words(name) {
			exact.WriteString(" " + w.Exact)
			folded.WriteString(" " + w.Folded)
		}
	}
	r.exact, r.folded = exact.String()+" ", folded.String()+" "
}

func (r *row) stars(now int64) int {
	stars := 0
	for _, b := range r.Badges {
		if b.From <= now && now < b.Until {
			stars = max(stars, b.Stars)
		}
	}
	return stars
}

// document is the form in which the index takes the row and its words.
func (r *row) document(text []string) *document.Document {
	d := document.NewDocument(string(r.ID))
	raw, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("search row %s: %v", r.ID, err)) // strings and numbers always encode
	}
	d.AddField(document.NewTextFieldCustom(fieldRow, nil, raw, index.StoreField, nil))
	if r.Gone {
		return d
	}
	var name, all words
	for _, n := range r.Names {
		name.add(n)
	}
	all = name.copy()
	for _, t := range text {
		all.add(t)
	}
	for field, set := range map[string]map[string]bool{
		fieldName: name.folded, fieldExactName: name.marked, fieldAll: all.folded, fieldExact: all.marked,
	} {
		d.AddField(document.NewTextFieldCustom(field, nil, nil, index.IndexField|index.SkipFreqNorm, terms(set)))
	}
	return d
}

// words are the distinct words of some texts.
type words struct{ folded, marked map[string]bool }

func (w *words) add(text string) {
	if w.folded == nil {
		w.folded, w.marked = map[string]bool{}, map[string]bool{}
	}
	for _, word := range search.Words(text) {
		w.folded[word.Folded] = true
		if word.Marked() {
			w.marked[word.Exact] = true
		}
	}
}

func (w *words) copy() words {
	out := words{folded: map[string]bool{}, marked: map[string]bool{}}
	for k := range w.folded {
		out.folded[k] = true
	}
	for k := range w.marked {
		out.marked[k] = true
	}
	return out
}

// terms is an analyzer that yields words which were read before.
type terms map[string]bool

func (t terms) Analyze([]byte) analysis.TokenStream {
	stream := make(analysis.TokenStream, 0, len(t))
	for term := range t {
		stream = append(stream, &analysis.Token{Term: []byte(term), Position: len(stream) + 1})
	}
	return stream
}
