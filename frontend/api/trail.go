package api

import (
	"context"
	"net/http"
	"time"

	"chohue/market"
)

// TrailNote is one entry of a seller's audit trail. Each holds the hash of the
// one before.
type TrailNote struct {
	Number int64      `json:"number" doc:"1, 2, 3, … without a gap"`
	At     *time.Time `json:"at"`
	By     string     `json:"by,omitempty" doc:"Name; missing for the system"`
	For    string     `json:"for,omitempty" doc:"The member on whose behalf"`
	What   string     `json:"what" example:"settlement.approved"`
	Object market.ID  `json:"object"`
	Words  string     `json:"words,omitempty" doc:"Reason or evidence as given"`
	Before string     `json:"before,omitempty" doc:"SHA-256 of the object before"`
	After  string     `json:"after,omitempty"`
	Prev   string     `json:"prev,omitempty" doc:"hash of the entry before"`
	Hash   string     `json:"hash" doc:"SHA-256 of the entry"`
}

// TrailPage is one page of a trail, the newest first.
type TrailPage struct {
	Items []TrailNote `json:"items"`
	Next  string      `json:"next,omitempty"`
}

// TrailCheck is how a trail was found when every entry was held against its
// hash, its number and the one before.
type TrailCheck struct {
	Length int64  `json:"length"`
	Head   string `json:"head,omitempty" doc:"Hash that the trail ends with: kept elsewhere it proves the trail later"`
	Broken string `json:"broken,omitempty" doc:"The first thing that is wrong; missing for a whole trail"`
}

type trailInput struct {
	SellerPath
	Paging
	Conditional
}

func (d *Door) addTrail() {
	const path = "/sellers/{seller}/trail"
	add(d, operation{
		method: http.MethodGet, path: path, id: "listTrail", tag: "cooperative",
		vi: "Nhật ký của người bán", en: "Audit trail of a seller",
		about:   "For its managers, officials and those who check.",
		returns: TrailPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusForbidden},
	}, d.trail)
	add(d, operation{
		method: http.MethodGet, path: path + "/check", id: "checkTrail", tag: "cooperative",
		vi: "Kiểm tra nhật ký", en: "Check that no entry was changed, taken out or put in between",
		returns: TrailCheck{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusForbidden},
	}, func(ctx context.Context, in *sellerReadInput) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			c, err := d.Sellers.CheckTrail(ctx, by, in.id())
			return TrailCheck{Length: c.Length, Head: c.Head, Broken: c.Broken}, err
		})
	})
}

func (d *Door) trail(ctx context.Context, in *trailInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Sellers.Trail(ctx, by, in.id(), in.query())
	if err != nil {
		return nil, err
	}
	out := TrailPage{Items: []TrailNote{}, Next: string(page.Next)}
	for _, n := range page.Items {
		out.Items = append(out.Items, TrailNote{
			Number: n.Seq, At: utc(n.At), By: n.ByName, For: n.ForName, What: n.What, Object: n.Object, Words: n.Words,
			Before: n.Before, After: n.After, Prev: n.Prev, Hash: n.Hash,
		})
	}
	return linked(out, "/sellers/"+in.Seller+"/trail", page.Next, in.address())
}
