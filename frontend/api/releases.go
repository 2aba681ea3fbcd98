package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// StatRelease is a release of statistics as officials see it while it is made.
type StatRelease struct {
	ID         market.ID    `json:"id" example:"2026-10.r1"`
	Period     string       `json:"period" example:"2026-10"`
	Revision   int          `json:"revision"`
	Reason     string       `json:"reason,omitempty"`
	State      string       `json:"state" enum:"draft,checked,approved,rejected"`
	Published  bool         `json:"published"`
	Embargo    time.Time    `json:"embargo"`
	MadeBy     string       `json:"made_by"`
	MadeAt     time.Time    `json:"made_at"`
	CheckedBy  string       `json:"checked_by,omitempty"`
	ApprovedBy string       `json:"approved_by,omitempty"`
	ApprovedAt *time.Time   `json:"approved_at"`
	Note       string       `json:"note,omitempty" doc:"Why it was rejected"`
	Inputs     string       `json:"inputs"`
	Program    string       `json:"program"`
	Cells      int          `json:"cells"`
	Hidden     int          `json:"hidden" doc:"Of the cells, those that are not published"`
	Held       []string     `json:"held" doc:"Tables that a revision left as they were, for their change would tell"`
	Changes    []StatChange `json:"changes" doc:"Against the revision before"`
}

// StatChange is a cell that a revision changed.
type StatChange struct {
	Cell string `json:"cell" example:"ward/19753"`
	From Sum    `json:"from"`
	To   Sum    `json:"to"`
}

// StatReleases are all releases, the newest first.
type StatReleases struct {
	Items []StatRelease `json:"items"`
}

// StatDraft is what a release is made of.
type StatDraft struct {
	Period  string     `json:"period" maxLength:"7" pattern:"^[0-9]{4}(-[0-9Q][0-9]{1,2})?$" example:"2026-10" doc:"A month, a quarter (2026-Q3) or a year"`
	Reason  string     `json:"reason,omitempty" maxLength:"500" pattern:"^[^\\x00-\\x1f]*$" doc:"Why it is revised; needed from the second revision on"`
	Embargo *time.Time `json:"embargo,omitempty" doc:"Not to be seen before; now when left out"`
}

// StatReason says why.
type StatReason struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" pattern:"^[^\\x00-\\x1f]*$" doc:"At least ten letters"`
}

// StatProof is a release made again from what it was made of.
type StatProof struct {
	Release   market.ID `json:"release"`
	Same      bool      `json:"same"`
	Differs   []string  `json:"differs" doc:"Cells and indicators that came out otherwise"`
	Program   string    `json:"program" doc:"SHA-256 of what reckons now"`
	Rewritten bool      `json:"rewritten" doc:"It is not what the release was reckoned by"`
	Cells     int       `json:"cells"`
	Figures   int       `json:"figures"`
}

// StatCorrection moves a delivered line from one cell to another.
type StatCorrection struct {
	Fact    string `json:"fact" minLength:"1" maxLength:"200" pattern:"^[^\\x00-\\x1f]*$" doc:"order:parcel:line, as in /statistics/facts"`
	Ward    string `json:"ward" maxLength:"5" pattern:"^[0-9]*$"`
	Set     int    `json:"set" minimum:"1" maximum:"26"`
	Channel string `json:"channel" maxLength:"20" pattern:"^[a-z]*$"`
	Reason  string `json:"reason" maxLength:"500" pattern:"^[^\\x00-\\x1f]*$" doc:"At least ten letters"`
}

// StatDelivery is how far the pushing of a release to the city has come.
type StatDelivery struct {
	Release  market.ID     `json:"release"`
	To       string        `json:"to"`
	Tries    int           `json:"tries"`
	Next     *time.Time    `json:"next"`
	Error    string        `json:"error,omitempty"`
	Receipt  string        `json:"receipt,omitempty"`
	Manifest string        `json:"manifest,omitempty" doc:"SHA-256 of the manifest that was acknowledged"`
	SentAt   *time.Time    `json:"sent_at"`
	AskedBy  string        `json:"asked_by,omitempty"`
	Log      []StatAttempt `json:"log"`
}

// StatAttempt is one try.
type StatAttempt struct {
	At      time.Time `json:"at"`
	Receipt string    `json:"receipt,omitempty"`
	Error   string    `json:"error,omitempty"`
}

// StatDeliveries are all of them, the latest period first.
type StatDeliveries struct {
	Items []StatDelivery `json:"items"`
}

// StatReleasePath names a release.
type StatReleasePath struct {
	ID string `path:"release" maxLength:"32" pattern:"^[0-9A-Zr.-]+$" doc:"Release, such as 2026-10.r1"`
}

func (p StatReleasePath) id() market.ID { return market.ID(p.ID) }

// figuresOp is an operation for officials.
func figuresOp(method, path, id, vi, en string, returns any) operation {
	op := operation{
		method: method, path: "/statistics" + path, id: id, tag: "statistics", vi: vi, en: en, returns: returns, signedIn: true,
		about: "For officials and the platform's operator.", errors: []int{http.StatusForbidden},
	}
	if method == http.MethodGet {
		op.headers = []string{"ETag"}
		return op
	}
	op.errors = append(op.errors, http.StatusConflict, http.StatusUnprocessableEntity)
	op.once = onceForPeople
	return op
}

// withBody is an operation that takes JSON.
func withBody(op operation) operation {
	op.limit = smallBody
	return op
}

func (d *Door) addReleases() error {
	add(d, figuresOp(http.MethodGet, "/releases", "listReleases", "Các bản công bố, kể cả bản chưa công bố", "Releases, also those that are not published", StatReleases{}), d.statReleases)
	draft := withBody(figuresOp(http.MethodPost, "/releases", "draftRelease", "Lập bản công bố của một kỳ", "Make the release of a period, or a revision", StatRelease{}))
	draft.status = http.StatusCreated
	add(d, draft, func(ctx context.Context, in *struct{ Body StatDraft }) (*answer, error) {
		return act(ctx, http.StatusCreated, func(by market.Actor) (any, error) {
			embargo := d.Env.Now()
			if in.Body.Embargo != nil {
				embargo = *in.Body.Embargo
			}
			return d.statRelease(d.Indicators.Draft(ctx, by, in.Body.Period, in.Body.Reason, embargo))
		})
	})
	add(d, figuresOp(http.MethodGet, "/releases/{release}", "getRelease", "Một bản công bố", "One release", StatRelease{}), func(ctx context.Context, in *struct {
		StatReleasePath
		Conditional
	},
	) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return d.statRelease(d.Indicators.Release(ctx, by, in.id())) })
	})
	d.addReleaseSteps()
	d.addCorrections()
	d.addCityDeliveries()
	return nil
}

func (d *Door) addReleaseSteps() {
	for _, step := range []struct {
		path, id, vi, en string
		do               func(context.Context, market.Actor, market.ID) (*indicators.Release, error)
	}{
		{"check", "checkRelease", "Kiểm tra bản công bố cộng khớp", "Check that a release adds up", d.Indicators.Check},
		{"approve", "approveRelease", "Duyệt bản công bố (người thứ hai)", "The second official's word", d.Indicators.Approve},
	} {
		add(d, figuresOp(http.MethodPost, "/releases/{release}/"+step.path, step.id, step.vi, step.en, StatRelease{}), func(ctx context.Context, in *StatReleasePath) (*answer, error) {
			return act(ctx, http.StatusOK, func(by market.Actor) (any, error) { return d.statRelease(step.do(ctx, by, in.id())) })
		})
	}
	add(d, withBody(figuresOp(http.MethodPost, "/releases/{release}/reject", "rejectRelease", "Trả lại bản công bố", "Reject a release that is not approved", StatRelease{})), func(ctx context.Context, in *struct {
		StatReleasePath
		Body StatReason
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			return d.statRelease(d.Indicators.Reject(ctx, by, in.id(), in.Body.Reason))
		})
	})
	add(d, figuresOp(http.MethodGet, "/releases/{release}/proof", "proveRelease", "Lập lại bản công bố và so từng ô", "Make a release again and compare every cell", StatProof{}), func(ctx context.Context, in *struct {
		StatReleasePath
		Conditional
	},
	) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			p, err := d.Indicators.Prove(ctx, by, in.id())
			return StatProof(p), err
		})
	})
}

func (d *Door) statReleases(ctx context.Context, _ *struct{ Conditional }) (*answer, error) {
	return look(ctx, func(by market.Actor) (any, error) {
		all, err := d.Indicators.Drafts(ctx, by)
		if err != nil {
			return nil, err
		}
		out := StatReleases{Items: []StatRelease{}}
		for _, r := range all {
			one, err := d.statRelease(r, nil)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, one)
		}
		return out, nil
	})
}

func (d *Door) statRelease(r *indicators.Release, err error) (StatRelease, error) {
	if err != nil {
		return StatRelease{}, err
	}
	out := StatRelease{
		ID: r.ID, Period: r.Period, Revision: r.Revision, Reason: r.Reason, State: string(r.State), Published: r.Published(d.Env.Now()), Embargo: r.Embargo.UTC(),
		MadeBy: string(r.MadeBy), MadeAt: r.MadeAt.UTC(), CheckedBy: string(r.CheckedBy), ApprovedBy: string(r.ApprovedBy), ApprovedAt: utcAt(r.ApprovedAt),
		Note: r.Note, Inputs: r.Inputs, Program: r.Program, Cells: len(r.Cells), Held: append([]string{}, r.Held...), Changes: []StatChange{},
	}
	for _, c := range r.Cells {
		if c.Hidden {
			out.Hidden++
		}
	}
	for _, c := range r.Changes {
		out.Changes = append(out.Changes, StatChange{c.Key, sum(market.VND(c.From)), sum(market.VND(c.To))})
	}
	return out, nil
}

func (d *Door) addCorrections() {
	op := withBody(figuresOp(http.MethodPost, "/corrections", "correctFact", "Hiệu chỉnh phường, bộ sản phẩm, kênh của một dòng đã giao", "Move a delivered line to the right ward, set and channel", nil))
	op.status = http.StatusNoContent
	op.errors = append(op.errors, http.StatusNotFound)
	add(d, op, func(ctx context.Context, in *struct{ Body StatCorrection }) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		c := indicators.Correction{Ward: in.Body.Ward, Set: in.Body.Set, Channel: in.Body.Channel, Reason: in.Body.Reason}
		c.ID = market.ID(in.Body.Fact)
		if err := d.Indicators.Correct(ctx, by, c); err != nil {
			return nil, err
		}
		return nothing(), nil
	})
	facts := figuresOp(http.MethodGet, "/facts", "listFacts", "Mọi dòng đã giao, trả, hiệu chỉnh (JSON từng dòng)", "Every delivered, returned and corrected line, as lines of JSON", "")
	facts.media = "application/jsonl"
	facts.errors = append(facts.errors, http.StatusUnprocessableEntity)
	add(d, facts, func(ctx context.Context, in *struct {
		From string `query:"from" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"First month; the last one when left out"`
		To   string `query:"to" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"Last month; the present one when left out"`
		Conditional
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		if in.From == "" {
			in.From = in.To
		}
		if in.From == "" {
			in.From = d.Env.Now().In(market.HueZone).Format("2006-01")
		}
		var b bytes.Buffer
		if err := d.Indicators.WriteFacts(ctx, by, &b, in.From, in.To); err != nil {
			return nil, err
		}
		return &answer{Status: http.StatusOK, ContentType: facts.media, ETag: etag("", b.Bytes()), Body: b.Bytes()}, nil
	})
}

func (d *Door) addCityDeliveries() {
	add(d, figuresOp(http.MethodGet, "/deliveries", "listCityDeliveries", "Việc gửi số liệu cho thành phố, kèm biên nhận", "What was sent to the city, with receipts", StatDeliveries{}), func(ctx context.Context, _ *struct{ Conditional }) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			all, err := d.Indicators.Deliveries(ctx, by)
			out := StatDeliveries{Items: []StatDelivery{}}
			for _, one := range all {
				out.Items = append(out.Items, statDelivery(one))
			}
			return out, err
		})
	})
	op := figuresOp(http.MethodPost, "/deliveries/{release}/again", "sendAgain", "Gửi lại cho thành phố", "Have a release sent to the city once more", StatDelivery{})
	add(d, op, func(ctx context.Context, in *StatReleasePath) (*answer, error) {
		one, err := d.Indicators.SendAgain(ctx, web.Actor(ctx), in.id())
		if err != nil {
			return nil, err
		}
		return did(http.StatusOK, statDelivery(one))
	})
}

func statDelivery(d *indicators.Delivery) StatDelivery {
	out := StatDelivery{
		Release: d.ID, To: d.To, Tries: d.Tries, Next: utcAt(d.Next), Error: d.Error, Receipt: d.Receipt, Manifest: d.Manifest,
		SentAt: utcAt(d.SentAt), AskedBy: string(d.AskedBy), Log: []StatAttempt{},
	}
	for _, a := range d.Log {
		out.Log = append(out.Log, StatAttempt{a.At.UTC(), a.Receipt, a.Error})
	}
	return out
}
