package catalog

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"chohue/market"
	"chohue/store"
)

// noticeDays is one term, in days before the end of a certificate, at which
// its holder is reminded.
type noticeDays struct {
	days     int
	from, to time.Time // when this term counts; to is zero while it does
}

func loadNotices() ([]noticeDays, error) {
	rows, err := readTable("taxonomy/reminders.csv")
	if err != nil {
		return nil, err
	}
	var out []noticeDays
	for _, row := range rows {
		var n noticeDays
		if n.days, err = strconv.Atoi(row["days"]); err != nil {
			return nil, fmt.Errorf("reminders: %w", err)
		}
		if n.from, n.to, err = parseSpan(row); err != nil {
			return nil, fmt.Errorf("reminders: %w", err)
		}
		out = append(out, n)
	}
	return out, nil
}

// noticeFor returns the shortest term that is reached when so much time is
// left at now; 0 when none is, or when there is no time left.
func (s Sets) noticeFor(left time.Duration, now time.Time) int {
	due := 0
	for _, n := range s.notices {
		reached := left > 0 && left <= time.Duration(n.days)*24*time.Hour && inForce(n.from, n.to, now)
		if reached && (due == 0 || n.days < due) {
			due = n.days
		}
	}
	return due
}

// Reminder tells the people of a seller that a certificate is about to end.
// Its id is the certificate with the term, so each is made once.
type Reminder struct {
	store.Doc   `bson:",inline"`
	Seller      market.ID   `bson:"seller"`
	Product     market.ID   `bson:"product"`
	Name        market.Text `bson:"name"` // of the product
	Certificate market.ID   `bson:"certificate"`
	DecisionNo  string      `bson:"decision_no"`
	Days        int         `bson:"days"` // the term: 180, 90 or 30
	ValidTo     time.Time   `bson:"valid_to"`
	At          time.Time   `bson:"at"`
	SeenBy      market.ID   `bson:"seen_by,omitempty"`
	SeenAt      *time.Time  `bson:"seen_at,omitempty"`
}

var reminderSpec = store.Spec{
	Name:    "certificate_reminders",
	Indexes: []store.Index{{Name: "of_seller", Fields: []string{"seller", "at"}}},
}

// Remind makes the reminders that are due and returns how many were new. It
// may run as often as one likes, in several processes at once: what was said is
// not said again. Who comes late hears only the shortest term.
func (s *Service) Remind(ctx context.Context) (int, error) {
	made := 0
	err := s.EachPublished(ctx, func(p *Product) error {
		for _, r := range s.due(p, s.env.Now()) {
			news := market.NewEvent(s.env, EventReminded, r.ID, Reminded{r.Seller, r.Product, r.Name, r.DecisionNo, r.Days, r.ValidTo})
			switch err := s.reminders.Insert(ctx, &r, news); {
			case err == nil:
				made++
			case !store.Exists(err):
				return err
			}
		}
		return nil
	})
	return made, err
}

// due are the reminders that belong to the product's certificates at now.
func (s *Service) due(p *Product, now time.Time) []Reminder {
	var out []Reminder
	for _, c := range p.Certificates {
		if !c.public() || p.Standing(c, now).State != CertificateActive {
			continue
		}
		days := s.sets.noticeFor(c.ValidTo.Sub(now), now)
		if days == 0 {
			continue
		}
		out = append(out, Reminder{
			Doc:    store.Doc{ID: p.ID + ":" + c.ID + ":" + market.ID(strconv.Itoa(days))},
			Seller: p.Seller, Product: p.ID, Name: p.Name, Certificate: c.ID, DecisionNo: c.DecisionNo,
			Days: days, ValidTo: c.ValidTo, At: now,
		})
	}
	return out
}

// Reminders lists what the seller was reminded of, newest first, for those who
// may act for it.
func (s *Service) Reminders(ctx context.Context, by market.Actor, seller market.ID, limit int) ([]*Reminder, error) {
	if !by.For(seller) {
		return nil, errMissing
	}
	page, err := s.reminders.Find(ctx, store.Query{Index: "of_seller", Eq: []any{seller}, Desc: true, Limit: pageLimit(limit)})
	return page.Items, err
}

// SeeReminder notes who has read a reminder first.
func (s *Service) SeeReminder(ctx context.Context, by market.Actor, id market.ID) error {
	now := s.env.Now()
	_, err := s.reminders.Update(ctx, id, func(r *Reminder) ([]market.Event, error) {
		if !by.For(r.Seller) {
			return nil, errNoReminder
		}
		if r.SeenAt == nil {
			r.SeenBy, r.SeenAt = by.Person, &now
		}
		return nil, nil
	})
	if store.Missing(err) {
		return errNoReminder
	}
	return err
}

var errNoReminder = market.NotFound("reminder.missing")
