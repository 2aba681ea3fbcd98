package api

import (
	"context"
	"net/http"
	"time"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/store"
)

// Takedown is an authority's request to take goods out of the shop, with the
// clock that runs from its receipt.
type Takedown struct {
	ID         market.ID  `json:"id"`
	Authority  string     `json:"authority"`
	Officer    string     `json:"officer,omitempty"`
	Document   string     `json:"document" doc:"Number of the letter"`
	Basis      string     `json:"basis" doc:"Law that the letter rests on"`
	Grounds    string     `json:"grounds"`
	Product    market.ID  `json:"product"`
	Seller     market.ID  `json:"seller"`
	State      string     `json:"state" enum:"received,done,refused"`
	ReceivedAt *time.Time `json:"received_at"`
	DueAt      *time.Time `json:"due_at"`
	UrgentAt   *time.Time `json:"urgent_at"`
	Duty       string     `json:"duty" doc:"Where the hours come from"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
	Answer     string     `json:"answer,omitempty" doc:"Why it was refused"`
}

// TakedownPage is one page of requests, those due first.
type TakedownPage struct {
	Items []Takedown `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// NewTakedown is an authority's letter as it is entered.
type NewTakedown struct {
	ID         string     `json:"id,omitempty" pattern:"^[0-9A-Za-z_-]{10,64}$" doc:"Made by the client: the same id again is the same request."`
	Product    string     `json:"product" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Authority  string     `json:"authority" minLength:"3" maxLength:"200" pattern:"^[^\\x00-\\x1f]*$"`
	Officer    string     `json:"officer,omitempty" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
	Document   string     `json:"document" minLength:"1" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$"`
	Basis      string     `json:"basis" minLength:"3" maxLength:"300" pattern:"^[^\\x00-\\x1f]*$"`
	Grounds    string     `json:"grounds" minLength:"3" maxLength:"400" pattern:"^[^\\x00-\\x1f]*$" doc:"What is wrong with the goods; sellers read it"`
	ReceivedAt *time.Time `json:"received_at,omitempty" doc:"Left out, now"`
}

// Refusal answers an authority that the goods stay.
type Refusal struct {
	Answer string `json:"answer" minLength:"3" maxLength:"400" pattern:"^[^\\x00-\\x1f]*$" doc:"The reason in law"`
}

// TakedownPath names a request.
type TakedownPath struct {
	Takedown string `path:"takedown" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the request"`
}

type takedownsInput struct {
	State string `query:"state" enum:"received,done,refused" default:"received"`
	Paging
	Conditional
}

func (d *Door) addTakedowns() {
	about := "For officials, moderators and operators; for others there is no such thing."
	add(d, operation{
		method: http.MethodGet, path: "/takedowns", id: "listTakedowns", tag: "checking",
		vi: "Yêu cầu gỡ bỏ", en: "Authorities' requests to take goods down", about: about,
		returns: TakedownPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, d.listTakedowns)
	add(d, operation{
		method: http.MethodPost, path: "/takedowns", id: "receiveTakedown", tag: "checking",
		vi: "Ghi yêu cầu gỡ bỏ", en: "Enter an authority's request; its clock runs", about: about,
		status: http.StatusCreated, returns: Takedown{}, signedIn: true, errors: []int{http.StatusNotFound, http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct{ Body NewTakedown }) (*answer, error) {
		return act(ctx, http.StatusCreated, takenDown(func(by market.Actor) (*cooperatives.Takedown, error) {
			return d.Takedowns.Receive(ctx, by, in.Body.request())
		}))
	})
	add(d, operation{
		method: http.MethodPost, path: "/takedowns/{takedown}/do", id: "doTakedown", tag: "checking",
		vi: "Gỡ hàng khỏi chợ", en: "Take the goods out of the shop, and say so",
		returns: Takedown{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{once: onceForPeople},
	}, func(ctx context.Context, in *TakedownPath) (*answer, error) {
		return act(ctx, http.StatusOK, takenDown(func(by market.Actor) (*cooperatives.Takedown, error) {
			return d.Takedowns.Do(ctx, by, market.ID(in.Takedown))
		}))
	})
	add(d, operation{
		method: http.MethodPost, path: "/takedowns/{takedown}/refuse", id: "refuseTakedown", tag: "checking",
		vi: "Trả lời không gỡ", en: "Answer that the goods stay, and why in law",
		returns: Takedown{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		TakedownPath
		Body Refusal
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, takenDown(func(by market.Actor) (*cooperatives.Takedown, error) {
			return d.Takedowns.Refuse(ctx, by, market.ID(in.Takedown), in.Body.Answer)
		}))
	})
}

// takenDown shows the request that a deed ends in.
func takenDown(do func(market.Actor) (*cooperatives.Takedown, error)) func(market.Actor) (any, error) {
	return func(by market.Actor) (any, error) {
		t, err := do(by)
		if err != nil {
			return nil, err
		}
		return takedown(t), nil
	}
}

func (n NewTakedown) request() cooperatives.Request {
	r := cooperatives.Request{
		ID: market.ID(n.ID), Product: market.ID(n.Product), Authority: n.Authority, Officer: n.Officer, Document: n.Document, Basis: n.Basis, Grounds: n.Grounds,
	}
	if n.ReceivedAt != nil {
		r.ReceivedAt = *n.ReceivedAt
	}
	return r
}

func (d *Door) listTakedowns(ctx context.Context, in *takedownsInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Takedowns.Queue(ctx, by, in.State, store.Query{After: store.Cursor(in.Cursor), Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := TakedownPage{Items: []Takedown{}, Next: string(page.Next)}
	for _, t := range page.Items {
		out.Items = append(out.Items, takedown(t))
	}
	q := in.address()
	q.Set("state", in.State)
	return linked(out, "/takedowns", page.Next, q)
}

func takedown(t *cooperatives.Takedown) Takedown {
	return Takedown{
		ID: t.ID, Authority: t.Authority, Officer: t.Officer, Document: t.Document, Basis: t.Basis, Grounds: t.Grounds, Product: t.Product,
		Seller: t.Seller, State: t.State, ReceivedAt: utc(t.ReceivedAt), DueAt: utc(t.DueAt), UrgentAt: utc(t.UrgentAt), Duty: t.Duty,
		EndedAt: utcAt(t.EndedAt), Answer: t.Answer,
	}
}
