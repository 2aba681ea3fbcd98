package pion

import (
	"log/slog"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media/samplebuilder"

	"chohue/livestream"
)

// recorder makes fragments of what a publisher sends, for HLS and for the
// recording. Nothing in it keeps live viewers waiting: what the fragments
// cannot follow is left out of them.
type recorder struct {
	log    *slog.Logger
	take   livestream.Take
	window *window
	muxer  muxer

	in    chan arrival
	out   chan fragment
	stops chan struct{}
	done  chan struct{}

	video, audio track
	frames       [2][]frame // waiting for the next cut: picture, sound
	zero         time.Time  // when the recording's clock was at nothing
	running      bool       // the first whole picture has come
	cutAt        time.Duration
}

// arrival is a packet and when it came.
type arrival struct {
	picture bool
	packet  *rtp.Packet
	at      time.Time
}

// frame is one picture or one packet of sound on the recording's clock.
type frame struct {
	at   time.Duration
	data []byte
	key  bool
}

// fragment is what is written at once. The first of a recording is its head.
type fragment struct {
	start, length time.Duration
	data          []byte
	head          bool
}

// What may wait: a second and more of packets, two minutes of fragments.
const (
	packetsWait   = 2048
	fragmentsWait = 64
)

func newRecorder(c codec, take livestream.Take, w *window, log *slog.Logger) *recorder {
	r := &recorder{
		log: log, take: take, window: w, muxer: newMuxer(c),
		in: make(chan arrival, packetsWait), out: make(chan fragment, fragmentsWait),
		stops: make(chan struct{}), done: make(chan struct{}),
	}
	var picture rtp.Depacketizer = &codecs.VP8Packet{}
	if c == webrtc.MimeTypeH264 {
		picture = &codecs.H264Packet{}
	}
	r.video = newTrack(picture, videoClock)
	r.audio = newTrack(&codecs.OpusPacket{}, audioClock)
	go r.run()
	go r.write()
	return r
}

// push hands a packet over, or drops it when too many wait.
func (r *recorder) push(picture bool, p *rtp.Packet, at time.Time) {
	select {
	case r.in <- arrival{picture, p, at}:
	default:
	}
}

// stop ends the recording and waits until all of it is written.
func (r *recorder) stop() {
	close(r.stops)
	<-r.done
}

func (r *recorder) run() {
	defer close(r.out)
	for {
		select {
		case a := <-r.in:
			r.hear(a)
		case <-r.stops:
			for len(r.in) > 0 {
				r.hear(<-r.in)
			}
			r.cut(r.last())
			return
		}
	}
}

func (r *recorder) hear(a arrival) {
	if a.picture {
		for _, s := range r.video.push(a) {
			r.picture(s)
		}
		return
	}
	for _, s := range r.audio.push(a) {
		if at := s.at.Sub(r.zero); r.running && at >= 0 {
			r.frames[1] = append(r.frames[1], frame{at: at, data: s.data})
		}
	}
}

// How long fragments are. They begin with a whole picture, which is asked for
// every two seconds; when none comes they are cut all the same, so that the
// length promised to players holds.
const (
	fragmentLeast = 1900 * time.Millisecond
	fragmentMost  = 3400 * time.Millisecond
	fragmentTold  = 3 // seconds, rounded, as EXT-X-TARGETDURATION wants
)

// picture takes one picture. A recording begins with a whole one.
func (r *recorder) picture(s sample) {
	f := frame{at: s.at.Sub(r.zero), data: s.data, key: r.muxer.whole(s.data)}
	if !r.running {
		head, ok := r.muxer.head(s.data)
		if !f.key || !ok {
			return
		}
		r.running, r.zero, f.at = true, s.at, 0
		r.emit(fragment{data: head, head: true})
	}
	if n := len(r.frames[0]); n > 0 && f.at <= r.frames[0][n-1].at {
		f.at = r.frames[0][n-1].at + time.Millisecond // clocks of senders may jump back
	}
	if since := f.at - r.cutAt; f.key && since >= fragmentLeast || since >= fragmentMost {
		r.cut(f.at)
	}
	r.frames[0] = append(r.frames[0], f)
}

// last is where a recording that stops now ends.
func (r *recorder) last() time.Duration {
	n := len(r.frames[0])
	if n == 0 {
		return r.cutAt
	}
	return r.frames[0][n-1].at + 33*time.Millisecond
}

// cut makes a fragment of all pictures that wait and the sound up to then.
func (r *recorder) cut(end time.Duration) {
	if len(r.frames[0]) == 0 {
		return
	}
	sound := r.frames[1]
	n := 0
	for n < len(sound) && sound[n].at < end {
		n++
	}
	data, err := r.muxer.part(r.frames[0], sound[:n], end)
	if err != nil {
		r.log.Error("video fragment", "error", err)
	} else {
		r.emit(fragment{start: r.cutAt, length: end - r.cutAt, data: data})
	}
	r.frames[0], r.frames[1], r.cutAt = nil, append([]frame(nil), sound[n:]...), end
}

func (r *recorder) emit(f fragment) {
	if r.muxer.container() == livestream.ContainerMP4 {
		r.window.add(f)
	}
	select {
	case r.out <- f:
	default:
		r.log.Error("video fragment left out: the file store is too slow", "start", f.start)
	}
}

// write hands fragments to the take. When one fails the recording goes on
// behind it; without a head it is nothing.
func (r *recorder) write() {
	defer close(r.done)
	begun := false
	for f := range r.out {
		var err error
		switch {
		case f.head:
			err = r.take.Begin(r.muxer.container(), f.data)
			begun = err == nil
		case begun:
			err = r.take.Part(f.start, f.length, f.data)
		}
		if err != nil {
			r.log.Error("video recording", "error", err)
		}
	}
	if err := r.take.End(); err != nil {
		r.log.Error("video recording", "error", err)
	}
}

// track puts packets of one track in order and together.
type track struct {
	builder *samplebuilder.SampleBuilder
	begun   bool
	origin  time.Time // when the first packet came
	lastTS  uint32
	ticks   int64 // since the first packet
	hertz   int64
}

// sample is one picture or packet of sound and when it was made, by our clock.
type sample struct {
	at   time.Time
	data []byte
}

// late is how many packets may be waited for, for one that is missing.
const late = 256

func newTrack(d rtp.Depacketizer, hertz int64) track {
	return track{builder: samplebuilder.New(late, d, uint32(hertz)), hertz: hertz}
}

func (t *track) push(a arrival) []sample {
	if !t.begun {
		t.begun, t.origin, t.lastTS = true, a.at, a.packet.Timestamp
	}
	t.builder.Push(a.packet)
	var out []sample
	for s := t.builder.Pop(); s != nil; s = t.builder.Pop() {
		t.ticks += int64(int32(s.PacketTimestamp - t.lastTS))
		t.lastTS = s.PacketTimestamp
		out = append(out, sample{t.origin.Add(time.Duration(t.ticks) * time.Second / time.Duration(t.hertz)), s.Data})
	}
	return out
}
