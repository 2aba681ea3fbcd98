package pages

import (
	"slices"

	"chohue/frontend/ui"
	"chohue/orders"
)

// tooFar says which goods would not bear the way to the address that is typed.
// It is the one problem that only checkout can show: the cart has no address.
func tooFar(s speaker, q *orders.Quote) []ui.Wrong {
	var out []ui.Wrong
	for _, problem := range q.Problems {
		if problem.Key == "cart.too_far" {
			out = append(out, ui.Wrong{ID: "province", Text: s.problem(problem)})
		}
	}
	return out
}

// withoutLines leaves out what is about no field of the page: what is wrong
// with lines, tooFar has said.
func withoutLines(wrongs []ui.Wrong) []ui.Wrong {
	return slices.DeleteFunc(wrongs, func(w ui.Wrong) bool { return w.ID == "" })
}
