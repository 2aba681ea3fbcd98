package embedded

import (
	"bytes"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/vellum"

	"chohue/market"
)

// still is an index as it was at one moment, to be made a snapshot of while the
// index itself goes on.
type still struct {
	base  [kinds]lists
	fresh [kinds]map[string]*roaring.Bitmap
	rows  []*row
	gone  map[market.ID]int64
}

// still copies what would change.
func (x *index) still() *still {
	s := &still{rows: slices.Clone(x.rows), gone: maps.Clone(x.gone)}
	for k := range x.dicts {
		s.base[k] = x.dicts[k].base
		s.fresh[k] = make(map[string]*roaring.Bitmap, len(x.dicts[k].fresh))
		for word, docs := range x.dicts[k].fresh {
			s.fresh[k][word] = docs.Clone()
		}
	}
	return s
}

// own is for an index that nobody changes any more.
func (x *index) own() *still {
	s := &still{rows: x.rows, gone: x.gone}
	for k := range x.dicts {
		s.base[k], s.fresh[k] = x.dicts[k].base, x.dicts[k].fresh
	}
	return s
}

// freeze numbers the products anew, in order, and puts base and news together.
func (s *still) freeze() (*snapshot, error) {
	kept := make([]uint32, 0, len(s.rows))
	for n, r := range s.rows {
		if r != nil {
			kept = append(kept, uint32(n))
		}
	}
	slices.SortFunc(kept, func(a, b uint32) int { return order(s.rows[a], s.rows[b]) })
	out := &snapshot{rows: make([]*row, len(kept)), gone: s.gone}
	fresh := make([]int32, len(s.rows)) // number before → number now, -1 for none
	for i := range fresh {
		fresh[i] = -1
	}
	for now, before := range kept {
		out.rows[now], fresh[before] = s.rows[before], int32(now)
	}
	for k := range kinds {
		var err error
		if out.words[k], out.begun[k], err = s.merge(k, fresh); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *still) merge(k kind, numbers []int32) (words, begun lists, err error) {
	w, err := newListWriter()
	if err != nil {
		return words, begun, err
	}
	collect := beginnings{kind: k}
	for _, word := range s.vocabulary(k) {
		docs := renumber(either(s.base[k].get(word), s.fresh[k][word]), numbers)
		if docs.IsEmpty() {
			continue
		}
		if err := w.add(word, docs); err != nil {
			return words, begun, err
		}
		collect.add(word, docs)
	}
	if words, err = w.close(); err != nil {
		return words, begun, err
	}
	begun, err = collect.close()
	return words, begun, err
}

// vocabulary is every word of base and news, in order.
func (s *still) vocabulary(k kind) []string {
	words := slices.Collect(maps.Keys(s.fresh[k]))
	s.base[k].each(nil, nil, nil, func(word []byte, _ uint64) {
		if s.fresh[k][string(word)] == nil {
			words = append(words, string(word))
		}
	})
	sort.Strings(words)
	return words
}

func renumber(docs *roaring.Bitmap, numbers []int32) *roaring.Bitmap {
	list := make([]uint32, 0, docs.GetCardinality())
	docs.Iterate(func(n uint32) bool {
		if now := numbers[n]; now >= 0 {
			list = append(list, uint32(now))
		}
		return true
	})
	slices.Sort(list)
	out := roaring.New()
	out.AddMany(list)
	return out
}

// listWriter writes a dictionary, words in order.
type listWriter struct {
	fst     bytes.Buffer
	bitmaps bytes.Buffer
	build   *vellum.Builder
}

func newListWriter() (*listWriter, error) {
	w := &listWriter{}
	var err error
	w.build, err = vellum.New(&w.fst, nil)
	return w, err
}

func (w *listWriter) add(word string, docs *roaring.Bitmap) error {
	if err := w.build.Insert([]byte(word), uint64(w.bitmaps.Len())); err != nil {
		return err
	}
	docs.RunOptimize()
	_, err := docs.WriteTo(&w.bitmaps)
	return err
}

func (w *listWriter) close() (lists, error) {
	if err := w.build.Close(); err != nil {
		return lists{}, err
	}
	return loadLists(w.fst.Bytes(), w.bitmaps.Bytes())
}

func loadLists(fst, bitmaps []byte) (lists, error) {
	words, err := vellum.Load(fst)
	return lists{words, fst, bitmaps}, err
}

// manyWords is from how many words on the bitmap of a beginning is worth being
// kept. Below, putting the words together costs little.
const manyWords = 12

// longBeginning is the longest beginning that is kept, in bytes.
const longBeginning = 8

// beginnings puts together the bitmaps of words with one beginning. Words come
// in order, so the beginnings that are open are those of the word before.
type beginnings struct {
	kind kind
	open []beginning
	done []beginning
}

type beginning struct {
	text  string
	words int
	docs  *roaring.Bitmap
}

func (b *beginnings) add(word string, docs *roaring.Bitmap) {
	text := word
	if b.kind == exact || b.kind == exactName {
		text = shape(word)
	}
	b.shut(text)
	for end := range text {
		if end > longBeginning {
			break
		}
		if end > 0 && (len(b.open) == 0 || end > len(b.open[len(b.open)-1].text)) {
			b.open = append(b.open, beginning{text: text[:end], docs: roaring.New()})
		}
	}
	if n := len(text); n <= longBeginning && (len(b.open) == 0 || n > len(b.open[len(b.open)-1].text)) {
		b.open = append(b.open, beginning{text: text, docs: roaring.New()})
	}
	for i := range b.open {
		b.open[i].words++
		b.open[i].docs.Or(docs)
	}
}

// shut ends the beginnings that the word does not have.
func (b *beginnings) shut(text string) {
	for len(b.open) > 0 {
		last := b.open[len(b.open)-1]
		if len(last.text) <= len(text) && text[:len(last.text)] == last.text {
			return
		}
		if last.words >= manyWords {
			b.done = append(b.done, last)
		}
		b.open = b.open[:len(b.open)-1]
	}
}

func (b *beginnings) close() (lists, error) {
	b.shut("")
	slices.SortFunc(b.done, func(a, c beginning) int { return strings.Compare(a.text, c.text) })
	w, err := newListWriter()
	if err != nil {
		return lists{}, err
	}
	for _, kept := range b.done {
		if err := w.add(kept.text, kept.docs); err != nil {
			return lists{}, err
		}
	}
	return w.close()
}
