package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chohue/market"
	"chohue/store/sqlite"
)

// errMongo sends the keeper of a cluster to the cluster's own tools, which
// alone can take a copy that is consistent over all shards.
var errMongo = errors.New("backup and restore are for the embedded engine; on MongoDB use mongodump --oplog and mongorestore --oplogReplay")

// databasePath returns the file of the embedded engine.
func databasePath(c Config) (string, error) {
	path, ok := strings.CutPrefix(c.DB, "file:")
	if !ok {
		return "", errMongo
	}
	return path, nil
}

// backup writes database, files and secrets as one .tar.gz, wherever the files
// are kept. The database is copied first; files are named by their content and
// never change, so every file that the copied documents name is in the archive.
// One file at a time is in memory. Search indexes are
// left out: restore is followed by reindex.
func backup(ctx context.Context, c Config, args []string) error {
	if len(args) != 1 {
		return errors.New("backup FILE.tar.gz")
	}
	path, err := databasePath(c)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(args[0]), "backup-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	engine, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	copied := filepath.Join(work, "market.db")
	err = engine.Backup(ctx, copied)
	if err := errors.Join(err, engine.Close()); err != nil {
		return err
	}
	part := filepath.Join(work, "archive")
	if err := archive(ctx, part, copied, c); err != nil {
		return err
	}
	return os.Rename(part, args[0])
}

func archive(ctx context.Context, part, database string, c Config) error {
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	zip := gzip.NewWriter(out)
	tw := tar.NewWriter(zip)
	err = errors.Join(
		addFile(tw, database, "market.db"),
		addFiles(ctx, tw, c),
		addTree(tw, filepath.Join(c.Data, "secrets"), "secrets"),
	)
	return errors.Join(err, tw.Close(), zip.Close(), out.Sync(), out.Close())
}

// filesFolder is where the archive has the files, each by its key.
const filesFolder = "files/"

// addFiles brings every file from where the configuration keeps them.
func addFiles(ctx context.Context, tw *tar.Writer, c Config) error {
	kept, err := openFiles(ctx, c)
	if err != nil {
		return err
	}
	now := time.Now()
	err = kept.Each(ctx, func(key string) error {
		data, err := kept.Get(ctx, key)
		if market.KindOf(err) == market.KindNotFound {
			return nil // swept since it was listed: no document names it
		}
		if err != nil {
			return fmt.Errorf("file %s: %w", key, err)
		}
		header := &tar.Header{Name: filesFolder + key, Mode: 0o600, Size: int64(len(data)), ModTime: now}
		if err := tw.WriteHeader(header); err != nil {
			return err
		}
		_, err = tw.Write(data)
		return err
	})
	return errors.Join(err, kept.Close())
}

func addTree(tw *tar.Writer, root, as string) error {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return addFile(tw, path, as+"/"+filepath.ToSlash(rel))
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func addFile(tw *tar.Writer, path, as string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: as, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}
	if err := tw.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(tw, f)
	return err
}

// restore unpacks a backup; files go to where the configuration keeps them now,
// which may be another place than they came from. It refuses to overwrite a database, and puts the
// database in place last, so that a restore cut short can be started again.
func restore(ctx context.Context, c Config, args []string) error {
	if len(args) != 1 {
		return errors.New("restore FILE.tar.gz")
	}
	path, err := databasePath(c)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already; move it away first", path)
	}
	in, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	zip, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	kept, err := openFiles(ctx, c)
	if err != nil {
		return err
	}
	err = unpack(ctx, tar.NewReader(zip), path+".part", kept, c)
	if err := errors.Join(err, kept.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

func unpack(ctx context.Context, tr *tar.Reader, database string, kept files, c Config) error {
	for {
		header, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := put(ctx, header.Name, tr, database, kept, c); err != nil {
			return err
		}
	}
}

// put brings one entry of an archive to its place.
func put(ctx context.Context, name string, from io.Reader, database string, kept files, c Config) error {
	if name == "market.db" {
		return writeFile(database, from)
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("archive names %q, which lies outside the data folder", name)
	}
	key, ok := strings.CutPrefix(name, filesFolder)
	if !ok {
		return writeFile(filepath.Join(c.Data, filepath.FromSlash(name)), from)
	}
	data, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return kept.Put(ctx, key, mediaOf(key, data), data)
}

// mediaOf is the media type of a file, which a bucket likes to know.
func mediaOf(key string, data []byte) string {
	if media := mime.TypeByExtension(filepath.Ext(key)); media != "" {
		return media
	}
	return http.DetectContentType(data)
}

func writeFile(path string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Sync(), f.Close())
}
