package api

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Payout tells a licensed partner to pay sellers what it owes them.
type Payout struct {
	ID         market.ID    `json:"id,omitempty" doc:"Missing in a preview"`
	Source     string       `json:"source" example:"clearing:momo"`
	State      string       `json:"state" enum:"prepared,approved,sent,done,dropped"`
	Cutoff     *time.Time   `json:"cutoff" doc:"Sales from here on wait for the next payout"`
	Lines      []PayoutLine `json:"lines"`
	Skipped    []PayoutSkip `json:"skipped"`
	Total      Money        `json:"total"`
	PreparedBy string       `json:"prepared_by,omitempty"`
	PreparedAt *time.Time   `json:"prepared_at,omitempty"`
	ApprovedBy string       `json:"approved_by,omitempty" doc:"Never who prepared it"`
	ApprovedAt *time.Time   `json:"approved_at,omitempty"`
}

// PayoutLine is what one seller is paid.
type PayoutLine struct {
	Seller      market.ID  `json:"seller"`
	Name        string     `json:"name"`
	Amount      Money      `json:"amount"`
	Reference   string     `json:"reference" doc:"What the transfer bears"`
	State       string     `json:"state" enum:"planned,claimed,paid,rejected,returned,stale"`
	Opening     Sum        `json:"opening" doc:"What was left at the payout before"`
	Made        []Part     `json:"made_of" doc:"Since then, by what it is for"`
	Held        Sum        `json:"held" doc:"Of sales that are too young"`
	Left        Sum        `json:"left" doc:"Kept for other reasons"`
	Transaction string     `json:"transaction,omitempty" doc:"The bank's"`
	Reason      string     `json:"reason,omitempty"`
	AnsweredAt  *time.Time `json:"answered_at,omitempty"`
}

// Part is the part of a sum that is for something.
type Part struct {
	For    string `json:"for" example:"goods"`
	Amount Sum    `json:"amount"`
}

func parts(all []payments.Sum) []Part {
	out := []Part{}
	for _, s := range all {
		out = append(out, Part{s.Name, sum(s.Amount)})
	}
	return out
}

// PayoutSkip is a seller who is not paid, and why.
type PayoutSkip struct {
	Seller  market.ID `json:"seller"`
	Name    string    `json:"name"`
	Balance Sum       `json:"balance"`
	Why     string    `json:"why" enum:"no_kind,no_tax_code,no_bank,little,owes"`
}

func payout(b *payments.Payout) Payout {
	out := Payout{
		ID: b.ID, Source: string(b.Source), State: string(b.State), Cutoff: utc(b.Cutoff), Lines: []PayoutLine{}, Skipped: []PayoutSkip{}, Total: money(b.Total),
		PreparedBy: b.PreparedName, PreparedAt: utc(b.PreparedAt), ApprovedBy: b.ApprovedName, ApprovedAt: utcAt(b.ApprovedAt),
	}
	for _, l := range b.Lines {
		out.Lines = append(out.Lines, payoutLine(l))
	}
	for _, s := range b.Skipped {
		out.Skipped = append(out.Skipped, PayoutSkip{s.Seller, s.Name, sum(s.Amount), s.Why})
	}
	return out
}

func payoutLine(l payments.PayoutLine) PayoutLine {
	return PayoutLine{
		Seller: l.Seller, Name: l.Name, Amount: money(l.Amount), Reference: l.Reference, State: l.State, Opening: sum(l.Opening), Made: parts(l.By),
		Held: sum(l.Held), Left: sum(l.Left), Transaction: l.Transaction, Reason: l.Reason, AnsweredAt: utcAt(l.AnsweredAt),
	}
}

// PayoutPage is one page of payouts, the newest first.
type PayoutPage struct {
	Items []Payout `json:"items"`
	Next  string   `json:"next,omitempty"`
}

// PayoutSources are the accounts that can be drawn from.
type PayoutSources struct {
	Items []string `json:"items"`
}

// DrawnFrom names what is drawn from.
type DrawnFrom struct {
	Source string `json:"source" pattern:"^[a-z:_-]{1,64}$" example:"clearing:momo"`
}

// StatementRead is what became of a bank's statement of payouts.
type StatementRead struct {
	Paid        int                   `json:"paid"`
	Rejected    int                   `json:"rejected"`
	Known       int                   `json:"known" doc:"Told before"`
	Differences []StatementDifference `json:"differences"`
}

// StatementDifference is a row that fits nothing.
type StatementDifference struct {
	Row       int    `json:"row"`
	Reference string `json:"reference"`
	Amount    Money  `json:"amount"`
	Why       string `json:"why" enum:"unknown,amount,again,state"`
}

// SellerPayout is what one payout paid to a seller.
type SellerPayout struct {
	ID     market.ID  `json:"id"`
	Source string     `json:"source"`
	Line   PayoutLine `json:"line"`
}

// SellerPayouts is one page of a seller's payouts, and what the next would be.
type SellerPayouts struct {
	Items   []SellerPayout `json:"items"`
	Next    string         `json:"next,omitempty"`
	Balance Sum            `json:"balance" doc:"All that is owed now"`
	Ready   Money          `json:"ready" doc:"Of that, what the next payouts would pay"`
	Held    Money          `json:"held" doc:"Of sales that are too young"`
	Why     string         `json:"why,omitempty" doc:"Why nothing would be paid"`
}

// PayoutPath names a payout.
type PayoutPath struct {
	Payout string `path:"payout" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the payout"`
}

func (p PayoutPath) id() market.ID { return market.ID(p.Payout) }

func (d *Door) addPayouts() error {
	d.addPayoutReading()
	d.addPayoutDeeds()
	return nil
}

func (d *Door) addPayoutReading() {
	reading := func(path, id, vi, en string, returns any) operation {
		return operation{
			method: http.MethodGet, path: path, id: id, tag: "money", vi: vi, en: en, returns: returns, headers: []string{"ETag"}, signedIn: true,
			errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
		}
	}
	list := reading("/payouts", "listPayouts", "Các đợt chi trả", "Payouts, for operators", PayoutPage{})
	list.headers = append(list.headers, "Link")
	add(d, list, d.payouts)
	add(d, reading("/payout-sources", "listPayoutSources", "Nguồn chi trả", "What payouts can be drawn from", PayoutSources{}), func(ctx context.Context, _ *Conditional) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			found, err := d.Payouts.Sources(ctx, by)
			out := PayoutSources{Items: []string{}}
			for _, a := range found {
				out.Items = append(out.Items, string(a))
			}
			return out, err
		})
	})
	add(d, reading("/payout-preview", "previewPayout", "Xem trước đợt chi trả", "Work the next payout out without keeping anything", Payout{}), func(ctx context.Context, in *struct {
		Source string `query:"source" required:"true" pattern:"^[a-z:_-]{1,64}$"`
		Conditional
	},
	) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			b, err := d.Payouts.Preview(ctx, by, payments.Account(in.Source))
			if err != nil {
				return nil, err
			}
			b.ID = ""
			return payout(b), nil
		})
	})
	add(d, reading("/payouts/{payout}", "getPayout", "Xem một đợt chi trả", "Show a payout", Payout{}), func(ctx context.Context, in *struct {
		PayoutPath
		Conditional
	},
	) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return paidOut(d.Payouts.Payout(ctx, by, in.id())) })
	})
	file := reading("/payouts/{payout}/bank.csv", "getBankFile", "Tệp lệnh chi cho ngân hàng", "What the partner is told to pay, as CSV", "")
	file.media, file.headers = mediaCSV, nil
	add(d, file, d.bankFile)
	own := reading("/sellers/{seller}/payouts", "listSellerPayouts", "Các đợt chi trả cho người bán", "A seller's payouts, and what the next would be", SellerPayouts{})
	own.headers = append(own.headers, "Link")
	add(d, own, d.sellerPayouts)
}

func paidOut(b *payments.Payout, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return payout(b), nil
}

func (d *Door) payouts(ctx context.Context, in *struct {
	Paging
	Conditional
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Payouts.Payouts(ctx, by, store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := PayoutPage{Items: []Payout{}, Next: string(page.Next)}
	for _, b := range page.Items {
		out.Items = append(out.Items, payout(b))
	}
	return linked(out, "/payouts", page.Next, url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func (d *Door) bankFile(ctx context.Context, in *PayoutPath) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := d.Payouts.WriteBankFile(ctx, by, in.id(), &file); err != nil {
		return nil, err
	}
	return &answer{
		Status: http.StatusOK, ContentType: "text/csv; charset=utf-8", CacheControl: "private, no-store",
		Disposition: `attachment; filename="` + in.Payout + `.csv"`, Body: file.Bytes(),
	}, nil
}

func (d *Door) sellerPayouts(ctx context.Context, in *struct {
	SellerPath
	Paging
	Conditional
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	found, next, err := d.Payouts.OfSeller(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	coming, err := d.Payouts.Upcoming(ctx, by, in.id())
	if err != nil {
		return nil, err
	}
	out := SellerPayouts{Items: []SellerPayout{}, Next: string(next), Balance: sum(coming.Balance), Ready: money(coming.Ready), Held: money(coming.Held), Why: coming.Why}
	for _, p := range found {
		out.Items = append(out.Items, SellerPayout{p.ID, string(p.Source), payoutLine(p.Line)})
	}
	return linked(out, "/sellers/"+in.Seller+"/payouts", next, url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func (d *Door) addPayoutDeeds() {
	deed := func(path, id, vi, en string, limit int64) operation {
		return operation{
			method: http.MethodPost, path: path, id: id, tag: "money", vi: vi, en: en, returns: Payout{}, signedIn: true,
			errors: []int{http.StatusNotFound, http.StatusConflict}, settings: settings{limit: limit, once: onceNeeded},
		}
	}
	prepare := deed("/payouts", "preparePayout", "Lập đợt chi trả", "Keep a payout for a second person to approve", smallBody)
	prepare.status, prepare.headers = http.StatusCreated, []string{"Location"}
	add(d, prepare, func(ctx context.Context, in *struct{ Body DrawnFrom }) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		b, err := d.Payouts.Prepare(ctx, by, payments.Account(in.Body.Source), web.OnceID(ctx))
		if err != nil {
			return nil, err
		}
		out, err := did(http.StatusCreated, payout(b))
		if err == nil {
			out.Location = Prefix + "/payouts/" + string(b.ID)
		}
		return out, err
	})
	move := func(name, id, vi, en string, do func(context.Context, market.Actor, market.ID) (*payments.Payout, error)) {
		add(d, deed("/payouts/{payout}/"+name, id, vi, en, 0), func(ctx context.Context, in *PayoutPath) (*answer, error) {
			return act(ctx, http.StatusOK, func(by market.Actor) (any, error) { return paidOut(do(ctx, by, in.id())) })
		})
	}
	move("approve", "approvePayout", "Duyệt đợt chi trả", "The second person's yes: claims are set aside", d.Payouts.Approve)
	move("drop", "dropPayout", "Bỏ đợt chi trả", "Give up a payout that nobody has approved", d.Payouts.Drop)
	add(d, deed("/payouts/{payout}/returns/{seller}", "returnPayout", "Tiền chi trả bị trả lại", "Note that a transfer came back: the claim is the seller's again", smallBody), func(ctx context.Context, in *struct {
		PayoutPath
		Seller string `path:"seller" pattern:"^[0-9A-Za-z_-]{1,120}$"`
		Body   Reasoned
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			return paidOut(d.Payouts.Return(ctx, by, in.id(), market.ID(in.Seller), in.Body.Reason))
		})
	})
	statement := deed("/payout-statements", "takePayoutStatement", "Nhập sao kê chi trả", "Take the bank's answers, as CSV with the columns of docs/payouts.md", payments.MaxStatement)
	statement.returns = StatementRead{}
	add(d, statement, d.takeStatement)
}

func (d *Door) takeStatement(ctx context.Context, in *struct {
	RawBody []byte `contentType:"text/csv"`
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	answers, err := payments.ParseAnswers(bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, err
	}
	taken, err := d.Payouts.Take(ctx, by, answers)
	if err != nil {
		return nil, err
	}
	out := StatementRead{Paid: taken.Paid, Rejected: taken.Rejected, Known: taken.Known, Differences: []StatementDifference{}}
	for _, x := range taken.Differences {
		out.Differences = append(out.Differences, StatementDifference{x.Row, x.Reference, money(x.Amount), x.Why})
	}
	return did(http.StatusOK, out)
}
