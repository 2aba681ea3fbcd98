package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// party is somebody else whom this program plays: a wallet, a bank, a carrier.
// Adding one is a file with its open function and a line in parties.
type party struct {
	name  string // below the root of the address, and at the switchboard
	title string // what people call it
	// open starts it. at is its address as others see it, without a slash at
	// the end; notices go out through line.
	open func(line *Line, at string) http.Handler
	// settings make the market speak to the party at that address, as
	// NAME=value.
	settings func(at string) []string
}

// place is what parties must know of where they are.
type place struct {
	market string           // address of the market
	data   string           // folder for what they remember; nowhere when empty
	now    func() time.Time // the wall clock when nil
}

// parties lists everybody who is played.
func parties(p place) []party {
	return append([]party{momoParty(p), zalopayParty(p), vnpayParty(p), bankParty(p)}, carrierParties(p)...)
}

// world is everybody at one address.
type world struct {
	at      string
	parties []party
	lines   map[string]*Line
	mux     *http.ServeMux
}

// open starts every party at the address at.
func open(ctx context.Context, at string, pace Pace, all []party) *world {
	w := &world{at: at, parties: all, lines: map[string]*Line{}, mux: http.NewServeMux()}
	for _, p := range all {
		line := newLine(ctx, p.name, pace)
		w.lines[p.name] = line
		doors := p.open(line, at+"/"+p.name)
		w.mux.Handle("/"+p.name+"/", line.Answers(http.StripPrefix("/"+p.name, doors)))
	}
	w.mux.Handle("/", w.desk())
	return w
}

// settings makes the market speak to everybody here.
func (w *world) settings() []string {
	var all []string
	for _, p := range w.parties {
		if p.settings != nil {
			all = append(all, p.settings(w.at+"/"+p.name)...)
		}
	}
	return all
}

// turn turns switches on: "momo:lose,zalopay:late".
func (w *world) turn(text string) error {
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		name, what, _ := strings.Cut(word, ":")
		line := w.lines[name]
		if line == nil || !slices.Contains(switchNames, what) {
			return fmt.Errorf("switch %q: want PARTY:SWITCH; switches are %s", word, strings.Join(switchNames, ", "))
		}
		line.Set(what, true)
	}
	return nil
}

// wait returns when no delivery is under way.
func (w *world) wait() {
	for _, line := range w.lines {
		line.Wait()
	}
}
