package bleve

import (
	"context"

	"chohue/search"
)

// Suggest looks at names only, takes the last word as begun, and puts goods
// that can be bought and that are certified first.
func (e *Engine) Suggest(_ context.Context, text string, limit int) ([]string, error) {
	r := e.request(search.Query{Text: text, Limit: maxLimit})
	if len(r.terms) == 0 || limit <= 0 {
		return nil, nil
	}
	e.look.RLock()
	defer e.look.RUnlock()
	if e.live == nil {
		return nil, errClosed
	}
	c := newCollector(r, prefix)
	for i := range e.live.view.parts {
		m, err := e.match(&e.live.view.parts[i], r, prefix)
		if err != nil {
			return nil, err
		}
		if m.names != nil {
			m.found.And(m.names)
			c.collect(m)
		}
	}
	c.page()
	return c.names(limit), nil
}

// names returns the distinct names of the best hits in their order.
func (c *collector) names(limit int) []string {
	seen := map[string]bool{}
	var names []string
	for _, h := range c.top {
		name := h.row.Names[0]
		if len(names) < limit && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
