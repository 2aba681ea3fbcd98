package livestream

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

// Complaint is what a viewer objects to, during the show or after it. It needs
// no order and no account (Decree 248/2026/NĐ-CP, Art. 12). It is for those who
// watch over the market; the host reads it without the name.
type Complaint struct {
	store.Doc  `bson:",inline"`
	Show       market.ID  `bson:"show"`
	Offer      string     `bson:"offer,omitempty"` // what it is about
	Text       string     `bson:"text"`
	Phone      string     `bson:"phone,omitempty"` // for the answer
	Person     market.ID  `bson:"person,omitempty"`
	During     bool       `bson:"during"`
	At         time.Time  `bson:"at"`
	State      string     `bson:"state"` // open or answered
	Answer     string     `bson:"answer,omitempty"`
	AnsweredAt *time.Time `bson:"answered_at,omitempty"`
}

// The states of a complaint.
const (
	ComplaintOpen     = "open"
	ComplaintAnswered = "answered"
)

var complaintSpec = store.Spec{Name: "show-complaints", Indexes: []store.Index{
	{Name: "show", Fields: []string{"show", "at"}},
	{Name: "state", Fields: []string{"state", "at"}},
}}

// ComplaintDraft is what a viewer writes.
type ComplaintDraft struct {
	Show  market.ID
	Offer string
	Text  string
	Phone string // optional
}

const maxComplaint = 2000

// Complain takes a complaint about a show that is live or over.
func (s *Service) Complain(ctx context.Context, by market.Actor, d ComplaintDraft) (*Complaint, error) {
	show, err := s.Show(ctx, d.Show)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(d.Text)
	var c market.Checks
	n := utf8.RuneCountInString(text)
	c.That(n >= 5 && n <= maxComplaint, "text", "show.complaint")
	c.That(len(d.Phone) <= 20, "phone", "show.phone")
	if err := c.Err(); err != nil {
		return nil, err
	}
	if show.State == ShowAnnounced {
		return nil, market.Conflict("show.not_live")
	}
	now := s.env.Now()
	k := &Complaint{
		Doc: store.Doc{ID: s.env.NewID()}, Show: show.ID, Offer: d.Offer, Text: text, Phone: strings.TrimSpace(d.Phone),
		Person: by.Person, During: show.OnAir(now), At: now, State: ComplaintOpen,
	}
	if err := s.complaints.Insert(ctx, k); err != nil {
		return nil, err
	}
	_, err = s.change(ctx, market.Actor{}, show.ID, EventComplained, func(*Show) (any, error) {
		return map[string]any{"complaint": k.ID, "offer": k.Offer, "during": k.During}, nil
	})
	return k, err
}

// Complaints lists those about a show, the latest first: to staff whole, to
// those in the show without who wrote them.
func (s *Service) Complaints(ctx context.Context, by market.Actor, show market.ID, limit int) ([]Complaint, error) {
	if _, err := s.readable(ctx, by, show); err != nil {
		return nil, err
	}
	page, err := s.complaints.Find(ctx, store.Query{Index: "show", Eq: []any{show}, Desc: true, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Complaint, len(page.Items))
	for i, k := range page.Items {
		out[i] = *k
		if !by.Is(market.RoleModerator, market.RoleOperator) {
			out[i].Phone, out[i].Person, out[i].Text = "", "", HidePhones(k.Text)
		}
	}
	return out, nil
}

// OpenComplaints are those that nobody has answered, the oldest first.
func (s *Service) OpenComplaints(ctx context.Context, by market.Actor, limit int) ([]*Complaint, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, errForbidden
	}
	page, err := s.complaints.Find(ctx, store.Query{Index: "state", Eq: []any{ComplaintOpen}, Limit: limit})
	return page.Items, err
}

// Disputed reports whether a complaint about the show waits for its answer: till
// then nothing that was shown may be deleted.
func (s *Service) Disputed(ctx context.Context, show market.ID) (bool, error) {
	open := false
	err := s.complaints.Each(ctx, store.Query{Index: "show", Eq: []any{show}}, func(k *Complaint) error {
		open = open || k.State == ComplaintOpen
		return nil
	})
	return open, err
}

// AnswerComplaint ends a complaint with what was done about it.
func (s *Service) AnswerComplaint(ctx context.Context, by market.Actor, id market.ID, answer string) (*Complaint, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, errMissing
	}
	answer = strings.TrimSpace(answer)
	if n := utf8.RuneCountInString(answer); n < 3 || n > maxComplaint {
		return nil, market.Invalid("show.answer", "answer")
	}
	now := s.env.Now()
	k, err := s.complaints.Update(ctx, id, func(k *Complaint) ([]market.Event, error) {
		if k.State == ComplaintAnswered {
			return nil, market.Conflict("show.answered")
		}
		k.State, k.Answer, k.AnsweredAt = ComplaintAnswered, answer, &now
		return nil, nil
	})
	return k, missing(err)
}
