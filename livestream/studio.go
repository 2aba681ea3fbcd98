package livestream

import (
	"context"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Shows tells what is announced; Service does.
type Shows interface {
	Show(ctx context.Context, id market.ID) (*Show, error)
}

// Files keeps recordings by key; Get answers not found for an unknown key.
type Files interface {
	Put(ctx context.Context, key, contentType string, data []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
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
}

// NewStudio opens the studio on the store.
func NewStudio(ctx context.Context, e store.Engine, env market.Env, parts StudioParts) (*Studio, error) {
	s := &Studio{StudioParts: parts, env: env}
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

// How long before and after its announced time a show may be sent.
const (
	rehearsal = 30 * time.Minute
	overtime  = 30 * time.Minute
)

var (
	errNoVideo = market.NotFound("video.missing")
	errEarly   = market.Conflict("video.early")
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
		if err := mayManage(by, show.Seller); err != nil {
			return "", err
		}
		return s.issue(t), onTime(show, now)
	case RoleHLS:
		t.Until = show.EndsAt.Add(overtime)
		return s.issue(t), nil
	case RoleWatch:
		return s.issue(t), nil
	default:
		return "", errNoVideo
	}
}

// onTime tells why a show cannot be sent now.
func onTime(show *Show, now time.Time) error {
	switch {
	case now.Before(show.StartsAt.Add(-rehearsal)):
		return errEarly
	case !now.Before(show.EndsAt.Add(overtime)):
		return errOver
	default:
		return nil
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
		show, err := s.showOf(ctx, stage)
		if err != nil {
			return Leg{}, err
		}
		p.Take = s.newTake(ctx, show)
	}
	return s.Video.Publish(ctx, p, offer)
}

// Watch begins to receive with a ticket for it.
func (s *Studio) Watch(ctx context.Context, stage Stage, ticket, offer string) (Leg, error) {
	if _, err := s.use(ctx, stage, ticket, RoleWatch); err != nil {
		return Leg{}, err
	}
	v := Viewing{Stage: stage, Seats: s.Seats}
	if _, _, call := readCallStage(stage); call {
		v.Seats = 2 // the other side, and again when its connection is renewed
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

// EndShow takes the show off the air: its seller may, and those who must stop
// what is against the rules.
func (s *Studio) EndShow(ctx context.Context, by market.Actor, id market.ID) error {
	show, err := s.Shows.Show(ctx, id)
	if err != nil {
		return err
	}
	if err := mayRead(by, show.Seller); err != nil {
		return err
	}
	return s.Video.End(ctx, ShowStage(id))
}

// Servers are the ways through networks that by's browser is told.
func (s *Studio) Servers(by market.Actor) []ICEServer { return s.ICE.Servers(by.Person, s.env.Now()) }
