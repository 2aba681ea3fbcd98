package livestream

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// disputedAgain is how long a recording that somebody complains of is left alone
// before a worker looks again.
const disputedAgain = 24 * time.Hour

// DropRecordings deletes the pictures of recordings whose time is over, and
// returns of how many. One whose show somebody complains of is kept until that
// is answered. What the recording was and its sum stay written down. It is a
// chore; what a crash leaves is finished by the next round.
func (s *Studio) DropRecordings(ctx context.Context) (int, error) {
	dropped := 0
	due := store.Query{Index: "due", To: s.env.Now().Add(time.Millisecond)}
	err := s.recordings.Each(ctx, due, func(r *Recording) error {
		if r.Due == nil || r.Open {
			return nil
		}
		disputed, err := s.Shows.Disputed(ctx, r.Show)
		if err != nil {
			return err
		}
		if disputed {
			again := s.env.Now().Add(disputedAgain)
			return s.nextLook(ctx, r.ID, &again)
		}
		if err := s.dropParts(ctx, r); err != nil {
			return err
		}
		dropped++
		return s.nextLook(ctx, r.ID, nil)
	})
	return dropped, err
}

// dropParts deletes the files before what lists them, so that none is forgotten.
func (s *Studio) dropParts(ctx context.Context, r *Recording) error {
	return s.eachPart(ctx, r.ID, func(p *recordingPart) error {
		if err := s.Files.Delete(ctx, partKey(r.ID, p.N, r.Container)); err != nil {
			return err
		}
		return s.parts.Delete(ctx, p.ID)
	})
}

// nextLook notes when the recording is looked at again; nil says that its
// pictures are gone.
func (s *Studio) nextLook(ctx context.Context, id market.ID, at *time.Time) error {
	now := s.env.Now()
	_, err := s.recordings.Update(ctx, id, func(r *Recording) ([]market.Event, error) {
		if r.Due = at; at == nil {
			r.DeletedAt = &now
		}
		return nil, nil
	})
	return err
}
