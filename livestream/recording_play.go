package livestream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Mark is a product that was shown at a time.
type Mark struct {
	Product market.ID
	At      time.Time
}

// Replay is a recording with what was shown in it and when.
type Replay struct {
	*Recording

	Marks []ReplayMark
}

// ReplayMark is a mark as the recording's clock tells it.
type ReplayMark struct {
	Product market.ID
	At      time.Duration
}

// Replays are the recordings of a show that by may see, in their order, each
// with the marks that fall into it. A mark from before the first picture, or
// from a time when the sender was cut off, is at the next picture.
func (s *Studio) Replays(ctx context.Context, by market.Actor, show market.ID, marks []Mark) ([]Replay, error) {
	found, err := s.recordings.Find(ctx, store.Query{Index: "show", Eq: []any{show}})
	if err != nil {
		return nil, err
	}
	var out []Replay
	for _, r := range found.Items {
		if !r.Open && mayReplay(by, r) == nil {
			out = append(out, Replay{Recording: r})
		}
	}
	for _, m := range marks {
		place(out, m)
	}
	return out, nil
}

func place(all []Replay, m Mark) {
	for i := range all {
		if !m.At.After(*all[i].EndedAt) {
			at := max(0, m.At.Sub(all[i].StartedAt))
			all[i].Marks = append(all[i].Marks, ReplayMark{m.Product, at})
			return
		}
	}
}

// mayReplay answers what is hidden, and what is gone, like what never was.
func mayReplay(by market.Actor, r *Recording) error {
	if r.DeletedAt != nil || r.Hidden && mayRead(by, r.Seller) != nil {
		return errNoVideo
	}
	return nil
}

// HideRecording decides whether everybody may see the recording again. It is
// kept as long as the law wants either way.
func (s *Studio) HideRecording(ctx context.Context, by market.Actor, id market.ID, hidden bool) error {
	_, err := s.recordings.Update(ctx, id, func(r *Recording) ([]market.Event, error) {
		if mayManage(by, r.Seller) != nil {
			return nil, errNoVideo
		}
		r.Hidden = hidden
		return nil, nil
	})
	return noVideo(err)
}

func noVideo(err error) error {
	if store.Missing(err) {
		return errNoVideo
	}
	return err
}

// recording returns one that by may see.
func (s *Studio) recording(ctx context.Context, by market.Actor, id market.ID) (*Recording, error) {
	r, err := s.recordings.Get(ctx, id)
	if err != nil {
		return nil, noVideo(err)
	}
	return r, mayReplay(by, r)
}

// RecordingFile is the whole file of a recording; its parts are read as they
// are needed.
func (s *Studio) RecordingFile(ctx context.Context, by market.Actor, id market.ID) (*Recording, io.ReadSeeker, error) {
	r, err := s.recording(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	f := &partsReader{get: func(n int) ([]byte, error) { return s.Files.Get(ctx, partKey(id, n, r.Container)) }, have: -1}
	err = s.eachPart(ctx, id, func(p *recordingPart) error {
		f.begins = append(f.begins, f.size)
		f.size += p.Size
		return nil
	})
	return r, f, err
}

// RecordingPart is the part with that number.
func (s *Studio) RecordingPart(ctx context.Context, by market.Actor, id market.ID, n int) (Segment, error) {
	r, err := s.recording(ctx, by, id)
	if err != nil {
		return Segment{}, err
	}
	if _, err := s.parts.Get(ctx, partID(id, n)); err != nil {
		return Segment{}, noVideo(err)
	}
	data, err := s.Files.Get(ctx, partKey(id, n, r.Container))
	return Segment{Type: r.Container.MediaType(), Data: data}, err
}

// RecordingPlaylist is a playlist of a recording's parts, for players that want
// to jump. There is none for WebM.
func (s *Studio) RecordingPlaylist(ctx context.Context, by market.Actor, id market.ID) ([]byte, error) {
	r, err := s.recording(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if r.Container != ContainerMP4 {
		return nil, errNoVideo
	}
	var list strings.Builder
	longest := time.Duration(0)
	err = s.eachPart(ctx, id, func(p *recordingPart) error {
		if p.N > 0 {
			longest = max(longest, p.Length)
			fmt.Fprintf(&list, "#EXTINF:%.3f,\n%d.mp4\n", p.Length.Seconds(), p.N)
		}
		return nil
	})
	head := fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"0.mp4\"\n", int(math.Ceil(longest.Seconds())))
	return []byte(head + list.String() + "#EXT-X-ENDLIST\n"), err
}

// partsReader reads files one behind the other as one.
type partsReader struct {
	get    func(n int) ([]byte, error)
	begins []int64 // where each part begins
	size   int64
	at     int64
	have   int // the part in data; -1 for none
	data   []byte
}

// Seek implements io.Seeker.
func (r *partsReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("livestream: seek before the file")
	}
	r.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (r *partsReader) Read(p []byte) (int, error) {
	if r.at >= r.size {
		return 0, io.EOF
	}
	n := len(r.begins) - 1
	for r.begins[n] > r.at {
		n--
	}
	if n != r.have {
		data, err := r.get(n)
		if err != nil {
			return 0, err
		}
		r.have, r.data = n, data
	}
	within := r.at - r.begins[n]
	if within >= int64(len(r.data)) {
		return 0, io.ErrUnexpectedEOF
	}
	read := copy(p, r.data[within:])
	r.at += int64(read)
	return read, nil
}
