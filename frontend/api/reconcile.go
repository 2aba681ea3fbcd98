package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Mismatch is a difference between our books and a report of the other side.
type Mismatch struct {
	ID          string     `json:"id"`
	Party       string     `json:"party" doc:"Whose report"`
	Why         string     `json:"why"`
	Action      string     `json:"action" enum:"recheck,wait,assign,ask" doc:"What a person is advised to do"`
	Transaction string     `json:"transaction,omitempty" doc:"Theirs"`
	Reference   string     `json:"reference,omitempty" doc:"As they print it"`
	Payment     market.ID  `json:"payment,omitempty"`
	Ours        Sum        `json:"ours"`
	Theirs      Sum        `json:"theirs"`
	State       string     `json:"state" enum:"open,done"`
	At          *time.Time `json:"at"`
	FoundAt     *time.Time `json:"found_at"`
	Note        string     `json:"note,omitempty" doc:"What became of it"`
}

// mismatchName is a difference's id as an address can hold it: what is in it was
// printed by others.
func mismatchName(id market.ID) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

func mismatch(m *payments.Mismatch) Mismatch {
	return Mismatch{
		ID: mismatchName(m.ID), Party: m.Party, Why: string(m.Why), Action: m.Action(), Transaction: m.Transaction, Reference: m.Reference, Payment: m.Payment,
		Ours: sum(m.Ours), Theirs: sum(m.Theirs), State: string(m.State), At: utc(m.At), FoundAt: utc(m.FoundAt), Note: m.Note,
	}
}

func mismatches(all []*payments.Mismatch) []Mismatch {
	out := []Mismatch{}
	for _, m := range all {
		out = append(out, mismatch(m))
	}
	return out
}

// MismatchPage is one page of the queue, the oldest first.
type MismatchPage struct {
	Items []Mismatch `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// ReportRead tells what became of a report or statement.
type ReportRead struct {
	Lines      int        `json:"lines" doc:"Read"`
	Fits       int        `json:"fits" doc:"That our books say too, or that were booked by it"`
	Known      int        `json:"known,omitempty" doc:"That were told before"`
	Captured   Sum        `json:"captured" doc:"By the report"`
	Refunded   Sum        `json:"refunded"`
	Fees       Sum        `json:"fees"`
	Unreadable []string   `json:"unreadable" doc:"Rows that could not be read, and why"`
	Mismatches []Mismatch `json:"mismatches" doc:"Found, new or known"`
}

func (d *Door) unreadable(ctx context.Context, rows []error) []string {
	out := []string{}
	for _, err := range rows {
		p := d.hall.Problem(ctx, err)
		said := p.Detail
		for _, e := range p.Errors {
			said = e.Field + ": " + e.Detail
		}
		out = append(out, said)
	}
	return out
}

// Closing says what became of a difference.
type Closing struct {
	Note string `json:"note" minLength:"1" maxLength:"500" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

// MismatchPath names a difference.
type MismatchPath struct {
	Mismatch string `path:"mismatch" pattern:"^[0-9A-Za-z_-]{1,800}$" doc:"Id of the difference"`
}

func (m MismatchPath) id() market.ID {
	raw, err := base64.RawURLEncoding.DecodeString(m.Mismatch)
	if err != nil {
		return ""
	}
	return market.ID(raw)
}

type csvBody struct {
	RawBody []byte `contentType:"text/csv"`
}

func (d *Door) addReconciliation() error {
	take := func(path, id, vi, en string) operation {
		return operation{
			method: http.MethodPost, path: path, id: id, tag: "money", vi: vi, en: en, returns: ReportRead{}, signedIn: true,
			about:  "CSV as docs/reconciliation.md says. Read again it changes nothing.",
			errors: []int{http.StatusNotFound, http.StatusConflict}, settings: settings{limit: payments.MaxReport, once: onceNeeded},
		}
	}
	add(d, take("/reconciliation/reports", "matchReport", "Đối soát báo cáo của nơi thanh toán", "Hold a provider's report against the books"), d.matchReport)
	add(d, take("/reconciliation/cash/{carrier}", "matchCash", "Đối soát bảng kê thu hộ", "Hold a carrier's statement of cash against the books"), d.matchCash)
	add(d, take("/sellers/{seller}/bank-statements", "matchBank", "Đối soát sao kê của người bán", "Confirm what buyers have paid into a seller's own account"), d.matchBank)
	d.addMismatches()
	return nil
}

func (d *Door) matchReport(ctx context.Context, in *struct {
	Party string    `query:"party" required:"true" pattern:"^[a-z]{1,32}$" doc:"The provider"`
	From  time.Time `query:"from" required:"true" doc:"The first moment of the period"`
	To    time.Time `query:"to" required:"true" doc:"The first moment after it"`
	csvBody
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	lines, err := payments.ReadReport(bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, err
	}
	got, err := d.Payments.MatchReport(ctx, by, payments.Report{Provider: in.Party, From: in.From.UTC(), To: in.To.UTC(), Lines: lines})
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, ReportRead{
		Lines: got.Lines, Fits: got.Fits, Captured: sum(got.Captured), Refunded: sum(got.Refunded), Fees: sum(got.Fees),
		Unreadable: d.unreadable(ctx, got.Unreadable), Mismatches: mismatches(got.Mismatches),
	})
}

func (d *Door) matchCash(ctx context.Context, in *struct {
	Carrier string `path:"carrier" pattern:"^[a-z0-9-]{1,32}$" doc:"Name of the carrier"`
	csvBody
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	lines, err := d.Orders.ReadCODStatement(ctx, by, in.Carrier, bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, err
	}
	got, err := d.Payments.MatchCOD(ctx, by, in.Carrier, lines)
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, ReportRead{
		Lines: got.Lines, Fits: got.Remitted, Known: got.Known, Captured: sum(got.Cash), Refunded: sum(0), Fees: sum(got.Fees),
		Unreadable: []string{}, Mismatches: mismatches(got.Mismatches),
	})
}

func (d *Door) matchBank(ctx context.Context, in *struct {
	SellerPath
	csvBody
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	lines, err := payments.ReadBankStatement(bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, err
	}
	got, err := d.Payments.MatchBank(ctx, by, in.id(), lines)
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, ReportRead{
		Lines: got.Lines, Fits: got.Confirmed, Known: got.Known, Captured: sum(0), Refunded: sum(0), Fees: sum(0),
		Unreadable: d.unreadable(ctx, got.Unreadable), Mismatches: mismatches(got.Mismatches),
	})
}

func (d *Door) addMismatches() {
	add(d, operation{
		method: http.MethodGet, path: "/mismatches", id: "listMismatches", tag: "money",
		vi: "Các khoản lệch chờ xử lý", en: "Open differences: a seller's own, or the platform's to operators",
		returns: MismatchPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		Seller string `query:"seller" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Whose; missing for the platform's"`
		Paging
		Conditional
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		page, err := d.Payments.Mismatches(ctx, by, market.ID(in.Seller), store.Cursor(in.Cursor), in.Limit)
		if err != nil {
			return nil, err
		}
		return linked(MismatchPage{mismatches(page.Items), string(page.Next)}, "/mismatches", page.Next, url.Values{"limit": {strconv.Itoa(in.Limit)}, "seller": {in.Seller}})
	})
	deed := func(name, id, vi, en string, limit int64) operation {
		return operation{
			method: http.MethodPost, path: "/mismatches/{mismatch}/" + name, id: id, tag: "money", vi: vi, en: en, returns: Mismatch{}, signedIn: true,
			errors: []int{http.StatusConflict}, settings: settings{limit: limit, once: onceNeeded},
		}
	}
	add(d, deed("close", "closeMismatch", "Khép một khoản lệch", "Say what became of a difference", smallBody), func(ctx context.Context, in *struct {
		MismatchPath
		Body Closing
	},
	) (*answer, error) {
		return d.settledMismatch(ctx, func(by market.Actor) (*payments.Mismatch, error) {
			return d.Payments.CloseMismatch(ctx, by, in.id(), in.Body.Note)
		})
	})
	add(d, deed("recheck", "recheckMismatch", "Hỏi lại nơi thanh toán", "Ask the provider again; closed when the books have the movement then", 0), func(ctx context.Context, in *MismatchPath) (*answer, error) {
		return d.settledMismatch(ctx, func(by market.Actor) (*payments.Mismatch, error) { return d.Payments.RecheckMismatch(ctx, by, in.id()) })
	})
}

func (d *Door) settledMismatch(ctx context.Context, do func(market.Actor) (*payments.Mismatch, error)) (*answer, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	m, err := do(web.Actor(ctx))
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, mismatch(m))
}
