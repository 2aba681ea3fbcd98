package main

import (
	"bytes"
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// TestBackupHoldsFilesOfS3 keeps photos in an S3 server of others' making,
// copies the market, and restores the copy to another bucket and to a folder:
// every file is there again, to the byte.
func TestBackupHoldsFilesOfS3(t *testing.T) {
	ctx := t.Context()
	t.Setenv("AWS_ACCESS_KEY_ID", "market")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of-the-test")
	backend := s3mem.New()
	for _, bucket := range []string{"photos", "elsewhere"} {
		if err := backend.CreateBucket(bucket); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	at := func(bucket string) string {
		return "s3://" + bucket + "/hue?region=us-east-1&insecure=true&endpoint=" + strings.TrimPrefix(server.URL, "http://")
	}
	c := &crash{t: t, config: testConfig(t), acked: map[string]bool{}}
	c.config.Files = at("photos")
	c.stockShelves()
	keepEvidence(t, ctx, c.config)
	want := keptFiles(t, ctx, c.config)
	if len(want) < 3 { // the goods' photo in two formats, and evidence
		t.Fatalf("only %d files to copy", len(want))
	}
	file := filepath.Join(t.TempDir(), "copy.tar.gz")
	if err := backup(ctx, c.config, []string{file}); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{at("elsewhere"), ""} {
		to := testConfig(t)
		to.Files = place
		if err := restore(ctx, to, []string{file}); err != nil {
			t.Fatal(err)
		}
		got := keptFiles(t, ctx, to)
		if len(got) != len(want) {
			t.Errorf("restored to %q: %d files, want %d", place, len(got), len(want))
		}
		for key, data := range want {
			if !bytes.Equal(got[key], data) {
				t.Errorf("restored to %q: %s has %d bytes, want %d", place, key, len(got[key]), len(data))
			}
		}
	}
}

// keepEvidence hands in a document, whose key tells nothing of its kind.
func keepEvidence(t *testing.T, ctx context.Context, c Config) {
	t.Helper()
	kept, err := openFiles(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kept.Close() }()
	if err := kept.Put(ctx, "evidence/0123456789abcdef", "application/pdf", []byte("%PDF-1.7 decision")); err != nil {
		t.Fatal(err)
	}
}

func keptFiles(t *testing.T, ctx context.Context, c Config) map[string][]byte {
	t.Helper()
	kept, err := openFiles(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = kept.Close() }()
	out := map[string][]byte{}
	err = kept.Each(ctx, func(key string) error {
		data, err := kept.Get(ctx, key)
		out[key] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
