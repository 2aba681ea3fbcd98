package orders

import (
	"context"

	"chohue/catalog"
	"chohue/store"
)

// aftercare is what the service needs for what comes after the sale.
type aftercare struct {
	deadlines  Deadlines
	kinds      Categories
	files      catalog.Files // nil takes no photos
	complaints *store.Collection[Complaint]
	reviews    *store.Collection[Review]
	ratings    *store.Collection[Rating]
}

func (s *Service) openAftercare(ctx context.Context, e store.Engine) (err error) {
	if s.deadlines, err = LoadDeadlines(); err != nil {
		return err
	}
	if s.kinds, err = LoadCategories(); err != nil {
		return err
	}
	if s.complaints, err = store.Open[Complaint](ctx, e, complaintSpec); err != nil {
		return err
	}
	if s.reviews, err = store.Open[Review](ctx, e, reviewSpec); err != nil {
		return err
	}
	s.ratings, err = store.Open[Rating](ctx, e, store.Spec{Name: "ratings"})
	return err
}
