package embedded

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	"chohue/market"
)

// snapshot is an index as it lies on disk.
type snapshot struct {
	words [kinds]lists
	begun [kinds]lists
	rows  []*row // in order
	gone  map[market.ID]int64
}

// A snapshot's file is a row of sections, each behind its length: rows, what is
// gone, then an FST and its bitmaps for each dictionary; a sum of all ends it.
func (s *snapshot) write(path string) error {
	return writeWhole(path, func(f *os.File) error {
		buffered := bufio.NewWriterSize(f, 1<<20)
		w := &sections{to: buffered, sum: crc32.NewIEEE()}
		w.json(s.rows)
		w.json(s.gone)
		for k := range kinds {
			for _, l := range [2]lists{s.words[k], s.begun[k]} {
				w.put(l.fst)
				w.put(l.bitmaps)
			}
		}
		if w.err == nil {
			w.err = binary.Write(buffered, binary.LittleEndian, w.sum.Sum32())
		}
		return errors.Join(w.err, buffered.Flush())
	})
}

type sections struct {
	to  io.Writer
	sum hash.Hash32
	err error
}

func (s *sections) put(section []byte) {
	if s.err != nil {
		return
	}
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(len(section)))
	both := io.MultiWriter(s.to, s.sum)
	if _, s.err = both.Write(length[:]); s.err == nil {
		_, s.err = both.Write(section)
	}
}

func (s *sections) json(v any) {
	raw, err := json.Marshal(v)
	s.err = errors.Join(s.err, err)
	s.put(raw)
}

var errBroken = errors.New("is not whole")

// readSnapshot reads a snapshot; an empty one where there is none.
func readSnapshot(path string) (*snapshot, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return (&still{}).freeze()
	}
	if err != nil {
		return nil, err
	}
	s, err := parseSnapshot(raw)
	if err != nil {
		return nil, fmt.Errorf("search snapshot %s: %w", path, err)
	}
	return s, nil
}

func parseSnapshot(raw []byte) (*snapshot, error) {
	if len(raw) < 4 {
		return nil, errBroken
	}
	body := raw[:len(raw)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(raw[len(body):]) {
		return nil, errBroken
	}
	s := &snapshot{}
	r := parser{rest: body}
	r.json(&s.rows)
	r.json(&s.gone)
	for k := range kinds {
		s.words[k] = r.lists()
		s.begun[k] = r.lists()
	}
	return s, r.err
}

// parser reads sections. They stay where they are: bitmaps are looked at there.
type parser struct {
	rest []byte
	err  error
}

func (p *parser) take() []byte {
	if p.err != nil || len(p.rest) < 8 {
		p.err = errors.Join(p.err, errBroken)
		return nil
	}
	n := binary.LittleEndian.Uint64(p.rest)
	if n > uint64(len(p.rest)-8) {
		p.err = errBroken
		return nil
	}
	section := p.rest[8 : 8+n : 8+n]
	p.rest = p.rest[8+n:]
	return section
}

func (p *parser) json(into any) {
	if section := p.take(); p.err == nil {
		p.err = json.Unmarshal(section, into)
	}
}

func (p *parser) lists() lists {
	fst, bitmaps := p.take(), p.take()
	if p.err != nil {
		return lists{}
	}
	l, err := loadLists(fst, bitmaps)
	p.err = err
	return l
}
