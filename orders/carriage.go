package orders

import (
	"slices"
	"strconv"
	"time"

	"chohue/market"
)

// Carriage is a parcel's way with a carrier that we speak with. It is part of
// the order's document, so what the carrier says and what becomes of the parcel
// are one write.
type Carriage struct {
	Carrier   string        `bson:"carrier" json:"carrier"`
	Reference market.ID     `bson:"reference" json:"reference"` // ours, at the carrier
	Round     int           `bson:"round" json:"-"`             // how many carriers were asked for before this one
	State     CarriageState `bson:"state" json:"state"`
	Tracking  string        `bson:"tracking,omitempty" json:"tracking,omitempty"`
	Service   string        `bson:"service,omitempty" json:"service,omitempty"`
	Sort      string        `bson:"sort,omitempty" json:"sort,omitempty"`
	Fee       market.VND    `bson:"fee" json:"fee"` // the carrier's, as it last said
	COD       market.VND    `bson:"cod" json:"cod"` // to collect at the door
	Fragile   bool          `bson:"fragile,omitempty" json:"fragile,omitempty"`
	Fresh     bool          `bson:"fresh,omitempty" json:"fresh,omitempty"`
	AskedAt   time.Time     `bson:"asked_at" json:"asked_at"`
	SentAt    time.Time     `bson:"sent_at,omitempty" json:"-"`             // when the carrier was last asked to take it
	Words     string        `bson:"words,omitempty" json:"words,omitempty"` // the carrier's, when it refused

	Status   CarrierStatus `bson:"status,omitempty" json:"status,omitempty"` // as last applied
	Code     string        `bson:"code,omitempty" json:"code,omitempty"`     // the same, in the carrier's word
	StatusAt time.Time     `bson:"status_at,omitempty" json:"status_at"`
	HeardAt  time.Time     `bson:"heard_at,omitempty" json:"-"` // when the carrier last said anything
	// Attention is why a person has to look; empty when none has to.
	Attention Attention  `bson:"attention,omitempty" json:"attention,omitempty"`
	AskAt     *time.Time `bson:"ask_at,omitempty" json:"-"`                        // when the carrier is asked next
	CallOff   bool       `bson:"call_off,omitempty" json:"-"`                      // nobody wants it any more; the carrier is to be told
	InspectBy *time.Time `bson:"inspect_by,omitempty" json:"inspect_by,omitempty"` // until then the seller may say how returned goods are
	Reports   []Report   `bson:"reports,omitempty" json:"-"`                       // all that the carrier said, by its own times
}

// CarriageState is how far the agreement with the carrier is.
type CarriageState string

// The states of a carriage.
const (
	CarriageAsked     CarriageState = "asked"     // ordered; the answer is not known
	CarriageBooked    CarriageState = "booked"    // the carrier has it in its books
	CarriageRefused   CarriageState = "refused"   // the carrier said no
	CarriageCancelled CarriageState = "cancelled" // called off, by us or by the carrier
)

// CarriageSteps is how a carriage goes.
var CarriageSteps = Table[CarriageState]{
	{CarriageAsked, CarriageBooked, "the carrier has it, or is heard to have it"},
	{CarriageAsked, CarriageRefused, "the carrier says no, or knows nothing of it"},
	{CarriageAsked, CarriageCancelled, "called off"},
	{CarriageBooked, CarriageCancelled, "called off before it was fetched"},
	{CarriageRefused, CarriageBooked, "the carrier had it after all"},
}

// Live reports whether the carrier has, or may have, the parcel in its books.
func (g *Carriage) Live() bool {
	return g != nil && (g.State == CarriageAsked || g.State == CarriageBooked)
}

// Attention is why a person has to look at a parcel.
type Attention string

// The reasons.
const (
	AttentionUnsure  Attention = "unsure"  // nobody knows whether the carrier took the order
	AttentionUnknown Attention = "unknown" // the carrier used a word that we do not know
	AttentionPartial Attention = "partial" // the buyer took part of it
	AttentionOdd     Attention = "odd"     // what the carrier says does not follow from what was
	AttentionInspect Attention = "inspect" // returned goods wait to be looked at
)

// ends are what nothing follows at the carrier.
var carrierEnds = []CarrierStatus{CarrierDelivered, CarrierReturned, CarrierCancelled, CarrierLost, CarrierDamaged}

// rank orders statuses that a carrier dates with the same moment.
var carrierRank = []CarrierStatus{
	CarrierCreated, CarrierPickup, CarrierPicked, CarrierTransit, CarrierOut, CarrierFailed, CarrierPartly,
	CarrierReturning, CarrierDelivered, CarrierReturned, CarrierCancelled, CarrierLost, CarrierDamaged,
}

// referenceOf is what a parcel is called at a carrier. A second carriage of the
// same parcel is called otherwise: no carrier promises to take the same twice.
func referenceOf(parcel market.ID, round int) market.ID {
	if round == 0 {
		return parcel
	}
	return parcel + market.ID("-"+strconv.Itoa(round+1))
}

// hear keeps what the carrier says. applied tells whether it is news of where
// the parcel is: not when it was heard before, is older than what is known, or
// in a word that is not known.
func (g *Carriage) hear(r Report, now time.Time) (kept, applied bool) {
	if slices.ContainsFunc(g.Reports, func(k Report) bool { return k.Code == r.Code && k.At.Equal(r.At) }) {
		return false, false
	}
	g.keep(r)
	g.HeardAt = now
	if g.Fee == 0 {
		g.Fee = r.Fee // whatever else it says: with the parcel goes what its carriage costs
	}
	if r.Status == CarrierUnknown {
		g.Attention = AttentionUnknown
		return true, false
	}
	if !g.newer(r) {
		return true, false
	}
	if g.State == CarriageCancelled && r.Status != CarrierCancelled {
		g.Attention = AttentionOdd // called off, and carried all the same
		return true, false
	}
	g.Status, g.Code, g.StatusAt = r.Status, r.Code, r.At
	if r.Fee > 0 {
		g.Fee = r.Fee
	}
	if g.Attention == AttentionUnknown || g.Attention == AttentionUnsure {
		g.Attention = ""
	}
	return true, true
}

// newer reports whether what is said came after what was applied last.
func (g *Carriage) newer(r Report) bool {
	if g.Status == "" || r.At.After(g.StatusAt) {
		return true
	}
	return r.At.Equal(g.StatusAt) && slices.Index(carrierRank, r.Status) > slices.Index(carrierRank, g.Status)
}

// keep puts the report in its place. Of a carrier that talks without end the
// oldest words go.
func (g *Carriage) keep(r Report) {
	i := slices.IndexFunc(g.Reports, func(k Report) bool { return k.At.After(r.At) })
	if i < 0 {
		i = len(g.Reports)
	}
	g.Reports = slices.Insert(g.Reports, i, r)
	if over := len(g.Reports) - maxReports; over > 0 {
		g.Reports = slices.Delete(g.Reports, 0, over)
	}
}

// ask says when the carrier is asked next: soon while it is not known whether
// it took the order, after a silence while it has the parcel, never when it is
// done with it.
func (g *Carriage) ask(now time.Time, waits carrierWaits) {
	g.AskAt = nil
	var next time.Time
	switch {
	case g.State == CarriageAsked, g.CallOff && g.Live():
		next = now.Add(waits.unsure)
	case g.State == CarriageBooked && !slices.Contains(carrierEnds, g.Status):
		next = now.Add(waits.silence)
	case g.InspectBy != nil:
		next = *g.InspectBy
	default:
		return
	}
	g.AskAt = &next
}

// way is a status as steps of a parcel; each is taken that the table allows
// from where the parcel is.
type wayStep struct {
	state ParcelState
	event string
}

var (
	stepShipped     = wayStep{ParcelShipped, EventShipped}
	stepDelivered   = wayStep{ParcelDelivered, EventDelivered}
	stepUndelivered = wayStep{ParcelUndelivered, EventUndelivered}
	stepReturning   = wayStep{ParcelReturning, EventReturning}
	stepLost        = wayStep{ParcelLost, EventLost}
)

// carrierSteps reads aloud: what the carrier has is shipped; what it has
// delivered was shipped and is delivered; and so on. The buyer's part of a
// parcel, returned goods and what was called off are for people to settle.
var carrierSteps = map[CarrierStatus][]wayStep{
	CarrierPicked:    {stepShipped},
	CarrierTransit:   {stepShipped},
	CarrierOut:       {stepShipped},
	CarrierPartly:    {stepShipped},
	CarrierDelivered: {stepShipped, stepDelivered},
	CarrierFailed:    {stepShipped, stepUndelivered},
	CarrierReturning: {stepShipped, stepReturning},
	CarrierReturned:  {stepShipped, stepReturning},
	CarrierLost:      {stepShipped, stepLost},
	CarrierDamaged:   {stepShipped, stepLost},
}

// hear takes a carrier's report into the order: one write, with all its news.
func (o *Order) hear(env market.Env, p *Parcel, r Report, waits carrierWaits) (news bool, events []market.Event, err error) {
	g := p.Carriage
	kept, applied := g.hear(r, env.Now())
	if !kept {
		return false, nil, nil
	}
	if g.Tracking == "" {
		g.Tracking = r.Tracking
	}
	if g.State == CarriageAsked || g.State == CarriageRefused && r.Status != CarrierCancelled {
		g.booked(env, p)
	}
	if applied {
		if events, err = o.follow(env, p, r); err != nil {
			return false, nil, err
		}
		g.settle(p, env.Now(), waits)
	}
	if !g.CallOff {
		p.Carrier, p.Tracking = g.Carrier, g.Tracking
	}
	g.ask(env.Now(), waits)
	o.arrange()
	return true, events, nil
}

// follow moves the parcel to where the carrier has it. What does not follow
// from where it is moves nothing and asks for a person.
func (o *Order) follow(env market.Env, p *Parcel, r Report) (events []market.Event, err error) {
	switch {
	case p.Carriage.CallOff && r.Status != CarrierCancelled:
		return nil, nil // it is not to go with this carrier
	case r.Status == CarrierCancelled:
		if p.Carriage.CallOff || p.State == ParcelPacked || p.State == ParcelNew || p.State == ParcelCancelled {
			p.Carriage.State = CarriageCancelled
		} else {
			p.Carriage.Attention = AttentionOdd
		}
		return nil, nil
	}
	steps := carrierSteps[r.Status]
	for i, step := range steps {
		last := i == len(steps)-1
		if p.State == step.state || !last && p.State != ParcelPacked {
			continue
		}
		if !ParcelSteps.May(p.State, step.state) {
			if last && !p.beyond(step.state) {
				p.Carriage.Attention = AttentionOdd
			}
			continue
		}
		more, err := o.carry(env, p, step, r)
		if err != nil {
			return nil, err
		}
		events = append(events, more...)
	}
	return events, nil
}

// beyond reports whether the parcel has been in the state already: the news is
// old to us, for a person was quicker.
func (p *Parcel) beyond(state ParcelState) bool {
	switch state {
	case ParcelShipped:
		return p.ShippedAt != nil
	case ParcelReturning:
		return p.State == ParcelReturned
	}
	return false
}

// carry takes one step, as advance does for people.
func (o *Order) carry(env market.Env, p *Parcel, step wayStep, r Report) ([]market.Event, error) {
	if err := p.to(step.state); err != nil {
		return nil, err
	}
	now := env.Now()
	p.Why = r.Reason
	switch step.state {
	case ParcelShipped:
		p.Why, p.ShippedAt = "", &now
		p.Carrier, p.Tracking = p.Carriage.Carrier, p.Carriage.Tracking
	case ParcelDelivered:
		p.Why, p.DeliveredAt = "", &now
	case ParcelLost:
		if err := p.settleFate(nil); err != nil {
			return nil, err
		}
	}
	return o.advanced(env, *p, step.event)
}

// settle notes what a person has to do after the carrier's word.
func (g *Carriage) settle(p *Parcel, now time.Time, waits carrierWaits) {
	switch {
	case g.Status == CarrierPartly:
		g.Attention = AttentionPartial
	case g.Status == CarrierReturned && p.State == ParcelReturning:
		by := now.Add(waits.inspect)
		g.Attention, g.InspectBy = AttentionInspect, &by
	case g.Attention == AttentionPartial && p.State == ParcelDelivered:
		g.Attention = ""
	}
}

// ways are the names by which a carrier's word finds the order.
func (o *Order) ways() []string {
	var out []string
	for _, p := range o.Parcels {
		if g := p.Carriage; g != nil {
			out = append(out, wayKey(g.Carrier, string(g.Reference)))
			if g.Tracking != "" {
				out = append(out, wayKey(g.Carrier, g.Tracking))
			}
		}
	}
	return out
}

func wayKey(carrier, name string) string { return carrier + ":" + name }

// askAt is when the first of the order's carriers is asked next.
func (o *Order) askAt() *time.Time {
	var first *time.Time
	for _, p := range o.Parcels {
		if p.Carriage != nil && p.Carriage.AskAt != nil && (first == nil || p.Carriage.AskAt.Before(*first)) {
			first = p.Carriage.AskAt
		}
	}
	return first
}
