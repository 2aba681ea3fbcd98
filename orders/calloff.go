package orders

import (
	"context"
	"time"

	"chohue/market"
)

// letGo says that nobody wants the parcel carried any more: a round calls its
// carriage off (see [Service.AskCarriers]), if need be after it has found out
// whether the carrier took the order at all.
func (g *Carriage) letGo(env market.Env) {
	if g.Live() {
		g.CallOff, g.AskAt = true, new(env.Now())
	}
}

// booked notes that the carrier has the parcel in its books, be it that it had
// refused at first. Of a parcel that goes another way by now it is to let go.
func (g *Carriage) booked(env market.Env, p *Parcel) {
	late := g.State == CarriageRefused && p.State != ParcelPacked
	g.State, g.Words = CarriageBooked, ""
	if late {
		g.letGo(env)
	}
}

// Whatever a carrier was asked and did not answer reaches it within this time or
// never: no request waits longer.
const inFlight = 2 * time.Minute

// forgotten reports whether a carrier that knows nothing of the parcel now will
// not come to know of it.
func (g *Carriage) forgotten(now time.Time) bool {
	return now.Sub(g.AskedAt) > createAnew && now.Sub(g.SentAt) > inFlight
}

// send writes down that the carrier is asked to take the parcel now, unless that
// has been settled; then it reports false.
func (s *Service) send(ctx context.Context, order, parcel, reference market.ID) (asked bool, err error) {
	err = s.changeParcel(ctx, order, parcel, func(_ *Order, p *Parcel) ([]market.Event, error) {
		g := p.Carriage
		if asked = g != nil && g.Reference == reference && g.State == CarriageAsked; asked {
			g.SentAt = s.env.Now()
		}
		return nil, nil
	})
	return asked, err
}

// callOff calls a carriage off that may be live at its carrier. One whose number
// is not known is asked for first; of one that is on its way it is heard where it
// is. That the carrier does not answer changes nothing: it is asked again.
func (s *Service) callOff(ctx context.Context, order market.ID, p Parcel, carrier Carrier) error {
	w := p.Carriage.waybill()
	if w.Tracking == "" {
		forgotten := p.Carriage.forgotten(s.env.Now())
		report, err := carrier.Track(ctx, w)
		switch {
		case err == nil:
			w.Tracking = report.Tracking
		case market.KindOf(err) == market.KindNotFound && forgotten:
			return s.giveUpCarriage(ctx, order, p)
		default:
			return nil
		}
		if _, _, err := s.Heard(ctx, report); err != nil {
			return err
		}
	}
	switch err := carrier.Cancel(ctx, w); {
	case err == nil, market.KindOf(err) == market.KindNotFound:
		return s.calledOff(ctx, order, p)
	case market.KindOf(err) == market.KindConflict:
		return s.onItsWay(ctx, order, p, carrier)
	}
	return nil
}

// calledOff writes down that the carrier does not come.
func (s *Service) calledOff(ctx context.Context, order market.ID, was Parcel) error {
	return s.changeParcel(ctx, order, was.ID, func(_ *Order, p *Parcel) ([]market.Event, error) {
		if g := p.Carriage; g.Live() && g.Reference == was.Carriage.Reference && (g.CallOff || p.State == ParcelPacked) {
			if p.State == ParcelPacked {
				p.Carrier, p.Tracking = "", ""
			}
			g.State, g.AskAt, g.CallOff = CarriageCancelled, nil, false
		}
		return nil, nil
	})
}

// onItsWay is what the carrier says of a parcel that it will not let go: when it
// was given up here, a person has to look.
func (s *Service) onItsWay(ctx context.Context, order market.ID, was Parcel, carrier Carrier) error {
	if report, err := carrier.Track(ctx, was.Carriage.waybill()); err == nil {
		if _, _, err := s.Heard(ctx, report); err != nil {
			return err
		}
	}
	return s.changeParcel(ctx, order, was.ID, func(_ *Order, p *Parcel) ([]market.Event, error) {
		if g := p.Carriage; g.Live() && g.CallOff && g.Reference == was.Carriage.Reference {
			g.CallOff, g.Attention = false, AttentionOdd
		}
		return nil, nil
	})
}

// undecided reports whether a parcel that is not sent in time may be on its way
// all the same: a carrier that can be asked has it in its books, or may have.
func (s *Service) undecided(p *Parcel) bool {
	if p.State != ParcelPacked || !p.Carriage.Live() {
		return false
	}
	carrier, ok := s.carriers.Named(p.Carriage.Carrier)
	_, blind := carrier.(Blind)
	return ok && (!blind || p.Carriage.Tracking != "")
}

// callOffLate calls off the carriages of parcels that are to be cancelled because
// they are late: what its carrier has fetched is not late.
func (s *Service) callOffLate(ctx context.Context, o *Order) error {
	for _, p := range o.Parcels {
		at := o.parcelDue(&p)
		if !s.undecided(&p) || at == nil || at.After(s.env.Now()) {
			continue
		}
		carrier, _ := s.carriers.Named(p.Carriage.Carrier)
		if err := s.callOff(ctx, o.ID, p, carrier); err != nil {
			return err
		}
	}
	return nil
}
