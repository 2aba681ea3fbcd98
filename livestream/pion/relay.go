package pion

import (
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// relay passes one kind of track on to all viewers. Publishers come and go; to
// viewers it is one stream, so numbers and times are shifted to go on where the
// one before stopped.
type relay struct {
	track *webrtc.TrackLocalStaticRTP
	clock uint32

	mu      sync.Mutex
	source  *webrtc.TrackRemote
	number  uint16 // added to sequence numbers
	shift   uint32 // added to timestamps
	last    uint16 // newest number sent
	lastTS  uint32
	lastAt  time.Time
	started bool
}

func newRelay(c webrtc.RTPCodecCapability) (*relay, error) {
	kind := "video"
	if c.ClockRate == audioClock {
		kind = "audio"
	}
	track, err := webrtc.NewTrackLocalStaticRTP(c, kind, "live")
	return &relay{track: track, clock: c.ClockRate}, err
}

// send passes a packet of the source on. The packet is the caller's no more.
func (r *relay) send(source *webrtc.TrackRemote, p *rtp.Packet, now time.Time) {
	r.mu.Lock()
	if r.source != source {
		r.join(source, p, now)
	}
	out := *p
	out.SequenceNumber += r.number
	out.Timestamp += r.shift
	out.Extension, out.Extensions = false, nil // those were agreed with the publisher
	if ahead := out.SequenceNumber - r.last; ahead < 1<<15 {
		r.last, r.lastTS, r.lastAt = out.SequenceNumber, out.Timestamp, now
	}
	r.mu.Unlock()
	_ = r.track.WriteRTP(&out) // a viewer that cannot be written to ends by itself
}

func (r *relay) join(source *webrtc.TrackRemote, p *rtp.Packet, now time.Time) {
	r.source = source
	if !r.started {
		r.started, r.last = true, p.SequenceNumber-1
		return
	}
	gap := uint32(now.Sub(r.lastAt).Seconds() * float64(r.clock))
	r.number = r.last + 1 - p.SequenceNumber
	r.shift = r.lastTS + max(gap, 1) - p.Timestamp
}
