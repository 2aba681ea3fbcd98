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

// MaxPhotoBytes is the largest photo file that is accepted: what a phone of 48
// megapixels writes, for those who send without script. Script makes photos
// smaller before they are sent.
const MaxPhotoBytes = 15 << 20

// PhotoFormat is a format that copies of a photo are kept in; it ends their
// names.
type PhotoFormat string

// The formats of copies. Every photo has JPEG; Photo.WebP says whether it has
// the other.
const (
	PhotoJPEG PhotoFormat = "jpg"
	PhotoWebP PhotoFormat = "webp"
)

var mediaTypes = map[PhotoFormat]string{PhotoJPEG: "image/jpeg", PhotoWebP: "image/webp"}

// MediaType is what HTTP calls the format; empty for one that is unknown.
func (f PhotoFormat) MediaType() string { return mediaTypes[f] }

// PhotoKey names the file of a photo in one width and format.
func PhotoKey(id string, width int, format PhotoFormat) string {
	return fmt.Sprintf("photos/%s-%d.%s", id, width, format)
}

// PhotoDraft is a photo as its seller hands it in.
type PhotoDraft struct {
	Data  []byte
	Alt   market.Text
	Place PlaceConsent
}

// AddPhoto puts a photo behind those that the product has, without asking
// where it was taken. See PutPhoto.
func (s *Service) AddPhoto(ctx context.Context, by market.Actor, id market.ID, data []byte, alt market.Text) (*Product, error) {
	return s.PutPhoto(ctx, by, id, PhotoDraft{Data: data, Alt: alt})
}

// PutPhoto puts a photo behind those that the product has. The file is
// redrawn: upright, small, and without the place and time that cameras write
// into it; the place is kept apart, and only when the seller agrees. The same
// file again changes nothing.
func (s *Service) PutPhoto(ctx context.Context, by market.Actor, id market.ID, d PhotoDraft) (*Product, error) {
	p, err := s.owned(ctx, by, id)
	if err != nil {
		return nil, err
	}
	var c market.Checks
	d.Alt = lineIn(&c, "alt", d.Alt, maxAlt)
	c.That(len(d.Data) <= MaxPhotoBytes, "photo", "photo.large")
	if err := c.Err(); err != nil {
		return nil, err
	}
	photo := Photo{ID: photoID(d.Data), Alt: d.Alt}
	if !p.hasPhoto(photo.ID) {
		if p, err = s.newPhoto(ctx, by, p, photo, d.Data); err != nil {
			return nil, err
		}
	}
	return p, s.keepPlace(ctx, by, p, photo.ID, d)
}

func (s *Service) newPhoto(ctx context.Context, by market.Actor, p *Product, photo Photo, data []byte) (*Product, error) {
	if len(p.Photos) >= maxPhotos {
		return nil, errPhotos
	}
	if err := s.spendPhotoQuota(ctx, by, len(data)); err != nil {
		return nil, err
	}
	if err := s.develop(ctx, &photo, data); err != nil {
		return nil, err
	}
	return s.amend(ctx, by, p.ID, func(p *Product) (bool, error) { return p.addPhoto(photo) })
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

// RemovePhoto takes a photo off the product, and with it the place where it
// was taken; one that is not there is no error. Its files stay, because other
// products may show the same photo.
func (s *Service) RemovePhoto(ctx context.Context, by market.Actor, id market.ID, photo string) (*Product, error) {
	p, err := s.amend(ctx, by, id, func(p *Product) (bool, error) {
		p.Photos = slices.DeleteFunc(p.Photos, func(o Photo) bool { return o.ID == photo })
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return p, s.forgetPlace(ctx, id, photo)
}

// PhotoFile returns the file of a photo in one of its widths and formats.
func (s *Service) PhotoFile(ctx context.Context, id string, width int, format PhotoFormat) ([]byte, error) {
	if len(id) != photoIDLength || strings.Trim(id, "0123456789abcdef") != "" || width <= 0 || format.MediaType() == "" {
		return nil, market.NotFound("photo.missing")
	}
	return s.files.Get(ctx, PhotoKey(id, width, format))
}

const photoIDLength = 32

func photoID(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])[:photoIDLength]
}

// photoMemory is what decoding may take in this process at one time, in bytes;
// who needs more than is left waits.
const photoMemory = maxMemory

// develop makes and keeps the files of the photo.
func (s *Service) develop(ctx context.Context, photo *Photo, data []byte) error {
	n, err := inspect(data)
	if err != nil {
		return err
	}
	if err := s.desk.Acquire(ctx, n.memory); err != nil {
		return err
	}
	defer s.desk.Release(n.memory)
	drawn, err := n.redraw()
	if err != nil {
		return err
	}
	photo.Width, photo.Height, photo.WebP = drawn.width, drawn.height, true
	for _, f := range drawn.files {
		if err := s.keepCopy(ctx, photo.ID, f); err != nil {
			return err
		}
		photo.Widths = append(photo.Widths, f.width)
	}
	return nil
}

func (s *Service) keepCopy(ctx context.Context, id string, f copyFile) error {
	if err := s.files.Put(ctx, PhotoKey(id, f.width, PhotoJPEG), PhotoJPEG.MediaType(), f.jpeg); err != nil {
		return err
	}
	return s.files.Put(ctx, PhotoKey(id, f.width, PhotoWebP), PhotoWebP.MediaType(), f.webp)
}
