package pion

import (
	"strings"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/webrtc/v4"

	"github.com/pion/ice/v4"
)

// codec is a video codec that is passed on.
type codec string

// spoken in the order of liking: H.264 can be put into MP4 and HLS and most
// phones have a chip for it; VP8 is what the rest can.
var spoken = []codec{webrtc.MimeTypeH264, webrtc.MimeTypeVP8}

// offered is the codec to take of those in an offer.
func offered(offer string) (codec, bool) {
	for _, c := range spoken {
		if offers(offer, c) {
			return c, true
		}
	}
	return "", false
}

func offers(offer string, c codec) bool {
	name := strings.TrimPrefix(string(c), "video/")
	return strings.Contains(strings.ToLower(offer), strings.ToLower(" "+name+"/90000"))
}

const (
	videoClock = 90_000
	audioClock = 48_000
)

func (c codec) capability() webrtc.RTPCodecCapability {
	feedback := []webrtc.RTCPFeedback{{Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	out := webrtc.RTPCodecCapability{MimeType: string(c), ClockRate: videoClock, RTCPFeedback: feedback}
	if c == webrtc.MimeTypeH264 {
		out.SDPFmtpLine = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
	}
	return out
}

var opusSound = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioClock, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}

// How long a connection may be silent.
const (
	disconnected = 5 * time.Second
	failed       = 10 * time.Second
	keepAlive    = 2 * time.Second
)

// resent is how many packets of a viewer's are kept to be sent again: a second
// of a phone's picture, and half the memory of the library's own choice.
const resent = 128

// newAPI makes connections that speak one video codec, and Opus.
func newAPI(c codec, mux ice.UDPMux, loopback bool, public []string) (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: c.capability(), PayloadType: 102}, webrtc.RTPCodecTypeVideo); err != nil {
		return nil, err
	}
	if err := media.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: opusSound, PayloadType: 111}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	chain := &interceptor.Registry{}
	if err := webrtc.ConfigureNackWithOptions(media, chain, nil, nack.ResponderSize(resent)); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureRTCPReports(chain); err != nil {
		return nil, err
	}
	// Tells senders what arrives, so that a weak uplink sends less.
	if err := webrtc.ConfigureTWCCSender(media, chain); err != nil {
		return nil, err
	}
	network, err := settings(mux, loopback, public)
	if err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain), webrtc.WithSettingEngine(network)), nil
}

func settings(mux ice.UDPMux, loopback bool, public []string) (webrtc.SettingEngine, error) {
	s := webrtc.SettingEngine{}
	s.SetICEUDPMux(mux)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetIncludeLoopbackCandidate(loopback)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetICETimeouts(disconnected, failed, keepAlive)
	if len(public) == 0 {
		return s, nil
	}
	return s, s.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{External: public, AsCandidateType: webrtc.ICECandidateTypeHost})
}
