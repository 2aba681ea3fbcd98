package pion

import (
	"bufio"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"chohue/livestream"
	"chohue/market"
)

// leg is the connection of one browser.
type leg struct {
	name   string
	person market.ID
	pc     *webrtc.PeerConnection
	done   chan struct{} // closed when all of it has ended
	once   sync.Once
}

func newLeg(pc *webrtc.PeerConnection, person market.ID) *leg {
	return &leg{name: market.NewSecret(), person: person, pc: pc, done: make(chan struct{})}
}

// close ends the leg once; last is what is still to be waited for.
func (l *leg) close(last func()) {
	l.once.Do(func() {
		go func() {
			defer close(l.done)
			_ = l.pc.GracefulClose() // there is nobody left to tell
			last()
		}()
	})
}

func (l *leg) wait(ctx context.Context) error {
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// connecting is how long a browser may take to come once it has the answer.
const connecting = 20 * time.Second

// answer takes the offer and answers with all addresses of ours: there is one,
// so nothing is won by telling it later.
func (l *leg) answer(ctx context.Context, offer string) (livestream.Leg, error) {
	if err := l.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return livestream.Leg{}, errOffer
	}
	gathered := webrtc.GatheringCompletePromise(l.pc)
	answer, err := l.pc.CreateAnswer(nil)
	if err != nil {
		return livestream.Leg{}, errOffer
	}
	if err := l.pc.SetLocalDescription(answer); err != nil {
		return livestream.Leg{}, errOffer
	}
	select {
	case <-gathered:
		return livestream.Leg{Name: l.name, Answer: l.pc.LocalDescription().SDP}, nil
	case <-ctx.Done():
		return livestream.Leg{}, ctx.Err()
	}
}

// watch calls gone when the leg has failed or never came.
func (l *leg) watch(gone func()) {
	late := time.AfterFunc(connecting, gone)
	l.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			late.Stop()
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			late.Stop()
			go gone()
		}
	})
}

// trickle adds what the fragment names. Another user fragment would be a
// restart of ICE, which is a new offer here.
func (l *leg) trickle(fragment string) error {
	mid := ""
	for line := range lines(fragment) {
		value := line[strings.IndexByte(line, ':')+1:]
		switch {
		case strings.HasPrefix(line, "a=mid:"):
			mid = value
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			if !strings.Contains(l.pc.RemoteDescription().SDP, line) {
				return errRestart
			}
		case strings.HasPrefix(line, "a=candidate:"):
			found := webrtc.ICECandidateInit{Candidate: line[len("a="):], SDPMid: &mid}
			if err := l.pc.AddICECandidate(found); err != nil {
				return errOffer
			}
		}
	}
	return nil
}

func lines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		all := bufio.NewScanner(strings.NewReader(text))
		for all.Scan() {
			if !yield(strings.TrimRight(all.Text(), "\r")) {
				return
			}
		}
	}
}

// hear reads what a viewer reports about a track and calls ask when it wants
// a whole picture.
func hear(sender *webrtc.RTPSender, ask func()) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				ask()
			}
		}
	}
}
