package cooperatives

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// The states of a settlement.
const (
	SettlePrepared  = "prepared"  // by one person; nothing has happened yet
	SettleApproved  = "approved"  // by a second; deliveries are being claimed
	SettleClaimed   = "claimed"   // they are; the books are being written
	SettlePosted    = "posted"    // for good, unless reversed
	SettleReversing = "reversing" // no longer counts; the books are being written back
	SettleReversed  = "reversed"
	SettleStale     = "stale"   // a delivery was corrected or settled meanwhile
	SettleDropped   = "dropped" // given up before anybody approved it
)

// settleMoves says which state may follow which.
var settleMoves = map[string][]string{
	SettlePrepared:  {SettleApproved, SettleDropped},
	SettleApproved:  {SettleClaimed, SettleStale},
	SettleClaimed:   {SettlePosted},
	SettlePosted:    {SettleReversing},
	SettleReversing: {SettleReversed},
}

// Settlement shares a month's sales among the members who delivered. Its id is
// seller:month:run, so a month has one at a time. Figures never change once it
// is prepared; a reversal is another settlement with all signs turned.
type Settlement struct {
	store.Doc `bson:",inline" json:"-"`
	Seller    market.ID   `bson:"seller"`
	Month     string      `bson:"month"` // 2026-10, in Huế
	Run       int         `bson:"run"`   // 1, and one more each time after a reversal
	State     string      `bson:"state"`
	Totals    Totals      `bson:"totals"`
	Shares    []Share     `bson:"shares"`
	Rule      SharingRule `bson:"rule"`
	Facts     string      `bson:"facts"` // SHA-256 of the sales it was made from
	People    []string    `bson:"people"`

	PreparedBy   market.ID  `bson:"prepared_by"`
	PreparedName string     `bson:"prepared_name"`
	PreparedAt   time.Time  `bson:"prepared_at"`
	ApprovedBy   market.ID  `bson:"approved_by,omitempty"`
	ApprovedName string     `bson:"approved_name,omitempty"`
	ApprovedAt   *time.Time `bson:"approved_at,omitempty"`
	ReversedBy   market.ID  `bson:"reversed_by,omitempty"`
	ReversedName string     `bson:"reversed_name,omitempty"`
	ReversedAt   *time.Time `bson:"reversed_at,omitempty"`
	Reason       string     `bson:"reason,omitempty"`   // of a reversal
	Reverses     market.ID  `bson:"reverses,omitempty"` // this is the contra entry of that
	Contra       market.ID  `bson:"contra,omitempty"`   // reversed by that entry
}

func (s *Settlement) dead() bool {
	switch s.State {
	case SettleReversing, SettleReversed, SettleStale, SettleDropped:
		return true
	}
	return false
}

// Counts reports whether members' balances hold it: what was posted does for
// ever, its reversal beside it.
func (s *Settlement) Counts() bool {
	return s.State == SettlePosted || s.State == SettleReversing || s.State == SettleReversed
}

// Of is what the member gets of it.
func (s *Settlement) Of(member market.ID) market.VND { return memberSums(s.Shares)[member] }

func (s *Settlement) move(next string) error {
	if !slices.Contains(settleMoves[s.State], next) {
		return market.Conflict("settle.state").With("state", s.State)
	}
	s.State = next
	return nil
}

func settlementID(seller market.ID, month string, run int) market.ID {
	return market.ID(fmt.Sprintf("%s:%s:%d", seller, month, run))
}

func personIn(seller, member market.ID) string { return string(seller) + ":" + string(member) }

// errStale says that a settlement was prepared from deliveries that are no
// longer so.
var errStale = market.Conflict("settle.stale")

// monthSpan is the month in Huế, in UTC.
func monthSpan(month string) (from, to time.Time, err error) {
	at, err := time.ParseInLocation("2006-01", month, market.HueZone)
	if err != nil {
		return from, to, market.Invalid("settle.month", "month")
	}
	return at.UTC(), at.AddDate(0, 1, 0).UTC(), nil
}

// Preview works a month's settlement out without keeping anything. The month
// must be over: then its sales do not change any more.
func (p *Pool) Preview(ctx context.Context, by market.Actor, seller market.ID, month string) (*Settlement, error) {
	if _, err := p.managed(ctx, by, seller); err != nil {
		return nil, err
	}
	from, to, err := monthSpan(month)
	if err != nil {
		return nil, err
	}
	if p.env.Now().Before(to) {
		return nil, market.Conflict("settle.month_open").With("month", month)
	}
	sales, err := p.out.Sales.Sales(ctx, seller, from, to)
	if err != nil {
		return nil, err
	}
	rule, err := p.ruleAt(ctx, seller, from)
	if err != nil {
		return nil, err
	}
	pool, err := p.supplies(ctx, seller, to, rule)
	if err != nil {
		return nil, err
	}
	return p.settlement(seller, month, sales, pool, rule), nil
}

func (p *Pool) settlement(seller market.ID, month string, sales []Sale, pool []supply, rule SharingRule) *Settlement {
	slices.SortFunc(sales, func(a, b Sale) int { return cmp.Compare(a.ID, b.ID) })
	s := &Settlement{Seller: seller, Month: month, Rule: rule, Facts: digest(sales), People: []string{}}
	s.Totals, s.Shares = plan(sales, pool, rule.Fee)
	for member := range memberSums(s.Shares) {
		s.People = append(s.People, personIn(seller, member))
	}
	slices.Sort(s.People)
	return s
}

// supplies are what is left of deliveries brought before that time, the oldest
// first.
func (p *Pool) supplies(ctx context.Context, seller market.ID, before time.Time, rule SharingRule) ([]supply, error) {
	var all []*Delivery
	q := store.Query{Index: "seller", Eq: []any{seller}, To: before}
	err := p.deliveries.Each(ctx, q, func(d *Delivery) error {
		if d.Contra == "" && d.Corrects == "" && d.At.Before(before) {
			all = append(all, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	dead, err := p.dead(ctx, all...)
	var out []supply
	for _, d := range all {
		if s := d.supply(dead, rule); s.open > 0 {
			out = append(out, s)
		}
	}
	return out, err
}

func (d Delivery) supply(dead map[market.ID]bool, rule SharingRule) supply {
	d.Claims = slices.Clone(d.Claims)
	done := d.drop(dead)
	return supply{
		open: d.Base() - done, done: done, units: d.Size.Amount, price: d.Price,
		share: Share{
			Delivery: d.ID, Member: d.Member, MemberName: d.MemberName, Product: d.Product, Name: d.Name,
			Grade: d.Grade, Weight: rule.Grades[d.Grade], Agreed: d.Price > 0, Base: d.Size.Base,
		},
	}
}

// Prepare keeps a month's settlement for a second person to look at. The same
// again, while it waits, is the same settlement.
func (p *Pool) Prepare(ctx context.Context, by market.Actor, seller market.ID, month string) (*Settlement, error) {
	s, err := p.Preview(ctx, by, seller, month)
	if err != nil {
		return nil, err
	}
	if s.Totals == (Totals{}) && len(s.Shares) == 0 {
		return nil, market.Conflict("settle.nothing").With("month", month)
	}
	s.State, s.PreparedBy, s.PreparedName, s.PreparedAt = SettlePrepared, by.Person, by.Name, p.env.Now()
	for s.Run = 1; s.Run <= 1000; s.Run++ {
		s.ID = settlementID(seller, month, s.Run)
		n := Note{Seller: seller, What: "settlement.prepared", Object: s.ID, After: digest(s.Shares)}
		err := p.settlements.Insert(ctx, s, p.noted(by, n))
		if !store.Exists(err) {
			return s, err
		}
		old, err := p.settlements.Get(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		if old.State == SettlePrepared && old.PreparedBy == by.Person && old.Facts == s.Facts {
			return old, nil // the same wish again
		}
		if !old.dead() || old.State == SettleReversing {
			return nil, market.Conflict("settle.exists").With("month", month)
		}
	}
	return nil, market.Conflict("settle.exists").With("month", month)
}

// mayApprove wants a second person: another manager; where there is no other,
// any member with a phone who did not prepare it.
func (s *Seller) mayApprove(by market.Actor, prepared market.ID) error {
	m, ok := s.Member(by.Person)
	switch {
	case !ok && by.Is(market.RoleOperator):
		return market.Forbidden("settle.members_only")
	case !ok:
		return errMissing
	case by.Person == prepared:
		return market.Conflict("settle.second_person")
	case m.Role == MemberManager:
		return nil
	}
	for _, other := range s.Members {
		if other.Role == MemberManager && other.Person != prepared {
			return market.Forbidden("cooperatives.manager_only")
		}
	}
	return nil
}

// Approve is the second person's yes, once; again changes nothing. What follows is done at once, and
// by Resume when something comes between.
func (p *Pool) Approve(ctx context.Context, by market.Actor, seller, id market.ID) (*Settlement, error) {
	found, err := p.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	s, err := p.find(ctx, seller, id)
	if err != nil {
		return nil, found.hide(by, err)
	}
	if err := found.mayApprove(by, s.PreparedBy); err != nil {
		return nil, err
	}
	_, err = p.settlements.Update(ctx, id, func(s *Settlement) ([]market.Event, error) {
		if s.ApprovedBy != "" && s.ApprovedBy == by.Person {
			return nil, nil
		}
		before := digest(*s)
		if err := s.move(SettleApproved); err != nil {
			return nil, err
		}
		now := p.env.Now()
		s.ApprovedBy, s.ApprovedName, s.ApprovedAt = by.Person, by.Name, &now
		return []market.Event{p.noted(by, s.note(SettleApproved, before))}, nil
	})
	if err != nil {
		return nil, err
	}
	return p.finish(ctx, id)
}

func (s *Settlement) note(what, before string) Note {
	return Note{Seller: s.Seller, What: "settlement." + what, Object: s.ID, Words: s.Reason, Before: before, After: digest(*s)}
}

// find returns the settlement of that seller; another's is missing.
func (p *Pool) find(ctx context.Context, seller, id market.ID) (*Settlement, error) {
	s, err := p.settlements.Get(ctx, id)
	if store.Missing(err) || (err == nil && s.Seller != seller) {
		return nil, errMissing
	}
	return s, err
}

// hide turns what a stranger would hear into what they hear of no seller.
func (s *Seller) hide(by market.Actor, err error) error {
	if s.RoleOf(by.Person) == "" && !by.Is(market.RoleOperator) {
		return errMissing
	}
	return err
}

// Drop gives up a settlement that nobody has approved. Again changes nothing.
func (p *Pool) Drop(ctx context.Context, by market.Actor, seller, id market.ID) (*Settlement, error) {
	found, err := p.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	s, err := p.find(ctx, seller, id)
	if err != nil {
		return nil, found.hide(by, err)
	}
	if found.mayManage(by) != nil {
		if err := found.mayApprove(by, s.PreparedBy); err != nil {
			return nil, err
		}
	}
	return p.settlements.Update(ctx, id, func(s *Settlement) ([]market.Event, error) {
		if s.State == SettleDropped {
			return nil, nil
		}
		before := digest(*s)
		if err := s.move(SettleDropped); err != nil {
			return nil, err
		}
		return []market.Event{p.noted(by, s.note(SettleDropped, before))}, nil
	})
}

// Reverse undoes a posted settlement by a linked contra entry: members'
// balances and the books are as before, and the deliveries can be settled
// again. Any manager may, and says why; settling anew takes two people again. The same again changes nothing.
func (p *Pool) Reverse(ctx context.Context, by market.Actor, seller, id market.ID, reason string) (*Settlement, error) {
	if _, err := p.managed(ctx, by, seller); err != nil {
		return nil, err
	}
	if reason = tidy(reason); !within(reason, 3, 300) {
		return nil, market.Invalid("settle.reason", "reason")
	}
	if _, err := p.find(ctx, seller, id); err != nil {
		return nil, err
	}
	_, err := p.settlements.Update(ctx, id, func(s *Settlement) ([]market.Event, error) {
		if s.Reverses != "" {
			return nil, market.Conflict("settle.contra")
		}
		if s.ReversedBy != "" && s.ReversedBy == by.Person && s.Reason == reason {
			return nil, nil
		}
		before := digest(*s)
		if err := s.move(SettleReversing); err != nil {
			return nil, err
		}
		now := p.env.Now()
		s.ReversedBy, s.ReversedName, s.ReversedAt, s.Reason, s.Contra = by.Person, by.Name, &now, reason, contraID(id)
		return []market.Event{p.noted(by, s.note(SettleReversing, before))}, nil
	})
	if err != nil {
		return nil, err
	}
	return p.finish(ctx, id)
}

// finish takes a settlement from where it stands to where it rests. Every step
// can be done twice, also by two at a time.
func (p *Pool) finish(ctx context.Context, id market.ID) (*Settlement, error) {
	for {
		s, err := p.settlements.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		next, err := p.step(ctx, s)
		if next == "" || err != nil {
			return s, err
		}
		if err := p.pass(ctx, s, next); err != nil {
			return nil, err
		}
		if next == SettleStale {
			return nil, errStale
		}
	}
}

// step does what the state asks for and returns the next state; "" at rest.
func (p *Pool) step(ctx context.Context, s *Settlement) (string, error) {
	switch s.State {
	case SettleApproved:
		err := p.claimAll(ctx, s)
		if errors.Is(err, errStale) {
			return SettleStale, nil
		}
		return SettleClaimed, err
	case SettleClaimed:
		return SettlePosted, p.out.Ledger.Post(ctx, Entry{s.ID, s.Seller, memberSums(s.Shares)})
	case SettleReversing:
		c := s.contra(p.env.Now())
		if err := p.out.Ledger.Post(ctx, Entry{c.ID, c.Seller, memberSums(c.Shares)}); err != nil {
			return "", err
		}
		if err := p.settlements.Insert(ctx, c); err != nil && !store.Exists(err) {
			return "", err
		}
		return SettleReversed, nil
	}
	return "", nil
}

// pass moves the settlement on; that another has done so already is as good.
func (p *Pool) pass(ctx context.Context, s *Settlement, next string) error {
	_, err := p.settlements.Update(ctx, s.ID, func(now *Settlement) ([]market.Event, error) {
		if now.State != s.State {
			return nil, nil
		}
		before := digest(*now)
		if err := now.move(next); err != nil {
			return nil, err
		}
		return []market.Event{p.noted(market.System, now.note(next, before))}, nil
	})
	return err
}

func (s *Settlement) contra(now time.Time) *Settlement {
	c := *s
	c.ID, c.State, c.Reverses, c.Contra, c.PreparedAt = s.Contra, SettlePosted, s.ID, "", now
	c.Totals = s.Totals.negated()
	c.Shares = slices.Clone(s.Shares)
	for i := range c.Shares {
		c.Shares[i].Taken, c.Shares[i].Amount = -c.Shares[i].Taken, -c.Shares[i].Amount
	}
	return &c
}

func (p *Pool) claimAll(ctx context.Context, s *Settlement) error {
	for _, share := range s.Shares {
		d, err := p.deliveries.Get(ctx, share.Delivery)
		if err != nil {
			return err
		}
		dead, err := p.dead(ctx, d)
		if err != nil {
			return err
		}
		_, err = p.deliveries.Update(ctx, d.ID, func(d *Delivery) ([]market.Event, error) {
			return nil, d.claim(claim{s.ID, share.Taken}, dead)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Resume finishes what a crash left between two steps and returns how many
// settlements that were.
func (p *Pool) Resume(ctx context.Context) (int, error) {
	n := 0
	for _, state := range []string{SettleApproved, SettleClaimed, SettleReversing} {
		var open []market.ID
		err := p.settlements.Each(ctx, store.Query{Index: "state", Eq: []any{state}}, func(s *Settlement) error {
			open = append(open, s.ID)
			return nil
		})
		if err != nil {
			return n, err
		}
		for _, id := range open {
			if _, err := p.finish(ctx, id); err != nil && !errors.Is(err, errStale) {
				return n, err
			}
			n++
		}
	}
	return n, nil
}
