package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// BuyerReview is a buyer's opinion of goods that were delivered.
type BuyerReview struct {
	ID      market.ID  `json:"id"`
	Product market.ID  `json:"product"`
	Name    Text       `json:"name"`
	Author  string     `json:"author" doc:"Initials"`
	Stars   int        `json:"stars" minimum:"1" maximum:"5"`
	Text    string     `json:"text,omitempty"`
	Photos  []string   `json:"photos,omitempty"`
	At      *time.Time `json:"at"`
	Reply   string     `json:"reply,omitempty" doc:"The seller's"`
	ReplyAt *time.Time `json:"reply_at,omitempty"`
	Hidden  string     `json:"hidden,omitempty" doc:"Why it is not shown"`
}

func review(r *orders.Review) BuyerReview {
	return BuyerReview{
		ID: r.ID, Product: r.Product, Name: text(r.Name), Author: r.Author, Stars: r.Stars, Text: r.Text, Photos: r.Photos,
		At: utc(r.At), Reply: r.Reply, ReplyAt: utcAt(r.ReplyAt), Hidden: r.Hidden,
	}
}

// ReviewPage is one page of reviews.
type ReviewPage struct {
	Items []BuyerReview `json:"items"`
	Next  string        `json:"next,omitempty"`
}

func reviewPage(page store.Page[orders.Review], err error, path string, q url.Values) (*answer, error) {
	if err != nil {
		return nil, err
	}
	out := ReviewPage{Items: []BuyerReview{}, Next: string(page.Next)}
	for _, r := range page.Items {
		out.Items = append(out.Items, review(r))
	}
	return linked(out, path, page.Next, q)
}

// Opinion is what a buyer writes.
type Opinion struct {
	Key     string `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Variant string `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"The line"`
	Stars   int    `json:"stars" minimum:"1" maximum:"5"`
	Text    string `json:"text,omitempty" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

// Reply is what a seller answers; empty takes the answer back.
type Reply struct {
	Text string `json:"text" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

// ReviewPath names a review.
type ReviewPath struct {
	Review string `path:"review" pattern:"^[0-9A-Za-z_-]{1,130}$" doc:"Id of the review"`
}

type reviewStep struct {
	ReviewPath
	Body Reply
}

func (d *Door) addReviews() error {
	add(d, operation{
		method: http.MethodPost, path: "/orders/{order}/reviews", id: "writeReview", tag: "aftercare",
		vi: "Đánh giá hàng đã nhận", en: "Say what delivered goods were like, once a line",
		status: http.StatusCreated, returns: BuyerReview{}, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForAll},
	}, func(ctx context.Context, in *struct {
		OrderPath
		Body Opinion
	},
	) (*answer, error) {
		r, err := d.Orders.WriteReview(ctx, web.Actor(ctx), in.id(), in.Body.Key, orders.Opinion{Variant: market.ID(in.Body.Variant), Stars: in.Body.Stars, Text: in.Body.Text})
		return reviewed(http.StatusCreated, r, err)
	})
	add(d, operation{
		method: http.MethodGet, path: "/products/{product}/reviews", id: "listReviews", tag: "shop",
		vi: "Đánh giá của sản phẩm", en: "Reviews of a product", returns: ReviewPage{}, headers: []string{"ETag", "Link"},
	}, func(ctx context.Context, in *struct {
		ProductPath
		Sort string `query:"sort" enum:"newest,stars" doc:"newest when missing"`
		Paging
		Conditional
	},
	) (*answer, error) {
		page, err := d.Orders.Reviews(ctx, in.id(), in.Sort == "stars", store.Cursor(in.Cursor), in.Limit)
		return reviewPage(page, err, "/products/"+in.Product+"/reviews", url.Values{"limit": {strconv.Itoa(in.Limit)}, "sort": {cmp.Or(in.Sort, "newest")}})
	})
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/reviews", id: "listSellerReviews", tag: "aftercare",
		vi: "Đánh giá về hàng của người bán", en: "Reviews of a seller's goods, hidden ones too, for its people",
		returns: ReviewPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, func(ctx context.Context, in *struct {
		SellerPath
		Paging
		Conditional
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		page, err := d.Orders.ReviewsOf(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
		return reviewPage(page, err, "/sellers/"+in.Seller+"/reviews", url.Values{"limit": {strconv.Itoa(in.Limit)}})
	})
	d.addReviewSteps()
	return nil
}

func reviewed(status int, r *orders.Review, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return did(status, review(r))
}

func (d *Door) addReviewSteps() {
	step := func(name, id, vi, en string, do func(context.Context, market.Actor, market.ID, string) (*orders.Review, error)) {
		add(d, operation{
			method: http.MethodPost, path: "/reviews/{review}/" + name, id: id, tag: "aftercare", vi: vi, en: en, returns: BuyerReview{}, signedIn: true,
			errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
		}, func(ctx context.Context, in *reviewStep) (*answer, error) {
			by, err := signedIn(ctx)
			if err != nil {
				return nil, err
			}
			r, err := do(ctx, by, market.ID(in.Review), in.Body.Text)
			return reviewed(http.StatusOK, r, err)
		})
	}
	step("reply", "replyReview", "Trả lời đánh giá", "The seller's answer to a review", d.Orders.ReplyReview)
	step("report", "reportReview", "Báo một đánh giá không nên có", "Tell moderators that a review should not be there", d.Orders.ReportReview)
	step("hide", "hideReview", "Ẩn một đánh giá", "Hide a review, with the reason; without one it is shown again", d.Orders.HideReview)
}
