package embedded

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/vellum/levenshtein"

	"chohue/market"
	"chohue/search"
)

// stage is how freely words are read. Each finds what the one before does, and
// more.
type stage int

const (
	whole    stage = iota // words and their synonyms
	begun                 // the last word may go on
	respaced              // words run together, or taken apart
	slip                  // one letter is wrong in words of four and more
	slips                 // two are, or one in a short word beside two others
	stages
)

// needed is how many matches end the search for a freer reading.
var needed = [stages]uint64{whole: 3, begun: 1, respaced: 1, slip: 1}

// vague is when a mistake is looked for although something was found: nothing
// has all words in one place, and there is little of it. A misspelt word is
// often another word that some description has.
const vague = 10

// longest and shortest words in which mistakes are looked for, in bytes.
const (
	slipFrom      = 4
	shortSlipFrom = 3
	slipsFrom     = 5
	slipUpTo      = 24
)

// request is a query made ready.
type request struct {
	query  search.Query
	terms  []search.Term
	words  []search.Word
	marked bool // some word was typed with marks
	now    int64
	typos  map[string]*levenshtein.DFA
}

func (e *Engine) request(q search.Query) *request {
	r := &request{query: q, terms: search.Terms(q.Text, e.synonyms), now: e.now().UnixMilli()}
	for _, t := range r.terms {
		r.words = append(r.words, t.Words...)
	}
	r.marked = slices.ContainsFunc(r.words, search.Word.Marked)
	return r
}

// heard is where one word of the query is found.
type heard struct {
	said   *roaring.Bitmap // as a whole word
	sure   *roaring.Bitmap // without a mistake: said, gone on, or by a synonym
	any    *roaring.Bitmap
	named  *roaring.Bitmap // of any, in the name
	seller *roaring.Bitmap // of any, in who sells it
	place  *roaring.Bitmap // of any, in where it comes from and of which kind it is
	marked *roaring.Bitmap // with its marks; nil when it has none
	titled *roaring.Bitmap // with its marks in the name
	plain  *roaring.Bitmap // in the name as a whole word, folded
}

// match is what a request finds.
type match struct {
	stage stage
	found *roaring.Bitmap
	words []heard
}

// matcher finds the words of one request.
type matcher struct {
	engine  *Engine
	index   *index
	request *request
	stage   stage
}

// match reads the words as freely as it takes to find enough. Filters have no
// say in that: choosing one must not bring other products.
func (e *Engine) match(x *index, r *request) match {
	if len(r.words) == 0 {
		return match{found: x.live}
	}
	var found match // what will do, when nothing freer is clear
	for s := range stages {
		m := matcher{e, x, r, s}
		next := m.match()
		n := next.found.GetCardinality()
		switch {
		case n > 0 && n >= needed[s] && next.clear():
			return next
		case found.words == nil && (n >= max(needed[s], 1) || s == slips):
			found = next
		}
		if found.words != nil && s >= begun && found.found.GetCardinality() >= vague && found.stage < slip {
			break
		}
	}
	return found
}

// clear reports whether some product has every word in its name, in who sells
// it, or in where it comes from: nobody meant another word.
func (m match) clear() bool {
	docs := m.found
	for _, w := range m.words {
		if docs = roaring.And(docs, roaring.Or(w.rightlyNamed(), w.rightly(roaring.Or(w.seller, w.place)))); docs.IsEmpty() {
			return false
		}
	}
	return true
}

// rightly keeps what has the word with the marks as typed, or not as a whole
// word: begun, by a synonym, by a mistake.
func (h heard) rightly(docs *roaring.Bitmap) *roaring.Bitmap {
	if h.marked == nil {
		return docs
	}
	return roaring.And(docs, roaring.Or(h.marked, roaring.AndNot(h.any, h.said)))
}

// inOne is what has every word in one of these places. In the name, a word
// typed with marks must have them.
func (m match) inOne() *roaring.Bitmap {
	one := roaring.New()
	for _, list := range []func(heard) *roaring.Bitmap{heard.rightlyNamed, func(h heard) *roaring.Bitmap { return h.seller }, func(h heard) *roaring.Bitmap { return h.place }} {
		docs := m.found
		for _, w := range m.words {
			if docs = roaring.And(docs, list(w)); docs.IsEmpty() {
				break
			}
		}
		one.Or(docs)
	}
	return one
}

// rightlyNamed is what has the word in the name, and not another one that only
// folds to it.
func (h heard) rightlyNamed() *roaring.Bitmap {
	if h.marked == nil {
		return h.named
	}
	return roaring.Or(h.titled, roaring.AndNot(h.named, h.plain))
}

func (m *matcher) match() match {
	out := match{stage: m.stage, found: m.index.live}
	for i, t := range m.request.terms {
		words := m.term(t, i == len(m.request.terms)-1)
		for _, w := range words {
			out.found = roaring.And(out.found, w.any)
		}
		out.words = append(out.words, words...)
		if out.found.IsEmpty() && m.stage != respaced {
			break
		}
	}
	if m.stage >= respaced {
		m.joined(&out)
	}
	return out
}

// term hears the words of a term. What another phrase for it finds, all of its
// words find.
func (m *matcher) term(t search.Term, last bool) []heard {
	words := make([]heard, len(t.Words))
	for i, w := range t.Words {
		words[i] = m.word(w, last && i == len(t.Words)-1)
	}
	for _, other := range t.Others {
		docs, named := m.phrase(other)
		by, from := m.folded(seller, other), m.folded(place, other)
		for i := range words {
			words[i].sure = roaring.Or(words[i].sure, docs)
			words[i].any = roaring.Or(words[i].any, docs)
			words[i].named = roaring.Or(words[i].named, named)
			words[i].seller = roaring.Or(words[i].seller, by)
			words[i].place = roaring.Or(words[i].place, from)
		}
	}
	return words
}

func (m *matcher) word(w search.Word, last bool) heard {
	d := &m.index.dicts
	h := heard{said: d[all].get(w.Folded), named: d[name].get(w.Folded), seller: d[seller].get(w.Folded), place: d[place].get(w.Folded)}
	h.sure, h.any, h.plain = h.said, h.said, h.named
	if w.Marked() {
		h.marked, h.titled = d[exact].get(w.Exact), d[exactName].get(w.Exact)
	}
	if last && m.stage >= begun {
		m.goesOn(&h, w)
	}
	if m.stage == respaced {
		m.takeApart(&h, w)
	}
	if m.stage >= slip {
		m.mistaken(&h, w)
	}
	return h
}

// goesOn adds what has words that the last one typed is the beginning of.
func (m *matcher) goesOn(h *heard, w search.Word) {
	d := &m.index.dicts
	h.any = roaring.Or(h.any, d[all].starting(w.Folded, nil))
	h.sure = h.any
	h.named = roaring.Or(h.named, d[name].starting(w.Folded, nil))
	h.seller = roaring.Or(h.seller, d[seller].starting(w.Folded, nil))
	h.place = roaring.Or(h.place, d[place].starting(w.Folded, nil))
	if !w.Marked() {
		return
	}
	start, keep := shape(w.Exact), func(word string) bool { return search.Begins(word, w.Exact) }
	if start == w.Exact {
		keep = nil
	}
	h.marked = roaring.Or(h.marked, d[exact].starting(start, keep))
	h.titled = roaring.Or(h.titled, d[exactName].starting(start, keep))
}

// mistaken adds what has words that differ a little.
func (m *matcher) mistaken(h *heard, w search.Word) {
	dfa := m.engine.automaton(m.request, w.Folded, m.stage)
	if dfa == nil {
		return
	}
	d := &m.index.dicts
	var any, named, by, from []*roaring.Bitmap
	for _, word := range d[all].near(dfa) {
		any = append(any, d[all].get(word))
		named = append(named, d[name].get(word))
		by = append(by, d[seller].get(word))
		from = append(from, d[place].get(word))
	}
	h.any = roaring.Or(h.any, union(any))
	h.named = roaring.Or(h.named, union(named))
	h.seller = roaring.Or(h.seller, union(by))
	h.place = roaring.Or(h.place, union(from))
}

// automaton accepts what differs as much as the stage lets it; nil for a word
// that must be as it is.
func (e *Engine) automaton(r *request, word string, s stage) *levenshtein.DFA {
	distance := slack(word, s, len(r.words))
	if distance == 0 {
		return nil
	}
	key := string(rune('0'+distance)) + word
	dfa, ok := r.typos[key]
	if !ok {
		dfa, _ = e.typos[distance].BuildDfa(word, uint8(distance)) // on error nil: the word has no mistakes
		if r.typos == nil {
			r.typos = map[string]*levenshtein.DFA{}
		}
		r.typos[key] = dfa
	}
	return dfa
}

// slack is how many letters of a word may be wrong. Syllables of Vietnamese are
// short, so that one letter off in three is another word, unless other words
// say what is meant.
func slack(word string, s stage, words int) int {
	n := len(word)
	switch {
	case s < slip || n > slipUpTo || word[0] <= '9':
		return 0
	case s == slip:
		return min(1, n/slipFrom)
	case n >= slipsFrom && (words > 1 || n > slipsFrom):
		return 2
	case n >= slipFrom || n >= shortSlipFrom && words > 2:
		return 1
	default:
		return 0
	}
}

// phrase returns what has all the words, compared with their marks, and what
// has them in the name.
func (m *matcher) phrase(words []string) (docs, named *roaring.Bitmap) {
	docs, named = m.index.live, m.index.live
	for _, word := range words {
		in, title := exact, exactName
		if ascii(word) {
			in, title = all, name
		}
		docs = roaring.And(docs, m.index.dicts[in].get(word))
		named = roaring.And(named, m.index.dicts[title].get(word))
	}
	return docs, named
}

// folded returns what has all the words, marks aside.
func (m *matcher) folded(k kind, words []string) *roaring.Bitmap {
	docs := m.index.live
	for _, word := range words {
		docs = roaring.And(docs, m.index.dicts[k].get(market.Fold(word)))
	}
	return docs
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// joined adds what has two words of the query as one: "viet gap" for VietGAP.
func (m *matcher) joined(out *match) {
	if len(out.words) < len(m.request.words) {
		return
	}
	changed := false
	for i := 1; i < len(out.words); i++ {
		one := m.request.words[i-1].Folded + m.request.words[i].Folded
		d := &m.index.dicts
		if !d[all].has(one) {
			continue
		}
		changed = true
		for _, h := range []*heard{&out.words[i-1], &out.words[i]} {
			h.any = roaring.Or(h.any, d[all].get(one))
			h.named = roaring.Or(h.named, d[name].get(one))
			h.seller = roaring.Or(h.seller, d[seller].get(one))
			h.place = roaring.Or(h.place, d[place].get(one))
		}
	}
	if !changed {
		return
	}
	out.found = m.index.live
	for _, w := range out.words {
		out.found = roaring.And(out.found, w.any)
	}
}

// takeApart adds what has the words that one typed without gaps is made of:
// "mamnem" for mắm nêm. They must stand side by side in a name.
func (m *matcher) takeApart(h *heard, w search.Word) {
	if parts := m.apart(w.Folded); parts != nil {
		docs := m.sideBySide(parts)
		h.any = roaring.Or(h.any, docs)
		h.named = roaring.Or(h.named, docs)
	}
}

// apart finds the fewest words of names that make up the word and stand side by
// side in some name; nil for none.
func (m *matcher) apart(word string) []string {
	if len(word) < slipFrom || len(word) > search.MaxWord {
		return nil
	}
	type way struct{ words []string }
	best := make([]*way, len(word)+1)
	best[0] = &way{}
	for from := range word {
		if best[from] == nil {
			continue
		}
		for to := from + 1; to <= min(len(word), from+longSyllable); to++ {
			if best[to] != nil && len(best[to].words) <= len(best[from].words)+1 || !m.follows(best[from].words, word[from:to]) {
				continue
			}
			best[to] = &way{append(slices.Clone(best[from].words), word[from:to])}
		}
	}
	if end := best[len(word)]; end != nil && len(end.words) > 1 {
		return end.words
	}
	return nil
}

// longSyllable is how long a word may be that stands in a row of words: the
// longest syllable, nghiêng, has seven letters.
const longSyllable = 8

func (m *matcher) follows(before []string, word string) bool {
	if len(before) == 0 {
		return m.index.dicts[name].has(word)
	}
	return m.index.dicts[pair].has(before[len(before)-1] + " " + word)
}

func (m *matcher) sideBySide(words []string) *roaring.Bitmap {
	docs := m.index.dicts[name].get(words[0])
	for i := 1; i < len(words); i++ {
		docs = roaring.And(docs, m.index.dicts[pair].get(words[i-1]+" "+words[i]))
	}
	return docs
}
