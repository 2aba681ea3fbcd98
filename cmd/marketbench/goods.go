package main

import (
	"net/http"
	"net/url"
	"slices"
)

// goods is what there is to buy.
type goods struct {
	slugs    []string
	names    []string
	sets     []int
	variants []string // one of each product
}

// readCatalogue reads the whole catalogue through the API, page by page and
// product by product.
func readCatalogue(addr string) (*goods, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer c.close()
	g := &goods{}
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				Slug string
				Name struct{ VI string }
				Set  int
			}
			Next string
		}
		path := "/api/v1/products?limit=100&cursor=" + url.QueryEscape(cursor)
		if err := c.ask(http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			g.slugs, g.names, g.sets = append(g.slugs, p.Slug), append(g.names, p.Name.VI), append(g.sets, p.Set)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	slices.Sort(g.sets)
	g.sets = slices.Compact(g.sets)
	return g, g.readVariants(c)
}

func (g *goods) readVariants(c *client) error {
	for _, slug := range g.slugs {
		var p struct{ Variants []struct{ ID string } }
		if err := c.ask(http.MethodGet, "/api/v1/products/"+slug, nil, &p); err != nil {
			return err
		}
		g.variants = append(g.variants, p.Variants[0].ID)
	}
	return nil
}
