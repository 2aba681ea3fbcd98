package web

import (
	"context"
	"errors"
	"net/http"

	"chohue/market"
)

// Status is how HTTP answers err, for pages that show a form again with what
// was wrong in it.
func Status(err error) int {
	var e *market.Error
	if !errors.As(err, &e) {
		return http.StatusInternalServerError
	}
	status, _ := waited(e)
	return status
}

// Note logs an error that was not worth an error page, under the request's id.
func Note(ctx context.Context, what string, err error) {
	v := of(ctx)
	if v.hall != nil {
		v.hall.deps.Log.WarnContext(ctx, what, "request", v.id, "error", err)
	}
}
