package orders

import (
	"context"

	"chohue/catalog"
	"chohue/store"
)

// aftercare is what the service needs for what comes after the sale.
type aftercare struct {
	deadlines Deadlines
	files     catalog.Files // nil takes no photos
}

func (s *Service) openAftercare(_ context.Context, _ store.Engine) (err error) {
	s.deadlines, err = LoadDeadlines()
	return err
}
