package indicators

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// ReleaseState is how far a release has come.
type ReleaseState string

// The states of a release. It is published when it is approved and its embargo
// is over; nobody has to press a button at that second.
const (
	ReleaseDraft    ReleaseState = "draft"
	ReleaseChecked  ReleaseState = "checked"
	ReleaseApproved ReleaseState = "approved"
	ReleaseRejected ReleaseState = "rejected"
)

// Release is a period's figures as they are, or will be, published. Cells and
// figures do not change once it is made; a mistake is mended by a revision.
type Release struct {
	store.Doc  `bson:",inline"` // 2026-10.r1
	Period     string           `bson:"period"` // 2026-10, 2026-Q4, 2026
	Revision   int              `bson:"revision"`
	Reason     string           `bson:"reason,omitempty"` // of a revision
	State      ReleaseState     `bson:"state"`
	Cells      []ReleasedCell   `bson:"cells"`
	Figures    []ReleasedFigure `bson:"figures"`
	Changes    []Change         `bson:"changes,omitempty"` // against the revision before
	Held       []string         `bson:"held,omitempty"`    // tables that would tell by changing, and stay as they were
	Inputs     string           `bson:"inputs"`            // hash of the facts, or the months that it adds up
	Snapshot   market.ID        `bson:"snapshot"`          // hash of what it was made of, kept in the house
	Program    string           `bson:"program"`           // hash of what reckoned
	MadeBy     market.ID        `bson:"made_by"`
	MadeAt     time.Time        `bson:"made_at"`
	CheckedBy  market.ID        `bson:"checked_by,omitempty"`
	CheckedAt  *time.Time       `bson:"checked_at,omitempty"`
	RejectedBy market.ID        `bson:"rejected_by,omitempty"`
	RejectedAt *time.Time       `bson:"rejected_at,omitempty"`
	ApprovedBy market.ID        `bson:"approved_by,omitempty"`
	ApprovedAt *time.Time       `bson:"approved_at,omitempty"`
	Embargo    time.Time        `bson:"embargo"` // not to be seen before
	Note       string           `bson:"note,omitempty"`
}

// ReleasedCell is a published figure or the place of one that is not.
type ReleasedCell struct {
	Key    string `bson:"key"`
	Hidden bool   `bson:"hidden,omitempty"`
	Weak   Reason `bson:"weak,omitempty"` // why, when it is for its own sake; not published
	Value  int64  `bson:"value"`          // 0 when hidden
	Lines  int64  `bson:"lines"`
}

// Table and Code are the two parts of the key.
func (c ReleasedCell) Table() string { t, _, _ := strings.Cut(c.Key, "/"); return t }

// Code is what the cell is about within its table.
func (c ReleasedCell) Code() string { _, code, _ := strings.Cut(c.Key, "/"); return code }

// ReleasedFigure is an indicator of the whole city.
type ReleasedFigure struct {
	Code    string `bson:"code" json:"code"`
	Value   int64  `bson:"value" json:"value"`
	Of      int64  `bson:"of" json:"of"`
	Unknown bool   `bson:"unknown,omitempty" json:"unknown,omitempty"`
	Hidden  bool   `bson:"hidden,omitempty" json:"hidden,omitempty"`
}

// Change is a cell that a revision changed.
type Change struct {
	Key      string `bson:"key"`
	From, To int64  // đồng
}

// Published reports whether everybody may see the release now.
func (r *Release) Published(now time.Time) bool {
	return r.State == ReleaseApproved && !now.Before(r.Embargo)
}

// Cell returns the cell of that key.
func (r *Release) Cell(key string) (ReleasedCell, bool) {
	i := slices.IndexFunc(r.Cells, func(c ReleasedCell) bool { return c.Key == key })
	if i < 0 {
		return ReleasedCell{}, false
	}
	return r.Cells[i], true
}

func (r *Release) hidden(key string) bool {
	c, ok := r.Cell(key)
	return ok && c.Hidden
}

var releaseSpec = store.Spec{Name: "releases", Cache: 64, Indexes: []store.Index{
	{Name: "period", Fields: []string{"period", "revision"}}, {Name: "made", Fields: []string{"made_at"}},
}}

// inputsDoc keeps what a release was made of.
type inputsDoc struct {
	store.Doc `bson:",inline"` // the hash of the snapshot
	Snapshot  snapshot         `bson:"snapshot"`
}

// keep writes down what a release is made of, under its hash.
func (s *Service) keep(ctx context.Context, r *Release, snap *snapshot) error {
	text, err := json.Marshal(snap)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	r.Snapshot = market.ID(hex.EncodeToString(sum[:]))
	err = s.snapshots.Insert(ctx, &inputsDoc{Doc: store.Doc{ID: r.Snapshot}, Snapshot: *snap})
	if store.Exists(err) {
		return nil
	}
	return err
}

func (s *Service) kept(ctx context.Context, r *Release) (*snapshot, error) {
	if r == nil {
		return nil, nil
	}
	d, err := s.snapshots.Get(ctx, r.Snapshot)
	if err != nil {
		return nil, err
	}
	return &d.Snapshot, nil
}

// needs names the cells that must be open for an indicator to be published:
// what could be reckoned from it must be public anyway.
var needs = map[string][]string{
	"delivered_vnd": {key(tableRefund, allCodes)}, "refund_rate": {key(tableRefund, allCodes)},
	"cashless_share":        {key(TablePay, PayCashless), key(TablePay, PayCash)},
	"livestream_share":      {key(TableChannel, "livestream")},
	"in_province_share":     {key(TableDestination, DestHue)},
	"out_of_province_share": {key(TableDestination, DestVN)},
	"foreign_share":         {key(TableDestination, DestAbroad)},
	"certified_share":       {key(TableStars, "0")},
}

// quantities are of single sets and sellers wherever these sell alone, so only
// cells say how much there was.
var unreleased = []string{"units", "grams", "pieces", "lines", "value_vnd"}

func releasedFigures(o *Overview) []ReleasedFigure {
	var out []ReleasedFigure
	for _, i := range Indicators() {
		if !slices.Contains(unreleased, i.Code) {
			f := i.Figure(o)
			out = append(out, ReleasedFigure{Code: i.Code, Value: f.Value, Of: f.Of, Unknown: f.Unknown})
		}
	}
	return out
}

// censor hides figures whose cells are hidden.
func censor(figures []ReleasedFigure, hidden func(key string) bool) []ReleasedFigure {
	out := slices.Clone(figures)
	for i := range out {
		if hidden(totalKey) || slices.ContainsFunc(needs[out[i].Code], hidden) {
			out[i].Value, out[i].Of, out[i].Hidden = 0, 0, true
		}
	}
	return out
}

// Draft makes the release of a period, or a revision of it with a reason. A
// month is protected by itself; a longer period adds up its months, hides what
// any of them hides and so tells nothing that they do not. For officials.
func (s *Service) Draft(ctx context.Context, by market.Actor, period, reason string, embargo time.Time) (*Release, error) {
	if err := mayRelease(by); err != nil {
		return nil, err
	}
	months, err := monthsOf(period)
	if err != nil {
		return nil, err
	}
	if months[len(months)-1] >= monthOf(s.env.Now()) {
		return nil, market.Invalid("indicators.period_open", "period")
	}
	last, err := s.latest(ctx, period, false)
	if err != nil {
		return nil, err
	}
	r := &Release{Period: period, Revision: 1, Reason: strings.TrimSpace(reason), State: ReleaseDraft, Program: Program(), MadeBy: by.Person, MadeAt: moment(s.env.Now()), Embargo: moment(embargo)}
	if last != nil {
		if err := s.mayRevise(last, r); err != nil {
			return nil, err
		}
		r.Revision = last.Revision + 1
	}
	r.ID = market.ID(fmt.Sprintf("%s.r%d", period, r.Revision))
	before, err := s.latest(ctx, period, true)
	if err != nil {
		return nil, err
	}
	if len(months) == 1 {
		err = s.makeMonth(ctx, r, before)
	} else {
		err = s.makeLonger(ctx, r, months, before)
	}
	if err != nil {
		return nil, err
	}
	err = s.releases.Insert(ctx, r)
	if store.Exists(err) {
		return nil, market.Conflict("indicators.release_open")
	}
	return r, err
}

// mayRevise wants the revision before to be settled, and a reason.
func (s *Service) mayRevise(last, r *Release) error {
	if last.State == ReleaseDraft || last.State == ReleaseChecked {
		return market.Conflict("indicators.release_open")
	}
	if last.State == ReleaseApproved && len([]rune(r.Reason)) < shortestReason {
		return market.Invalid("indicators.reason", "reason")
	}
	return nil
}

// mayRelease lets officials make and approve releases.
func mayRelease(by market.Actor) error {
	switch {
	case by.Guest():
		return market.Unauthenticated("indicators.signin")
	case by.Person != "" && by.Is(market.RoleOfficial):
		return nil
	default:
		return market.Forbidden("indicators.forbidden")
	}
}

// latest returns the newest revision of a period; approved wants the newest
// that was approved. nil when there is none.
func (s *Service) latest(ctx context.Context, period string, approved bool) (*Release, error) {
	page, err := s.releases.Find(ctx, store.Query{Index: "period", Eq: []any{period}, Desc: true})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Items {
		if !approved || r.State == ReleaseApproved {
			return r, nil
		}
	}
	return nil, nil
}

// makeMonth gathers a month's facts and makes its cells; what it was made of is
// kept, so that it can be made again when more is known of the month.
func (s *Service) makeMonth(ctx context.Context, r, before *Release) error {
	snap, err := s.snapshot(ctx, r.Period)
	if err != nil {
		return err
	}
	old, err := s.kept(ctx, before)
	if err != nil {
		return err
	}
	if err := s.keep(ctx, r, snap); err != nil {
		return err
	}
	return s.fill(r, snap, before, old)
}

// fill makes cells and figures from a snapshot: the same ones every time.
func (s *Service) fill(r *Release, snap *snapshot, before *Release, old *snapshot) error {
	r.Inputs = snap.Facts
	g := s.guarded(snap)
	if before != nil {
		return s.revise(r, g, snap, before, old)
	}
	if !g.protect() {
		for _, c := range g.cells {
			c.hidden = true
		}
	}
	r.Cells = g.released()
	r.Figures = censor(snap.Figures, r.hidden)
	r.Cells = withoutRefund(r.Cells)
	return nil
}

func (g *guarded) released() []ReleasedCell {
	cells := make([]ReleasedCell, len(g.cells))
	for i, c := range g.cells {
		cells[i] = ReleasedCell{Key: c.key, Hidden: c.hidden, Weak: c.reason}
		if !c.hidden {
			cells[i].Value, cells[i].Lines = c.total[ofValue], c.total[ofLines]
		}
	}
	slices.SortFunc(cells, func(a, b ReleasedCell) int { return strings.Compare(a.Key, b.Key) })
	return cells
}

// withoutRefund leaves the cell out that only says whether the refund rate may
// be told.
func withoutRefund(cells []ReleasedCell) []ReleasedCell {
	return slices.DeleteFunc(cells, func(c ReleasedCell) bool { return c.Table() == tableRefund })
}

// Check proves a draft: what is open adds up, and nothing hidden can be
// reckoned. For officials.
func (s *Service) Check(ctx context.Context, by market.Actor, id market.ID) (*Release, error) {
	if err := mayRelease(by); err != nil {
		return nil, err
	}
	return s.step(ctx, id, func(r *Release) error {
		if r.State == ReleaseChecked {
			return nil
		}
		if r.State != ReleaseDraft {
			return market.Conflict("indicators.release_state")
		}
		if err := s.addsUp(r); err != nil {
			return err
		}
		r.State, r.CheckedBy, r.CheckedAt = ReleaseChecked, by.Person, new(moment(s.env.Now()))
		return nil
	})
}

// Approve is the second official's word: whoever made the release may not give
// it. Approving twice is once.
func (s *Service) Approve(ctx context.Context, by market.Actor, id market.ID) (*Release, error) {
	if err := mayRelease(by); err != nil {
		return nil, err
	}
	return s.step(ctx, id, func(r *Release) error {
		switch {
		case r.State == ReleaseApproved && r.ApprovedBy == by.Person:
			return nil
		case r.State != ReleaseChecked:
			return market.Conflict("indicators.release_state")
		case r.MadeBy == by.Person:
			return market.Forbidden("indicators.release_own")
		}
		r.State, r.ApprovedBy, r.ApprovedAt = ReleaseApproved, by.Person, new(moment(s.env.Now()))
		return nil
	})
}

// Reject ends a release that is not approved, with a reason. For officials.
func (s *Service) Reject(ctx context.Context, by market.Actor, id market.ID, note string) (*Release, error) {
	if err := mayRelease(by); err != nil {
		return nil, err
	}
	if len([]rune(strings.TrimSpace(note))) < shortestReason {
		return nil, market.Invalid("indicators.reason", "note")
	}
	return s.step(ctx, id, func(r *Release) error {
		if r.State != ReleaseDraft && r.State != ReleaseChecked {
			return market.Conflict("indicators.release_state")
		}
		r.State, r.Note = ReleaseRejected, strings.TrimSpace(note)
		r.RejectedBy, r.RejectedAt = by.Person, new(moment(s.env.Now()))
		return nil
	})
}

// EventReleased says that a release was approved; the subject is the release.
const EventReleased = "indicators.released"

func (s *Service) step(ctx context.Context, id market.ID, do func(*Release) error) (*Release, error) {
	r, err := s.releases.Update(ctx, id, func(r *Release) ([]market.Event, error) {
		was := r.State
		if err := do(r); err != nil {
			return nil, err
		}
		if r.State == ReleaseApproved && was != ReleaseApproved {
			return []market.Event{market.NewEvent(s.env, EventReleased, r.ID, struct{}{})}, nil
		}
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errRelease
	}
	return r, err
}

var errRelease = market.NotFound("indicators.no_release")

// addsUp wants every sum of open cells to be exact, and every hidden rest to be
// of two cells at least; tables that were held are sums of their own.
func (s *Service) addsUp(r *Release) error {
	for _, sum := range s.sumsOf(&snapshot{Cells: cellsOf(r)}) {
		whole, ok := r.Cell(sum.whole)
		if !ok || whole.Hidden || r.mixed(sum) {
			continue
		}
		value, lines, hidden := whole.Value, whole.Lines, 0
		for _, p := range sum.parts {
			c, _ := r.Cell(p)
			value, lines = value-c.Value, lines-c.Lines
			if c.Hidden {
				hidden++
			}
		}
		if hidden == 1 || hidden == 0 && (value != 0 || lines != 0) {
			return market.Conflict("indicators.no_sum").With("cell", sum.whole)
		}
	}
	return nil
}

// mixed reports a sum over tables of which some were held.
func (r *Release) mixed(sum keyed) bool {
	held := 0
	for _, k := range append([]string{sum.whole}, sum.parts...) {
		if table, _, _ := strings.Cut(k, "/"); slices.Contains(r.Held, table) {
			held++
		}
	}
	return held > 0 && held <= len(sum.parts)
}

func cellsOf(r *Release) map[string]map[string]amount {
	cells := map[string]map[string]amount{}
	for _, c := range r.Cells {
		cells[c.Key] = nil
	}
	return cells
}

// Releases lists releases, the newest first: all to officials, published ones
// to everybody.
func (s *Service) Releases(ctx context.Context, by market.Actor) ([]*Release, error) {
	page, err := s.releases.Find(ctx, store.Query{Index: "made", Desc: true, Limit: 200})
	if err != nil || by.Is(market.RoleOfficial, market.RoleOperator) {
		return page.Items, err
	}
	now := s.env.Now()
	return slices.DeleteFunc(page.Items, func(r *Release) bool { return !r.Published(now) }), nil
}

// Drafts lists all releases, whatever their state, the newest first. For
// officials and operators.
func (s *Service) Drafts(ctx context.Context, by market.Actor) ([]*Release, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	return s.Releases(ctx, by)
}

// Release returns one: any to officials, a published one to everybody. What is
// not published yet is missing to others.
func (s *Service) Release(ctx context.Context, by market.Actor, id market.ID) (*Release, error) {
	r, err := s.releases.Get(ctx, id)
	if store.Missing(err) {
		return nil, errRelease
	}
	if err != nil {
		return nil, err
	}
	if !r.Published(s.env.Now()) && !by.Is(market.RoleOfficial, market.RoleOperator) {
		return nil, errRelease
	}
	return r, nil
}

// Remake makes a month's release again from what it was made of and returns it;
// everything that is published of it is the same. For officials and operators.
func (s *Service) Remake(ctx context.Context, by market.Actor, id market.ID) (*Release, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	r, err := s.Release(ctx, by, id)
	if err != nil {
		return nil, err
	}
	again := *r
	again.Cells, again.Figures, again.Changes, again.Held = nil, nil, nil, nil
	before, err := s.approvedBefore(ctx, r)
	if err != nil {
		return nil, err
	}
	snap, err := s.kept(ctx, r)
	if err != nil {
		return nil, err
	}
	if months, err := monthsOf(r.Period); err != nil || len(months) > 1 {
		return &again, errors.Join(err, s.addUp(ctx, &again, snap, before))
	}
	old, err := s.kept(ctx, before)
	if err != nil {
		return nil, err
	}
	return &again, s.fill(&again, snap, before, old)
}

// approvedBefore is the revision that a release was a revision of.
func (s *Service) approvedBefore(ctx context.Context, r *Release) (*Release, error) {
	page, err := s.releases.Find(ctx, store.Query{Index: "period", Eq: []any{r.Period}, Desc: true})
	if err != nil {
		return nil, err
	}
	for _, other := range page.Items {
		if other.Revision < r.Revision && other.State == ReleaseApproved {
			return other, nil
		}
	}
	return nil, nil
}
