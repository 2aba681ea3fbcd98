package pion

import (
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/opus"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4/seekablebuffer"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4"
	"github.com/pion/webrtc/v4"

	"chohue/livestream"
)

// muxer writes frames into a container.
type muxer interface {
	container() livestream.Container
	// whole reports whether a picture needs none before it.
	whole(picture []byte) bool
	// head is how the file begins; a first whole picture tells what is in it.
	head(picture []byte) ([]byte, bool)
	// part is a piece of the file up to end, at which the next will begin.
	part(pictures, sound []frame, end time.Duration) ([]byte, error)
}

func newMuxer(c codec) muxer {
	if c == webrtc.MimeTypeH264 {
		return &mp4Muxer{}
	}
	return webmMuxer{}
}

// mp4Muxer writes fragmented MP4. Parameter sets stay in the pictures too,
// because phones change the size of theirs when the uplink gets weak.
type mp4Muxer struct{ number uint32 }

const (
	pictureTrack = 1
	soundTrack   = 2
)

func (*mp4Muxer) container() livestream.Container { return livestream.ContainerMP4 }

func (*mp4Muxer) whole(picture []byte) bool {
	units, err := unitsOf(picture)
	return err == nil && h264.IsRandomAccess(units)
}

// unitsOf are the units of a picture, without those that only mark its begin.
func unitsOf(picture []byte) ([][]byte, error) {
	var all h264.AnnexB
	if err := all.Unmarshal(picture); err != nil {
		return nil, err
	}
	var out [][]byte
	for _, u := range all {
		if typeOf(u) != h264.NALUTypeAccessUnitDelimiter {
			out = append(out, u)
		}
	}
	return out, nil
}

func typeOf(unit []byte) h264.NALUType { return h264.NALUType(unit[0] & 0x1f) }

func (*mp4Muxer) head(picture []byte) ([]byte, bool) {
	units, err := unitsOf(picture)
	if err != nil {
		return nil, false
	}
	var in mp4.CodecH264
	for _, u := range units {
		switch typeOf(u) {
		case h264.NALUTypeSPS:
			in.SPS = u
		case h264.NALUTypePPS:
			in.PPS = u
		}
	}
	if in.SPS == nil || in.PPS == nil {
		return nil, false
	}
	init := fmp4.Init{Tracks: []*fmp4.InitTrack{
		{ID: pictureTrack, TimeScale: videoClock, Codec: &in},
		{ID: soundTrack, TimeScale: audioClock, Codec: &mp4.CodecOpus{ChannelCount: 2}},
	}}
	var out seekablebuffer.Buffer
	err = init.Marshal(&out)
	return out.Bytes(), err == nil
}

func (m *mp4Muxer) part(pictures, sound []frame, end time.Duration) ([]byte, error) {
	m.number++
	part := fmp4.Part{SequenceNumber: m.number}
	video, err := pictureSamples(pictures, end)
	if err != nil {
		return nil, err
	}
	part.Tracks = append(part.Tracks, video)
	if len(sound) > 0 {
		part.Tracks = append(part.Tracks, soundSamples(sound))
	}
	var out seekablebuffer.Buffer
	err = part.Marshal(&out)
	return out.Bytes(), err
}

// ticks is a time on a track's own clock.
func ticks(at time.Duration, clock int64) uint64 {
	return uint64(int64(at) * clock / int64(time.Second))
}

func pictureSamples(pictures []frame, end time.Duration) (*fmp4.PartTrack, error) {
	track := &fmp4.PartTrack{ID: pictureTrack, BaseTime: ticks(pictures[0].at, videoClock)}
	for i, f := range pictures {
		next := end
		if i+1 < len(pictures) {
			next = pictures[i+1].at
		}
		units, err := unitsOf(f.data)
		if err != nil {
			return nil, err
		}
		one := &fmp4.Sample{}
		if err := one.FillH264(0, units); err != nil {
			return nil, err
		}
		one.Duration = uint32(ticks(next, videoClock) - ticks(f.at, videoClock))
		track.Samples = append(track.Samples, one)
	}
	return track, nil
}

func soundSamples(sound []frame) *fmp4.PartTrack {
	track := &fmp4.PartTrack{ID: soundTrack, BaseTime: ticks(sound[0].at, audioClock)}
	for i, f := range sound {
		length := uint32(opus.PacketDuration2(f.data))
		if i+1 < len(sound) {
			length = uint32(ticks(sound[i+1].at, audioClock) - ticks(f.at, audioClock))
		}
		track.Samples = append(track.Samples, &fmp4.Sample{Duration: length, Payload: f.data})
	}
	return track
}
