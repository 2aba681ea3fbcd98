package orders

import (
	"context"

	"chohue/store"
)

// shipping is what the room keeps to speak with carriers.
type shipping struct {
	carriers     Carriers
	carrierWaits []carrierWait
	notices      *store.Collection[CarrierNotice]
	freight      freight
}

func (s *shipping) openShipping(ctx context.Context, e store.Engine) (err error) {
	if s.carrierWaits, err = loadCarrierWaits(); err != nil {
		return err
	}
	s.notices, err = store.Open[CarrierNotice](ctx, e, store.Spec{Name: "carrier_notices", Indexes: []store.Index{
		{Name: "order", Fields: []string{"order", "at"}},
	}})
	return err
}
