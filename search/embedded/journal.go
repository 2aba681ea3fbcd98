package embedded

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"chohue/search"
)

// journal is the log of changes since a snapshot: a line for each, with a sum
// that tells a line cut off by a crash from a whole one.
type journal struct {
	number int
	file   *os.File
}

// openJournal opens the log to be added to; replay has cut off what a crash
// left unfinished.
func openJournal(path string, number int) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &journal{number, f}, syncFolder(path)
}

// append writes the changes and waits for the disk.
func (j *journal) append(changes []search.Change) error {
	var lines bytes.Buffer
	for _, c := range changes {
		raw, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("search log: %w", err)
		}
		fmt.Fprintf(&lines, "%08x %s\n", crc32.ChecksumIEEE(raw), raw)
	}
	end, err := j.file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = j.file.Write(lines.Bytes())
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil { // half a line in the middle would hide all that follow
		return errors.Join(fmt.Errorf("search log: %w", err), j.file.Truncate(end))
	}
	return nil
}

func (j *journal) close() error { return j.file.Close() }

// replay reads a log up to its end or to the first line that is not whole, and
// cuts off what follows. found tells whether there is a log at all.
func replay(path string) (changes []search.Change, found bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	whole := int64(0)
	for r := bufio.NewReader(f); ; {
		line, err := r.ReadBytes('\n')
		c, ok := readLine(line)
		if err != nil || !ok {
			return changes, true, f.Truncate(whole)
		}
		changes = append(changes, c)
		whole += int64(len(line))
	}
}

func readLine(line []byte) (search.Change, bool) {
	var c search.Change
	sum, raw, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if fmt.Sprintf("%08x", crc32.ChecksumIEEE(raw)) != string(sum) {
		return c, false
	}
	return c, json.Unmarshal(raw, &c) == nil
}

// writeWhole writes a file that is there whole after a crash, or as before.
func writeWhole(path string, write func(*os.File) error) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(path)
}

// syncFolder makes the name of a new file durable.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
