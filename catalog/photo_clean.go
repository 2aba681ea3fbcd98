package catalog

import (
	"context"

	"chohue/market"
)

// CleanPhoto redraws a photo that is no product's: upright, small, as JPEG,
// and without the place and time that cameras write into it.
func (s *Service) CleanPhoto(ctx context.Context, data []byte) ([]byte, error) {
	if len(data) > MaxPhotoBytes {
		return nil, market.Invalid("photo.large", "photo")
	}
	n, err := inspect(data)
	if err != nil {
		return nil, err
	}
	if err := s.desk.Acquire(ctx, n.memory); err != nil {
		return nil, err
	}
	defer s.desk.Release(n.memory)
	drawn, err := n.redraw()
	if err != nil {
		return nil, err
	}
	largest := drawn.files[0]
	for _, f := range drawn.files {
		if f.width > largest.width {
			largest = f
		}
	}
	return largest.jpeg, nil
}
