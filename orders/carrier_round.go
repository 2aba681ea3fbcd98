package orders

import (
	"context"
	"errors"

	"chohue/market"
	"chohue/store"
)

// AskCarriers asks about the parcels that were not heard of for a while, those
// first of which it is not known whether the carrier took them; calls off what
// nobody wants carried any more; and puts goods away that came back and that
// their seller has not looked at in time. It returns how many it looked at; a
// worker calls it every minute.
func (s *Service) AskCarriers(ctx context.Context) (int, error) {
	seen := 0
	var failed error
	page, err := s.orders.Find(ctx, store.Query{Index: "ask", To: s.env.Now(), Limit: carriersAskedAtOnce})
	if err != nil {
		return 0, err
	}
	for _, o := range page.Items {
		for _, p := range o.Parcels {
			g := p.Carriage
			if g == nil || g.AskAt == nil || g.AskAt.After(s.env.Now()) {
				continue
			}
			seen++
			failed = errors.Join(failed, s.askAbout(ctx, o.ID, p))
		}
	}
	return seen, failed
}

// askAbout does what is due for one parcel. That a carrier does not answer is
// no failure: it is asked again.
func (s *Service) askAbout(ctx context.Context, order market.ID, p Parcel) error {
	g := p.Carriage
	if g.InspectBy != nil && p.State == ParcelReturning {
		_, err := s.ComeBack(ctx, market.System, order, p.ID, p.unlooked())
		return errors.Join(err, s.askLater(ctx, order, p.ID))
	}
	carrier, ok := s.carriers.Named(g.Carrier)
	if !ok {
		return s.askLater(ctx, order, p.ID)
	}
	if g.CallOff && g.Live() {
		return errors.Join(s.callOff(ctx, order, p, carrier), s.askLater(ctx, order, p.ID))
	}
	forgotten := g.forgotten(s.env.Now())
	report, err := carrier.Track(ctx, g.waybill())
	switch {
	case err == nil:
		_, _, err = s.Heard(ctx, report)
	case market.KindOf(err) == market.KindNotFound && g.State == CarriageAsked:
		err = s.notTaken(ctx, order, p, carrier, forgotten)
	default:
		err = nil
	}
	return errors.Join(err, s.askLater(ctx, order, p.ID))
}

// unlooked is what counts as spoiled of goods that nobody looked at in time:
// all that is fresh.
func (p *Parcel) unlooked() Unfit {
	unfit := Unfit{}
	for _, l := range p.Lines {
		if p.Carriage.Fresh {
			unfit[l.Variant] = l.Quantity
		}
	}
	return unfit
}

// notTaken orders anew what the carrier says it knows nothing of: it was asked
// under our reference, which it keeps unique, or which it has just been looked
// for under.
func (s *Service) notTaken(ctx context.Context, order market.ID, p Parcel, carrier Carrier, forgotten bool) error {
	switch {
	case forgotten:
		return s.giveUpCarriage(ctx, order, p)
	case s.env.Now().Sub(p.Carriage.AskedAt) > createAnew:
		return nil // somebody has asked again just now
	}
	_, err := s.driveCarriage(ctx, market.System, order, p.ID, carrier)
	return err
}

// giveUpCarriage says that the carrier never took the order, so that the seller
// may choose again. Should it turn out to have it, its first word books it.
func (s *Service) giveUpCarriage(ctx context.Context, order market.ID, p Parcel) error {
	return s.changeParcel(ctx, order, p.ID, func(_ *Order, now *Parcel) ([]market.Event, error) {
		if g := now.Carriage; g != nil && g.Reference == p.Carriage.Reference && g.State == CarriageAsked && g.SentAt.Equal(p.Carriage.SentAt) {
			g.State, g.Attention, g.AskAt = CarriageRefused, "", nil
		}
		return nil, nil
	})
}

func (s *Service) askLater(ctx context.Context, order, parcel market.ID) error {
	waits, err := carrierWaitsAt(s.carrierWaits, s.env.Now())
	if err != nil {
		return err
	}
	return s.changeParcel(ctx, order, parcel, func(_ *Order, p *Parcel) ([]market.Event, error) {
		if p.Carriage != nil {
			if p.State.Ended() {
				p.Carriage.InspectBy = nil
			}
			p.Carriage.ask(s.env.Now(), waits)
		}
		return nil, nil
	})
}
