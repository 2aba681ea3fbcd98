package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
)

// shopper is one client with dice of its own.
type shopper struct {
	*client
	dice *rand.Rand
}

// act is one thing that is done in the shop.
type act struct {
	name string
	what string
	do   func(*shop, *shopper) error
	aim  float64 // milliseconds of the server's processor time
	// What others take on the same data, measured elsewhere.
	pocketbase, vendure string
}

func acts() []act {
	return []act{
		{"detail", "product detail", (*shop).detail, 0.08, "0.25", "19"},
		{"list", "list of 24 by set, by price", (*shop).list, 0.2, "1.0", "19"},
		{"search", "search", (*shop).search, 1, "34", "1,100"},
		{"checkout", "full checkout, to confirmed", (*shop).checkout, 1, "0.6", "250"},
		{"wallet", "the same by the wallet's own page", (*shop).checkoutByPage, 0, "", ""},
	}
}

// measured is what was found of one act.
type measured struct {
	act
	samples []sample
}

// measureShop serves a large catalogue, measures every act at every level and
// reports.
func measureShop(ctx context.Context, dir string, o options) (report string, err error) {
	s, err := startServer(ctx, dir, o)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	goods, err := readCatalogue(s.addr)
	if err != nil {
		return "", err
	}
	place := &shop{server: s, goods: goods, queries: newQueries(goods.names)}
	if _, err := place.stick.measure(); err != nil {
		return "", err
	}
	var all []measured
	for _, a := range acts() {
		if o.only != "" && o.only != a.name {
			continue
		}
		m, err := place.measure(ctx, a, o)
		if err != nil {
			return "", fmt.Errorf("%s: %w", a.name, err)
		}
		all = append(all, m)
	}
	return shopTable(len(goods.slugs), all), nil
}

// shop is the served market as the clients know it.
type shop struct {
	server  *server
	goods   *goods
	queries *queries
	stick   yardstick
}

func (s *shop) measure(ctx context.Context, a act, o options) (measured, error) {
	m := measured{act: a}
	for _, n := range o.levels() {
		say("%s: %d clients", a.what, n)
		found, err := s.sample(ctx, a, n, o)
		if err != nil {
			return m, err
		}
		m.samples = append(m.samples, found)
	}
	return m, nil
}

func (s *shop) sample(ctx context.Context, a act, n int, o options) (sample, error) {
	var none sample
	shoppers, err := s.shoppers(n)
	if err != nil {
		return none, err
	}
	defer func() {
		for _, one := range shoppers {
			one.close()
		}
	}()
	do := func(client int) error { return a.do(s, shoppers[client]) }
	if _, err := repeat(ctx, n, o.step()/4, do); err != nil { // warming up
		return none, err
	}
	noise, err := s.stick.measure()
	if err != nil {
		return none, err
	}
	before, err := s.server.settled()
	if err != nil {
		return none, err
	}
	found, err := repeat(ctx, n, o.step(), do)
	if err != nil {
		return none, err
	}
	after, err := s.server.settled()
	if err != nil {
		return none, err
	}
	found.cpu = after - before
	again, err := s.stick.measure()
	found.noise = (noise + again) / 2
	return found, err
}

func (s *shop) shoppers(n int) ([]*shopper, error) {
	all := make([]*shopper, n)
	for i := range all {
		c, err := dial(s.server.addr)
		if err != nil {
			return nil, err
		}
		all[i] = &shopper{c, rand.New(rand.NewPCG(uint64(n), uint64(i)))}
	}
	return all, nil
}

func (s *shop) detail(by *shopper) error {
	_, err := by.call(http.MethodGet, "/api/v1/products/"+s.goods.slugs[by.dice.IntN(len(s.goods.slugs))], nil)
	return err
}

func (s *shop) list(by *shopper) error {
	set := s.goods.sets[by.dice.IntN(len(s.goods.sets))]
	_, err := by.call(http.MethodGet, "/api/v1/products?set="+strconv.Itoa(set)+"&sort=price&limit=24", nil)
	return err
}

func (s *shop) search(by *shopper) error {
	_, err := by.call(http.MethodGet, "/api/v1/search?q="+url.QueryEscape(s.queries.next(by.dice)), nil)
	return err
}
