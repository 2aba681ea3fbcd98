package api

import (
	"context"
	"net/http"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// Return is a buyer's claim of money back for delivered goods, or money that the
// seller gives for peace.
type Return struct {
	ID       market.ID    `json:"id"`
	Parcel   market.ID    `json:"parcel"`
	Reason   string       `json:"reason" enum:"damaged,not_as_described,wrong,weight,goodwill"`
	State    string       `json:"state" enum:"requested,accepted,refused,disputed,sent,received,refunding,owed,refunded,closed"`
	Outcome  string       `json:"outcome,omitempty" doc:"Of a closed one"`
	Lines    []ReturnLine `json:"lines"`
	Goods    Money        `json:"goods" doc:"Claimed for goods"`
	Shipping Money        `json:"shipping" doc:"Claimed for their delivery"`
	Agreed   Money        `json:"agreed" doc:"What is to go back"`
	Refunded Money        `json:"refunded" doc:"What went back"`
	Keep     bool         `json:"keep,omitempty" doc:"The buyer keeps the goods, or would rather"`
	Due      *time.Time   `json:"due,omitempty" doc:"When something happens by itself"`
	DecideBy *time.Time   `json:"decide_by,omitempty" doc:"When the platform has promised to decide"`
	Decision *Decision    `json:"decision,omitempty"`
	Carrier  string       `json:"carrier,omitempty" doc:"Of the way back"`
	Tracking string       `json:"tracking,omitempty"`
	Says     []Said       `json:"says"`
	AskedAt  *time.Time   `json:"asked_at"`
	EndedAt  *time.Time   `json:"ended_at,omitempty"`
}

// ReturnLine is what a return claims of one line.
type ReturnLine struct {
	Variant  market.ID `json:"variant"`
	Quantity int64     `json:"quantity,omitempty" doc:"Units"`
	Grams    int64     `json:"grams,omitempty" doc:"Grams that were lacking"`
	Amount   Money     `json:"amount"`
}

// Decision is the platform's word in a dispute.
type Decision struct {
	Amount Money      `json:"amount" doc:"Goes back to the buyer"`
	Back   bool       `json:"back,omitempty" doc:"Once the goods are sent back"`
	Text   string     `json:"text"`
	At     *time.Time `json:"at"`
}

// Said is what one side said.
type Said struct {
	At     *time.Time `json:"at"`
	Side   string     `json:"side" enum:"buyer,seller,platform"`
	Text   string     `json:"text,omitempty"`
	Photos []string   `json:"photos,omitempty"`
}

func spokenBy(all []orders.Say) []Said {
	out := []Said{}
	for _, s := range all {
		out = append(out, Said{At: utc(s.At), Side: string(s.Side), Text: s.Text, Photos: s.Photos})
	}
	return out
}

func returned(r *orders.Return) Return {
	out := Return{
		ID: r.ID, Parcel: r.Parcel, Reason: string(r.Reason), State: string(r.State), Outcome: r.Outcome, Lines: []ReturnLine{},
		Goods: money(r.Goods), Shipping: money(r.Shipping), Agreed: money(r.Agreed), Refunded: money(r.Refunded), Keep: r.Keep,
		Due: utcAt(r.Due), DecideBy: utcAt(r.DecideBy), Carrier: r.Carrier, Tracking: r.Tracking, Says: spokenBy(r.Says),
		AskedAt: utc(r.AskedAt), EndedAt: utcAt(r.EndedAt),
	}
	for _, l := range r.Lines {
		out.Lines = append(out.Lines, ReturnLine{l.Variant, l.Quantity, l.Grams, money(l.Amount)})
	}
	if v := r.Decision; v != nil {
		out.Decision = &Decision{money(v.Amount), v.Back, v.Text, utc(v.At)}
	}
	return out
}

// ReturnWish asks for money back.
type ReturnWish struct {
	Key    string       `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Reason string       `json:"reason" enum:"damaged,not_as_described,wrong,weight"`
	Lines  []WishedLine `json:"lines" minItems:"1" maxItems:"100" nullable:"false"`
	Keep   bool         `json:"keep,omitempty" doc:"The buyer would rather keep the goods"`
	Text   string       `json:"text" minLength:"1" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
	Photos []string     `json:"photos,omitempty" maxItems:"6" nullable:"false" doc:"Names of photos that were sent to the order's evidence"`
}

// WishedLine is what is claimed of a line: units, or grams when the reason is
// weight.
type WishedLine struct {
	Variant  string `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Quantity int64  `json:"quantity,omitempty" minimum:"0" maximum:"1000000"`
	Grams    int64  `json:"grams,omitempty" minimum:"0" maximum:"1000000000"`
}

// ReturnWord is what a side says with its step.
type ReturnWord struct {
	Key      string       `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Text     string       `json:"text,omitempty" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$" doc:"Needed to refuse and to contest"`
	Photos   []string     `json:"photos,omitempty" maxItems:"6" nullable:"false"`
	Keep     bool         `json:"keep,omitempty" doc:"To accept: the money goes back at once and nothing comes back"`
	Carrier  string       `json:"carrier,omitempty" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$" doc:"To send: with whom"`
	Tracking string       `json:"tracking,omitempty" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$" doc:"To send: under which number"`
	Unfit    []UnfitGoods `json:"unfit,omitempty" maxItems:"100" nullable:"false" doc:"To receive: units that cannot be sold again"`
}

// ReturnVerdict is what the platform decides.
type ReturnVerdict struct {
	Amount int64  `json:"amount" minimum:"0" maximum:"1000000000000" doc:"Đồng that go back to the buyer; 0 for nothing"`
	Back   bool   `json:"back,omitempty" doc:"Only once the goods are sent back"`
	Text   string `json:"text" minLength:"1" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$" doc:"The reasons, for both sides"`
}

// GoodwillGift is money that a seller gives for peace.
type GoodwillGift struct {
	Amount int64  `json:"amount" minimum:"1" maximum:"1000000000000" doc:"Đồng"`
	Text   string `json:"text" minLength:"1" maxLength:"2000" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

// ReturnPath names a return of an order.
type ReturnPath struct {
	OrderPath
	Return string `path:"return" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the return"`
}

func (r ReturnPath) which() market.ID { return market.ID(r.Return) }

type returnStep struct {
	ReturnPath
	Body ReturnWord
}

func (s *returnStep) word() orders.Word { return orders.Word{Text: s.Body.Text, Photos: s.Body.Photos} }

func (d *Door) addReturns() error {
	add(d, operation{
		method: http.MethodPost, path: "/orders/{order}/parcels/{parcel}/returns", id: "askReturn", tag: "aftercare",
		vi: "Yêu cầu trả hàng, hoàn tiền", en: "Ask for money back for delivered goods",
		about:  "The buyer, or a guest with the order's key, until the parcel is closed. What the lines are worth is worked out from what was paid.",
		status: http.StatusCreated, returns: Return{}, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
	}, d.askReturn)
	add(d, operation{
		method: http.MethodGet, path: "/orders/{order}/returns/{return}", id: "getReturn", tag: "aftercare",
		vi: "Xem một yêu cầu trả hàng", en: "Show a return to its three sides", returns: Return{}, headers: []string{"ETag"},
	}, func(ctx context.Context, in *struct {
		ReturnPath
		Key string `query:"key" maxLength:"64" doc:"The order's key, for guests"`
		Conditional
	},
	) (*answer, error) {
		o, err := d.Orders.Order(ctx, web.Actor(ctx), in.id(), in.Key)
		if err != nil {
			return nil, market.NotFound("return.missing")
		}
		r, err := o.Return(in.which())
		if err != nil {
			return nil, err
		}
		return show(returned(r))
	})
	add(d, operation{
		method: http.MethodPost, path: "/orders/{order}/parcels/{parcel}/goodwill", id: "giveGoodwill", tag: "aftercare",
		vi: "Tặng lại tiền cho người mua", en: "Give the buyer money back for peace; nothing comes back", status: http.StatusCreated, returns: Return{}, signedIn: true,
		errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
	}, func(ctx context.Context, in *struct {
		ParcelPath
		Body GoodwillGift
	},
	) (*answer, error) {
		id := web.OnceID(ctx)
		o, err := d.Orders.GiveGoodwill(ctx, web.Actor(ctx), in.id(), market.ID(in.Parcel), id, market.VND(in.Body.Amount), orders.Word{Text: in.Body.Text})
		return oneReturn(http.StatusCreated, o, id, err)
	})
	d.addReturnSteps()
	return nil
}

func (d *Door) askReturn(ctx context.Context, in *struct {
	ParcelPath
	Body ReturnWish
},
) (*answer, error) {
	w := orders.ReturnWish{
		ID: web.OnceID(ctx), Parcel: market.ID(in.Parcel), Reason: orders.ReturnReason(in.Body.Reason), Keep: in.Body.Keep, Text: in.Body.Text, Photos: in.Body.Photos,
	}
	for _, l := range in.Body.Lines {
		w.Lines = append(w.Lines, orders.ReturnLine{Variant: market.ID(l.Variant), Quantity: l.Quantity, Grams: l.Grams})
	}
	_, r, err := d.Orders.AskReturn(ctx, web.Actor(ctx), in.id(), in.Body.Key, w)
	if err != nil {
		return nil, err
	}
	return did(http.StatusCreated, returned(r))
}

func oneReturn(status int, o *orders.Order, id market.ID, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	r, err := o.Return(id)
	if err != nil {
		return nil, err
	}
	return did(status, returned(r))
}

// addReturnSteps mounts what each side can do with a return. Who may is decided
// by the room.
func (d *Door) addReturnSteps() {
	step := func(name, id, vi, en string) operation {
		return operation{
			method: http.MethodPost, path: "/orders/{order}/returns/{return}/" + name, id: id, tag: "aftercare", vi: vi, en: en, returns: Return{},
			errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
		}
	}
	take := func(op operation, do func(context.Context, market.Actor, *returnStep) (*orders.Order, error)) {
		add(d, op, func(ctx context.Context, in *returnStep) (*answer, error) {
			o, err := do(ctx, web.Actor(ctx), in)
			return oneReturn(http.StatusOK, o, in.which(), err)
		})
	}
	take(step("accept", "acceptReturn", "Đồng ý cho trả hàng", "The seller's yes"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.AcceptReturn(ctx, by, in.id(), in.which(), in.Body.Keep, in.word())
	})
	take(step("refuse", "refuseReturn", "Từ chối trả hàng", "The seller's no, with the reason"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.RefuseReturn(ctx, by, in.id(), in.which(), in.word())
	})
	take(step("dispute", "disputeReturn", "Nhờ sàn phân xử", "The buyer asks the platform to decide"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.DisputeReturn(ctx, by, in.id(), in.which(), in.Body.Key, in.word())
	})
	take(step("contest", "contestReturn", "Hàng gửi trả không đúng", "The seller says that what came back is not what was sent out"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.ContestReturn(ctx, by, in.id(), in.which(), in.word())
	})
	take(step("send", "sendReturn", "Đã gửi trả hàng", "The buyer has sent the goods back"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.SendReturn(ctx, by, in.id(), in.which(), in.Body.Key, orders.Shipment{Carrier: in.Body.Carrier, Tracking: in.Body.Tracking}, in.word())
	})
	take(step("receive", "receiveReturn", "Đã nhận hàng trả", "The seller has the goods"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		unfit := orders.Unfit{}
		for _, u := range in.Body.Unfit {
			unfit[market.ID(u.Variant)] = u.Units
		}
		return d.Orders.ReceiveReturn(ctx, by, in.id(), in.which(), unfit, in.word())
	})
	take(step("pay", "payReturn", "Hoàn tiền", "The seller gives the money back"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.PayReturn(ctx, by, in.id(), in.which(), in.word())
	})
	take(step("withdraw", "withdrawReturn", "Rút yêu cầu", "The buyer takes the wish back"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.WithdrawReturn(ctx, by, in.id(), in.which(), in.Body.Key)
	})
	take(step("retry", "retryReturn", "Thử hoàn tiền lại", "Ask again for money that the way of paying would not take back"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		return d.Orders.RetryReturn(ctx, by, in.id(), in.which())
	})
	take(step("paid", "confirmReturnPaid", "Đã hoàn tiền tận tay", "The seller has paid the money back by hand, where no machine does"), func(ctx context.Context, by market.Actor, in *returnStep) (*orders.Order, error) {
		if err := d.Orders.ConfirmReturnPaid(ctx, by, in.id(), in.which()); err != nil {
			return nil, err
		}
		return d.Orders.Order(ctx, by, in.id(), "")
	})
	add(d, step("decide", "decideReturn", "Sàn phân xử việc trả hàng", "End a dispute in writing"), func(ctx context.Context, in *struct {
		ReturnPath
		Body ReturnVerdict
	},
	) (*answer, error) {
		o, err := d.Orders.DecideReturn(ctx, web.Actor(ctx), in.id(), in.which(), orders.Verdict{Amount: market.VND(in.Body.Amount), Back: in.Body.Back, Text: in.Body.Text})
		return oneReturn(http.StatusOK, o, in.which(), err)
	})
}
