package pion

import (
	"context"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"chohue/livestream"
)

// stage is one publisher and his viewers.
type stage struct {
	name   livestream.Stage
	engine *Engine
	window window

	mu        sync.Mutex
	codec     codec
	video     *relay // nil before the first publisher
	audio     *relay
	publisher *publisher
	viewers   map[string]*leg
	empty     *time.Timer // ends a stage that nobody publishes to
	ended     bool
}

// publisher is the leg that sends.
type publisher struct {
	*leg

	recorder *recorder // nil when nothing is recorded

	mu    sync.Mutex
	seen  bool        // a picture has come
	ssrc  webrtc.SSRC // of the video track
	asked time.Time   // for a whole picture
}

func (s *stage) publish(ctx context.Context, p livestream.Publication, c codec, offer string) (livestream.Leg, error) {
	pc, err := s.engine.apis[c].NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return livestream.Leg{}, err
	}
	pub := &publisher{leg: newLeg(pc, p.Person)}
	if err := s.receive(pub); err != nil {
		return livestream.Leg{}, refuse(pc, err)
	}
	answer, err := pub.answer(ctx, offer)
	if err != nil {
		return livestream.Leg{}, refuse(pc, err)
	}
	if p.Take != nil {
		pub.recorder = newRecorder(c, p.Take, &s.window, s.engine.cfg.Log.With("stage", s.name))
	}
	if err := s.enter(pub, c); err != nil {
		if pub.recorder != nil {
			pub.recorder.stop()
		}
		return livestream.Leg{}, refuse(pc, err)
	}
	pub.leg.watch(func() { s.leave(pub.leg) })
	return answer, nil
}

func refuse(pc *webrtc.PeerConnection, err error) error {
	_ = pc.Close() // err says more
	return err
}

func (s *stage) receive(pub *publisher) error {
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		if _, err := pub.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			return err
		}
	}
	pub.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { s.pass(pub, track) })
	return nil
}

// enter makes pub the stage's publisher. The same person's earlier connection
// is ended; so is every viewer when the codec is another one: they come again.
func (s *stage) enter(pub *publisher, c codec) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.publisher
	switch {
	case s.ended:
		return errOff
	case before != nil && (before.person != pub.person || pub.person == ""):
		return errTaken
	}
	if s.codec != c {
		if err := s.tune(c); err != nil {
			return err
		}
	}
	if s.empty != nil {
		s.empty.Stop()
		s.empty = nil
	}
	s.publisher = pub
	if before != nil {
		before.end()
	}
	return nil
}

// tune prepares the stage for a codec.
func (s *stage) tune(c codec) (err error) {
	for _, v := range s.viewers {
		v.close(func() {})
	}
	clear(s.viewers)
	s.codec = c
	if s.video, err = newRelay(c.capability()); err != nil {
		return err
	}
	s.audio, err = newRelay(opusSound)
	return err
}

func (p *publisher) end() {
	p.close(func() {
		if p.recorder != nil {
			p.recorder.stop()
		}
	})
}

// pass reads a track of the publisher until it ends.
func (s *stage) pass(pub *publisher, track *webrtc.TrackRemote) {
	s.mu.Lock()
	out, picture := s.audio, track.Kind() == webrtc.RTPCodecTypeVideo
	if picture {
		out = s.video
	}
	s.mu.Unlock()
	if picture {
		pub.show(track.SSRC())
		stop := make(chan struct{})
		defer close(stop)
		go pub.refresh(stop)
	}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		now := time.Now()
		if pub.recorder != nil {
			pub.recorder.push(picture, packet, now)
		}
		out.send(track, packet, now)
	}
}

// show notes that a picture comes, and wants a whole one first.
func (p *publisher) show(ssrc webrtc.SSRC) {
	p.mu.Lock()
	p.seen, p.ssrc = true, ssrc
	p.mu.Unlock()
	p.ask()
}

// How often whole pictures are asked for: every viewer who joins or has lost
// something may, but not for each anew; HLS and recordings need one regularly.
const (
	askSeldom = 500 * time.Millisecond
	askAlways = 2 * time.Second
)

// ask wants a whole picture of the publisher.
func (p *publisher) ask() {
	now := time.Now()
	p.mu.Lock()
	ssrc, soon := p.ssrc, !p.seen || now.Sub(p.asked) < askSeldom
	if !soon {
		p.asked = now
	}
	p.mu.Unlock()
	if !soon {
		_ = p.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(ssrc)}}) // asked again soon
	}
}

func (p *publisher) refresh(stop <-chan struct{}) {
	if p.recorder == nil {
		return
	}
	tick := time.NewTicker(askAlways)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			p.ask()
		}
	}
}

func (p *publisher) live() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}

func (s *stage) watch(ctx context.Context, seats int, offer string) (livestream.Leg, error) {
	s.mu.Lock()
	c, video, audio, on := s.codec, s.video, s.audio, s.publisher != nil && s.publisher.live()
	full := len(s.viewers) >= seats
	s.mu.Unlock()
	switch {
	case !on:
		return livestream.Leg{}, errOff
	case full:
		return livestream.Leg{}, errFull
	case !offers(offer, c):
		return livestream.Leg{}, errCodec
	}
	pc, err := s.engine.apis[c].NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return livestream.Leg{}, err
	}
	l := newLeg(pc, "")
	if err := s.send(l, video, audio); err != nil {
		return livestream.Leg{}, refuse(pc, err)
	}
	answer, err := l.answer(ctx, offer)
	if err != nil {
		return livestream.Leg{}, refuse(pc, err)
	}
	if err := s.seat(l, video, seats); err != nil {
		return livestream.Leg{}, refuse(pc, err)
	}
	l.watch(func() { s.leave(l) })
	return answer, nil
}

// send puts the stage's tracks on the leg.
func (s *stage) send(l *leg, all ...*relay) error {
	for _, r := range all {
		sender, err := l.pc.AddTrack(r.track)
		if err != nil {
			return err
		}
		go hear(sender, s.ask)
	}
	return nil
}

// seat gives the viewer a seat. They may have been taken, or the codec changed,
// while the offer was answered.
func (s *stage) seat(l *leg, video *relay, seats int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended || s.video != video:
		return errOff
	case len(s.viewers) >= seats:
		return errFull
	}
	s.viewers[l.name] = l
	return nil
}

func (s *stage) ask() {
	s.mu.Lock()
	p := s.publisher
	s.mu.Unlock()
	if p != nil {
		p.ask()
	}
}

// leg finds a connection by its name.
func (s *stage) leg(name string) *leg {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.publisher != nil && s.publisher.name == name {
		return s.publisher.leg
	}
	return s.viewers[name]
}

// leave ends a leg. A stage without a publisher waits a while for one.
func (s *stage) leave(l *leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.publisher; p != nil && p.leg == l {
		p.end()
		s.publisher = nil
		if !s.ended {
			s.empty = time.AfterFunc(s.engine.cfg.Hold, func() { _ = s.end(context.Background()) })
		}
		return
	}
	delete(s.viewers, l.name)
	l.close(func() {})
}

// abandon forgets a stage that nobody has come to.
func (s *stage) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.publisher == nil && s.empty == nil && len(s.viewers) == 0 {
		s.ended = true
		s.engine.drop(s)
	}
}

// end ends the stage and waits for all of it.
func (s *stage) end(ctx context.Context) error {
	s.engine.drop(s)
	s.mu.Lock()
	s.ended = true
	if s.empty != nil {
		s.empty.Stop()
	}
	var all []*leg
	if s.publisher != nil {
		s.publisher.end()
		all = append(all, s.publisher.leg)
	}
	for _, v := range s.viewers {
		v.close(func() {})
		all = append(all, v)
	}
	s.publisher = nil
	clear(s.viewers)
	s.mu.Unlock()
	for _, l := range all {
		if err := l.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) audience() livestream.Audience {
	s.mu.Lock()
	defer s.mu.Unlock()
	live := s.publisher != nil && s.publisher.live()
	return livestream.Audience{Live: live, Viewers: len(s.viewers), HLS: live && s.window.ready()}
}
