package catalog

import (
	"context"
	"strings"
	"unicode"

	"chohue/market"
)

// wordsOf are the folded words of a text, in order.
func wordsOf(text string) []string {
	return strings.FieldsFunc(market.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// How many other words may stand between those of a protected name. In a
// product's name "Nón lá bài thơ Huế" is a use of "nón lá Huế"; in running text
// only the name itself is, else every hat made in Huế would be one.
const (
	gapInName = 3
	gapInText = 0
)

// uses reports whether the phrase stands in the text, its words in order with
// at most gap other words between two of them.
func uses(text, phrase []string, gap int) bool {
	for i := range text {
		if startsAt(text[i:], phrase, gap) {
			return true
		}
	}
	return false
}

func startsAt(text, phrase []string, gap int) bool {
	if len(phrase) == 0 {
		return true
	}
	if len(text) == 0 || text[0] != phrase[0] {
		return false
	}
	if len(phrase) == 1 {
		return true
	}
	for skip := 1; skip <= gap+1 && skip < len(text); skip++ {
		if startsAt(text[skip:], phrase[1:], gap) {
			return true
		}
	}
	return false
}

// usedIn returns the field of the product in which the right's name is used,
// and the words that use it; empty when it is not.
func (r *IPRight) usedIn(p *Product) (field, words string) {
	for _, at := range []struct {
		field, text string
		gap         int
	}{
		{"name", p.Name.VI, gapInName},
		{"name/en", p.Name.EN, gapInName},
		{"description", p.Description.VI, gapInText},
		{"description/en", p.Description.EN, gapInText},
	} {
		text := wordsOf(at.text)
		for _, w := range r.Words {
			if uses(text, wordsOf(w), at.gap) {
				return at.field, w
			}
		}
	}
	return "", ""
}

// names are the reserved names with what one seller may use of them.
type names struct {
	rights []*IPRight
	held   []*RightOfUse
}

func (s *Service) namesFor(ctx context.Context, seller market.ID) (names, error) {
	rights, err := s.Rights(ctx)
	if err != nil {
		return names{}, err
	}
	held, err := s.usesOf(ctx, seller)
	return names{rights, held}, err
}

// holds reports whether the seller may use the name now.
func (n names) holds(s *Service, r *IPRight) bool {
	for _, u := range n.held {
		if u.Right == r.ID && u.Good(s.env.Now()) {
			return true
		}
	}
	return false
}

// check names each reserved name that the product uses without a right.
func (n names) check(s *Service, p *Product) error {
	var c market.Checks
	for _, r := range n.rights {
		if r.Type != RightGI || !r.InForce(s.env.Now()) || !r.covers(p.Set) || n.holds(s, r) {
			continue
		}
		if field, words := r.usedIn(p); field != "" {
			c.Add(field, market.Invalid("right.unlinked", field).With("words", words).With("name", r.Name))
		}
	}
	return c.Err()
}

// NameRight is a right that a product's name rests on, with the proof that its
// seller may use it.
type NameRight struct {
	Right *IPRight
	Use   *RightOfUse
}

// NameRights returns the rights that the product uses and its seller holds,
// to be shown beside it. A mark without words covers all goods in its sets.
func (s *Service) NameRights(ctx context.Context, p *Product) ([]NameRight, error) {
	held, err := s.usesOf(ctx, p.Seller)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	rights, err := s.Rights(ctx)
	var out []NameRight
	now := s.env.Now()
	for _, u := range held {
		for _, r := range rights {
			field, _ := r.usedIn(p)
			if u.Right == r.ID && u.Good(now) && r.InForce(now) && r.covers(p.Set) && (field != "" || len(r.Words) == 0) {
				out = append(out, NameRight{r, u})
			}
		}
	}
	return out, err
}
