package catalog

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// What one person may send in one day of Huế. A cooperative that lists its
// whole range does so within it; filling the disk takes many accounts.
const (
	maxPhotosDaily = 300
	maxBytesDaily  = 500 << 20
)

// photoQuota is what a person has sent on a day.
type photoQuota struct {
	store.Doc `bson:",inline"`
	Photos    int       `bson:"photos"`
	Bytes     int       `bson:"bytes"`
	ExpiresAt time.Time `bson:"expires_at"`
}

var photoQuotaSpec = store.Spec{Name: "photo_quotas", Indexes: []store.Index{{Name: "expiry", Fields: []string{"expires_at"}}}}

// spendPhotoQuota counts a photo before it is decoded, because decoding is what
// costs. Operators fill the shop and are not counted.
func (s *Service) spendPhotoQuota(ctx context.Context, by market.Actor, size int) error {
	if by.Is(market.RoleSystem, market.RoleOperator) {
		return nil
	}
	now := s.env.Now()
	id := by.Person + "." + market.ID(now.In(market.HueZone).Format(time.DateOnly))
	_, err := s.quotas.Upsert(ctx, id, func(q *photoQuota) ([]market.Event, error) {
		q.ExpiresAt = now.Add(48 * time.Hour)
		q.Photos, q.Bytes = q.Photos+1, q.Bytes+size
		if q.Photos > maxPhotosDaily || q.Bytes > maxBytesDaily {
			return nil, market.Conflict("photo.quota").With("max", maxPhotosDaily)
		}
		return nil, nil
	})
	return err
}
