package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// releaseRoutes are the pages of what is published: the office's, and
// everybody's.
func (p *Pages) releaseRoutes() []Route {
	return slices.Concat(
		within(readers,
			get(releaseDoor, p.releases),
			get(releaseDoor+"/:release", p.release),
		),
		within([]market.Role{market.RoleOfficial},
			post(releaseDoor, p.draftRelease),
			post(releaseDoor+"/:release/:deed", p.decideRelease),
		),
		[]Route{
			get(openDoor, p.openData),
			get(openWordsDoor, p.openDefinitions),
			get(openDoor+"/:release", p.openRelease),
			get(openDoor+"/:release/bao-cao.pdf", p.releasePDF),
		},
	)
}

func releasePath(id market.ID) string { return releaseDoor + "/" + string(id) }

// releases lists releases and begins new ones.
func (p *Pages) releases(c *gin.Context) error {
	return p.showReleases(c, typedRelease{}, nil)
}

type typedRelease struct{ period, reason, embargo string }

func (p *Pages) showReleases(c *gin.Context, typed typedRelease, wrong error) error {
	s := p.speaker(c)
	all, err := p.Indicators.Releases(c.Request.Context(), web.Actor(c))
	if err != nil {
		return err
	}
	v := releasesView{Page: p.statsPage(c, s.t("office.nav.releases")), Drafts: web.Actor(c).Is(market.RoleOfficial)}
	v.Fields = p.draftFields(s, all, typed)
	v.Wrongs = p.wrongs(s, wrong, map[string]*string{"period": &v.Fields[0].Error, "embargo": &v.Fields[1].Error, "reason": &v.Fields[2].Error})
	for _, r := range all {
		v.All = append(v.All, p.edition(s, r, releasePath(r.ID)))
	}
	status := http.StatusOK
	if wrong != nil {
		status = web.Status(wrong)
	}
	return web.Render(c, status, releasesPage(v))
}

// draftFields ask for a span that is over; what is out already is revised.
func (p *Pages) draftFields(s speaker, all []*indicators.Release, typed typedRelease) []ui.Field {
	period := ui.Field{Kind: ui.Select, Name: "period", Label: s.t("stats.span")}
	for _, option := range p.spanOptions(s, indicators.Span(typed.period)) {
		span := indicators.Span(option.Value)
		if !span.Over(p.Env.Now()) {
			continue
		}
		if slices.ContainsFunc(all, func(r *indicators.Release) bool {
			return r.Period == option.Value && r.State == indicators.ReleaseApproved
		}) {
			option.Label = s.t("release.again", "span", option.Label)
		}
		period.Options = append(period.Options, option)
	}
	return []ui.Field{
		period,
		{Kind: ui.Moment, Name: "embargo", Label: s.t("release.embargo"), Help: s.t("release.embargo.help"), Value: cmp.Or(typed.embargo, p.Env.Now().In(market.HueZone).Format(momentForm))},
		{Kind: ui.Text, Name: "reason", Label: s.t("release.reason"), Help: s.t("release.reason.help"), Value: typed.reason, Optional: true, MaxLength: "300"},
	}
}

const momentForm = "2006-01-02T15:04"

func (p *Pages) draftRelease(c *gin.Context) error {
	typed := typedRelease{c.PostForm("period"), c.PostForm("reason"), c.PostForm("embargo")}
	embargo, err := time.ParseInLocation(momentForm, typed.embargo, market.HueZone)
	if err != nil {
		return p.showReleases(c, typed, market.Invalid("release.embargo.wrong", "embargo"))
	}
	r, err := p.Indicators.Draft(c.Request.Context(), web.Actor(c), typed.period, typed.reason, embargo)
	if mendable(err) {
		return p.showReleases(c, typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, releasePath(r.ID), "release.drafted")
}

// decideRelease takes a release a step on, or ends it.
func (p *Pages) decideRelease(c *gin.Context) error {
	ctx, by, id := c.Request.Context(), web.Actor(c), market.ID(c.Param("release"))
	deeds := map[string]func() (*indicators.Release, error){
		"kiem-tra": func() (*indicators.Release, error) { return p.Indicators.Check(ctx, by, id) },
		"duyet":    func() (*indicators.Release, error) { return p.Indicators.Approve(ctx, by, id) },
		"tra-lai":  func() (*indicators.Release, error) { return p.Indicators.Reject(ctx, by, id, c.PostForm("note")) },
	}
	do, ok := deeds[c.Param("deed")]
	if !ok {
		return errNoPage
	}
	_, err := do()
	if own := market.KindOf(err) == market.KindForbidden; mendable(err) || own {
		return p.sayWrong(c, releasePath(id), err)
	}
	if err != nil {
		return err
	}
	return tell(c, releasePath(id), "release.done."+c.Param("deed"))
}

// release shows one release with all that was done to it.
func (p *Pages) release(c *gin.Context) error {
	ctx, by, s := c.Request.Context(), web.Actor(c), p.speaker(c)
	r, err := p.Indicators.Release(ctx, by, market.ID(c.Param("release")))
	if err != nil {
		return err
	}
	all, err := p.Indicators.Releases(ctx, by)
	if err != nil {
		return err
	}
	v := releaseView{Page: p.statsPage(c, s.t("release.title", "span", s.spanWords(indicators.Span(r.Period)))), Edition: p.edition(s, r, releasePath(r.ID))}
	v.Body = p.released(s, r, all)
	v.Hands = p.hands(c, s, r)
	v.Deeds = releaseDeeds(s, by, r)
	v.Changes, v.Held = p.changes(s, r, all), p.held(s, r)
	v.Facts = [][2]string{{s.t("release.inputs"), r.Inputs}, {s.t("release.snapshot"), string(r.Snapshot)}, {s.t("release.program"), r.Program}}
	if c.Query("dung-lai") != "" {
		if v.Remade, err = p.remade(c, s, r); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, releasePage(v))
}

// remade makes the release again and compares every cell and figure.
func (p *Pages) remade(c *gin.Context, s speaker, r *indicators.Release) (ui.Notice, error) {
	again, err := p.Indicators.Remake(c.Request.Context(), web.Actor(c), r.ID)
	if err != nil {
		return ui.Notice{}, err
	}
	if !slices.Equal(again.Cells, r.Cells) || !slices.Equal(again.Figures, r.Figures) {
		return ui.Notice{Tone: ui.Problem, Text: s.t("release.differs")}, nil
	}
	return ui.Notice{Tone: ui.Success, Text: s.t("release.same", "cells", len(r.Cells), "figures", len(r.Figures))}, nil
}

// hands are who did what, in the order in which it has to be done.
func (p *Pages) hands(c *gin.Context, s speaker, r *indicators.Release) []hand {
	when := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return s.moment(*at)
	}
	steps := []hand{
		{What: s.t("release.hand.made"), Who: p.officialName(c, s, r.MadeBy), When: s.moment(r.MadeAt), Tone: handDone},
		{What: s.t("release.hand.checked"), Who: s.t("release.hand.waits"), Tone: handNow},
		{What: s.t("release.hand.approved"), Who: s.t("release.hand.second")},
		{What: s.t("release.hand.published"), Who: s.t("release.hand.embargo", "at", s.moment(r.Embargo))},
	}
	if r.CheckedBy != "" {
		steps[1] = hand{What: steps[1].What, Who: p.officialName(c, s, r.CheckedBy), When: when(r.CheckedAt), Tone: handDone}
		steps[2].Tone = handNow
	}
	switch {
	case r.State == indicators.ReleaseRejected:
		steps = append(steps[:1+btoi(r.CheckedBy != "")], hand{What: s.t("release.hand.rejected"), Who: p.officialName(c, s, r.RejectedBy), When: when(r.RejectedAt), Note: r.Note, Tone: handBad})
	case r.State == indicators.ReleaseApproved:
		steps[2] = hand{What: steps[2].What, Who: p.officialName(c, s, r.ApprovedBy), When: when(r.ApprovedAt), Tone: handDone}
		steps[3].Tone = handNow
		if r.Published(p.Env.Now()) {
			steps[3] = hand{What: steps[3].What, Who: s.t("release.hand.everybody"), When: s.moment(later(r.Embargo, r.ApprovedAt)), Tone: handDone}
		}
	}
	return steps
}

func later(a time.Time, b *time.Time) time.Time {
	if b != nil && b.After(a) {
		return *b
	}
	return a
}

// releaseDeeds are what this person may do now, and why not more.
func releaseDeeds(s speaker, by market.Actor, r *indicators.Release) deeds {
	d := deeds{Path: releasePath(r.ID)}
	if !by.Is(market.RoleOfficial) {
		return d
	}
	d.Check = r.State == indicators.ReleaseDraft
	d.Reject = d.Check || r.State == indicators.ReleaseChecked
	if r.State == indicators.ReleaseChecked {
		d.Approve = r.MadeBy != by.Person
		if !d.Approve {
			d.Why = s.t("indicators.release_own")
		}
	}
	return d
}

// edition is a release in a list.
func (p *Pages) edition(s speaker, r *indicators.Release, href string) edition {
	span := indicators.Span(r.Period)
	e := edition{ID: string(r.ID), Name: s.spanWords(span), Href: href, State: s.t("release.state." + string(r.State)), Tone: releaseTones[r.State], Reason: r.Reason}
	if r.Revision > 1 {
		e.Name = s.t("release.revision", "span", e.Name, "n", r.Revision-1)
	}
	if r.State == indicators.ReleaseApproved && !r.Published(p.Env.Now()) {
		e.State, e.Tone = s.t("release.state.waiting"), ui.Warning
	}
	e.When = s.t("release.made", "at", s.moment(r.MadeAt))
	if r.State == indicators.ReleaseApproved {
		e.When = s.t("release.from", "at", s.moment(later(r.Embargo, r.ApprovedAt)))
	}
	e.Value = s.t("stats.withheld")
	if total, ok := r.Cell(indicators.TableTotal + "/_T"); ok && !total.Hidden {
		e.Value = s.vnd(market.VND(total.Value))
	}
	return e
}

var releaseTones = map[indicators.ReleaseState]ui.Tone{
	indicators.ReleaseDraft: ui.Info, indicators.ReleaseChecked: ui.Warning, indicators.ReleaseApproved: ui.Success, indicators.ReleaseRejected: ui.Problem,
}

// changes are the cells and figures that a revision changed, with the reason.
func (p *Pages) changes(s speaker, r *indicators.Release, all []*indicators.Release) ui.Table {
	if r.Revision < 2 {
		return ui.Table{}
	}
	tb := ui.Table{Caption: s.t("release.changes"), Columns: []ui.Column{
		{Label: s.t("release.what")}, {Label: s.t("release.was"), Number: true}, {Label: s.t("release.is"), Number: true}, {Label: s.t("stats.difference"), Number: true},
	}}
	for _, change := range r.Changes {
		tb.Rows = append(tb.Rows, []ui.Cell{
			{Text: p.keyName(s, change.Key)}, {Text: s.vnd(market.VND(change.From))}, {Text: s.vnd(market.VND(change.To))}, {Text: s.signed(market.VND(change.To - change.From))},
		})
	}
	i := slices.IndexFunc(all, func(o *indicators.Release) bool {
		return o.Period == r.Period && o.Revision < r.Revision && o.State == indicators.ReleaseApproved
	})
	if i >= 0 {
		tb.Rows = append(tb.Rows, s.figureChanges(all[i], r)...)
	}
	tb.Note = s.t("release.changes.note")
	if len(tb.Rows) == 0 {
		tb.Rows = [][]ui.Cell{{{Text: s.t("release.changes.none")}, {}, {}, {}}}
	}
	return tb
}

func (s speaker) figureChanges(before, r *indicators.Release) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, f := range r.Figures {
		i := slices.IndexFunc(before.Figures, func(o indicators.ReleasedFigure) bool { return o.Code == f.Code })
		if i < 0 || before.Figures[i] == f {
			continue
		}
		was, is := releasedFact(before.Figures[i]), releasedFact(f)
		rows = append(rows, []ui.Cell{{Text: s.text(is.Name)}, {Text: s.figure(was)}, {Text: s.figure(is)}, {Text: moveWords(s.move(is, was, ""))}})
	}
	return rows
}

func releasedFact(f indicators.ReleasedFigure) fact {
	i, _ := indicatorOf(f.Code)
	return fact{i, indicators.Figure{Value: f.Value, Of: f.Of, Unknown: f.Unknown}, f.Hidden}
}

// held names the tables that would tell something by changing.
func (p *Pages) held(s speaker, r *indicators.Release) string {
	var names []string
	for _, table := range r.Held {
		names = append(names, strings.ToLower(s.t("release.table."+table)))
	}
	if len(names) == 0 {
		return ""
	}
	return s.t("release.held", "tables", strings.Join(names, "; "))
}

// keyName says what a cell is about.
func (p *Pages) keyName(s speaker, key string) string {
	cell := indicators.ReleasedCell{Key: key}
	if cell.Table() == indicators.TableTotal {
		return s.t("release.table.total")
	}
	return s.t("release.table."+cell.Table()) + ": " + p.codeName(s, cell.Table(), cell.Code())
}

// codeName is what people call a code of a table.
func (p *Pages) codeName(s speaker, table, code string) string {
	switch table {
	case indicators.TableDistrict, indicators.TableWard:
		return p.areaWords(s, code)
	case indicators.TableIndustry:
		return p.industryName(s, code)
	case indicators.TableSet:
		var n int
		_, _ = fmt.Sscan(code, &n)
		return p.setName(s, n)
	case indicators.TableChannel:
		return s.text(indicators.ChannelName(code))
	case indicators.TableCross:
		district, industry, _ := strings.Cut(code, "/")
		return p.areaWords(s, district) + " × " + p.industryName(s, industry)
	default:
		return s.t("stats." + table + "." + code)
	}
}

func (p *Pages) industryName(s speaker, code string) string {
	var n int
	if _, err := fmt.Sscan(code, &n); err == nil && n > 0 {
		if names := p.Indicators.Industries(); n <= len(names) {
			return names[n-1]
		}
	}
	return s.t("release.unsorted")
}
