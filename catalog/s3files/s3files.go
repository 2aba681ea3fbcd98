// Package s3files keeps the catalog's photo files in a bucket of any store
// that speaks S3.
package s3files

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"chohue/market"
)

// Files implements catalog.Files.
type Files struct {
	client *minio.Client
	bucket string
	folder string
}

// cacheControl lets browsers and proxies keep a file for ever: its key comes
// from its content.
const cacheControl = "public, max-age=31536000, immutable"

// Open reaches the bucket of an address such as
//
//	s3://market-photos/hue?endpoint=s3.example.vn&region=hcm
//
// Behind the bucket may stand a folder. Parameters: endpoint (host and port;
// AWS when empty), region, and insecure=true for plain HTTP, which only a
// machine's own network should see. Keys come from the environment as AWS
// names them (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) or,
// without these, from the machine's role. A bucket that is not there or not
// ours is an error now, not at the first photo.
func Open(ctx context.Context, address string, transport http.RoundTripper) (*Files, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return nil, fmt.Errorf("files: %q is not s3://BUCKET", address)
	}
	q := u.Query()
	endpoint := q.Get("endpoint")
	if endpoint == "" {
		endpoint = "s3.amazonaws.com"
	}
	client, err := minio.New(endpoint, &minio.Options{
		Creds:  credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.IAM{}}),
		Secure: q.Get("insecure") != "true", Region: q.Get("region"), Transport: transport,
	})
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	f := &Files{client, u.Host, strings.Trim(u.Path, "/")}
	return f, f.check(ctx)
}

func (f *Files) check(ctx context.Context) error {
	found, err := f.client.BucketExists(ctx, f.bucket)
	if err != nil {
		return fmt.Errorf("files: bucket %q: %w", f.bucket, err)
	}
	if !found {
		return fmt.Errorf("files: there is no bucket %q", f.bucket)
	}
	return nil
}

func (f *Files) name(key string) string { return path.Join(f.folder, key) }

// Put writes the file, whole or not at all.
func (f *Files) Put(ctx context.Context, key, contentType string, data []byte) error {
	_, err := f.client.PutObject(ctx, f.bucket, f.name(key), bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{
		ContentType: contentType, CacheControl: cacheControl,
	})
	return err
}

// Get reads the file; not found "photo.missing" when there is none.
func (f *Files) Get(ctx context.Context, key string) ([]byte, error) {
	object, err := f.client.GetObject(ctx, f.bucket, f.name(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = object.Close() }()
	data, err := io.ReadAll(object)
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, market.NotFound("photo.missing")
	}
	return data, err
}

// Delete removes the file; one that is not there is removed already.
func (f *Files) Delete(ctx context.Context, key string) error {
	return f.client.RemoveObject(ctx, f.bucket, f.name(key), minio.RemoveObjectOptions{})
}

// Each calls do with the key of every file; in which order is not said.
func (f *Files) Each(ctx context.Context, do func(key string) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the listing when do has had enough
	prefix := ""
	if f.folder != "" {
		prefix = f.folder + "/"
	}
	for one := range f.client.ListObjects(ctx, f.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if one.Err != nil {
			return one.Err
		}
		if err := do(strings.TrimPrefix(one.Key, prefix)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Close lets go of the bucket; nothing is held open.
func (f *Files) Close() error { return nil }
