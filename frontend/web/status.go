package web

import "chohue/market"

// Status is how HTTP answers err, for pages that show a form again with what
// was wrong in it.
func Status(err error) int { return statuses[market.KindOf(err)] }
