package main

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"

	"chohue/catalog"
	"chohue/catalog/blobfiles"
	"chohue/catalog/s3files"
)

// files keeps photos and recordings and is let go of in the end.
type files interface {
	catalog.Files
	// Each calls do with every key.
	Each(ctx context.Context, do func(key string) error) error
	// Delete removes a file; one that is not there is removed already.
	Delete(ctx context.Context, key string) error
	Close() error
}

// openFiles opens the place that the configuration names for photos; without
// one a folder beside the other data.
func openFiles(ctx context.Context, c Config) (files, error) {
	if strings.HasPrefix(c.Files, "s3://") {
		return s3files.Open(ctx, c.Files, nil)
	}
	if c.Files != "" {
		return blobfiles.Open(ctx, c.Files)
	}
	folder, err := filepath.Abs(filepath.Join(c.Data, "files"))
	if err != nil {
		return nil, err
	}
	return blobfiles.Open(ctx, (&url.URL{Scheme: "file", Path: filepath.ToSlash(folder)}).String())
}
