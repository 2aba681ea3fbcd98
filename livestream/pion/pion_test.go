package pion

import (
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"chohue/livestream"
	"chohue/market"
)

const stageName = livestream.Stage("show-1")

func newEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := New(Config{Address: "127.0.0.1:0", Hold: time.Minute, Log: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// client is a browser's end, with the codecs of that browser.
func client(t *testing.T, only ...string) *webrtc.PeerConnection {
	t.Helper()
	network := webrtc.SettingEngine{}
	network.SetIncludeLoopbackCandidate(true)
	media := &webrtc.MediaEngine{}
	for i, c := range only {
		one := webrtc.RTPCodecParameters{RTPCodecCapability: codec(c).capability(), PayloadType: webrtc.PayloadType(96 + i)}
		if err := media.RegisterCodec(one, webrtc.RTPCodecTypeVideo); err != nil {
			t.Fatal(err)
		}
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(network), webrtc.WithMediaEngine(media)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	return pc
}

func offer(t *testing.T, pc *webrtc.PeerConnection) string {
	t.Helper()
	o, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(o); err != nil {
		t.Fatal(err)
	}
	<-gathered
	return pc.LocalDescription().SDP
}

func accept(t *testing.T, pc *webrtc.PeerConnection, leg livestream.Leg) {
	t.Helper()
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: leg.Answer}); err != nil {
		t.Fatal(err)
	}
}

// send publishes pictures of one packet until the test ends.
func send(t *testing.T, e *Engine, who market.ID, mime string) (livestream.Leg, error) {
	t.Helper()
	pc := client(t, mime)
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime, ClockRate: videoClock}, "video", "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTrack(track); err != nil {
		t.Fatal(err)
	}
	leg, err := e.Publish(t.Context(), livestream.Publication{Stage: stageName, Person: who}, offer(t, pc))
	if err != nil {
		return leg, err
	}
	accept(t, pc, leg)
	ctx := t.Context()
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := uint16(0); ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_ = track.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, SequenceNumber: n, Timestamp: uint32(n) * 1800}, Payload: []byte{0x65, byte(n)}})
			}
		}
	}()
	return leg, nil
}

func live(t *testing.T, e *Engine) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if a, _ := e.Audience(t.Context(), stageName); a.Live {
			return
		}
		if time.Since(begin) > 10*time.Second {
			t.Fatal("nobody is seen")
		}
	}
}

// view watches and returns the numbers of the packets that come.
func view(t *testing.T, e *Engine, seats int, mime string) (<-chan uint16, livestream.Leg, error) {
	t.Helper()
	pc := client(t, mime)
	numbers := make(chan uint16, 1024)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			numbers <- p.SequenceNumber
		}
	})
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	leg, err := e.Watch(t.Context(), livestream.Viewing{Stage: stageName, Seats: seats}, offer(t, pc))
	if err == nil {
		accept(t, pc, leg)
	}
	return numbers, leg, err
}

// follow wants n packets, each numbered behind the one before.
func follow(t *testing.T, numbers <-chan uint16, last *uint16, n int) {
	t.Helper()
	for range n {
		select {
		case got := <-numbers:
			if *last != 0 && got != *last+1 {
				t.Fatalf("packet %d behind %d", got, *last)
			}
			*last = got
		case <-time.After(15 * time.Second):
			t.Fatal("nothing comes")
		}
	}
}

func TestOnePublisherAtATime(t *testing.T) {
	e := newEngine(t)
	if _, _, err := view(t, e, 2, webrtc.MimeTypeH264); !errors.Is(err, errOff) {
		t.Errorf("watched before anybody is seen: %v", err)
	}
	first, err := send(t, e, "sen", webrtc.MimeTypeH264)
	if err != nil {
		t.Fatal(err)
	}
	live(t, e)
	numbers, _, err := view(t, e, 2, webrtc.MimeTypeH264)
	if err != nil {
		t.Fatal(err)
	}
	last := uint16(0)
	follow(t, numbers, &last, 20)
	if _, err := send(t, e, "other", webrtc.MimeTypeH264); !errors.Is(err, errTaken) {
		t.Errorf("somebody else took over: %v", err)
	}
	if _, err := send(t, e, "sen", webrtc.MimeTypeH264); err != nil {
		t.Fatalf("the same person may not come again: %v", err)
	}
	follow(t, numbers, &last, 50) // across the change without a gap
	if err := e.HangUp(t.Context(), stageName, first.Name); !errors.Is(err, errMissing) {
		t.Errorf("the first connection is still there: %v", err)
	}
}

func TestSeatsAndCodecs(t *testing.T) {
	e := newEngine(t)
	if _, err := send(t, e, "sen", webrtc.MimeTypeVP8); err != nil {
		t.Fatal(err)
	}
	live(t, e)
	if _, _, err := view(t, e, 1, webrtc.MimeTypeH264); !errors.Is(err, errCodec) {
		t.Errorf("a viewer without the codec: %v", err)
	}
	_, leg, err := view(t, e, 1, webrtc.MimeTypeVP8)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := view(t, e, 1, webrtc.MimeTypeVP8); !errors.Is(err, errFull) {
		t.Errorf("a second on one seat: %v", err)
	}
	if err := e.Trickle(t.Context(), stageName, leg.Name, "a=ice-ufrag:another\r\n"); !errors.Is(err, errRestart) {
		t.Errorf("a restart of ICE: %v", err)
	}
	if err := e.Trickle(t.Context(), stageName, "nobody", ""); !errors.Is(err, errMissing) {
		t.Errorf("trickled to nobody: %v", err)
	}
	if err := e.HangUp(t.Context(), stageName, leg.Name); err != nil {
		t.Error(err)
	}
	if _, _, err := view(t, e, 1, webrtc.MimeTypeVP8); err != nil {
		t.Errorf("the seat was not given back: %v", err)
	}
	if _, err := e.Segment(t.Context(), stageName, livestream.IndexFile); !errors.Is(err, errMissing) {
		t.Errorf("VP8 has a playlist: %v", err)
	}
}

func TestNonsenseIsRefusedAndForgotten(t *testing.T) {
	e := newEngine(t)
	for _, text := range []string{"", "v=0", "v=0\r\nm=video 9 X 1\r\na=rtpmap:96 H264/90000\r\n", strings.Repeat("a", 1<<16)} {
		if _, err := e.Publish(t.Context(), livestream.Publication{Stage: stageName, Person: "sen"}, text); err == nil {
			t.Errorf("%.40q was taken", text)
		}
	}
	if len(e.stages) != 0 {
		t.Errorf("%d stages are left", len(e.stages))
	}
}

func TestNothingRunsOnAfterTheEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	e, err := New(Config{Address: "127.0.0.1:0", Hold: time.Minute, Log: slog.Default()})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("show", func(t *testing.T) {
		if _, err := send(t, e, "sen", webrtc.MimeTypeH264); err != nil {
			t.Fatal(err)
		}
		live(t, e)
		for range 5 {
			numbers, _, err := view(t, e, 5, webrtc.MimeTypeH264)
			if err != nil {
				t.Fatal(err)
			}
			last := uint16(0)
			follow(t, numbers, &last, 5)
		}
		if err := e.End(t.Context(), stageName); err != nil {
			t.Error(err)
		}
	})
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := e.Health(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("healthy after closing: %v", err)
	}
	for begin := time.Now(); runtime.NumGoroutine() > before; time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}
