package api

import (
	"context"
	"net/http"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// Consent is what a member allowed, when, and how that can be proven.
type Consent struct {
	Acts     []string   `json:"acts" doc:"deliver: write down what they brought; list: offer their goods"`
	Evidence string     `json:"evidence"`
	At       *time.Time `json:"at"`
	By       market.ID  `json:"by" doc:"The manager who wrote it down"`
	EndedAt  *time.Time `json:"ended_at,omitempty"`
}

// Mandate is all that one member has ever allowed.
type Mandate struct {
	Member   market.ID `json:"member"`
	Consents []Consent `json:"consents"`
}

// Mandates are what each member of a seller allows.
type Mandates struct {
	Items []Mandate `json:"items"`
}

// Allowing says what a member lets managers do, and what proves it.
type Allowing struct {
	Acts     []string `json:"acts" minItems:"1" maxItems:"2" nullable:"false" enum:"deliver,list"`
	Evidence string   `json:"evidence" minLength:"1" maxLength:"300" pattern:"^[^\\x00-\\x1f]*$" doc:"A signed form, a witness"`
}

// Reasoned is a deed that needs its reason.
type Reasoned struct {
	Reason string `json:"reason" minLength:"3" maxLength:"300" pattern:"^[^\\x00-\\x1f]*$"`
}

func (d *Door) addMandates() {
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/mandates", id: "listMandates", tag: "cooperative",
		vi: "Việc thành viên cho làm thay", en: "What members let managers do for them",
		about: "For managers. Consents end and are never changed.", returns: Mandates{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusForbidden},
	}, func(ctx context.Context, in *sellerReadInput) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return d.mandates(ctx, by, in.id()) })
	})
	const path = "/sellers/{seller}/members/{person}/mandate"
	add(d, operation{
		method: http.MethodPost, path: path, id: "allowActs", tag: "cooperative",
		vi: "Ghi điều thành viên đồng ý", en: "Write down what a member consented to",
		returns: Mandates{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		MemberPath
		Body Allowing
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			if err := d.Sellers.Allow(ctx, by, in.id(), in.who(), in.Body.Acts, in.Body.Evidence); err != nil {
				return nil, err
			}
			return d.mandates(ctx, by, in.id())
		})
	})
	add(d, operation{
		method: http.MethodPost, path: path + "/end", id: "endMandate", tag: "cooperative",
		vi: "Chấm dứt điều đã đồng ý", en: "End all that a member allows",
		returns: Mandates{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		MemberPath
		Body Reasoned
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			if err := d.Sellers.Disallow(ctx, by, in.id(), in.who(), in.Body.Reason); err != nil {
				return nil, err
			}
			return d.mandates(ctx, by, in.id())
		})
	})
}

func (d *Door) mandates(ctx context.Context, by market.Actor, seller market.ID) (any, error) {
	given, err := d.Sellers.Mandates(ctx, by, seller)
	if err != nil {
		return nil, err
	}
	members, err := d.Sellers.Members(ctx, by, seller)
	if err != nil {
		return nil, err
	}
	out := Mandates{Items: []Mandate{}}
	for _, m := range members {
		if g := given[m.Person]; g != nil {
			out.Items = append(out.Items, mandate(g))
		}
	}
	return out, nil
}

func mandate(m *cooperatives.Mandate) Mandate {
	out := Mandate{Member: m.Member, Consents: []Consent{}}
	for _, c := range m.Consents {
		out.Consents = append(out.Consents, Consent{Acts: c.Acts, Evidence: c.Evidence, At: utc(c.At), By: c.By, EndedAt: utcAt(c.EndedAt)})
	}
	return out
}
