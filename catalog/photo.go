package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"chohue/market"
)

// MaxPhotoBytes is the largest photo file that is accepted.
const MaxPhotoBytes = 8 << 20

// PhotoKey names the file of a photo in one width.
func PhotoKey(id string, width int) string { return fmt.Sprintf("photos/%s-%d.jpg", id, width) }

// AddPhoto puts a photo behind those that the product has. The file is
// redrawn: upright, small, and without the place and time that cameras write
// into it. The same file again changes nothing.
func (s *Service) AddPhoto(ctx context.Context, by market.Actor, id market.ID, data []byte, alt market.Text) (*Product, error) {
	p, err := s.owned(ctx, by, id)
	if err != nil {
		return nil, err
	}
	var c market.Checks
	alt = lineIn(&c, "alt", alt, maxAlt)
	c.That(len(data) <= MaxPhotoBytes, "photo", "photo.large")
	if err := c.Err(); err != nil {
		return nil, err
	}
	photo := Photo{ID: photoID(data), Alt: alt}
	if p.hasPhoto(photo.ID) {
		return p, nil
	}
	if len(p.Photos) >= maxPhotos {
		return nil, errPhotos
	}
	if err := s.develop(ctx, &photo, data); err != nil {
		return nil, err
	}
	return s.amend(ctx, by, id, func(p *Product) (bool, error) { return p.addPhoto(photo) })
}

var errPhotos = market.Conflict("photo.many").With("max", maxPhotos)

func (p *Product) addPhoto(photo Photo) (bool, error) {
	if p.hasPhoto(photo.ID) {
		return false, nil
	}
	if len(p.Photos) >= maxPhotos {
		return false, errPhotos
	}
	p.Photos = append(p.Photos, photo)
	return true, nil
}

func (p *Product) hasPhoto(id string) bool {
	return slices.ContainsFunc(p.Photos, func(o Photo) bool { return o.ID == id })
}

// RemovePhoto takes a photo off the product; one that is not there is no
// error. Its files stay, because other products may show the same photo.
func (s *Service) RemovePhoto(ctx context.Context, by market.Actor, id market.ID, photo string) (*Product, error) {
	return s.amend(ctx, by, id, func(p *Product) (bool, error) {
		p.Photos = slices.DeleteFunc(p.Photos, func(o Photo) bool { return o.ID == photo })
		return false, nil
	})
}

// PhotoFile returns the JPEG of a photo in one of its widths.
func (s *Service) PhotoFile(ctx context.Context, id string, width int) ([]byte, error) {
	if len(id) != photoIDLength || strings.Trim(id, "0123456789abcdef") != "" || width <= 0 {
		return nil, market.NotFound("photo.missing")
	}
	return s.files.Get(ctx, PhotoKey(id, width))
}

const photoIDLength = 32

func photoID(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:photoIDLength]
}

// develop makes and keeps the files of the photo.
func (s *Service) develop(ctx context.Context, photo *Photo, data []byte) error {
	select {
	case s.desk <- struct{}{}:
		defer func() { <-s.desk }()
	case <-ctx.Done():
		return ctx.Err()
	}
	drawn, err := redraw(data)
	if err != nil {
		return err
	}
	photo.Width, photo.Height = drawn.width, drawn.height
	for _, f := range drawn.files {
		if err := s.files.Put(ctx, PhotoKey(photo.ID, f.width), "image/jpeg", f.data); err != nil {
			return err
		}
		photo.Widths = append(photo.Widths, f.width)
	}
	return nil
}
