package cooperatives

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// sharing is all rules that a seller has ever had, the oldest first; its id is
// the seller's.
type sharing struct {
	store.Doc `bson:",inline"`
	Rules     []SharingRule `bson:"rules"`
}

// maxFee is the most that a cooperative may keep: half of what it sells.
const maxFee market.Rate = 5000

// SetSharing writes down how the cooperative shares from a month on. Past months
// keep the rule that they had: the month must not have begun, the system may
// enter what was decided earlier.
func (p *Pool) SetSharing(ctx context.Context, by market.Actor, seller market.ID, month string, rule SharingRule) error {
	if _, err := p.managed(ctx, by, seller); err != nil {
		return err
	}
	from, _, err := monthSpan(month)
	if err != nil {
		return err
	}
	rule.From, rule.Basis = from, tidy(rule.Basis)
	var c market.Checks
	c.That(from.After(p.env.Now()) || by.Is(market.RoleSystem), "month", "sharing.past")
	c.That(rule.Fee >= 0 && rule.Fee <= maxFee, "fee", "sharing.fee")
	for _, grade := range Grades() {
		c.That(rule.Grades[grade] > 0 && rule.Grades[grade] <= 1000, "grade_"+grade, "sharing.grade")
	}
	c.That(len(rule.Grades) == len(Grades()), "grades", "sharing.grade")
	c.That(within(rule.Basis, 3, 300), "basis", "sharing.basis")
	if err := c.Err(); err != nil {
		return err
	}
	_, err = p.sharing.Upsert(ctx, seller, func(d *sharing) ([]market.Event, error) { return p.addRule(by, d, rule) })
	return err
}

func (p *Pool) addRule(by market.Actor, d *sharing, rule SharingRule) ([]market.Event, error) {
	before := digest(d.Rules)
	if n := len(d.Rules); n > 0 && !d.Rules[n-1].From.Before(rule.From) {
		if digest(d.Rules[n-1]) == digest(rule) {
			return nil, nil
		}
		return nil, market.Conflict("sharing.later")
	}
	d.Rules = append(d.Rules, rule)
	n := Note{Seller: d.ID, What: "sharing.set", Object: d.ID, Words: rule.Basis, Before: before, After: digest(d.Rules)}
	return []market.Event{p.noted(by, n)}, nil
}

// Sharing returns the rule that holds now, to members of the seller.
func (p *Pool) Sharing(ctx context.Context, by market.Actor, seller market.ID) (SharingRule, error) {
	found, err := p.Seller(ctx, seller)
	if err != nil {
		return SharingRule{}, err
	}
	if err := found.hide(by, nil); err != nil {
		return SharingRule{}, err
	}
	return p.ruleAt(ctx, seller, p.env.Now())
}

// ruleAt is the seller's own rule at that time, else the general one.
func (p *Pool) ruleAt(ctx context.Context, seller market.ID, at time.Time) (SharingRule, error) {
	d, err := p.sharing.Get(ctx, seller)
	if err != nil && !store.Missing(err) {
		return SharingRule{}, err
	}
	var all []SharingRule
	if err == nil {
		all = d.Rules
	}
	for _, rule := range slices.Backward(append(slices.Clone(p.rules.sharing), all...)) {
		if !at.Before(rule.From) {
			return rule, nil
		}
	}
	return SharingRule{}, market.Conflict("sharing.none")
}
