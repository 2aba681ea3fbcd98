package cooperatives

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// MaxPaperBytes is the largest document that is accepted.
const MaxPaperBytes = 10 << 20

// maxPapers keeps a dossier one document of reasonable size. Papers that were
// replaced stay in it: what was shown is evidence.
const maxPapers = 200

// The states of a paper. Expired is only ever computed when read.
const (
	PaperMissing  = "missing"
	PaperWaiting  = "waiting"
	PaperApproved = "approved"
	PaperRejected = "rejected"
	PaperReplaced = "replaced" // by another before anybody looked at it
	PaperExpired  = "expired"
)

// Dossier is what a seller has shown of itself; its id is the seller's. The
// files are private: managers of the seller and those who check see them.
type Dossier struct {
	store.Doc `bson:",inline" json:"-"`
	Sets      []int     `bson:"sets"` // OCOP sets that the seller says it sells
	Papers    []Paper   `bson:"papers"`
	Identity  *Identity `bson:"identity,omitempty"`
	Waiting   bool      `bson:"waiting"` // some paper waits for a moderator
	ChangedAt time.Time `bson:"changed_at"`
}

var dossierSpec = store.Spec{Name: "seller-papers", Indexes: []store.Index{
	{Name: "waiting", Fields: []string{"waiting", "changed_at"}},
}}

// Paper is a document that was shown.
type Paper struct {
	ID         market.ID  `bson:"id"`
	Code       string     `bson:"code"` // of the rule
	Number     string     `bson:"number"`
	ValidTo    *time.Time `bson:"valid_to,omitempty"` // the first instant at which it is not valid
	File       string     `bson:"file"`               // key
	Type       string     `bson:"type"`
	Size       int64      `bson:"size"`
	SHA256     string     `bson:"sha256"`
	State      string     `bson:"state"` // waiting, approved, rejected, replaced
	Reason     string     `bson:"reason,omitempty"`
	UploadedBy market.ID  `bson:"uploaded_by"`
	UploadedAt time.Time  `bson:"uploaded_at"`
	ReviewedBy market.ID  `bson:"reviewed_by,omitempty"`
	ReviewedAt *time.Time `bson:"reviewed_at,omitempty"`
}

// StateAt is the paper's state at that time.
func (p *Paper) StateAt(at time.Time) string {
	switch {
	case p == nil:
		return PaperMissing
	case p.State == PaperApproved && p.ValidTo != nil && !at.Before(*p.ValidTo):
		return PaperExpired
	default:
		return p.State
	}
}

// Item is one line of the checklist. Paper is the newest that was shown, nil
// for none. An approved one stays Good while a newer waits.
type Item struct {
	Rule  PaperRule
	Paper *Paper
	State string
	Good  bool
}

// Checklist is how far a seller has come with its papers.
type Checklist struct {
	Seller   *Seller
	Sets     []int
	Items    []Item
	Identity *Identity
	Done     int // required papers that are good, and the identity
	Needed   int
	Earlier  []Paper // replaced by newer ones, newest first
}

// Ready reports whether nothing is missing.
func (c Checklist) Ready() bool { return len(c.Sets) > 0 && c.Done == c.Needed }

func (s *Service) checklist(seller *Seller, d *Dossier, at time.Time) Checklist {
	c := Checklist{Seller: seller, Sets: d.Sets, Identity: d.Identity, Needed: 1}
	if d.Identity != nil {
		c.Done++
	}
	shown := map[market.ID]bool{}
	for _, rule := range s.rules.papers {
		if !rule.applies(seller.Kind, d.Sets, at) {
			continue
		}
		item := d.item(rule, at)
		if item.Paper != nil {
			shown[item.Paper.ID] = true
		}
		if c.Items = append(c.Items, item); rule.Required {
			c.Needed++
			c.Done += count(item.Good)
		}
	}
	for _, p := range slices.Backward(d.Papers) {
		if !shown[p.ID] {
			c.Earlier = append(c.Earlier, p)
		}
	}
	return c
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (d *Dossier) item(rule PaperRule, at time.Time) Item {
	item := Item{Rule: rule}
	for i := range d.Papers {
		if p := &d.Papers[i]; p.Code == rule.Code {
			item.Paper = p
			item.Good = item.Good || p.StateAt(at) == PaperApproved
		}
	}
	item.State = item.Paper.StateAt(at)
	return item
}

func (d *Dossier) paper(id market.ID) *Paper {
	for i := range d.Papers {
		if d.Papers[i].ID == id {
			return &d.Papers[i]
		}
	}
	return nil
}

func (d *Dossier) arrange(now time.Time) {
	d.ChangedAt = now
	d.Waiting = slices.ContainsFunc(d.Papers, func(p Paper) bool { return p.State == PaperWaiting })
}

// dossier returns the seller's, an empty one when nothing was shown yet.
func (s *Service) dossier(ctx context.Context, seller market.ID) (*Dossier, error) {
	d, err := s.files.Get(ctx, seller)
	if store.Missing(err) {
		return &Dossier{Doc: store.Doc{ID: seller}}, nil
	}
	return d, err
}

// Checklist tells a seller's managers and those who check what is shown and
// what is missing.
func (s *Service) Checklist(ctx context.Context, by market.Actor, seller market.ID) (Checklist, error) {
	found, err := s.seeing(ctx, by, seller)
	if err != nil {
		return Checklist{}, err
	}
	d, err := s.dossier(ctx, seller)
	if err != nil {
		return Checklist{}, err
	}
	return s.checklist(found, d, s.env.Now()), nil
}

// seeing returns the seller to those who may see its papers.
func (s *Service) seeing(ctx context.Context, by market.Actor, seller market.ID) (*Seller, error) {
	found, err := s.Seller(ctx, seller)
	if err != nil || by.Is(market.RoleModerator) {
		return found, err
	}
	return found, found.mayManage(by)
}

// managed returns the seller to its managers and operators.
func (s *Service) managed(ctx context.Context, by market.Actor, seller market.ID) (*Seller, error) {
	found, err := s.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	return found, found.mayManage(by)
}

// judging returns the seller to moderators and operators who have no part in it.
func (s *Service) judging(ctx context.Context, by market.Actor, seller market.ID) (*Seller, error) {
	found, err := s.Seller(ctx, seller)
	switch {
	case err != nil:
		return nil, err
	case !by.Is(market.RoleModerator, market.RoleOperator):
		return nil, s.refuse(ctx, by, seller)
	case found.RoleOf(by.Person) != "":
		return nil, market.Forbidden("cooperatives.own_seller")
	}
	return found, nil
}

// Declare says which OCOP sets the seller sells: papers follow from it.
func (s *Service) Declare(ctx context.Context, by market.Actor, seller market.ID, sets []int) error {
	if _, err := s.managed(ctx, by, seller); err != nil {
		return err
	}
	sets = slices.Compact(slices.Sorted(slices.Values(sets)))
	if len(sets) == 0 || sets[0] < 1 || sets[len(sets)-1] > 26 {
		return market.Invalid("papers.sets", "sets")
	}
	_, err := s.files.Upsert(ctx, seller, func(d *Dossier) ([]market.Event, error) {
		if slices.Equal(d.Sets, sets) {
			return nil, nil
		}
		before := digest(d.Sets)
		d.Sets = sets
		d.arrange(s.env.Now())
		return []market.Event{s.noted(by, Note{Seller: seller, What: "papers.declared", Object: seller, Words: fmt.Sprint(sets), Before: before, After: digest(sets)})}, nil
	})
	return err
}

// Review approves a paper, or rejects it with a reason that its seller reads.
func (s *Service) Review(ctx context.Context, by market.Actor, seller, paper market.ID, approve bool, reason string) error {
	if _, err := s.judging(ctx, by, seller); err != nil {
		return err
	}
	if reason = tidy(reason); !within(reason, 0, 500) || (!approve && reason == "") {
		return market.Invalid("papers.reason", "reason")
	}
	_, err := s.files.Update(ctx, seller, func(d *Dossier) ([]market.Event, error) {
		p := d.paper(paper)
		if p == nil {
			return nil, errMissing
		}
		before := *p
		changed, err := p.review(by, approve, reason, s.env.Now())
		if err != nil || !changed {
			return nil, err
		}
		d.arrange(s.env.Now())
		n := Note{Seller: seller, What: "papers." + p.State, Object: paper, Words: joinWords(p.Code, reason), Before: digest(before), After: digest(*p)}
		return []market.Event{s.noted(by, n)}, nil
	})
	if store.Missing(err) {
		return errMissing
	}
	return err
}

func joinWords(a, b string) string {
	if b == "" {
		return a
	}
	return a + ": " + b
}

// review decides once; deciding the same again changes nothing.
func (p *Paper) review(by market.Actor, approve bool, reason string, now time.Time) (bool, error) {
	next := PaperRejected
	if approve {
		next, reason = PaperApproved, ""
	}
	switch {
	case p.State == next:
		return false, nil
	case p.State != PaperWaiting:
		return false, market.Conflict("papers.decided")
	case approve && p.ValidTo != nil && !now.Before(*p.ValidTo):
		return false, market.Conflict("papers.expired")
	}
	p.State, p.Reason, p.ReviewedBy, p.ReviewedAt = next, reason, by.Person, &now
	return true, nil
}

// Waiting lists the dossiers with papers to look at, the longest waiting first,
// to moderators and operators.
func (s *Service) Waiting(ctx context.Context, by market.Actor, q store.Query) (store.Page[Dossier], error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return store.Page[Dossier]{}, market.Forbidden("cooperatives.moderator_only")
	}
	return s.files.Find(ctx, store.Query{Index: "waiting", Eq: []any{true}, Limit: q.Limit, After: q.After})
}

// Files keeps the documents that were shown. Whoever can reach it can read
// them: it must not be served.
type Files interface {
	Put(ctx context.Context, key, contentType string, data []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
}

// Papers takes documents in and checks identities: the part of the room that
// needs files and, for identity, other services.
type Papers struct {
	*Service
	store    Files
	checkers map[string]IdentityChecker
}

// NewPapers opens it. A checker is known by its method; the manual one is
// always there.
func NewPapers(s *Service, files Files, checkers ...IdentityChecker) *Papers {
	p := &Papers{Service: s, store: files, checkers: map[string]IdentityChecker{}}
	for _, c := range append([]IdentityChecker{manual{}}, checkers...) {
		p.checkers[c.Method()] = c
	}
	return p
}

// Upload is a document as somebody shows it.
type Upload struct {
	ID      market.ID // made by the client, optional: the same id again is the same paper
	Code    string
	Number  string
	ValidTo *time.Time // last valid day
	Data    []byte
}

// Show takes a document in. It waits for a moderator; the one that was good
// before stays good meanwhile.
func (p *Papers) Show(ctx context.Context, by market.Actor, seller market.ID, u Upload) error {
	found, err := p.managed(ctx, by, seller)
	if err != nil {
		return err
	}
	paper, err := p.read(found, by, u)
	if err != nil {
		return err
	}
	if err := p.store.Put(ctx, paper.File, paper.Type, u.Data); err != nil {
		return err
	}
	_, err = p.files.Upsert(ctx, seller, func(d *Dossier) ([]market.Event, error) { return p.shown(by, seller, d, paper) })
	return err
}

func (p *Papers) shown(by market.Actor, seller market.ID, d *Dossier, paper Paper) ([]market.Event, error) {
	if old := d.paper(paper.ID); old != nil && old.SHA256 == paper.SHA256 {
		return nil, nil
	} else if old != nil {
		return nil, market.Conflict("cooperatives.id_taken")
	}
	if len(d.Papers) >= maxPapers {
		return nil, market.Conflict("papers.many")
	}
	for i := range d.Papers { // what nobody has looked at yet is replaced
		if old := &d.Papers[i]; old.Code == paper.Code && old.State == PaperWaiting {
			old.State = PaperReplaced
		}
	}
	d.Papers = append(d.Papers, paper)
	d.arrange(p.env.Now())
	n := Note{Seller: seller, What: "papers.shown", Object: paper.ID, Words: paper.Code, After: digest(paper)}
	return []market.Event{p.noted(by, n)}, nil
}

func (p *Papers) read(seller *Seller, by market.Actor, u Upload) (Paper, error) {
	now := p.env.Now()
	var c market.Checks
	i := slices.IndexFunc(p.rules.papers, func(r PaperRule) bool { return r.Code == u.Code && r.holds(now) })
	c.That(i >= 0, "code", "papers.code")
	c.That(u.ID == "" || idForm.MatchString(string(u.ID)), "id", "cooperatives.id")
	u.Number = tidy(u.Number)
	c.That(within(u.Number, 0, 80), "number", "papers.number")
	kind, ending := sniff(u.Data)
	c.That(len(u.Data) <= MaxPaperBytes, "file", "papers.large")
	c.That(kind != "" || len(u.Data) > MaxPaperBytes, "file", "papers.type")
	if i >= 0 && p.rules.papers[i].Expires {
		c.That(u.ValidTo != nil && now.Before(u.ValidTo.AddDate(0, 0, 1)), "valid_to", "papers.valid_to")
	}
	if u.ID == "" {
		u.ID = p.env.NewID()
	}
	sum := sha256.Sum256(u.Data)
	paper := Paper{
		ID: u.ID, Code: u.Code, Number: u.Number, Type: kind, Size: int64(len(u.Data)), SHA256: hex.EncodeToString(sum[:]),
		State: PaperWaiting, UploadedBy: by.Person, UploadedAt: now,
	}
	if u.ValidTo != nil {
		end := u.ValidTo.AddDate(0, 0, 1).UTC()
		paper.ValidTo = &end
	}
	paper.File = fmt.Sprintf("papers/%s/%s%s", seller.ID, paper.SHA256, ending)
	return paper, c.Err()
}

// sniff tells by the first bytes what a file is, whatever it calls itself.
func sniff(data []byte) (kind, ending string) {
	for _, known := range []struct{ head, kind, ending string }{
		{"%PDF-", "application/pdf", ".pdf"},
		{"\xff\xd8\xff", "image/jpeg", ".jpg"},
		{"\x89PNG\r\n\x1a\n", "image/png", ".png"},
	} {
		if bytes.HasPrefix(data, []byte(known.head)) {
			return known.kind, known.ending
		}
	}
	return "", ""
}

// PaperFile returns a document to those who may see it. A file that is not
// what was shown is an internal error.
func (p *Papers) PaperFile(ctx context.Context, by market.Actor, seller, paper market.ID) (Paper, []byte, error) {
	if _, err := p.seeing(ctx, by, seller); err != nil {
		return Paper{}, nil, err
	}
	d, err := p.dossier(ctx, seller)
	if err != nil {
		return Paper{}, nil, err
	}
	found := d.paper(paper)
	if found == nil {
		return Paper{}, nil, errMissing
	}
	data, err := p.store.Get(ctx, found.File)
	if sum := sha256.Sum256(data); err == nil && hex.EncodeToString(sum[:]) != found.SHA256 {
		err = fmt.Errorf("paper %s of %s: the file has changed", paper, seller)
	}
	return *found, data, err
}
