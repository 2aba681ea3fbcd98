package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// SharingRule is how a cooperative shares what it sells.
type SharingRule struct {
	From   *time.Time   `json:"from"`
	Fee    int64        `json:"fee" doc:"Of the goods sold, in hundredths of a percent"`
	Grades GradeWeights `json:"grades"`
	Basis  string       `json:"basis" doc:"The decision or law that it rests on"`
}

// GradeWeights are what one unit of each grade counts.
type GradeWeights struct {
	A int64 `json:"A" minimum:"1" maximum:"1000"`
	B int64 `json:"B" minimum:"1" maximum:"1000"`
	C int64 `json:"C" minimum:"1" maximum:"1000"`
}

// NewSharing is a rule that is to hold from a month on that has not begun.
type NewSharing struct {
	Month  string       `json:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2027-01"`
	Fee    int64        `json:"fee" minimum:"0" maximum:"5000" doc:"Of the goods sold, in hundredths of a percent"`
	Grades GradeWeights `json:"grades"`
	Basis  string       `json:"basis" minLength:"3" maxLength:"300" pattern:"^[^\\x00-\\x1f]*$"`
}

func (d *Door) addSharing() {
	const path = "/sellers/{seller}/sharing"
	add(d, operation{
		method: http.MethodGet, path: path, id: "getSharing", tag: "cooperative",
		vi: "Quy tắc chia tiền", en: "How the cooperative shares now, for its members",
		returns: SharingRule{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *sellerReadInput) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			rule, err := d.Pool.Sharing(ctx, by, in.id())
			return sharingRule(rule), err
		})
	})
	add(d, operation{
		method: http.MethodPost, path: path, id: "setSharing", tag: "cooperative",
		vi: "Đặt quy tắc chia tiền", en: "Write down how the cooperative shares from a month on",
		about:  "Past months keep the rule that they had.",
		status: http.StatusNoContent, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		SellerPath
		Body NewSharing
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		b := in.Body
		rule := cooperatives.SharingRule{Fee: market.Rate(b.Fee), Basis: b.Basis, Grades: map[string]int64{"A": b.Grades.A, "B": b.Grades.B, "C": b.Grades.C}}
		return nothing(), relocate(d.Pool.SetSharing(ctx, by, in.id(), b.Month, rule), func(f string) string {
			return strings.Replace(f, "grade_", "grades/", 1)
		})
	})
}

func sharingRule(r cooperatives.SharingRule) SharingRule {
	return SharingRule{
		From: utc(r.From), Fee: int64(r.Fee), Grades: GradeWeights{A: r.Grades["A"], B: r.Grades["B"], C: r.Grades["C"]}, Basis: r.Basis,
	}
}
