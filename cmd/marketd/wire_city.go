package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"chohue/indicators"
	"chohue/indicators/platform"
)

// openCity readies the pushing of releases to the city's data platform.
func (h *house) openCity() error {
	c := h.config
	if c.City == "" {
		return nil
	}
	to, where, err := platform.Open(platform.Settings{URL: c.City, Host: c.CityHost, Key: c.CityKey, Cert: c.CityCert, CA: c.CityCA, Token: c.CityToken})
	if err != nil {
		return fmt.Errorf("MARKET_CITY: %w", err)
	}
	key, err := h.cityKey()
	if err != nil {
		return err
	}
	h.city = indicators.NewPusher(h.indicators, to, where, key)
	return nil
}

// cityKey signs what is sent. It is made once and kept; the city is given its
// public half, which marketd statistics key prints.
func (h *house) cityKey() (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return nil, err
	}
	kept, err := h.keep("city", base64.StdEncoding.EncodeToString(seed))
	if err != nil {
		return nil, err
	}
	if seed, err = base64.StdEncoding.DecodeString(kept); err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the kept key for the city is no key")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func (h *house) cityChores() []chore {
	if h.city == nil {
		return nil
	}
	return []chore{{"releases to the city", time.Minute, h.city.Push}}
}
