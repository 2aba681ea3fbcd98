package api

import (
	"context"
	"net/http"
	"time"

	"chohue/indicators"
	"chohue/market"
)

// DataAsked is an authority's letter, to be entered.
type DataAsked struct {
	ID         string     `json:"id,omitempty" pattern:"^[0-9A-Z]{26}$" doc:"Made by the client, so that entering twice is once"`
	Authority  string     `json:"authority" minLength:"3" maxLength:"200" pattern:"^[^\\x00-\\x1f]*$" example:"Cục Thuế thành phố Huế"`
	Officer    string     `json:"officer" minLength:"3" maxLength:"200" pattern:"^[^\\x00-\\x1f]*$"`
	Letter     string     `json:"letter" minLength:"3" maxLength:"100" pattern:"^[^\\x00-\\x1f]*$" doc:"Number of the letter"`
	Basis      string     `json:"basis" minLength:"3" maxLength:"300" pattern:"^[^\\x00-\\x1f]*$" doc:"Law that it rests on"`
	Purpose    string     `json:"purpose" minLength:"3" maxLength:"500" pattern:"^[^\\x00-\\x1f]*$"`
	ReceivedAt *time.Time `json:"received_at,omitempty" doc:"When the letter came; the clock runs from there"`
	Scope      DataScope  `json:"scope"`
}

// DataScope is what a request is about.
type DataScope struct {
	From    string   `json:"from,omitempty" pattern:"^([0-9]{4}-[0-9]{2})?$" doc:"First month; a year before the last when left out"`
	To      string   `json:"to,omitempty" pattern:"^([0-9]{4}-[0-9]{2})?$" doc:"Last month; the present one when left out"`
	Detail  string   `json:"detail" enum:"cells,lines" doc:"cells: sums by the dimensions; lines: every delivered, returned and corrected line without its buyer"`
	By      []string `json:"by,omitempty" maxItems:"4" enum:"month,ward,set,channel" doc:"Dimensions of the cells; all when left out"`
	Area    string   `json:"area,omitempty" pattern:"^([0-9]{3}|[0-9]{5})?$" doc:"A ward or a former district"`
	Set     int      `json:"set,omitempty" minimum:"0" maximum:"26"`
	Channel string   `json:"channel,omitempty" maxLength:"20" pattern:"^[a-z]*$"`
}

// DataRequest is an authority's request for data as a job.
type DataRequest struct {
	ID          market.ID  `json:"id"`
	Authority   string     `json:"authority"`
	Officer     string     `json:"officer"`
	Letter      string     `json:"letter"`
	Basis       string     `json:"basis"`
	Purpose     string     `json:"purpose"`
	Scope       DataScope  `json:"scope"`
	State       string     `json:"state" enum:"received,prepared,approved,delivered,refused"`
	ReceivedAt  time.Time  `json:"received_at"`
	DueAt       time.Time  `json:"due_at"`
	Duty        string     `json:"duty" doc:"Where the hours come from"`
	Overdue     bool       `json:"overdue"`
	Files       []DataFile `json:"files"`
	PreparedBy  string     `json:"prepared_by,omitempty"`
	ApprovedBy  string     `json:"approved_by,omitempty"`
	DeliveredAt *time.Time `json:"delivered_at"`
	Receipt     string     `json:"receipt,omitempty"`
	Trail       []DataStep `json:"trail"`
	Sound       bool       `json:"sound" doc:"Nobody has changed the trail"`
}

// DataFile is a file of the answer.
type DataFile struct {
	Name   string `json:"name" enum:"data.csv,data.xlsx"`
	Href   string `json:"href"`
	Media  string `json:"media"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
	Rows   int    `json:"rows"`
}

// DataStep is something that somebody did with a request.
type DataStep struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Did  string    `json:"did" doc:"A state, or read:FILE"`
	Note string    `json:"note,omitempty"`
	Hash string    `json:"hash" doc:"SHA-256 of the step and the hash before"`
}

// DataRequests are all of them, the latest first.
type DataRequests struct {
	Items []DataRequest `json:"items"`
}

// DataReceipt is how an answer was handed over.
type DataReceipt struct {
	Receipt string `json:"receipt" minLength:"3" maxLength:"300" pattern:"^[^\\x00-\\x1f]*$" doc:"How, and who took it"`
}

// DataRequestPath names a request.
type DataRequestPath struct {
	ID string `path:"request" pattern:"^[0-9A-Z]{26}$"`
}

func (p DataRequestPath) id() market.ID { return market.ID(p.ID) }

func (d *Door) addDataRequests() error {
	add(d, figuresOp(http.MethodGet, "/requests", "listDataRequests", "Yêu cầu cung cấp dữ liệu của cơ quan nhà nước", "Authorities' requests for data", DataRequests{}), func(ctx context.Context, _ *struct{ Conditional }) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			all, err := d.Indicators.Requests(ctx, by)
			out := DataRequests{Items: []DataRequest{}}
			for _, r := range all {
				out.Items = append(out.Items, d.shownRequest(r))
			}
			return out, err
		})
	})
	receive := withBody(figuresOp(http.MethodPost, "/requests", "receiveDataRequest", "Ghi nhận yêu cầu cung cấp dữ liệu", "Enter an authority's request; its clock begins when the letter came", DataRequest{}))
	receive.status = http.StatusCreated
	add(d, receive, func(ctx context.Context, in *struct{ Body DataAsked }) (*answer, error) {
		return act(ctx, http.StatusCreated, func(by market.Actor) (any, error) {
			return d.dataRequest(d.Indicators.ReceiveRequest(ctx, by, in.Body.plain()))
		})
	})
	add(d, figuresOp(http.MethodGet, "/requests/{request}", "getDataRequest", "Một yêu cầu", "One request, with its trail", DataRequest{}), func(ctx context.Context, in *struct {
		DataRequestPath
		Conditional
	},
	) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return d.dataRequest(d.Indicators.Request(ctx, by, in.id())) })
	})
	d.addDataSteps()
	d.addDataFiles()
	return nil
}

func (d *Door) addDataSteps() {
	for _, step := range []struct {
		path, id, vi, en string
		do               func(context.Context, market.Actor, market.ID) (*indicators.DataRequest, error)
	}{
		{"prepare", "prepareDataRequest", "Lập tệp trả lời", "Make the files", d.Indicators.PrepareRequest},
		{"approve", "approveDataRequest", "Duyệt tệp trả lời (người thứ hai)", "The second person's word", d.Indicators.ApproveRequest},
	} {
		add(d, figuresOp(http.MethodPost, "/requests/{request}/"+step.path, step.id, step.vi, step.en, DataRequest{}), func(ctx context.Context, in *DataRequestPath) (*answer, error) {
			return act(ctx, http.StatusOK, func(by market.Actor) (any, error) { return d.dataRequest(step.do(ctx, by, in.id())) })
		})
	}
	for _, step := range []struct {
		path, id, vi, en string
		do               func(context.Context, market.Actor, market.ID, string) (*indicators.DataRequest, error)
	}{
		{"send-back", "sendBackDataRequest", "Trả lại để lập tệp khác", "Have the files made anew", d.Indicators.SendBackRequest},
		{"refuse", "refuseDataRequest", "Từ chối, nêu căn cứ pháp luật", "Refuse, with the reason in law", d.Indicators.RefuseRequest},
	} {
		add(d, withBody(figuresOp(http.MethodPost, "/requests/{request}/"+step.path, step.id, step.vi, step.en, DataRequest{})), func(ctx context.Context, in *struct {
			DataRequestPath
			Body StatReason
		},
		) (*answer, error) {
			return act(ctx, http.StatusOK, func(by market.Actor) (any, error) { return d.dataRequest(step.do(ctx, by, in.id(), in.Body.Reason)) })
		})
	}
	add(d, withBody(figuresOp(http.MethodPost, "/requests/{request}/deliver", "deliverDataRequest", "Ghi nhận đã giao dữ liệu", "Note that the files were handed over", DataRequest{})), func(ctx context.Context, in *struct {
		DataRequestPath
		Body DataReceipt
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			return d.dataRequest(d.Indicators.DeliverRequest(ctx, by, in.id(), in.Body.Receipt))
		})
	})
}

func (d *Door) addDataFiles() {
	for name, media := range map[string]string{"data.csv": "text/csv", "data.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		id := "dataRequestCSV"
		if name == "data.xlsx" {
			id = "dataRequestXLSX"
		}
		op := figuresOp(http.MethodGet, "/requests/{request}/"+name, id, "Tệp trả lời "+name, "The answer's "+name+"; who reads it is noted in the trail", "")
		op.media, op.errors = media, append(op.errors, http.StatusConflict)
		add(d, op, func(ctx context.Context, in *struct {
			DataRequestPath
			Conditional
		},
		) (*answer, error) {
			by, err := signedIn(ctx)
			if err != nil {
				return nil, err
			}
			f, body, err := d.Indicators.RequestFile(ctx, by, in.id(), name)
			if err != nil {
				return nil, err
			}
			return &answer{
				Status: http.StatusOK, ContentType: f.Media, ETag: `"` + f.SHA256 + `"`, CacheControl: "private, no-store",
				Disposition: `attachment; filename="` + in.ID + "-" + name + `"`, Body: body,
			}, nil
		})
	}
}

func (a DataAsked) plain() indicators.DataRequest {
	r := indicators.DataRequest{Authority: a.Authority, Officer: a.Officer, Letter: a.Letter, Basis: a.Basis, Purpose: a.Purpose, Scope: indicators.DataScope(a.Scope)}
	r.ID = market.ID(a.ID)
	if a.ReceivedAt != nil {
		r.ReceivedAt = *a.ReceivedAt
	}
	return r
}

func (d *Door) dataRequest(r *indicators.DataRequest, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return d.shownRequest(r), nil
}

func (d *Door) shownRequest(r *indicators.DataRequest) DataRequest {
	out := DataRequest{
		ID: r.ID, Authority: r.Authority, Officer: r.Officer, Letter: r.Letter, Basis: r.Basis, Purpose: r.Purpose, Scope: DataScope(r.Scope), State: string(r.State),
		ReceivedAt: r.ReceivedAt.UTC(), DueAt: r.DueAt.UTC(), Duty: r.Duty, Overdue: r.Overdue(d.Env.Now()), Files: []DataFile{},
		PreparedBy: string(r.PreparedBy), ApprovedBy: string(r.ApprovedBy), DeliveredAt: utcAt(r.DeliveredAt), Receipt: r.Receipt, Trail: []DataStep{}, Sound: r.Sound(),
	}
	for _, f := range r.Files {
		out.Files = append(out.Files, DataFile{f.Name, Prefix + "/statistics/requests/" + string(r.ID) + "/" + f.Name, f.Media, f.Size, f.SHA256, f.Rows})
	}
	for _, t := range r.Trail {
		out.Trail = append(out.Trail, DataStep{t.At.UTC(), string(t.By), t.Did, t.Note, t.Hash})
	}
	return out
}
