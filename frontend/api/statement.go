package api

import (
	"context"
	"net/http"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// Statement is how a member stands with the cooperative.
type Statement struct {
	Member  Member          `json:"member"`
	Lines   []StatementLine `json:"lines" doc:"Oldest first"`
	Balance Sum             `json:"balance" doc:"Owed to the member by all that was posted"`
}

// StatementLine is one settlement as it concerns one member.
type StatementLine struct {
	Settlement market.ID  `json:"settlement"`
	Month      string     `json:"month"`
	Reverses   market.ID  `json:"reverses,omitempty"`
	At         *time.Time `json:"at"`
	Shares     []Share    `json:"shares"`
	Amount     Sum        `json:"amount"`
	Balance    Sum        `json:"balance" doc:"After this line"`
}

// Balances are what posted settlements have brought each member.
type Balances struct {
	Items []Balance `json:"items"`
}

// Balance is what one member is owed.
type Balance struct {
	Member market.ID `json:"member"`
	Name   string    `json:"name"`
	Amount Sum       `json:"amount"`
}

func (d *Door) addStatement() {
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/members/{person}/statement", id: "getStatement", tag: "cooperative",
		vi: "Sổ của thành viên", en: "What each settlement brought a member, for the member and managers",
		returns: Statement{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusForbidden},
	}, func(ctx context.Context, in *struct {
		MemberPath
		Conditional
	},
	) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			st, err := d.Pool.Statement(ctx, by, in.id(), in.who())
			if err != nil {
				return nil, err
			}
			return statement(st), nil
		})
	})
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/balances", id: "listBalances", tag: "cooperative",
		vi: "Số dư của các thành viên", en: "What members are owed, for managers",
		returns: Balances{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusForbidden},
	}, func(ctx context.Context, in *sellerReadInput) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return d.balances(ctx, by, in.id()) })
	})
}

func statement(st *cooperatives.Statement) Statement {
	out := Statement{Member: membersOf([]cooperatives.Member{st.Member}).Items[0], Lines: []StatementLine{}, Balance: sum(st.Balance)}
	for _, l := range st.Lines {
		out.Lines = append(out.Lines, StatementLine{
			Settlement: l.Settlement, Month: l.Month, Reverses: l.Reverses, At: utc(l.At), Shares: shares(l.Shares),
			Amount: sum(l.Amount), Balance: sum(l.Balance),
		})
	}
	return out
}

func (d *Door) balances(ctx context.Context, by market.Actor, seller market.ID) (any, error) {
	owed, err := d.Pool.Balances(ctx, by, seller)
	if err != nil {
		return nil, err
	}
	members, err := d.Sellers.Members(ctx, by, seller)
	if err != nil {
		return nil, err
	}
	out := Balances{Items: []Balance{}}
	for _, m := range members {
		out.Items = append(out.Items, Balance{Member: m.Person, Name: m.Name, Amount: sum(owed[m.Person])})
	}
	return out, nil
}
