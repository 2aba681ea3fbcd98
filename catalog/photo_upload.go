package catalog

import (
	"bytes"
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// Limits of photos that come in parts.
const (
	// MaxUploadPart is the most that is taken at one time, in bytes.
	MaxUploadPart  = 1 << 20
	maxOpenUploads = 30 // of one person
	maxUploadParts = 1000
	uploadLife     = 24 * time.Hour
)

// Upload is a photo on its way, in parts, over a connection that breaks. Its
// id is made by the client and is its owner's alone: the same id of another
// person is another upload.
type Upload struct {
	store.Doc `bson:",inline"`
	Key       market.ID    `bson:"key"` // the id as the client knows it
	Owner     market.ID    `bson:"owner"`
	Product   market.ID    `bson:"product,omitempty"` // where the photo goes by itself; empty when a form will say
	Length    int64        `bson:"length"`            // bytes of the whole file
	Offset    int64        `bson:"offset"`            // bytes that have arrived
	Parts     []market.ID  `bson:"parts,omitempty"`
	Alt       market.Text  `bson:"alt"`
	Place     PlaceConsent `bson:"place"`
	Done      bool         `bson:"done,omitempty"` // the photo is with its product
	ExpiresAt time.Time    `bson:"expires_at"`
}

// uploadPart is what arrived in one request.
type uploadPart struct {
	store.Doc `bson:",inline"`
	Data      []byte    `bson:"data"`
	ExpiresAt time.Time `bson:"expires_at"`
}

var (
	uploadSpec = store.Spec{Name: "uploads", Indexes: []store.Index{
		{Name: "expiry", Fields: []string{"expires_at"}},
		{Name: "owner", Fields: []string{"owner", "expires_at"}},
	}}
	uploadPartSpec = store.Spec{Name: "upload_parts", Indexes: []store.Index{{Name: "expiry", Fields: []string{"expires_at"}}}}
)

// UploadDraft is what is said before the first byte.
type UploadDraft struct {
	ID      market.ID
	Product market.ID // optional
	Length  int64
	Alt     market.Text
	Place   PlaceConsent
}

func uploadID(by market.Actor, key market.ID) market.ID { return by.Person + "." + key }

// BeginUpload opens an upload for somebody signed in. The same draft again
// gives the upload that is already there.
func (s *Service) BeginUpload(ctx context.Context, by market.Actor, d UploadDraft) (*Upload, error) {
	if by.Person == "" {
		return nil, market.Unauthenticated("upload.signin")
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.Product != "" {
		if _, err := s.owned(ctx, by, d.Product); err != nil {
			return nil, err
		}
	}
	u := &Upload{
		Doc: store.Doc{ID: uploadID(by, d.ID)}, Key: d.ID, Owner: by.Person, Product: d.Product, Length: d.Length,
		Alt: d.Alt, Place: d.Place, ExpiresAt: s.env.Now().Add(uploadLife),
	}
	if found, err := s.Upload(ctx, by, d.ID); market.KindOf(err) != market.KindNotFound {
		return found.same(u, err)
	}
	if err := s.mayOpen(ctx, by); err != nil {
		return nil, err
	}
	err := s.uploads.Insert(ctx, u)
	if store.Exists(err) {
		found, err := s.Upload(ctx, by, d.ID)
		return found.same(u, err)
	}
	return u, err
}

func (d *UploadDraft) check() error {
	var c market.Checks
	checkID(&c, "id", d.ID)
	c.That(d.ID != "", "id", "upload.id_missing")
	c.That(d.Length > 0, "length", "upload.length")
	c.That(d.Length <= MaxPhotoBytes, "length", "photo.large")
	d.Alt = lineIn(&c, "alt", d.Alt, maxAlt)
	return c.Err()
}

// same returns u, the upload found, if next is the same again.
func (u *Upload) same(next *Upload, err error) (*Upload, error) {
	if err != nil {
		return nil, err
	}
	if u.Length != next.Length || next.Product != "" && u.Product != next.Product {
		return nil, market.Conflict("upload.taken")
	}
	return u, nil
}

func (s *Service) mayOpen(ctx context.Context, by market.Actor) error {
	open, err := s.uploads.Find(ctx, store.Query{Index: "owner", Eq: []any{by.Person}, From: s.env.Now(), Limit: maxOpenUploads})
	if err != nil {
		return err
	}
	if len(open.Items) == maxOpenUploads {
		return market.Conflict("upload.many").With("max", maxOpenUploads)
	}
	return nil
}

// Upload returns an upload of by; not found for any other.
func (s *Service) Upload(ctx context.Context, by market.Actor, key market.ID) (*Upload, error) {
	u, err := s.uploads.Get(ctx, uploadID(by, key))
	if store.Missing(err) || err == nil && !s.env.Now().Before(u.ExpiresAt) {
		return nil, errUpload
	}
	return u, err
}

var errUpload = market.NotFound("upload.missing")

// AppendUpload takes the next bytes of an upload. They must begin where the
// last ones ended: else conflict "upload.offset", and the client asks how far
// it got. With the last byte the photo is put to its product, if the upload
// has one; a file that is no photo is the error that PutPhoto gives.
func (s *Service) AppendUpload(ctx context.Context, by market.Actor, key market.ID, offset int64, data []byte) (*Upload, error) {
	u, err := s.Upload(ctx, by, key)
	if err != nil {
		return nil, err
	}
	if err := u.takes(offset, len(data)); err != nil || len(data) == 0 {
		return u, err
	}
	if u.Product != "" && offset+int64(len(data)) == u.Length {
		return s.finishUpload(ctx, by, u, data)
	}
	part := &uploadPart{Doc: store.Doc{ID: u.ID + "." + s.env.NewID()}, Data: data, ExpiresAt: u.ExpiresAt}
	if err := s.uploadParts.Insert(ctx, part); err != nil {
		return nil, err
	}
	next, err := s.uploads.Update(ctx, u.ID, func(u *Upload) ([]market.Event, error) {
		if err := u.takes(offset, len(data)); err != nil {
			return nil, err
		}
		u.Parts, u.Offset = append(u.Parts, part.ID), offset+int64(len(data))
		return nil, nil
	})
	if err != nil {
		return nil, s.dropParts(ctx, err, part.ID)
	}
	return next, nil
}

// takes checks that the bytes fit behind those that are there.
func (u *Upload) takes(offset int64, n int) error {
	if offset != u.Offset {
		return market.Conflict("upload.offset").With("at", u.Offset)
	}
	if n > MaxUploadPart || offset+int64(n) > u.Length || len(u.Parts) >= maxUploadParts {
		return market.Invalid("upload.over", "body")
	}
	return nil
}

// finishUpload puts the photo to its product before it says that the last byte
// has arrived: cut off in between, the client sends that byte again.
func (s *Service) finishUpload(ctx context.Context, by market.Actor, u *Upload, last []byte) (*Upload, error) {
	data, err := s.gather(ctx, u)
	if err != nil {
		return nil, err
	}
	draft := PhotoDraft{Data: append(data, last...), Alt: u.Alt, Place: u.Place}
	if _, err := s.PutPhoto(ctx, by, u.Product, draft); err != nil {
		return nil, err
	}
	return s.closeUpload(ctx, u, u.Product)
}

func (s *Service) closeUpload(ctx context.Context, u *Upload, product market.ID) (*Upload, error) {
	parts := u.Parts
	next, err := s.uploads.Update(ctx, u.ID, func(u *Upload) ([]market.Event, error) {
		u.Product, u.Offset, u.Parts, u.Done = product, u.Length, nil, true
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return next, s.dropParts(ctx, nil, parts...)
}

// TakeUpload puts the photo of a whole upload to the product: how a form takes
// photos that were sent before it. Taken twice it is the same photo.
func (s *Service) TakeUpload(ctx context.Context, by market.Actor, product, key market.ID, place PlaceConsent) (*Product, error) {
	u, err := s.Upload(ctx, by, key)
	if err != nil {
		return nil, err
	}
	if u.Done && u.Product == product {
		return s.owned(ctx, by, product)
	}
	if u.Done || u.Offset < u.Length {
		return nil, market.Conflict("upload.unfinished")
	}
	data, err := s.gather(ctx, u)
	if err != nil {
		return nil, err
	}
	p, err := s.PutPhoto(ctx, by, product, PhotoDraft{Data: data, Alt: u.Alt, Place: place})
	if err != nil {
		return nil, err
	}
	_, err = s.closeUpload(ctx, u, product)
	return p, err
}

func (s *Service) gather(ctx context.Context, u *Upload) ([]byte, error) {
	var out bytes.Buffer
	for _, id := range u.Parts {
		part, err := s.uploadParts.Get(ctx, id)
		if err != nil {
			return nil, missingUpload(err)
		}
		out.Write(part.Data)
	}
	return out.Bytes(), nil
}

// missingUpload: parts go when another tab has finished.
func missingUpload(err error) error {
	if store.Missing(err) {
		return market.Conflict("upload.unfinished")
	}
	return err
}

// CancelUpload forgets an upload of by.
func (s *Service) CancelUpload(ctx context.Context, by market.Actor, key market.ID) error {
	u, err := s.Upload(ctx, by, key)
	if err != nil {
		return err
	}
	return s.dropUpload(ctx, u)
}

func (s *Service) dropUpload(ctx context.Context, u *Upload) error {
	if err := s.dropParts(ctx, nil, u.Parts...); err != nil {
		return err
	}
	if err := s.uploads.Delete(ctx, u.ID); err != nil && !store.Missing(err) {
		return err
	}
	return nil
}

// dropParts deletes parts and returns why, or what went wrong in doing so.
func (s *Service) dropParts(ctx context.Context, why error, ids ...market.ID) error {
	for _, id := range ids {
		if err := s.uploadParts.Delete(ctx, id); err != nil && !store.Missing(err) {
			return err
		}
	}
	return why
}

// SweepUploads deletes uploads and parts whose time is over, and counts of days
// gone by. It returns how many it deleted.
func (s *Service) SweepUploads(ctx context.Context) (int, error) {
	over := store.Query{Index: "expiry", To: s.env.Now(), Limit: store.MaxLimit}
	uploads, err := sweep(ctx, s.uploads, over, func(u *Upload) market.ID { return u.ID })
	if err != nil {
		return uploads, err
	}
	parts, err := sweep(ctx, s.uploadParts, over, func(p *uploadPart) market.ID { return p.ID })
	if err != nil {
		return uploads + parts, err
	}
	counts, err := sweep(ctx, s.quotas, over, func(q *photoQuota) market.ID { return q.ID })
	return uploads + parts + counts, err
}

func sweep[T any](ctx context.Context, from *store.Collection[T], over store.Query, id func(*T) market.ID) (int, error) {
	page, err := from.Find(ctx, over)
	if err != nil {
		return 0, err
	}
	for i, item := range page.Items {
		if err := from.Delete(ctx, id(item)); err != nil && !store.Missing(err) {
			return i, err
		}
	}
	return len(page.Items), nil
}
