package api

import (
	"context"
	"net/http"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// PendingEdit is what was taken out of a parcel and can still be taken back.
type PendingEdit struct {
	Cheaper Money        `json:"cheaper" doc:"By how much the buyer pays less, or gets back"`
	Settles *time.Time   `json:"settles_at" doc:"Then, or at packing, goods and money move"`
	Bought  []EditedLine `json:"bought" doc:"The lines as they were bought"`
}

// EditedLine is how much of a variant a parcel is to hold.
type EditedLine struct {
	Variant  market.ID `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Quantity int64     `json:"quantity" minimum:"0" maximum:"10000"`
}

// Question is whether the buyer agrees to more weight.
type Question struct {
	ID     market.ID      `json:"id"`
	Parcel market.ID      `json:"parcel"`
	Lines  []QuestionLine `json:"lines"`
	More   Money          `json:"more" doc:"What the buyer would pay more"`
	State  string         `json:"state" enum:"open,paying,agreed,refused,lapsed"`
	Until  *time.Time     `json:"until" doc:"Without an answer by then the price stays"`
}

// QuestionLine is what one line weighs and would cost more.
type QuestionLine struct {
	Variant market.ID `json:"variant"`
	Stated  int64     `json:"stated" doc:"Grams that were ordered"`
	Grams   int64     `json:"grams" doc:"Grams on the scale"`
	More    Money     `json:"more"`
}

func pendingEdit(p orders.Parcel) *PendingEdit {
	if p.Sold == nil {
		return nil
	}
	out := &PendingEdit{Cheaper: money(p.Cheaper()), Settles: utc(p.Sold.At), Bought: []EditedLine{}}
	for _, l := range p.Sold.Lines {
		out.Bought = append(out.Bought, EditedLine{l.Variant, l.Quantity})
	}
	return out
}

func questions(asks []orders.Ask) []Question {
	var out []Question
	for _, a := range asks {
		q := Question{ID: a.ID, Parcel: a.Parcel, Lines: []QuestionLine{}, More: money(a.More), State: string(a.State), Until: utc(a.Until)}
		for _, l := range a.Lines {
			q.Lines = append(q.Lines, QuestionLine{l.Variant, l.Stated, l.Grams, money(l.More)})
		}
		out = append(out, q)
	}
	return out
}

// EditWish says what a parcel is to hold.
type EditWish struct {
	Key   string       `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Lines []EditedLine `json:"lines" maxItems:"100" doc:"From nothing to what was bought; lines left out stay as they are"`
}

type editParcelInput struct {
	ParcelPath
	Body EditWish
}

func (in *editParcelInput) wanted() orders.Quantities {
	out := orders.Quantities{}
	for _, l := range in.Body.Lines {
		out[l.Variant] = l.Quantity
	}
	return out
}

// ReceiverWish is to whom and where an order is to go.
type ReceiverWish struct {
	Key     string  `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Address Address `json:"address" doc:"In the province that the order was placed for"`
	Note    string  `json:"note,omitempty" maxLength:"500" pattern:"^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"`
}

type receiverInput struct {
	OrderPath
	Body ReceiverWish
}

// WeightWish are real weights that more is asked for.
type WeightWish struct {
	Lines []RealWeight `json:"lines" maxItems:"100"`
}

type askInput struct {
	ParcelPath
	Body WeightWish
}

type answerInput struct {
	OrderPath
	Question string `path:"question" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the question"`
	Body     WeightAnswer
}

// WeightAnswer is the buyer's.
type WeightAnswer struct {
	Key string `json:"key,omitempty" maxLength:"64" doc:"The order's key, for guests"`
	Yes bool   `json:"yes"`
}

func (d *Door) addEdits() error {
	change := func(method, path, id, tag, vi, en, about string, returns any) operation {
		return operation{
			method: method, path: path, id: id, tag: tag, vi: vi, en: en, about: about, returns: returns,
			errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
		}
	}
	const parcel = "/orders/{order}/parcels/{parcel}"
	preview := change(http.MethodPost, parcel+"/edit-preview", "previewEdit", "buying", "Xem trước khi bớt món", "What taking goods out of a parcel would come to; nothing is written", "", Order{})
	preview.once = never
	add(d, preview, d.previewEdit)
	add(d, change(http.MethodPost, parcel+"/edit", "editParcel", "buying", "Bớt món", "Take goods out of a parcel that is not packed",
		"Its buyer may, and its seller. Nothing moves for a quarter of an hour, or until packing; until then whoever took goods out may put them back.", Order{}), d.editParcel)
	add(d, change(http.MethodPut, "/orders/{order}/receiver", "changeReceiver", "buying", "Đổi người nhận", "Change to whom an order goes, until the first parcel is packed", "", Order{}), d.changeReceiver)
	ask := change(http.MethodPost, parcel+"/weight-question", "askWeight", "selling", "Hỏi khách về cân nặng", "Ask the buyer to pay for more weight than was ordered", "Once at a time, before packing, up to the cap of the day of the order.", Order{})
	ask.signedIn = true
	add(d, ask, d.askWeight)
	add(d, change(http.MethodPost, "/orders/{order}/weight-questions/{question}", "answerWeight", "buying", "Trả lời về cân nặng", "Agree to more weight, or not",
		"Yes to an order that was paid beforehand counts once the difference is paid: the payment says how.", Placed{}), d.answerWeight)
	return nil
}

func (d *Door) previewEdit(ctx context.Context, in *editParcelInput) (*answer, error) {
	by := web.Actor(ctx)
	o, err := d.Orders.PreviewEdit(ctx, by, in.id(), in.Body.Key, market.ID(in.Parcel), in.wanted())
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, order(by, o))
}

func (d *Door) editParcel(ctx context.Context, in *editParcelInput) (*answer, error) {
	by := web.Actor(ctx)
	o, err := d.Orders.Edit(ctx, by, in.id(), in.Body.Key, market.ID(in.Parcel), in.wanted())
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, order(by, o))
}

func (d *Door) changeReceiver(ctx context.Context, in *receiverInput) (*answer, error) {
	by := web.Actor(ctx)
	o, err := d.Orders.Readdress(ctx, by, in.id(), in.Body.Key, orders.Receiver{Address: market.Address(in.Body.Address), Note: in.Body.Note})
	if err != nil {
		return nil, relocate(err, checkoutField)
	}
	return did(http.StatusOK, order(by, o))
}

func (d *Door) askWeight(ctx context.Context, in *askInput) (*answer, error) {
	weights := orders.Weights{}
	for _, l := range in.Body.Lines {
		weights[market.ID(l.Variant)] = l.Grams
	}
	return d.advance(ctx, &in.ParcelPath, func(ctx context.Context, by market.Actor, o, p market.ID) (*orders.Order, error) {
		return d.Orders.AskWeight(ctx, by, o, p, weights)
	})
}

func (d *Door) answerWeight(ctx context.Context, in *answerInput) (*answer, error) {
	by := web.Actor(ctx)
	o, step, err := d.Orders.AnswerWeight(ctx, by, in.id(), in.Body.Key, market.ID(in.Question), in.Body.Yes, d.cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, Placed{Order: order(by, o), Payment: nextStep(step)})
}
