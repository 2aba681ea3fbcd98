// Package pion carries live video inside the market's own process, with Pion:
// one publisher to many viewers, H.264 or VP8 with Opus, no second server and
// no transcoding. What is published is passed on packet by packet, and made
// into fragments for HLS and for the recording beside it.
//
// A stage lives in one process. Several processes want a proxy that keeps one
// stage with one of them (its name stands in every address), or another engine.
package pion

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"chohue/livestream"
	"chohue/market"
)

// Config is where the engine meets the network.
type Config struct {
	// Address is the one UDP address of all connections: ":50000" for all of
	// the machine's own, "127.0.0.1:0" for tests.
	Address string
	// Public are the addresses that browsers are told when the machine's own
	// are behind a translation.
	Public []string
	// Hold is how long a stage waits for its publisher to come back.
	Hold time.Duration
	Log  *slog.Logger
}

// Engine implements livestream.Video.
type Engine struct {
	cfg  Config
	mux  ice.UDPMux
	apis map[codec]*webrtc.API

	mu     sync.Mutex
	stages map[livestream.Stage]*stage
	closed bool
}

var (
	errMissing = market.NotFound("video.missing")
	errTaken   = market.Conflict("video.taken")
	errFull    = market.Conflict("video.full")
	errOff     = market.Conflict("video.off")
	errCodec   = market.Conflict("video.codec")
	errOffer   = market.Invalid("video.offer", "offer")
	errRestart = market.Invalid("video.restart", "offer")
	errClosed  = market.Unavailable("video.closed")
)

// New opens the engine's network.
func New(cfg Config) (*Engine, error) {
	mux, loopback, err := listen(cfg.Address)
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, mux: mux, apis: map[codec]*webrtc.API{}, stages: map[livestream.Stage]*stage{}}
	for _, c := range spoken {
		if e.apis[c], err = newAPI(c, mux, loopback, cfg.Public); err != nil {
			return nil, errors.Join(err, mux.Close())
		}
	}
	return e, nil
}

// socketBuffer is what the kernel may hold while the process is busy: a
// second of some hundred viewers.
const socketBuffer = 4 << 20

func listen(address string) (mux ice.UDPMux, loopback bool, err error) {
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, false, err
	}
	if at.IP == nil || at.IP.IsUnspecified() {
		mux, err = ice.NewMultiUDPMuxFromPort(at.Port, ice.UDPMuxFromPortWithReadBufferSize(socketBuffer), ice.UDPMuxFromPortWithWriteBufferSize(socketBuffer))
		return mux, false, err
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, false, err
	}
	err = errors.Join(conn.SetReadBuffer(socketBuffer), conn.SetWriteBuffer(socketBuffer))
	return webrtc.NewICEUDPMux(nil, conn), at.IP.IsLoopback(), err
}

// stage returns the stage, made when there is none.
func (e *Engine) stage(name livestream.Stage) (*stage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errClosed
	}
	s := e.stages[name]
	if s == nil {
		s = &stage{name: name, engine: e, viewers: map[string]*leg{}}
		e.stages[name] = s
	}
	return s, nil
}

func (e *Engine) find(name livestream.Stage) (*stage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stages[name]
	if s == nil {
		return nil, errMissing
	}
	return s, nil
}

// drop forgets the stage when it is still the one of that name.
func (e *Engine) drop(s *stage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stages[s.name] == s {
		delete(e.stages, s.name)
	}
}

// Publish implements livestream.Video.
func (e *Engine) Publish(ctx context.Context, p livestream.Publication, offer string) (livestream.Leg, error) {
	c, ok := offered(offer)
	if !ok {
		return livestream.Leg{}, errCodec
	}
	s, err := e.stage(p.Stage)
	if err != nil {
		return livestream.Leg{}, err
	}
	leg, err := s.publish(ctx, p, c, offer)
	if err != nil {
		s.abandon()
	}
	return leg, err
}

// Watch implements livestream.Video.
func (e *Engine) Watch(ctx context.Context, v livestream.Viewing, offer string) (livestream.Leg, error) {
	s, err := e.find(v.Stage)
	if err != nil {
		return livestream.Leg{}, errOff
	}
	return s.watch(ctx, v.Seats, offer)
}

// Trickle implements livestream.Video.
func (e *Engine) Trickle(_ context.Context, name livestream.Stage, leg, fragment string) error {
	s, err := e.find(name)
	if err != nil {
		return err
	}
	l := s.leg(leg)
	if l == nil {
		return errMissing
	}
	return l.trickle(fragment)
}

// HangUp implements livestream.Video.
func (e *Engine) HangUp(ctx context.Context, name livestream.Stage, leg string) error {
	s, err := e.find(name)
	if err != nil {
		return err
	}
	l := s.leg(leg)
	if l == nil {
		return errMissing
	}
	s.leave(l)
	return l.wait(ctx)
}

// End implements livestream.Video.
func (e *Engine) End(ctx context.Context, name livestream.Stage) error {
	s, err := e.find(name)
	if err != nil {
		return nil // what is not there has ended
	}
	return s.end(ctx)
}

// Segment implements livestream.Video.
func (e *Engine) Segment(_ context.Context, name livestream.Stage, file string) (livestream.Segment, error) {
	s, err := e.find(name)
	if err != nil {
		return livestream.Segment{}, err
	}
	return s.window.file(file)
}

// Audience implements livestream.Video.
func (e *Engine) Audience(_ context.Context, name livestream.Stage) (livestream.Audience, error) {
	s, err := e.find(name)
	if err != nil {
		return livestream.Audience{}, nil
	}
	return s.audience(), nil
}

// Health implements livestream.Video.
func (e *Engine) Health(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return errClosed
	}
	return nil
}

// closing is how long recordings may take to be written when the engine closes.
const closing = 10 * time.Second

// Close ends every stage, waits for what is recorded, and leaves the network.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	var open []*stage
	for _, s := range e.stages {
		open = append(open, s)
	}
	e.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	var errs []error
	for _, s := range open {
		errs = append(errs, s.end(ctx))
	}
	return errors.Join(append(errs, e.mux.Close())...)
}
