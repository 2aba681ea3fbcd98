// Package blobfiles keeps the catalog's photo files in a bucket: a folder, or
// any store that gocloud.dev/blob has a driver for.
package blobfiles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // registers file://
	"gocloud.dev/gcerrors"

	"chohue/market"
)

// Files implements catalog.Files.
type Files struct{ bucket *blob.Bucket }

// cacheControl lets browsers and proxies keep a file for ever: its key comes
// from its content.
const cacheControl = "public, max-age=31536000, immutable"

// Open opens the bucket at address, such as file:///var/lib/market/files. A
// folder is made when it is not there, and holds nothing but the files.
func Open(ctx context.Context, address string) (*Files, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("files address: %w", err)
	}
	if u.Scheme == "file" {
		q := u.Query()
		for option, value := range map[string]string{"create_dir": "true", "metadata": "skip", "no_tmp_dir": "true"} {
			if !q.Has(option) {
				q.Set(option, value)
			}
		}
		u.RawQuery = q.Encode()
	}
	bucket, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return &Files{bucket}, nil
}

// Put writes the file, whole or not at all.
func (f *Files) Put(ctx context.Context, key, contentType string, data []byte) error {
	return f.bucket.WriteAll(ctx, key, data, &blob.WriterOptions{ContentType: contentType, CacheControl: cacheControl})
}

// Get reads the file; not found "photo.missing" when there is none.
func (f *Files) Get(ctx context.Context, key string) ([]byte, error) {
	data, err := f.bucket.ReadAll(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, market.NotFound("photo.missing")
	}
	return data, err
}

// Delete removes the file; one that is not there is removed already.
func (f *Files) Delete(ctx context.Context, key string) error {
	if err := f.bucket.Delete(ctx, key); gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	return nil
}

// Each calls do with the key of every file; in which order is not said.
func (f *Files) Each(ctx context.Context, do func(key string) error) error {
	all := f.bucket.List(nil)
	for {
		one, err := all.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(one.Key); err != nil {
			return err
		}
	}
}

// Close lets go of the bucket.
func (f *Files) Close() error { return f.bucket.Close() }
