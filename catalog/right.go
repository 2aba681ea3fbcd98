package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// RightType is what kind of right protects a name.
type RightType string

// The types. Only a geographical indication reserves a name for those who hold
// a right of use; marks are shown where a seller proved one.
const (
	RightGI            RightType = "gi"
	RightCertification RightType = "certification_mark"
	RightCollective    RightType = "collective_mark"
	RightTrademark     RightType = "trademark"
)

// RightTypes lists the types, those that bind sellers first.
func RightTypes() []RightType {
	return []RightType{RightGI, RightCertification, RightCollective, RightTrademark}
}

// IPRight is a registered right in a name, with the goods that it is about.
type IPRight struct {
	store.Doc    `bson:",inline"`
	Type         RightType  `bson:"type"`
	Number       string     `bson:"number,omitempty"` // of the register; empty when not known
	Name         string     `bson:"name"`             // as registered: tinh dầu tràm "Huế"
	Holder       string     `bson:"holder,omitempty"`
	Sets         []int      `bson:"sets,omitempty"`  // OCOP sets of the goods; none for all goods
	Words        []string   `bson:"words,omitempty"` // how the name is written on goods, in any language
	Decision     string     `bson:"decision,omitempty"`
	DecisionDate *time.Time `bson:"decision_date,omitempty"`
	ValidFrom    time.Time  `bson:"valid_from"`
	ValidTo      time.Time  `bson:"valid_to,omitempty"` // zero without an end, as geographical indications have none
	Source       string     `bson:"source,omitempty"`
	EnteredBy    string     `bson:"entered_by,omitempty"` // empty for those that the market ships with
}

// InForce reports whether the right exists at a moment.
func (r *IPRight) InForce(at time.Time) bool { return inForce(r.ValidFrom, r.ValidTo, at) }

func (r *IPRight) covers(set int) bool { return len(r.Sets) == 0 || slices.Contains(r.Sets, set) }

func loadRights() ([]IPRight, error) {
	rows, err := readTable("taxonomy/ip_rights.csv")
	if err != nil {
		return nil, err
	}
	var out []IPRight
	for _, row := range rows {
		r := IPRight{
			Doc: store.Doc{ID: market.ID(row["id"])}, Type: RightType(row["type"]), Number: row["number"], Name: row["name"],
			Holder: row["holder"], Words: strings.Split(row["words"], ";"), Decision: row["decision"], Source: row["source"],
		}
		for set := range strings.SplitSeq(row["sets"], ";") {
			number, err := strconv.Atoi(set)
			if err != nil {
				return nil, fmt.Errorf("right %s: %w", r.ID, err)
			}
			r.Sets = append(r.Sets, number)
		}
		if r.ValidFrom, r.ValidTo, err = parseSpan(row); err != nil {
			return nil, fmt.Errorf("right %s: %w", r.ID, err)
		}
		if row["decision_date"] != "" {
			day, err := parseDay(row["decision_date"])
			if err != nil {
				return nil, fmt.Errorf("right %s: %w", r.ID, err)
			}
			r.DecisionDate = &day
		}
		out = append(out, r)
	}
	return out, nil
}

var (
	rightSpec = store.Spec{Name: "ip_rights"}
	useSpec   = store.Spec{
		Name:    "rights_of_use",
		Indexes: []store.Index{{Name: "of_seller", Fields: []string{"seller"}}},
	}
)

// Rights lists every right: those that the market ships with, then those that
// were entered. The same id entered takes the place of a shipped one.
func (s *Service) Rights(ctx context.Context) ([]*IPRight, error) {
	var entered []*IPRight
	err := s.rights.Each(ctx, store.Query{}, func(r *IPRight) error {
		entered = append(entered, r)
		return nil
	})
	var out []*IPRight
	for i := range s.sets.rights {
		shipped := &s.sets.rights[i]
		if !slices.ContainsFunc(entered, func(r *IPRight) bool { return r.ID == shipped.ID }) {
			out = append(out, shipped)
		}
	}
	return append(out, entered...), err
}

func (s *Service) right(ctx context.Context, id market.ID) (*IPRight, error) {
	all, err := s.Rights(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, errNoRight
}

var errNoRight = market.NotFound("right.missing")

const maxScopeWords = 20

// RegisterRight enters a right, or enters it anew under its id. Words are how
// the name is written on goods; of a geographical indication they are reserved.
func (s *Service) RegisterRight(ctx context.Context, by market.Actor, r IPRight) (*IPRight, error) {
	if !by.Is(market.RoleOfficial, market.RoleOperator) {
		return nil, market.Forbidden("right.forbidden")
	}
	if err := s.cleanRight(&r); err != nil {
		return nil, err
	}
	r.EnteredBy = checker(by)
	return s.rights.Upsert(ctx, r.ID, func(old *IPRight) ([]market.Event, error) {
		*old = r
		return nil, nil
	})
}

func (s *Service) cleanRight(r *IPRight) error {
	var c market.Checks
	if r.ID == "" {
		r.ID = s.env.NewID()
	}
	checkID(&c, "id", r.ID)
	c.That(slices.Contains(RightTypes(), r.Type), "type", "right.type")
	r.Number, r.Name = line(&c, "number", r.Number, maxSKU), line(&c, "name", r.Name, maxName)
	c.That(r.Name != "", "name", "right.name")
	r.Holder, r.Decision = line(&c, "holder", r.Holder, maxName), line(&c, "decision", r.Decision, maxName)
	r.Source = line(&c, "source", r.Source, maxName)
	c.That(len(r.Words) <= maxScopeWords, "words", "right.words")
	for i, w := range r.Words {
		r.Words[i] = line(&c, "words", w, maxName)
		c.That(len(wordsOf(r.Words[i])) >= 2, "words", "right.words")
	}
	c.That(len(r.Words) > 0 || r.Type != RightGI, "words", "right.words")
	for _, set := range r.Sets {
		_, known := s.sets.Find(set)
		c.That(known, "sets", "product.set_unknown")
	}
	c.That(!r.ValidFrom.IsZero(), "valid_from", "right.valid_from")
	c.That(r.ValidTo.IsZero() || r.ValidTo.After(r.ValidFrom), "valid_to", "right.valid_to")
	return c.Err()
}
