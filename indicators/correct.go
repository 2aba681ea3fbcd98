package indicators

import (
	"context"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// EventCorrected says that an official corrected what a fact says. The subject
// is the fact.
const EventCorrected = "indicators.corrected"

// Correction is what an official found wrong with a delivered line: where it
// was sold from, what it was or how it was sold. Value and quantity are the
// order's and the ledger's; nobody corrects them here.
type Correction struct {
	store.Doc `bson:",inline"` // the id is the fact's
	Ward      string           `bson:"ward"`
	Set       int              `bson:"set"`
	Channel   string           `bson:"channel"`
	Reason    string           `bson:"reason"`
	By        market.ID        `bson:"by"`
	At        time.Time        `bson:"at"`
}

// shortestReason is how many letters a reason needs, to be one.
const shortestReason = 10

// Correct corrects a delivered line once, for good. The fact stays as it is;
// one more takes it out of its cell and one puts it into the right one, and the
// same happens to what was or will be returned of it.
func (s *Service) Correct(ctx context.Context, by market.Actor, c Correction) error {
	if err := mayRead(by); err != nil {
		return err
	}
	f, err := s.facts.Get(ctx, c.ID)
	if store.Missing(err) || err == nil && f.Kind != KindDelivered {
		return market.NotFound("indicators.no_fact")
	}
	if err != nil {
		return err
	}
	if err := s.checkCorrection(c, f); err != nil {
		return err
	}
	c.By, c.At = by.Person, moment(s.env.Now())
	err = s.corrections.Insert(ctx, &c, market.NewEvent(s.env, EventCorrected, c.ID, struct{}{}))
	if store.Exists(err) {
		return market.Conflict("indicators.corrected")
	}
	return err
}

func (s *Service) checkCorrection(c Correction, f *Fact) error {
	var checks market.Checks
	ward, ok := s.areas.Find(c.Ward)
	checks.That(ok && ward.Province != "", "ward", "indicators.ward")
	_, ok = s.sets.Find(c.Set)
	checks.That(ok, "set", "indicators.set")
	_, ok = channelNames[c.Channel]
	checks.That(ok, "channel", "indicators.channel")
	checks.That(len([]rune(strings.TrimSpace(c.Reason))) >= shortestReason, "reason", "indicators.reason")
	checks.That(c.Ward != f.Ward || c.Set != f.Set || c.Channel != f.Channel, "ward", "indicators.unchanged")
	return checks.Err()
}

func (s *Service) corrected(ctx context.Context, e market.Event) error {
	c, err := s.corrections.Get(ctx, e.Subject)
	if err != nil {
		return err
	}
	about, err := s.about(ctx, c.ID)
	if err != nil {
		return err
	}
	return s.record(ctx, c.facts(about))
}

// correctAgain moves returns of a line that was corrected before.
func (s *Service) correctAgain(ctx context.Context, returns []Fact) error {
	for _, f := range returns {
		c, err := s.corrections.Get(ctx, f.Source)
		if store.Missing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.record(ctx, c.facts([]Fact{f})); err != nil {
			return err
		}
	}
	return nil
}

// about returns the fact of a line and those that undo parts of it.
func (s *Service) about(ctx context.Context, line market.ID) ([]Fact, error) {
	f, err := s.facts.Get(ctx, line)
	if err != nil {
		return nil, err
	}
	all := []Fact{*f}
	err = s.facts.Each(ctx, store.Query{Index: "source", Eq: []any{string(line)}}, func(f *Fact) error {
		if f.Kind == KindReturned {
			all = append(all, *f)
		}
		return nil
	})
	return all, err
}

// facts moves each fact from its cell to the right one, the same way every time.
func (c *Correction) facts(about []Fact) []Fact {
	var out []Fact
	for _, f := range about {
		from, to := f, f
		from.ID, to.ID = "corrected:"+f.ID+":from", "corrected:"+f.ID+":to"
		from.Kind, to.Kind, from.Source, to.Source = KindCorrected, KindCorrected, c.ID, c.ID
		from.Lines, from.Quantity, from.BaseAmount, from.Value = -f.Lines, -f.Quantity, -f.BaseAmount, -f.Value
		to.Ward, to.Set, to.Channel = c.Ward, c.Set, c.Channel
		from.PlacedAt, from.DeliveredAt = moment(f.PlacedAt), moment(f.DeliveredAt)
		to.PlacedAt, to.DeliveredAt = from.PlacedAt, from.DeliveredAt
		out = append(out, from, to)
	}
	return out
}
