package pion

import (
	"bytes"
	"slices"
	"time"

	"github.com/at-wat/ebml-go"
	"github.com/at-wat/ebml-go/webm"

	"chohue/livestream"
)

// webmMuxer writes WebM as a stream: a segment of unknown size, one cluster a
// part.
type webmMuxer struct{}

func (webmMuxer) container() livestream.Container { return livestream.ContainerWebM }

// whole reads the first bit of RFC 6386, 9.1: nothing stands for a key frame.
func (webmMuxer) whole(picture []byte) bool { return len(picture) >= vp8Head && picture[0]&1 == 0 }

// vp8Head is how long the head of a key frame is: a tag, a code, the sizes.
const vp8Head = 10

func (webmMuxer) head(picture []byte) ([]byte, bool) {
	if len(picture) < vp8Head {
		return nil, false
	}
	size := func(at int) uint64 { return uint64(picture[at]) | uint64(picture[at+1]&0x3f)<<8 }
	file := struct {
		Header  webm.EBMLHeader    `ebml:"EBML"`
		Segment webm.SegmentStream `ebml:"Segment,size=unknown"`
	}{Header: *webm.DefaultEBMLHeader}
	file.Segment.Info = webm.Info{TimecodeScale: uint64(time.Millisecond), MuxingApp: "chohue", WritingApp: "chohue"}
	file.Segment.Tracks.TrackEntry = []webm.TrackEntry{
		{Name: "video", TrackNumber: pictureTrack, TrackUID: pictureTrack, CodecID: "V_VP8", TrackType: 1, Video: &webm.Video{PixelWidth: size(6), PixelHeight: size(8)}},
		{Name: "audio", TrackNumber: soundTrack, TrackUID: soundTrack, CodecID: "A_OPUS", CodecPrivate: opusHead, TrackType: 2, Audio: &webm.Audio{SamplingFrequency: audioClock, Channels: 2}},
	}
	var out bytes.Buffer
	err := ebml.Marshal(&file, &out)
	return out.Bytes(), err == nil
}

// opusHead is RFC 7845, 5.1: version 1, two channels, nothing to skip, 48 kHz.
var opusHead = []byte("OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00")

func (webmMuxer) part(pictures, sound []frame, _ time.Duration) ([]byte, error) {
	begin := pictures[0].at
	var one struct {
		Cluster webm.Cluster `ebml:"Cluster"`
	}
	one.Cluster.Timecode = uint64(begin.Milliseconds())
	add := func(number uint64, all []frame) {
		for _, f := range all {
			one.Cluster.SimpleBlock = append(one.Cluster.SimpleBlock, ebml.Block{
				TrackNumber: number, Timecode: int16((f.at - begin).Milliseconds()), Keyframe: f.key || number == soundTrack, Data: [][]byte{f.data},
			})
		}
	}
	add(pictureTrack, pictures)
	add(soundTrack, sound)
	slices.SortStableFunc(one.Cluster.SimpleBlock, func(a, b ebml.Block) int { return int(a.Timecode) - int(b.Timecode) })
	var out bytes.Buffer
	err := ebml.Marshal(&one, &out)
	return out.Bytes(), err
}
