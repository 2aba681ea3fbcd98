package bleve

import (
	"errors"
	"math"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/blevesearch/vellum/levenshtein"

	"chohue/search"
)

// stage is how freely words are compared. Each finds what the one before does,
// and more.
type stage int

const (
	whole  stage = iota // words and their synonyms
	prefix              // the last word may go on
	typo                // words of four letters and more may differ by one
)

// needed is how many matches end the search for a freer reading. A mistake is
// only looked for when nothing at all is found.
var needed = [...]uint64{whole: 3, prefix: 1, typo: 0}

// typoLetters is the least length of a word that may have a mistake. Syllables
// of Vietnamese are short: one letter off in three is another word.
const typoLetters = 4

// request is a query made ready: what is the same for every part.
type request struct {
	query  search.Query
	terms  []search.Term
	typos  map[string]*levenshtein.DFA
	now    int64
	marked bool   // some word was typed with marks
	exact  string // the words as they stand in row.exact
	folded string // and in row.folded
}

func (e *Engine) request(q search.Query) *request {
	r := &request{query: q, terms: search.Terms(q.Text, e.synonyms), now: e.now().UnixMilli()}
	for _, t := range r.terms {
		for _, w := range t.Words {
			r.exact, r.folded = r.exact+" "+w.Exact, r.folded+" "+w.Folded
			r.marked = r.marked || w.Marked()
		}
	}
	return r
}

// automaton accepts what is one letter from the word; nil for a word too short
// to be mistaken.
func (e *Engine) automaton(r *request, word string) *levenshtein.DFA {
	if len(word) < typoLetters || word[0] <= '9' {
		return nil
	}
	if r.typos == nil {
		r.typos = map[string]*levenshtein.DFA{}
	}
	dfa, ok := r.typos[word]
	if !ok {
		dfa, _ = e.typos.BuildDfa(word, 1) // on error nil: the word has no mistakes
		r.typos[word] = dfa
	}
	return dfa
}

// match is what the words of a request find in one part.
type match struct {
	part  *part
	found *roaring.Bitmap // documents that have every term; nil for all
	words []found
	names *roaring.Bitmap // of those, the ones with every word in the name
}

// found is where one word is, and worth what there. Weights add up.
type found struct {
	docs  *roaring.Bitmap
	worth int32
}

// matcher finds the words of one request in one part.
type matcher struct {
	engine  *Engine
	request *request
	stage   stage
	dicts   map[string]segment.TermDictionary
	match   match
	err     error
}

func (e *Engine) match(p *part, r *request, s stage) (match, error) {
	m := matcher{engine: e, request: r, stage: s, dicts: make(map[string]segment.TermDictionary, 4)}
	m.match.part = p
	for _, field := range []string{fieldAll, fieldName, fieldExact, fieldExactName} {
		if m.dicts[field], m.err = p.segment.Dictionary(field); m.err != nil {
			return m.match, m.err
		}
	}
	for i, t := range r.terms {
		m.both(m.term(t, i == len(r.terms)-1))
		if m.match.found.IsEmpty() || m.err != nil {
			break
		}
	}
	if found := m.match.found; found != nil && p.deleted != nil {
		found.AndNot(p.deleted)
	}
	return m.match, m.err
}

// both keeps the documents that have this term and all before.
func (m *matcher) both(docs, names *roaring.Bitmap) {
	if m.match.found == nil {
		m.match.found, m.match.names = docs, names
		return
	}
	m.match.found.And(docs)
	m.match.names.And(names)
}

// term returns the documents with the term, and those with it in the name.
func (m *matcher) term(t search.Term, last bool) (docs, names *roaring.Bitmap) {
	for i, w := range t.Words {
		all, name := m.word(w, last && i == len(t.Words)-1)
		if docs == nil {
			docs, names = all, name
			continue
		}
		docs.And(all)
		names.And(name)
	}
	for _, other := range t.Others {
		docs.Or(m.synonym(other))
	}
	return docs, names
}

func (m *matcher) word(w search.Word, last bool) (docs, names *roaring.Bitmap) {
	docs = m.note(m.postings(fieldAll, w.Folded), search.RankAnywhere).Clone()
	names = m.note(m.postings(fieldName, w.Folded), search.RankName-search.RankAnywhere).Clone()
	if w.Marked() {
		m.note(m.postings(fieldExact, w.Exact), search.RankExact-search.RankAnywhere)
		m.note(m.postings(fieldExactName, w.Exact), search.RankExactName-search.RankExact-search.RankName+search.RankAnywhere)
	}
	if last && m.stage >= prefix {
		m.widen(docs, names, m.starting(fieldAll, w.Folded), m.starting(fieldName, w.Folded), search.RankPrefix, search.RankNamePrefix)
	}
	if m.stage >= typo {
		if dfa := m.engine.automaton(m.request, w.Folded); dfa != nil {
			m.widen(docs, names, m.accepted(fieldAll, dfa), m.accepted(fieldName, dfa), search.RankTypo, search.RankTypoName)
		}
	}
	return docs, names
}

// widen adds documents found by a freer reading; those found already keep
// their weight.
func (m *matcher) widen(docs, names, all, name *roaring.Bitmap, worth, worthName int32) {
	all.AndNot(docs)
	name.AndNot(names)
	m.note(all, worth)
	m.note(name, worthName-worth)
	docs.Or(all)
	names.Or(name)
}

func (m *matcher) synonym(exact []string) *roaring.Bitmap {
	var docs *roaring.Bitmap
	for _, word := range exact {
		next := m.said(word)
		if docs == nil {
			docs = next
			continue
		}
		docs.And(next)
	}
	return m.note(docs, search.RankSynonym)
}

// said returns the documents with the word, compared with its marks; a word
// that has none stands in the folded field alone.
func (m *matcher) said(exact string) *roaring.Bitmap {
	for i := range len(exact) {
		if exact[i] >= 0x80 {
			return m.postings(fieldExact, exact)
		}
	}
	return m.postings(fieldAll, exact)
}

// note remembers what documents earn. They must not be changed afterwards.
func (m *matcher) note(docs *roaring.Bitmap, worth int32) *roaring.Bitmap {
	if !docs.IsEmpty() {
		m.match.words = append(m.match.words, found{docs, worth})
	}
	return docs
}

// postings returns the documents of one word.
func (m *matcher) postings(field, word string) *roaring.Bitmap {
	docs := roaring.New()
	list, err := m.dicts[field].PostingsList([]byte(word), nil, nil)
	if err != nil {
		m.err = err
		return docs
	}
	if l, ok := list.(interface{ OrInto(*roaring.Bitmap) }); ok {
		l.OrInto(docs)
		return docs
	}
	for it := list.Iterator(false, false, false, nil); ; {
		p, err := it.Next()
		if err != nil || p == nil {
			m.err = errors.Join(m.err, err)
			return docs
		}
		docs.Add(uint32(p.Number()))
	}
}

func (m *matcher) starting(field, word string) *roaring.Bitmap {
	return m.accepting(field, nil, []byte(word), after([]byte(word)))
}

func (m *matcher) accepted(field string, dfa *levenshtein.DFA) *roaring.Bitmap {
	return m.accepting(field, dfa, nil, nil)
}

func (m *matcher) accepting(field string, a segment.Automaton, from, to []byte) *roaring.Bitmap {
	var lists []*roaring.Bitmap
	for it := m.dicts[field].AutomatonIterator(a, from, to); ; {
		entry, err := it.Next()
		if err != nil || entry == nil {
			m.err = errors.Join(m.err, err)
			return roaring.FastOr(lists...)
		}
		lists = append(lists, m.postings(field, entry.Term))
	}
}

// after returns the least key that does not begin with the prefix.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < math.MaxUint8 {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}
