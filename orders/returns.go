package orders

import (
	"slices"
	"time"

	"chohue/market"
)

// ReturnReason is why a buyer wants money back, or a seller gives it.
type ReturnReason string

// The reasons. All but the last are a buyer's; each says that the goods were
// not what was agreed, so delivery goes back too when the whole parcel does.
const (
	ReasonDamaged   ReturnReason = "damaged"
	ReasonDescribed ReturnReason = "not_as_described"
	ReasonWrong     ReturnReason = "wrong" // other goods than those ordered
	ReasonWeight    ReturnReason = "weight"
	ReasonGoodwill  ReturnReason = "goodwill" // the seller gives money for peace
)

// BuyerReasons are those that a buyer may give, in the order of asking.
func BuyerReasons() []ReturnReason {
	return []ReturnReason{ReasonDamaged, ReasonDescribed, ReasonWrong, ReasonWeight}
}

// Return is one claim of a buyer for money back. It is part of its order, so
// that what is claimed, sent, returned and paid back changes in one write.
type Return struct {
	ID       market.ID    `bson:"id"`
	Parcel   market.ID    `bson:"parcel"`
	Seller   market.ID    `bson:"seller"`
	Reason   ReturnReason `bson:"reason"`
	Lines    []ReturnLine `bson:"lines,omitempty"` // empty for goodwill
	Goods    market.VND   `bson:"goods"`           // claimed, of the lines
	Shipping market.VND   `bson:"shipping"`        // claimed, of the parcel's delivery
	Agreed   market.VND   `bson:"agreed"`          // what is to go back: all that is claimed, unless the platform decided on less
	Refunded market.VND   `bson:"refunded"`        // what went back
	Keep     bool         `bson:"keep,omitempty"`  // the buyer keeps the goods, or asks to
	State    ReturnState  `bson:"state"`
	Outcome  string       `bson:"outcome,omitempty"`  // of a closed one: see the outcomes
	Received bool         `bson:"received,omitempty"` // the goods are with the seller, and counted
	Try      int          `bson:"try,omitempty"`      // how often the money was refused
	Due      *time.Time   `bson:"due,omitempty"`      // when something happens by itself
	DecideBy *time.Time   `bson:"decide_by,omitempty"`
	Decision *Decision    `bson:"decision,omitempty"`
	Carrier  string       `bson:"carrier,omitempty"` // of the way back
	Tracking string       `bson:"tracking,omitempty"`
	Says     []Say        `bson:"says,omitempty"`
	AskedAt  time.Time    `bson:"asked_at"`
	EndedAt  *time.Time   `bson:"ended_at,omitempty"`
}

// ReturnLine is what a return claims of one line: units, or for goods that
// weighed too little the grams that were lacking.
type ReturnLine struct {
	Variant  market.ID  `bson:"variant" json:"variant"`
	Quantity int64      `bson:"quantity,omitempty" json:"quantity,omitempty"`
	Grams    int64      `bson:"grams,omitempty" json:"grams,omitempty"`
	Amount   market.VND `bson:"amount" json:"amount"`
}

// Decision is the platform's word in a dispute.
type Decision struct {
	Amount market.VND `bson:"amount" json:"amount"` // goes back to the buyer; 0 for nothing
	Back   bool       `bson:"back" json:"back"`     // the goods have to be sent back first
	Text   string     `bson:"text" json:"text"`     // the reasons, for both
	By     market.ID  `bson:"by" json:"by"`
	At     time.Time  `bson:"at" json:"at"`
}

// Side is who speaks in a return or complaint.
type Side string

// The sides.
const (
	SideBuyer    Side = "buyer"
	SideSeller   Side = "seller"
	SidePlatform Side = "platform"
)

// Say is what one side said, with photos that only the three sides see.
type Say struct {
	ID     market.ID `bson:"id,omitempty"` // made by whoever said it, so that saying it twice is once; often empty
	At     time.Time `bson:"at"`
	Side   Side      `bson:"side"`
	Text   string    `bson:"text"`
	Photos []string  `bson:"photos,omitempty"`
}

// The outcomes of returns that ended without money.
const (
	OutcomeWithdrawn = "withdrawn"
	OutcomeStands    = "refusal_stands" // the buyer did not ask the platform
	OutcomeNotSent   = "not_sent"       // in time
	OutcomeDecided   = "decided"        // by the platform, for the seller
)

var errReturn = market.NotFound("return.missing")

// Return is the return of that id; not found when the order has none.
func (o *Order) Return(id market.ID) (*Return, error) {
	for i := range o.Returns {
		if o.Returns[i].ID == id {
			return &o.Returns[i], nil
		}
	}
	return nil, errReturn
}

func (r *Return) to(next ReturnState) error { return ReturnSteps.move(&r.State, next) }

func (r *Return) close(outcome string) error {
	r.Outcome = outcome
	return r.to(ReturnClosed)
}

// boards are the worklists that the return is on: its seller's, and the
// platform's when it has to decide or to see to money.
func (r *Return) boards() []string {
	all := []string{string(r.Seller) + ":return"}
	if r.State.Open() {
		all = append(all, string(r.Seller)+":return.open")
	}
	if r.State == ReturnDisputed || r.State == ReturnOwed {
		all = append(all, boardDisputes)
	}
	return all
}

const boardDisputes = "platform:return"

// over does what happens by itself when a deadline is over.
func (r *Return) over() error {
	switch r.State {
	case ReturnRequested:
		if r.Reason == ReasonWeight {
			return r.to(ReturnRefunding) // there is nothing to send back
		}
		r.Keep = false
		return r.to(ReturnAccepted)
	case ReturnAccepted:
		return r.close(OutcomeNotSent)
	case ReturnRefused:
		return r.close(OutcomeStands)
	case ReturnSent:
		return r.to(ReturnDisputed)
	case ReturnReceived:
		return r.to(ReturnRefunding)
	}
	r.Due = nil
	return nil
}

// clock sets the deadline of the state that the return has just reached.
func (r *Return) clock(w Waits, now time.Time) {
	wait := map[ReturnState]time.Duration{
		ReturnRequested: w.Answer, ReturnAccepted: w.Send, ReturnRefused: w.Dispute,
		ReturnSent: w.Arrive, ReturnReceived: w.Inspect,
	}[r.State]
	r.Due, r.DecideBy = nil, nil
	if wait > 0 {
		r.Due = new(now.Add(wait))
	}
	if r.State == ReturnDisputed {
		r.DecideBy = new(now.Add(w.Decide))
	}
	if !r.State.Open() {
		r.EndedAt = &now
	}
}

// ReturnNews is the payload of the events with which a return reaches a state.
type ReturnNews struct {
	Order    market.ID    `json:"order"`
	Code     string       `json:"code"`
	Return   market.ID    `json:"return"`
	Parcel   market.ID    `json:"parcel"`
	Seller   market.ID    `json:"seller"`
	Buyer    market.ID    `json:"buyer,omitempty"`
	State    ReturnState  `json:"state"`
	Reason   ReturnReason `json:"reason"`
	Agreed   market.VND   `json:"agreed"`
	Try      int          `json:"try,omitempty"`
	Outcome  string       `json:"outcome,omitempty"`
	Goods    []Fate       `json:"goods,omitempty"` // what became of returned goods
	Decision *Decision    `json:"decision,omitempty"`
}

// returnNews notes the state that a return has reached and tells of it.
func (o *Order) returnNews(env market.Env, r *Return) market.Event {
	now := env.Now()
	r.clock(o.Waits, now)
	o.History = append(o.History, Entry{At: now, What: "return_" + string(r.State), Parcel: r.Parcel, Return: r.ID})
	news := ReturnNews{
		Order: o.ID, Code: o.Code, Return: r.ID, Parcel: r.Parcel, Seller: r.Seller, Buyer: o.Buyer,
		State: r.State, Reason: r.Reason, Agreed: r.Agreed, Try: r.Try, Outcome: r.Outcome, Decision: r.Decision,
	}
	if r.State == ReturnReceived {
		for _, l := range o.parcel(r.Parcel).Lines {
			news.Goods = append(news.Goods, Fate{l.Variant, l.Returned + l.GivenUp, l.Lost})
		}
	}
	return market.NewEvent(env, EventReturn(r.State), o.ID, news)
}

// claims are what the returns that are open or paid back claim of a line.
func (o *Order) claims(parcel, variant market.ID) (units, grams int64, amount market.VND) {
	for _, r := range o.Returns {
		if r.Parcel != parcel || r.State == ReturnClosed {
			continue
		}
		for _, l := range r.Lines {
			if l.Variant == variant {
				units, grams, amount = units+l.Quantity, grams+l.Grams, amount+l.Amount
			}
		}
	}
	return units, grams, amount
}

// Returnable is how many units of a line no return claims yet.
func (o *Order) Returnable(parcel market.ID, l Line) int64 {
	units, _, _ := o.claims(parcel, l.Variant)
	return l.Quantity - units
}

// MayReturn reports whether the buyer may still ask for money back for a
// parcel.
func (o *Order) MayReturn(p Parcel, now time.Time) bool {
	open := p.State == ParcelDelivered && p.ClosedAt == nil && p.DeliveredAt != nil && o.Waits.Version != ""
	return open && now.Before(p.DeliveredAt.Add(o.Waits.Close)) &&
		slices.ContainsFunc(p.Lines, func(l Line) bool { return o.Returnable(p.ID, l) > 0 })
}
