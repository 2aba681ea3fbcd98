package catalog

import (
	"context"

	"golang.org/x/sync/semaphore"

	"chohue/store"
)

// photoRoom is what the catalog keeps for photos beside the products.
type photoRoom struct {
	origins     *store.Collection[PhotoOrigin]
	quotas      *store.Collection[photoQuota]
	uploads     *store.Collection[Upload]
	uploadParts *store.Collection[uploadPart]
	desk        *semaphore.Weighted // memory for decoding
}

func openPhotos(ctx context.Context, e store.Engine) (r photoRoom, err error) {
	r.desk = semaphore.NewWeighted(photoMemory)
	if r.origins, err = store.Open[PhotoOrigin](ctx, e, store.Spec{Name: "photo_origins"}); err != nil {
		return r, err
	}
	if r.quotas, err = store.Open[photoQuota](ctx, e, photoQuotaSpec); err != nil {
		return r, err
	}
	if r.uploads, err = store.Open[Upload](ctx, e, uploadSpec); err != nil {
		return r, err
	}
	r.uploadParts, err = store.Open[uploadPart](ctx, e, uploadPartSpec)
	return r, err
}
