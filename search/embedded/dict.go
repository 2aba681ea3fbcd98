package embedded

import (
	"bytes"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/vellum"
	"github.com/blevesearch/vellum/levenshtein"
)

// lists is a dictionary as it lies in a snapshot: an FST from a word to where
// its bitmap begins.
type lists struct {
	words   *vellum.FST
	fst     []byte // what words was read from
	bitmaps []byte
}

// get returns the bitmap of a word, nil for none. It lies in the snapshot and
// must not be changed.
func (l lists) get(word string) *roaring.Bitmap {
	if l.words == nil {
		return nil
	}
	at, ok, err := l.words.Get([]byte(word))
	if err != nil || !ok {
		return nil
	}
	return l.at(at)
}

func (l lists) at(offset uint64) *roaring.Bitmap {
	b := roaring.New()
	if _, err := b.FromUnsafeBytes(l.bitmaps[offset:]); err != nil {
		panic("search snapshot: " + err.Error()) // its sum was right when it was read
	}
	return b
}

func (l lists) has(word string) bool {
	if l.words == nil {
		return false
	}
	ok, err := l.words.Contains([]byte(word))
	return err == nil && ok
}

// each calls do for the words that the automaton takes, from one word to
// before another; nil for any.
func (l lists) each(a vellum.Automaton, from, to []byte, do func(word []byte, at uint64)) {
	if l.words == nil {
		return
	}
	var it *vellum.FSTIterator
	var err error
	if a == nil {
		it, err = l.words.Iterator(from, to)
	} else {
		it, err = l.words.Search(a, from, to)
	}
	for ; err == nil; err = it.Next() {
		do(it.Current())
	}
}

// dict is a dictionary with its news: words of the snapshot and words put since.
type dict struct {
	base   lists
	begun  lists // for beginnings that many words have, the bitmaps of these together
	fresh  map[string]*roaring.Bitmap
	sorted []string // words in fresh, unless bulk
	extra  []string // of those, the ones that are not in base
	bulk   bool     // nobody asks before all is put
}

func (d *dict) put(word string, number uint32) {
	b := d.fresh[word]
	if b == nil {
		if d.fresh == nil {
			d.fresh = map[string]*roaring.Bitmap{}
		}
		b = roaring.New()
		d.fresh[word] = b
		d.note(word)
	}
	b.Add(number)
}

func (d *dict) note(word string) {
	if d.bulk {
		return
	}
	at, _ := slices.BinarySearch(d.sorted, word)
	d.sorted = slices.Insert(d.sorted, at, word)
	if !d.base.has(word) {
		d.extra = append(d.extra, word)
	}
}

var none = roaring.New()

// get returns the products of a word; not to be changed.
func (d *dict) get(word string) *roaring.Bitmap {
	return either(d.base.get(word), d.fresh[word])
}

func either(a, b *roaring.Bitmap) *roaring.Bitmap {
	switch {
	case a == nil && b == nil:
		return none
	case a == nil:
		return b
	case b == nil:
		return a
	default:
		return roaring.Or(a, b)
	}
}

func (d *dict) has(word string) bool { return d.fresh[word] != nil || d.base.has(word) }

// starting returns the products of all words with the beginning that keep
// takes; nil takes all.
func (d *dict) starting(beginning string, keep func(word string) bool) *roaring.Bitmap {
	var parts []*roaring.Bitmap
	known := d.begun.get(beginning)
	if known != nil && keep == nil {
		parts = append(parts, known)
	} else {
		d.base.each(nil, []byte(beginning), after(beginning), func(word []byte, at uint64) {
			if keep == nil || keep(string(word)) {
				parts = append(parts, d.base.at(at))
			}
		})
	}
	at, _ := slices.BinarySearch(d.sorted, beginning)
	for _, word := range d.sorted[at:] {
		if !strings.HasPrefix(word, beginning) {
			break
		}
		if keep == nil || keep(word) {
			parts = append(parts, d.fresh[word])
		}
	}
	return union(parts)
}

// near returns the words that the automaton takes.
func (d *dict) near(dfa *levenshtein.DFA) []string {
	var words []string
	d.base.each(dfa, nil, nil, func(word []byte, _ uint64) { words = append(words, string(word)) })
	for _, word := range d.extra {
		if ok, _ := dfa.MatchAndDistance(word); ok {
			words = append(words, word)
		}
	}
	return words
}

func union(parts []*roaring.Bitmap) *roaring.Bitmap {
	switch len(parts) {
	case 0:
		return none
	case 1:
		return parts[0]
	default:
		return roaring.FastOr(parts...)
	}
}

// after returns the least key that does not begin with the beginning.
func after(beginning string) []byte {
	end := bytes.Clone([]byte(beginning))
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}
