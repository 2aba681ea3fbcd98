package api

import (
	"context"
	"net/http"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// Settlement shares a month's sales among the members who delivered. Sales =
// platform + cooperative + kept + the sum of all shares, to the đồng. It is
// never deleted: a reversal is another settlement with all signs turned.
type Settlement struct {
	ID          market.ID   `json:"id,omitempty" doc:"Missing in a preview"`
	Month       string      `json:"month" example:"2026-10"`
	State       string      `json:"state,omitempty" enum:"prepared,approved,claimed,posted,reversing,reversed,stale,dropped"`
	Sales       Sum         `json:"sales"`
	Platform    Sum         `json:"platform" doc:"Commission"`
	Cooperative Sum         `json:"cooperative" doc:"Its fee by the sharing rule"`
	Kept        Sum         `json:"kept" doc:"What no member delivered, and what agreed prices left over"`
	Members     Sum         `json:"members" doc:"Sum of all shares"`
	Shares      []Share     `json:"shares" doc:"Members who do not manage see their own"`
	Rule        SharingRule `json:"rule"`
	Facts       string      `json:"facts" doc:"SHA-256 of the sales that it was made from"`
	PreparedBy  string      `json:"prepared_by,omitempty"`
	PreparedAt  *time.Time  `json:"prepared_at,omitempty"`
	ApprovedBy  string      `json:"approved_by,omitempty" doc:"Never who prepared it"`
	ApprovedAt  *time.Time  `json:"approved_at,omitempty"`
	ReversedBy  string      `json:"reversed_by,omitempty"`
	ReversedAt  *time.Time  `json:"reversed_at,omitempty"`
	Reason      string      `json:"reason,omitempty" doc:"Of the reversal"`
	Reverses    market.ID   `json:"reverses,omitempty" doc:"This is the contra entry of that settlement"`
	Contra      market.ID   `json:"contra,omitempty" doc:"Reversed by that entry"`
}

// Sum is money that may be below zero, as in a contra entry.
type Sum struct {
	Amount   int64  `json:"amount" doc:"Whole đồng"`
	Currency string `json:"currency" enum:"VND"`
}

func sum(v market.VND) Sum { return Sum(money(v)) }

// Counted is a quantity that may be below zero.
type Counted struct {
	Base   string `json:"base" enum:"grams,pieces"`
	Amount int64  `json:"amount"`
}

// Share is what one delivery gets of one settlement.
type Share struct {
	Delivery   market.ID `json:"delivery"`
	Member     market.ID `json:"member"`
	MemberName string    `json:"member_name"`
	Product    market.ID `json:"product"`
	Name       Text      `json:"name"`
	Grade      string    `json:"grade"`
	Weight     int64     `json:"weight" doc:"Of the grade"`
	Agreed     bool      `json:"agreed,omitempty" doc:"For the agreed price, not a share of sales"`
	Counted    Counted   `json:"counted" doc:"How much of the delivery counts as sold"`
	Amount     Sum       `json:"amount"`
}

// SettlementPage is one page of settlements, the newest first.
type SettlementPage struct {
	Items []Settlement `json:"items"`
	Next  string       `json:"next,omitempty"`
}

// Settling names the month to be settled, which must be over.
type Settling struct {
	Month string `json:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-10"`
}

// SettlementPath names a settlement.
type SettlementPath struct {
	SellerPath
	Settlement string `path:"settlement" pattern:"^[0-9A-Za-z_:-]{1,160}$" doc:"Id of the settlement"`
}

func (s SettlementPath) which() market.ID { return market.ID(s.Settlement) }

type previewInput struct {
	SellerPath
	Month string `query:"month" required:"true" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"A month that is over"`
	Conditional
}

type settlementsInput struct {
	SellerPath
	Paging
	Conditional
}

const settlementsPath = "/sellers/{seller}/settlements"

func (d *Door) addSettlements() {
	add(d, operation{
		method: http.MethodGet, path: settlementsPath, id: "listSettlements", tag: "cooperative",
		vi: "Các kỳ chia tiền", en: "Settlements of a cooperative, for its members",
		returns: SettlementPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.settlements)
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/settlement-preview", id: "previewSettlement", tag: "cooperative",
		vi: "Xem trước kỳ chia tiền", en: "Work a month's settlement out without keeping anything",
		returns: Settlement{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusForbidden, http.StatusConflict},
	}, func(ctx context.Context, in *previewInput) (*answer, error) {
		return look(ctx, settled(func(by market.Actor) (*cooperatives.Settlement, error) {
			return d.Pool.Preview(ctx, by, in.id(), in.Month)
		}))
	})
	add(d, operation{
		method: http.MethodPost, path: settlementsPath, id: "prepareSettlement", tag: "cooperative",
		vi: "Lập kỳ chia tiền", en: "Keep a month's settlement for a second person to approve",
		status: http.StatusCreated, returns: Settlement{}, headers: []string{"Location"}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceNeeded},
	}, d.prepareSettlement)
	add(d, operation{
		method: http.MethodGet, path: settlementsPath + "/{settlement}", id: "getSettlement", tag: "cooperative",
		vi: "Xem một kỳ chia tiền", en: "Show a settlement", returns: Settlement{}, headers: []string{"ETag"}, signedIn: true,
	}, func(ctx context.Context, in *struct {
		SettlementPath
		Conditional
	},
	) (*answer, error) {
		return look(ctx, settled(func(by market.Actor) (*cooperatives.Settlement, error) {
			return d.Pool.Settlement(ctx, by, in.id(), in.which())
		}))
	})
	d.addSettlementDeeds()
}

func (d *Door) addSettlementDeeds() {
	deed := func(name, id, vi, en string, do func(context.Context, market.Actor, market.ID, market.ID) (*cooperatives.Settlement, error)) {
		add(d, operation{
			method: http.MethodPost, path: settlementsPath + "/{settlement}/" + name, id: id, tag: "cooperative", vi: vi, en: en,
			returns: Settlement{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{once: onceNeeded},
		}, func(ctx context.Context, in *SettlementPath) (*answer, error) {
			return act(ctx, http.StatusOK, settled(func(by market.Actor) (*cooperatives.Settlement, error) { return do(ctx, by, in.id(), in.which()) }))
		})
	}
	deed("approve", "approveSettlement", "Duyệt kỳ chia tiền", "The second person's yes: the settlement is posted", d.Pool.Approve)
	deed("drop", "dropSettlement", "Bỏ kỳ chia tiền chưa duyệt", "Give up a settlement that nobody has approved", d.Pool.Drop)
	add(d, operation{
		method: http.MethodPost, path: settlementsPath + "/{settlement}/reverse", id: "reverseSettlement", tag: "cooperative",
		vi: "Đảo kỳ chia tiền", en: "Undo a posted settlement by a linked contra entry",
		about:   "Balances and books are as before, nothing is deleted, and the deliveries can be settled again.",
		returns: Settlement{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
	}, func(ctx context.Context, in *struct {
		SettlementPath
		Body Reasoned
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, settled(func(by market.Actor) (*cooperatives.Settlement, error) {
			return d.Pool.Reverse(ctx, by, in.id(), in.which(), in.Body.Reason)
		}))
	})
}

// settled shows the settlement that a deed ends in.
func settled(do func(market.Actor) (*cooperatives.Settlement, error)) func(market.Actor) (any, error) {
	return func(by market.Actor) (any, error) {
		one, err := do(by)
		if err != nil {
			return nil, err
		}
		return settlement(one), nil
	}
}

func (d *Door) settlements(ctx context.Context, in *settlementsInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Pool.Settlements(ctx, by, in.id(), in.query())
	if err != nil {
		return nil, err
	}
	out := SettlementPage{Items: []Settlement{}, Next: string(page.Next)}
	for _, one := range page.Items {
		out.Items = append(out.Items, settlement(one))
	}
	return linked(out, "/sellers/"+in.Seller+"/settlements", page.Next, in.address())
}

func (d *Door) prepareSettlement(ctx context.Context, in *struct {
	SellerPath
	Body Settling
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	one, err := d.Pool.Prepare(ctx, by, in.id(), in.Body.Month)
	if err != nil {
		return nil, err
	}
	out, err := did(http.StatusCreated, settlement(one))
	if err == nil {
		out.Location = Prefix + "/sellers/" + in.Seller + "/settlements/" + string(one.ID)
	}
	return out, err
}

func settlement(s *cooperatives.Settlement) Settlement {
	t := s.Totals
	out := Settlement{
		ID: s.ID, Month: s.Month, State: s.State, Sales: sum(t.Sales), Platform: sum(t.Platform), Cooperative: sum(t.Cooperative),
		Kept: sum(t.Kept), Members: sum(t.Sales - t.Platform - t.Cooperative - t.Kept), Shares: shares(s.Shares),
		Rule: sharingRule(s.Rule), Facts: s.Facts, PreparedBy: s.PreparedName, PreparedAt: utc(s.PreparedAt),
		ApprovedBy: s.ApprovedName, ApprovedAt: utcAt(s.ApprovedAt), ReversedBy: s.ReversedName, ReversedAt: utcAt(s.ReversedAt),
		Reason: s.Reason, Reverses: s.Reverses, Contra: s.Contra,
	}
	return out
}

func shares(all []cooperatives.Share) []Share {
	out := []Share{}
	for _, s := range all {
		out = append(out, Share{
			Delivery: s.Delivery, Member: s.Member, MemberName: s.MemberName, Product: s.Product, Name: text(s.Name), Grade: s.Grade,
			Weight: s.Weight, Agreed: s.Agreed, Counted: Counted{string(s.Base), s.Taken}, Amount: sum(s.Amount),
		})
	}
	return out
}
