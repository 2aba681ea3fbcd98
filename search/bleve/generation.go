package bleve

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"chohue/market"
	"chohue/search"
)

// generation is one index on disk. Its rows are changed by one writer at a
// time; queries see a view, which does not change.
type generation struct {
	number int
	index  index.Index
	queue  *index.AnalysisQueue
	rows   map[market.ID]*row // all that the index has seen, also what is gone
	live   int                // rows that are not gone
	view   *view
}

// view is the index at one moment.
type view struct {
	reader index.IndexReader
	parts  []part
	live   int // products that can be found
}

// part is one segment of a view. Segments never change; what was replaced
// since is in deleted.
type part struct {
	id      uint64
	segment segment.Segment
	deleted *roaring.Bitmap // nil for none
	rows    []*row          // by local document number; what is deleted may be nil
}

func openGeneration(path string, number int) (*generation, error) {
	g := &generation{number: number, queue: index.NewAnalysisQueue(2), rows: map[market.ID]*row{}}
	var err error
	g.index, err = scorch.NewScorch(scorch.Name, map[string]any{"path": path, "bolt_timeout": "2s"}, g.queue)
	if err == nil {
		err = g.index.Open()
	}
	if err != nil {
		g.queue.Close()
		return nil, fmt.Errorf("search index %s: %w", path, err)
	}
	if err = g.load(); err == nil {
		g.view, err = g.snapshot()
	}
	if err != nil {
		return nil, errors.Join(err, g.index.Close())
	}
	return g, nil
}

func (g *generation) close() error {
	err := g.view.close()
	err = errors.Join(err, g.index.Close())
	g.queue.Close()
	return err
}

func (v *view) close() error {
	if v == nil {
		return nil
	}
	return v.reader.Close()
}

// apply writes what is newer than what the index has seen. It does not change
// the view.
func (g *generation) apply(changes []search.Change) error {
	batch := index.NewBatch()
	fresh := map[market.ID]*row{}
	for _, c := range changes {
		r, text := rowOf(c)
		seen := fresh[r.ID]
		if seen == nil {
			seen = g.rows[r.ID]
		}
		if seen != nil && r.Version <= seen.Version {
			continue
		}
		fresh[r.ID] = r
		batch.Update(r.document(text))
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := g.index.Batch(batch); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	for _, r := range fresh {
		g.keep(r)
	}
	return nil
}

func (g *generation) keep(r *row) {
	if old := g.rows[r.ID]; old != nil && !old.Gone {
		g.live--
	}
	if !r.Gone {
		g.live++
	}
	g.rows[r.ID] = r
}

// load reads the rows that are on disk.
func (g *generation) load() error {
	return g.each(func(s *scorch.SegmentSnapshot, number uint64) error {
		var bad error
		err := s.VisitDocument(number, func(field string, _ byte, value []byte, _ []uint64) bool {
			if field != fieldRow {
				return true
			}
			r := new(row)
			if bad = json.Unmarshal(value, r); bad == nil {
				r.prepare()
				g.keep(r)
			}
			return false
		})
		return errors.Join(err, bad)
	})
}

// each visits the documents of the index that are not replaced.
func (g *generation) each(do func(s *scorch.SegmentSnapshot, number uint64) error) error {
	reader, err := g.index.Reader()
	if err != nil {
		return err
	}
	for _, s := range segments(reader) {
		for number := range s.Segment().Count() {
			if gone(s.Deleted(), number) {
				continue
			}
			if err := do(s, number); err != nil {
				return errors.Join(err, reader.Close())
			}
		}
	}
	return reader.Close()
}

func gone(deleted *roaring.Bitmap, number uint64) bool {
	return deleted != nil && deleted.Contains(uint32(number))
}

func segments(reader index.IndexReader) []*scorch.SegmentSnapshot {
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return nil
	}
	return snapshot.Segments()
}

// snapshot returns the index as it is now. Parts that the present view has
// already are taken from it.
func (g *generation) snapshot() (*view, error) {
	reader, err := g.index.Reader()
	if err != nil {
		return nil, err
	}
	v := &view{reader: reader, live: g.live}
	for _, s := range segments(reader) {
		p := part{id: s.Id(), segment: s.Segment(), deleted: s.Deleted()}
		if p.rows = g.known(p.id); p.rows == nil {
			if p.rows, err = g.assemble(s); err != nil {
				return nil, errors.Join(err, reader.Close())
			}
		}
		v.parts = append(v.parts, p)
	}
	return v, nil
}

func (g *generation) known(id uint64) []*row {
	if g.view == nil {
		return nil
	}
	for _, p := range g.view.parts {
		if p.id == id {
			return p.rows
		}
	}
	return nil
}

// assemble lines up the rows with the documents of a segment. What is not
// deleted is the newest that the index has, which is what rows hold.
func (g *generation) assemble(s *scorch.SegmentSnapshot) ([]*row, error) {
	rows := make([]*row, s.Segment().Count())
	for i := range rows {
		if gone(s.Deleted(), uint64(i)) {
			continue
		}
		id, err := s.Segment().DocID(uint64(i))
		if err != nil {
			return nil, err
		}
		rows[i] = g.rows[market.ID(id)]
	}
	return rows, nil
}
