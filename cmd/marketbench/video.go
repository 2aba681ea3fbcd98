package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"chohue/livestream"
	"chohue/livestream/pion"
)

// What is sent: as much as a phone in a weak network does.
const (
	videoViewers = 200
	videoRate    = 246_000 // bits a second
	videoPacket  = 1025    // bytes: thirty packets a second are the rate
	videoStage   = livestream.Stage("show-bench")
)

// measureVideo sends one stream to many viewers, all in this process: what the
// viewers take is measured with the market's part and cannot be told from it,
// so the figure is an upper bound.
func measureVideo(ctx context.Context, _ string, o options) (text string, err error) {
	engine, err := pion.New(pion.Config{Address: "127.0.0.1:0", Hold: time.Minute, Log: slog.Default()})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	a := &videoLoad{engine: engine, seconds: min(o.seconds, 20)}
	viewers := videoViewers
	if o.short {
		viewers = 20
	}
	say("video: %d viewers", viewers)
	return a.run(ctx, viewers)
}

type videoLoad struct {
	engine   *pion.Engine
	seconds  float64
	sent     atomic.Int64
	received atomic.Int64
	legs     []*webrtc.PeerConnection
}

func (a *videoLoad) run(ctx context.Context, viewers int) (text string, err error) {
	defer func() {
		for _, leg := range a.legs {
			err = errors.Join(err, leg.Close())
		}
	}()
	before := heap()
	track, err := a.publish(ctx)
	if err != nil {
		return "", err
	}
	sending, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { a.send(sending, track) })
	defer wait.Wait()
	defer stop()
	if err := a.seat(ctx, viewers); err != nil {
		return "", err
	}
	sent, received, busy := a.sent.Load(), a.received.Load(), processor()
	begin := time.Now()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(time.Duration(a.seconds * float64(time.Second))):
	}
	took := time.Since(begin)
	cpu := processor() - busy
	due := (a.sent.Load() - sent) * int64(viewers)
	lost := 1 - float64(a.received.Load()-received)/float64(max(1, due))
	each := float64(heap()-before) / float64(viewers) / 1024
	return fmt.Sprintf("\n## Live video\n\nOne stream of %d kbit/s to %d viewers for %.0f s, viewers and market in one process.\n\n"+
		"| Processors | Of one viewer | Lost or late | KB of heap for a viewer, both ends |\n|---:|---:|---:|---:|\n| %.2f | %.2f %% | %.3f %% | %.0f |\n",
		videoRate/1000, viewers, took.Seconds(), cpu.Seconds()/took.Seconds(), 100*cpu.Seconds()/took.Seconds()/float64(viewers), 100*max(0, lost), each), nil
}

// heap is what is alive, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// processor is the time that this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// leg opens one connection by the same offer and answer as browsers.
func (a *videoLoad) leg(prepare func(*webrtc.PeerConnection) error, ask func(offer string) (livestream.Leg, error)) error {
	network := webrtc.SettingEngine{}
	network.SetIncludeLoopbackCandidate(true)
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return err
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(network), webrtc.WithMediaEngine(media)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	a.legs = append(a.legs, pc)
	if err := prepare(pc); err != nil {
		return err
	}
	there := make(chan struct{})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(there)
		}
	})
	if err := negotiate(pc, ask); err != nil {
		return err
	}
	select {
	case <-there:
		return nil
	case <-time.After(20 * time.Second):
		return errors.New("video: no connection")
	}
}

func negotiate(pc *webrtc.PeerConnection, ask func(offer string) (livestream.Leg, error)) error {
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	leg, err := ask(pc.LocalDescription().SDP)
	if err != nil {
		return err
	}
	return pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: leg.Answer})
}

func (a *videoLoad) publish(ctx context.Context) (*webrtc.TrackLocalStaticRTP, error) {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: 90_000}, "video", "bench")
	if err != nil {
		return nil, err
	}
	return track, a.leg(func(pc *webrtc.PeerConnection) error {
		_, err := pc.AddTrack(track)
		return err
	}, func(offer string) (livestream.Leg, error) {
		return a.engine.Publish(ctx, livestream.Publication{Stage: videoStage, Person: "bench"}, offer)
	})
}

// send sends one packet a picture, thirty pictures a second.
func (a *videoLoad) send(ctx context.Context, track *webrtc.TrackLocalStaticRTP) {
	picture := make([]byte, videoPacket)
	picture[0] = 0x65 // a whole picture, as its head says
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	for n := uint16(0); ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, SequenceNumber: n, Timestamp: uint32(n) * 3000}, Payload: picture}) == nil {
				a.sent.Add(1)
			}
		}
	}
}

// seat opens the viewers, and waits until there is something to watch.
func (a *videoLoad) seat(ctx context.Context, viewers int) error {
	for range viewers {
		err := a.leg(a.watches, func(offer string) (leg livestream.Leg, err error) {
			for range 100 {
				if leg, err = a.engine.Watch(ctx, livestream.Viewing{Stage: videoStage, Seats: viewers}, offer); err == nil {
					return leg, nil
				}
				time.Sleep(50 * time.Millisecond)
			}
			return leg, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *videoLoad) watches(pc *webrtc.PeerConnection) error {
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			a.received.Add(1)
		}
	})
	_, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	return err
}
