package livestream

import (
	"context"
	"time"

	"chohue/market"
)

// Stage is where one person is seen by others: a show's has many viewers, each
// side of a call has one. It stands in addresses, so that a proxy in front of
// several processes can keep a stage with one of them.
type Stage string

// ShowStage is the stage of a show.
func ShowStage(show market.ID) Stage { return Stage("show-" + string(show)) }

// Video is an engine that carries pictures and sound from one publisher to
// many viewers, by the offer and answer of WebRTC. Offers and answers are SDP;
// a leg is the connection of one browser.
type Video interface {
	// Publish begins to send to the stage. Who publishes already is replaced
	// when it is the same person, who has come back or changed the device;
	// somebody else's is "video.taken".
	Publish(ctx context.Context, p Publication, offer string) (Leg, error)
	// Watch begins to receive, before or after somebody publishes; "video.full"
	// when all seats are taken.
	Watch(ctx context.Context, v Viewing, offer string) (Leg, error)
	// Trickle adds network addresses that a browser found later, as RFC 8840
	// writes them.
	Trickle(ctx context.Context, stage Stage, leg, fragment string) error
	// HangUp ends a leg; one that is not there is "video.missing".
	HangUp(ctx context.Context, stage Stage, leg string) error
	// End ends the stage and every leg of it. Whoever holds a leg's name can
	// no longer use it; nothing that is recorded is lost.
	End(ctx context.Context, stage Stage) error
	// Segment is a file of the stage's HLS playlist, IndexFile first;
	// "video.missing" when there is none, as for VP8.
	Segment(ctx context.Context, stage Stage, file string) (Segment, error)
	// Audience tells what goes on at the stage.
	Audience(ctx context.Context, stage Stage) (Audience, error)
	// Health is nil while the engine can take publishers.
	Health(ctx context.Context) error
}

// Publication says who wants to be seen where.
type Publication struct {
	Stage  Stage
	Person market.ID
	Take   Take // nil: nothing is recorded and there is no HLS
}

// Viewing says where somebody wants to watch, and how many may at once.
type Viewing struct {
	Stage Stage
	Seats int
}

// Leg is the engine's answer to an offer.
type Leg struct {
	Name   string // unguessable: whoever holds it may end the leg
	Answer string
}

// IndexFile is the playlist that a player begins with.
const IndexFile = "index.m3u8"

// Segment is one file of HLS.
type Segment struct {
	Type string // media type
	Data []byte
}

// Audience is what goes on at a stage.
type Audience struct {
	Live    bool // somebody is seen
	Viewers int
	HLS     bool // there is a playlist for those whom WebRTC does not reach
}

// Container is what a recording is kept in.
type Container string

// The containers: MP4 in fragments for H.264, WebM for VP8, both with Opus.
// Either is playable up to the last part that was kept.
const (
	ContainerMP4  Container = "mp4"
	ContainerWebM Container = "webm"
)

// MediaType is what HTTP calls the container.
func (c Container) MediaType() string { return "video/" + string(c) }

// Take receives one publication as it is recorded: a head, then parts. Head
// and all parts in their order are a whole file. It is called by one goroutine
// and may be slow; a part that comes too late is told by its start.
type Take interface {
	Begin(c Container, head []byte) error
	Part(start, length time.Duration, data []byte) error
	End() error
}
