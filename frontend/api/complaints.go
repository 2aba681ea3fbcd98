package api

import (
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

// Complaint is what somebody complains of, and how it goes.
type Complaint struct {
	ID         market.ID  `json:"id"`
	Category   string     `json:"category"`
	About      Text       `json:"about" doc:"As people call it"`
	Order      market.ID  `json:"order,omitempty"`
	Code       string     `json:"code,omitempty" doc:"Of the order"`
	Parcel     market.ID  `json:"parcel,omitempty"`
	Product    market.ID  `json:"product,omitempty"`
	Seller     market.ID  `json:"seller"`
	State      string     `json:"state" enum:"open,answered,escalated,resolved,withdrawn"`
	Says       []Said     `json:"says"`
	MadeAt     *time.Time `json:"made_at"`
	AnswerBy   *time.Time `json:"answer_by" doc:"Then the platform decides, unless it is answered"`
	ResolveBy  *time.Time `json:"resolve_by"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
	Outcome    string     `json:"outcome,omitempty"`
	Reasons    string     `json:"reasons,omitempty" doc:"Of the outcome"`
}

func complaint(c *orders.Complaint) Complaint {
	out := Complaint{
		ID: c.ID, Category: c.Category, About: text(c.Subject), Order: c.Order, Code: c.Code, Parcel: c.Parcel, Product: c.Product, Seller: c.Seller,
		State: string(c.State), Says: spokenBy(c.Says), MadeAt: utc(c.MadeAt), AnswerBy: utc(c.AnswerBy), ResolveBy: utc(c.ResolveBy),
		AnsweredAt: utcAt(c.AnsweredAt), EndedAt: utcAt(c.EndedAt),
	}
	if c.Outcome != nil {
		out.Outcome, out.Reasons = c.Outcome.Kind, c.Outcome.Text
	}
	return out
}

// ComplaintPage is one page of complaints.
type ComplaintPage struct {
	Items []Complaint `json:"items"`
	Next  string      `json:"next,omitempty"`
}

// Grievance is what somebody complains of.
type Grievance struct {
	Key      string `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Category string `json:"category" maxLength:"64" doc:"One of those that the rules publish with their deadlines" example:"not_delivered"`
	Text     string `json:"text" minLength:"1" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

// Plea is what one side adds to a complaint.
type Plea struct {
	Key      string   `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Side     string   `json:"side" enum:"buyer,seller,platform" doc:"For whom this is said; whoever may not speak for them is told that there is no such complaint"`
	Text     string   `json:"text,omitempty" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
	Photos   []string `json:"photos,omitempty" maxItems:"6" nullable:"false" doc:"Names of photos that were sent to the complaint's evidence"`
	End      bool     `json:"end,omitempty" doc:"Withdraw it, or be content with the answer"`
	Escalate bool     `json:"escalate,omitempty" doc:"Ask the platform"`
}

// ComplaintDecision ends a complaint in writing.
type ComplaintDecision struct {
	Outcome string `json:"outcome" enum:"upheld,partly,rejected"`
	Text    string `json:"text" minLength:"1" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

// ComplaintPath names a complaint.
type ComplaintPath struct {
	Complaint string `path:"complaint" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the complaint"`
}

func (c ComplaintPath) id() market.ID { return market.ID(c.Complaint) }

func (d *Door) addComplaints() error {
	ask := func(path, id, vi, en string) operation {
		return operation{
			method: http.MethodPost, path: path, id: id, tag: "aftercare", vi: vi, en: en, status: http.StatusCreated, returns: Complaint{},
			errors: []int{http.StatusConflict, http.StatusUnauthorized}, settings: settings{limit: smallBody, once: onceNeeded},
		}
	}
	add(d, ask("/orders/{order}/parcels/{parcel}/complaints", "complain", "Khiếu nại về một kiện hàng", "Complain of a parcel, as its buyer or with the order's key"), func(ctx context.Context, in *struct {
		ParcelPath
		Body Grievance
	},
	) (*answer, error) {
		return d.complained(ctx, orders.Grievance{Category: in.Body.Category, Order: in.id(), Key: in.Body.Key, Parcel: market.ID(in.Parcel), Text: in.Body.Text})
	})
	add(d, ask("/products/{product}/complaints", "complainOfProduct", "Khiếu nại về một sản phẩm", "Complain of a product, signed in"), func(ctx context.Context, in *struct {
		ProductPath
		Body Grievance
	},
	) (*answer, error) {
		return d.complained(ctx, orders.Grievance{Category: in.Body.Category, Product: in.id(), Text: in.Body.Text})
	})
	d.addComplaintLists()
	d.addComplaintDeeds()
	return nil
}

func (d *Door) complained(ctx context.Context, g orders.Grievance) (*answer, error) {
	g.ID = web.OnceID(ctx)
	c, err := d.Orders.Complain(ctx, web.Actor(ctx), g)
	if err != nil {
		return nil, err
	}
	return did(http.StatusCreated, complaint(c))
}

func (d *Door) addComplaintLists() {
	list := func(path, id, vi, en string) operation {
		return operation{
			method: http.MethodGet, path: path, id: id, tag: "aftercare", vi: vi, en: en,
			returns: ComplaintPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusUnprocessableEntity},
		}
	}
	add(d, list("/complaints", "listComplaints", "Khiếu nại của tôi", "My complaints"), func(ctx context.Context, in *struct {
		Paging
		Conditional
	},
	) (*answer, error) {
		page, err := d.Orders.MyComplaints(ctx, web.Actor(ctx), store.Cursor(in.Cursor), in.Limit)
		return complaintPage(page, err, "/complaints", in.Limit)
	})
	add(d, list("/sellers/{seller}/complaints", "listSellerComplaints", "Khiếu nại về người bán", "Complaints of a seller's goods and parcels, for its people"), func(ctx context.Context, in *struct {
		SellerPath
		Paging
		Conditional
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		page, err := d.Orders.ComplaintsOf(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
		return complaintPage(page, err, "/sellers/"+in.Seller+"/complaints", in.Limit)
	})
	disputed := list("/disputes/complaints", "listDisputedComplaints", "Khiếu nại chờ sàn phân xử", "Complaints that the platform has to decide, oldest first")
	disputed.errors = append(disputed.errors, http.StatusForbidden)
	add(d, disputed, func(ctx context.Context, in *struct {
		Paging
		Conditional
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		page, err := d.Orders.Disputed(ctx, by, store.Cursor(in.Cursor), in.Limit)
		return complaintPage(page, err, "/disputes/complaints", in.Limit)
	})
}

func complaintPage(page store.Page[orders.Complaint], err error, path string, limit int) (*answer, error) {
	if err != nil {
		return nil, err
	}
	out := ComplaintPage{Items: []Complaint{}, Next: string(page.Next)}
	for _, c := range page.Items {
		out.Items = append(out.Items, complaint(c))
	}
	return linked(out, path, page.Next, url.Values{"limit": {strconv.Itoa(limit)}})
}

func (d *Door) addComplaintDeeds() {
	add(d, operation{
		method: http.MethodGet, path: "/complaints/{complaint}", id: "getComplaint", tag: "aftercare",
		vi: "Xem một khiếu nại", en: "Show a complaint to its three sides", returns: Complaint{}, headers: []string{"ETag"},
	}, func(ctx context.Context, in *struct {
		ComplaintPath
		Key string `query:"key" maxLength:"64" doc:"The order's key, for guests"`
		Conditional
	},
	) (*answer, error) {
		c, err := d.Orders.Complaint(ctx, web.Actor(ctx), in.id(), in.Key)
		if err != nil {
			return nil, err
		}
		return show(complaint(c))
	})
	deed := func(name, id, vi, en string) operation {
		return operation{
			method: http.MethodPost, path: "/complaints/{complaint}/" + name, id: id, tag: "aftercare", vi: vi, en: en, returns: Complaint{},
			errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
		}
	}
	add(d, deed("words", "plead", "Trả lời, bổ sung khiếu nại", "Answer a complaint, add to it, withdraw it or ask the platform"), func(ctx context.Context, in *struct {
		ComplaintPath
		Body Plea
	},
	) (*answer, error) {
		c, err := d.Orders.Speak(ctx, web.Actor(ctx), in.id(), orders.Plea{
			ID: web.OnceID(ctx), Side: orders.Side(in.Body.Side), Key: in.Body.Key, Text: in.Body.Text, Kept: in.Body.Photos, End: in.Body.End, Escalate: in.Body.Escalate,
		})
		if err != nil {
			return nil, err
		}
		return did(http.StatusOK, complaint(c))
	})
	add(d, deed("decision", "resolveComplaint", "Sàn quyết định khiếu nại", "End a complaint with the platform's decision"), func(ctx context.Context, in *struct {
		ComplaintPath
		Body ComplaintDecision
	},
	) (*answer, error) {
		c, err := d.Orders.Resolve(ctx, web.Actor(ctx), in.id(), orders.Outcome{Kind: in.Body.Outcome, Text: in.Body.Text})
		if err != nil {
			return nil, err
		}
		return did(http.StatusOK, complaint(c))
	})
}
