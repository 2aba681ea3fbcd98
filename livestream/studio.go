package livestream

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"chohue/market"
	"chohue/store"
)

// Shows is what the studio needs of shows; Service does it.
type Shows interface {
	Show(ctx context.Context, id market.ID) (*Show, error)
	// KeepFootage notes a recording in the record of its show.
	KeepFootage(ctx context.Context, by market.Actor, show market.ID, ref, hash string) error
	// Disputed reports whether somebody waits for an answer about the show.
	Disputed(ctx context.Context, show market.ID) (bool, error)
}

// Files keeps recordings by key; Get answers not found for an unknown key, and
// what is not there is deleted already.
type Files interface {
	Put(ctx context.Context, key, contentType string, data []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
	Delete(ctx context.Context, key string) error
}

// StudioParts are what a studio is built from.
type StudioParts struct {
	Shows  Shows
	Files  Files
	Video  Video
	Secret []byte // signs tickets; the same in every process
	Seats  int    // viewers of one show by WebRTC; more are sent to HLS
	ICE    ICE
}

// Studio decides who may be seen and who may watch, keeps what was shown, and
// books calls. The pictures themselves are carried by a Video.
type Studio struct {
	StudioParts

	env        market.Env
	keeping    Retentions
	used       *store.Collection[usedTicket]
	recordings *store.Collection[Recording]
	parts      *store.Collection[recordingPart]
	calls      *store.Collection[Call]

	mu      sync.Mutex
	sending map[market.ID]bool // shows that were sent from this process and may be still
}

// NewStudio opens the studio on the store.
func NewStudio(ctx context.Context, e store.Engine, env market.Env, parts StudioParts) (*Studio, error) {
	s := &Studio{StudioParts: parts, env: env, sending: map[market.ID]bool{}}
	var err error
	if s.keeping, err = LoadRetentions(); err != nil {
		return nil, err
	}
	if s.used, err = store.Open[usedTicket](ctx, e, usedTicketSpec); err != nil {
		return nil, err
	}
	if s.recordings, err = store.Open[Recording](ctx, e, recordingSpec); err != nil {
		return nil, err
	}
	if s.parts, err = store.Open[recordingPart](ctx, e, recordingPartSpec); err != nil {
		return nil, err
	}
	s.calls, err = store.Open[Call](ctx, e, callSpec)
	return s, err
}

var (
	errNoVideo = market.NotFound("video.missing")
	errNotLive = market.Conflict("video.not_live")
	errOver    = market.Conflict("video.over")
)

// Ticket gives by the right to one role at the stage, when he has it.
func (s *Studio) Ticket(ctx context.Context, by market.Actor, stage Stage, role Role) (string, error) {
	if call, side, ok := readCallStage(stage); ok {
		return s.callTicket(ctx, by, call, side, role)
	}
	show, err := s.showOf(ctx, stage)
	if err != nil {
		return "", err
	}
	now := s.env.Now()
	t := Ticket{Stage: stage, Role: role, Person: by.Person, Until: now.Add(ticketLife)}
	switch role {
	case RolePublish:
		if err := mayRun(by, show); err != nil {
			return "", err
		}
	case RoleWatch:
	case RoleHLS:
		t.Until = now.Add(MaxShowLength)
	default:
		return "", errNoVideo
	}
	return s.issue(t), onAir(show, now)
}

// onAir tells why a show is not seen now. Nothing is before its host has gone
// live, by which the rules are accepted and the papers checked, and nothing
// after it has ended or was stopped.
func onAir(show *Show, now time.Time) error {
	switch {
	case show.OnAir(now):
		return nil
	case show.State == ShowAnnounced:
		return errNotLive
	default:
		return errOver
	}
}

// showOf is the show whose stage it is.
func (s *Studio) showOf(ctx context.Context, stage Stage) (*Show, error) {
	id, ok := strings.CutPrefix(string(stage), "show-")
	if !ok {
		return nil, errNoVideo
	}
	return s.Shows.Show(ctx, market.ID(id))
}

// Publish begins to send with a ticket for it. A show is recorded, a call is
// not: what two people say is theirs.
func (s *Studio) Publish(ctx context.Context, stage Stage, ticket, offer string) (Leg, error) {
	t, err := s.use(ctx, stage, ticket, RolePublish)
	if err != nil {
		return Leg{}, err
	}
	p := Publication{Stage: stage, Person: t.Person}
	if _, _, call := readCallStage(stage); !call {
		show, err := s.seen(ctx, stage)
		if err != nil {
			return Leg{}, err
		}
		p.Take = s.newTake(ctx, show)
	}
	return s.Video.Publish(ctx, p, offer)
}

// seen is the show of a stage when it is on air: a ticket is older than what it
// is used for.
func (s *Studio) seen(ctx context.Context, stage Stage) (*Show, error) {
	show, err := s.showOf(ctx, stage)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.sending[show.ID] = true
	s.mu.Unlock()
	return show, onAir(show, s.env.Now())
}

// Watch begins to receive with a ticket for it.
func (s *Studio) Watch(ctx context.Context, stage Stage, ticket, offer string) (Leg, error) {
	if _, err := s.use(ctx, stage, ticket, RoleWatch); err != nil {
		return Leg{}, err
	}
	v := Viewing{Stage: stage, Seats: s.Seats}
	if _, _, call := readCallStage(stage); call {
		v.Seats = 2 // the other side, and again when its connection is renewed
	} else if _, err := s.seen(ctx, stage); err != nil {
		return Leg{}, err
	}
	return s.Video.Watch(ctx, v, offer)
}

// Segment is a file of HLS for whoever holds a ticket for its stage.
func (s *Studio) Segment(ctx context.Context, ticket, file string) (Segment, error) {
	t, err := s.read(ticket, RoleHLS)
	if err != nil {
		return Segment{}, err
	}
	return s.Video.Segment(ctx, t.Stage, file)
}

// Audience tells anybody what goes on at a show.
func (s *Studio) Audience(ctx context.Context, show market.ID) (Audience, error) {
	return s.Video.Audience(ctx, ShowStage(show))
}

// StudioConsumes are the events that the studio wants.
func StudioConsumes() []string { return []string{EventShowEnded, EventShowCancelled} }

// Consume takes a show that is over off the air, whoever ended it.
func (s *Studio) Consume(ctx context.Context, e market.Event) error {
	return s.Video.End(ctx, ShowStage(e.Subject))
}

// EndStages takes shows off the air that another process has ended and this
// one carries, and returns how many. It is a chore.
func (s *Studio) EndStages(ctx context.Context) (int, error) {
	s.mu.Lock()
	carried := slices.Collect(maps.Keys(s.sending))
	s.mu.Unlock()
	ended := 0
	for _, id := range carried {
		show, err := s.Shows.Show(ctx, id)
		if err != nil {
			return ended, err
		}
		if onAir(show, s.env.Now()) == nil {
			continue
		}
		if err := s.Video.End(ctx, ShowStage(id)); err != nil {
			return ended, err
		}
		ended++
		s.mu.Lock()
		delete(s.sending, id)
		s.mu.Unlock()
	}
	return ended, nil
}

// Servers are the ways through networks that by's browser is told.
func (s *Studio) Servers(by market.Actor) []ICEServer { return s.ICE.Servers(by.Person, s.env.Now()) }
