package orders

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"chohue/market"
)

// evidenceLength is the length of the names of kept photos.
const evidenceLength = 32

func isEvidence(id string) bool {
	return len(id) == evidenceLength && strings.Trim(id, "0123456789abcdef") == ""
}

func evidenceFile(subject market.ID, id string) string {
	return "evidence/" + string(subject) + "/" + id + ".jpg"
}

// keepEvidence redraws a photo without what the camera wrote into it and keeps
// it under its subject. The same photo again is the same.
func (s *Service) keepEvidence(ctx context.Context, subject market.ID, data []byte) (string, error) {
	if s.files == nil {
		return "", market.Unavailable("photo.no_place")
	}
	clean, err := s.shelf.CleanPhoto(ctx, data)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	id := hex.EncodeToString(sum[:])[:evidenceLength]
	return id, s.files.Put(ctx, evidenceFile(subject, id), "image/jpeg", clean)
}

// AddComplaintEvidence keeps a photo for a complaint and returns its name, for
// one of its sides to say something with. Only the three sides will see it.
func (s *Service) AddComplaintEvidence(ctx context.Context, by market.Actor, id market.ID, key string, data []byte) (string, error) {
	c, err := s.Complaint(ctx, by, id, key)
	if err != nil {
		return "", err
	}
	return s.keepEvidence(ctx, c.ID, data)
}

// AddEvidence keeps a photo for the order's returns and returns its name. Only
// the buyer, the seller that it concerns and the platform will see it.
func (s *Service) AddEvidence(ctx context.Context, by market.Actor, order market.ID, key string, data []byte) (string, error) {
	o, err := s.Order(ctx, by, order, key)
	if err != nil {
		return "", err
	}
	return s.keepEvidence(ctx, o.ID, data)
}

// Evidence returns a photo of one of the order's returns, or of a parcel's
// handover, to whoever may see that return or parcel.
func (s *Service) Evidence(ctx context.Context, by market.Actor, order market.ID, key, photo string) ([]byte, error) {
	o, err := s.Order(ctx, by, order, key)
	if err != nil {
		return nil, err
	}
	shown := slices.ContainsFunc(o.Returns, func(r Return) bool { return shows(r.Says, photo) })
	proves := slices.ContainsFunc(o.Parcels, func(p Parcel) bool { return p.proves(photo) })
	if !shown && !proves || s.files == nil {
		return nil, market.NotFound("photo.missing")
	}
	return s.files.Get(ctx, evidenceFile(o.ID, photo))
}

func shows(says []Say, photo string) bool {
	return slices.ContainsFunc(says, func(s Say) bool { return slices.Contains(s.Photos, photo) })
}
