package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The budgets of a first view at 360 px, in bytes as they are transferred:
// what somebody with a new phone and a prepaid card pays to see the page.
const (
	mostPage    = 70_000
	mostScript  = 20_000
	mostStyle   = 12_000
	mostPicture = 20_000
)

// weighedGoods fill more than what any first view fetches.
var weighedGoods = []string{
	mamSlug, "tra-cung-dinh-hue", "tra-rau-ma-say", "hat-sen-kho-tinh-tam", "buoi-com-huong-tho", "thanh-tra-thuy-bieu", "gao-huu-co-an-lo", "mat-ong-a-luoi",
	"me-xung-deo-hue", "me-xung-gion-hue", "mut-vo-thanh-tra", "tre-hue", "nem-chua-hue", "siro-thanh-tra", "may-tre-dan-bao-la", "non-la-ba-lop",
}

// scale weighs everything that a browser receives.
type scale struct {
	mu     sync.Mutex
	kinds  map[network.RequestID]network.ResourceType
	names  map[network.RequestID]string
	open   map[network.RequestID]bool
	weight map[string]float64 // by kind
	heavy  map[string]float64 // pictures by address
	last   time.Time
}

func newScale() *scale {
	return &scale{
		kinds: map[network.RequestID]network.ResourceType{}, names: map[network.RequestID]string{}, open: map[network.RequestID]bool{},
		weight: map[string]float64{}, heavy: map[string]float64{}, last: time.Now(),
	}
}

func (s *scale) hear(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.open[e.RequestID], s.names[e.RequestID], s.last = !strings.HasPrefix(e.Request.URL, "data:"), e.Request.URL, time.Now()
	case *network.EventResponseReceived:
		s.kinds[e.RequestID] = e.Type
	case *network.EventLoadingFinished:
		if s.names[e.RequestID] == "" {
			return // asked for by the page before
		}
		kind := string(s.kinds[e.RequestID])
		s.weight[kind] += e.EncodedDataLength
		if kind == string(network.ResourceTypeImage) {
			s.heavy[s.names[e.RequestID]] = e.EncodedDataLength
		}
		delete(s.open, e.RequestID)
		s.last = time.Now()
	case *network.EventLoadingFailed:
		delete(s.open, e.RequestID)
		s.last = time.Now()
	}
}

// quiet reports whether nothing has come and nothing is under way for a while.
func (s *scale) quiet() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	under := 0
	for _, waits := range s.open {
		if waits {
			under++
		}
	}
	return under == 0 && time.Since(s.last) > time.Second
}

// total is the weight of all kinds and how it comes about.
func (s *scale) total() (float64, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all float64
	var parts []string
	for kind, weight := range s.weight {
		all += weight
		parts = append(parts, fmt.Sprintf("%s %.1f KB", kind, weight/1000))
	}
	slices.Sort(parts)
	return all, fmt.Sprintf("%s; %d pictures", strings.Join(parts, ", "), len(s.heavy))
}

// TestFirstViewsAreLight opens what buyers open first, each in a browser that
// has never been here, on a screen of 360 px, and weighs what comes before
// anybody scrolls: the page, its style, script, letters and pictures.
func TestFirstViewsAreLight(t *testing.T) {
	j := &journey{t: t, base: startMarket(t, weighedGoods...), browser: startBrowser(t), script: true}
	for _, page := range []struct {
		path   string
		before func(*visitor)
	}{
		{"/", nil},
		{"/tim", nil},
		{"/tim?q=tra", nil},
		{"/san-pham/" + mamSlug, nil},
		{"/gian-hang/htx-thuy-bieu", nil},
		{"/gio-hang", (*visitor).fillCart},
		{"/thanh-toan", (*visitor).fillCart},
	} {
		t.Run(page.path, func(t *testing.T) {
			here := *j
			here.t = t
			s := newScale()
			v := here.weighed("newcomer", smallPhone, s)
			if page.before != nil { // a cart is filled, and then everything is forgotten but the cart
				page.before(v)
				v.do(forget)
				s = v.reweigh()
			}
			v.open(page.path)
			v.settle(s)
			s.check(t)
		})
	}
}

// forget empties the browser's cache; cookies stay.
var forget = chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
	_, err := chromedp.Call(ctx, network.ClearBrowserCache, cdp.Empty{})
	return err
})

// reweigh begins anew with an empty scale.
func (v *visitor) reweigh() *scale {
	fresh := newScale()
	v.scale.mu.Lock()
	defer v.scale.mu.Unlock()
	v.scale.kinds, v.scale.names, v.scale.open = fresh.kinds, fresh.names, fresh.open
	v.scale.weight, v.scale.heavy, v.scale.last = fresh.weight, fresh.heavy, fresh.last
	return v.scale
}

// settle waits until the page has everything that it asks for by itself.
func (v *visitor) settle(s *scale) {
	v.t.Helper()
	for end := time.Now().Add(time.Minute); !s.quiet(); {
		if time.Now().After(end) {
			v.fail("the page never stops loading")
		}
		v.do(chromedp.Sleep(100 * time.Millisecond))
	}
}

func (s *scale) check(t *testing.T) {
	t.Helper()
	all, how := s.total()
	t.Logf("%.1f KB: %s", all/1000, how)
	if all > mostPage {
		t.Errorf("%.1f KB in the first view, more than %d: %s", all/1000, mostPage/1000, how)
	}
	if w := s.weight[string(network.ResourceTypeScript)]; w > mostScript {
		t.Errorf("%.1f KB of script", w/1000)
	}
	if w := s.weight[string(network.ResourceTypeStylesheet)]; w > mostStyle {
		t.Errorf("%.1f KB of style", w/1000)
	}
	for address, w := range s.heavy {
		if w > mostPicture {
			t.Errorf("a picture of %.1f KB: %s", w/1000, address)
		}
	}
}
