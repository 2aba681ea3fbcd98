package orders

import (
	"context"
	"errors"
	"net/http"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// CarrierNotice is one call of a carrier, kept as it came before anybody knows
// whether it is genuine.
type CarrierNotice struct {
	store.Doc `bson:",inline"`
	Carrier   string           `bson:"carrier"`
	Body      []byte           `bson:"body"`
	Size      int              `bson:"size"` // of the body as it came
	At        time.Time        `bson:"at"`
	Verdict   payments.Verdict `bson:"verdict"`
	Reason    string           `bson:"reason,omitempty"` // error key
	Order     market.ID        `bson:"order,omitempty"`  // known once verified
}

// HearCarrier takes a callback of the named carrier: keeps its bytes, verifies
// it, takes what it says into the order once, and returns what the carrier wants
// to hear, which is to be sent whatever the error. The address that was called
// is not kept: it holds the carrier's secret.
func (s *Service) HearCarrier(ctx context.Context, name string, raw payments.Raw) (payments.Reply, error) {
	carrier, ok := s.carriers.Named(name)
	if !ok {
		return payments.Reply{Status: http.StatusNotFound, ContentType: "text/plain; charset=utf-8"}, errCarrier
	}
	kept := &CarrierNotice{
		Doc: store.Doc{ID: s.env.NewID()}, Carrier: name, Body: raw.Body[:min(len(raw.Body), payments.MaxNotice)], Size: len(raw.Body),
		At: s.env.Now(), Verdict: payments.VerdictReceived,
	}
	if err := s.notices.Insert(ctx, kept); err != nil {
		return carrier.Reply(err), err
	}
	order, news, err := s.hearNotice(ctx, carrier, raw)
	if judged := s.judgeNotice(ctx, kept.ID, order, news, err); judged != nil && err == nil {
		err = judged
	}
	return carrier.Reply(err), err
}

func (s *Service) hearNotice(ctx context.Context, carrier Carrier, raw payments.Raw) (order market.ID, news bool, err error) {
	if len(raw.Body) > payments.MaxNotice {
		return "", false, market.Invalid("carrier.notice_form", "")
	}
	report, err := carrier.Notice(ctx, raw)
	if err != nil {
		return "", false, err
	}
	return s.Heard(ctx, report)
}

func (s *Service) judgeNotice(ctx context.Context, id, order market.ID, news bool, err error) error {
	_, failed := s.notices.Update(ctx, id, func(n *CarrierNotice) ([]market.Event, error) {
		n.Order, n.Verdict = order, noticeVerdict(news, err)
		var e *market.Error
		if errors.As(err, &e) {
			n.Reason = e.Key
		}
		return nil, nil
	})
	return failed
}

func noticeVerdict(news bool, err error) payments.Verdict {
	switch kind := market.KindOf(err); {
	case err == nil && news:
		return payments.VerdictApplied
	case err == nil:
		return payments.VerdictRepeated
	case kind == market.KindNotFound:
		return payments.VerdictUnknown
	case kind == market.KindInternal, kind == market.KindUnavailable:
		return payments.VerdictFailed
	}
	return payments.VerdictRefused
}

// Heard takes a carrier's report into the order that it is about: the one
// function that notices and questions end in. news tells whether it said
// anything that was not known. A report of no parcel of ours is not found.
func (s *Service) Heard(ctx context.Context, r Report) (order market.ID, news bool, err error) {
	o, parcel, err := s.carried(ctx, r)
	if err != nil {
		return "", false, err
	}
	waits, err := carrierWaitsAt(s.carrierWaits, s.env.Now())
	if err != nil {
		return "", false, err
	}
	err = s.changeParcel(ctx, o, parcel, func(o *Order, p *Parcel) (events []market.Event, err error) {
		news = false
		if p.Carriage == nil || !p.Carriage.is(r) {
			return nil, nil
		}
		news, events, err = o.hear(s.env, p, r, waits)
		return events, err
	})
	return o, news, err
}

// is reports whether the carrier speaks of this carriage.
func (g *Carriage) is(r Report) bool {
	return g.Carrier == r.Carrier && (g.Tracking == r.Tracking && r.Tracking != "" || g.Reference == r.Reference && (g.Tracking == "" || g.Tracking == r.Tracking))
}

// carried finds the parcel that a carrier speaks of.
func (s *Service) carried(ctx context.Context, r Report) (order, parcel market.ID, err error) {
	for _, name := range []string{r.Tracking, string(r.Reference)} {
		if name == "" || len(name) > maxTracking {
			continue
		}
		page, err := s.orders.Find(ctx, store.Query{Index: "way", Eq: []any{wayKey(r.Carrier, name)}, Limit: 2})
		if err != nil {
			return "", "", err
		}
		for _, o := range page.Items {
			for _, p := range o.Parcels {
				if p.Carriage != nil && p.Carriage.is(r) {
					return o.ID, p.ID, nil
				}
			}
		}
	}
	return "", "", market.NotFound("carrier.parcel_missing")
}

// CarrierNotices lists what was heard about an order, oldest first; for staff.
func (s *Service) CarrierNotices(ctx context.Context, by market.Actor, order market.ID) ([]*CarrierNotice, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errOrder
	}
	page, err := s.notices.Find(ctx, store.Query{Index: "order", Eq: []any{order}, Limit: maxReports})
	return page.Items, err
}
