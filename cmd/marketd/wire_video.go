package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"chohue/livestream"
	"chohue/livestream/pion"
	"chohue/store"
)

// videoHold is how long viewers wait for a sender whose phone was cut off.
const videoHold = time.Minute

// openVideo opens live video in this process; "off" means that there is none.
func (h *house) openVideo(ctx context.Context, _ outside) error {
	if h.config.Video == "off" {
		return nil
	}
	seats, err := strconv.Atoi(h.config.VideoSeats)
	if err != nil || seats < 1 {
		return fmt.Errorf("MARKET_VIDEO_SEATS=%q: want a number from 1", h.config.VideoSeats)
	}
	secret, err := h.secret("video", h.config.Secret)
	if err != nil {
		return err
	}
	engine, err := pion.New(pion.Config{Address: h.config.Video, Public: list(h.config.VideoPublic), Hold: videoHold, Log: slog.Default()})
	if err != nil {
		return fmt.Errorf("MARKET_VIDEO: %w", err)
	}
	h.close = append(h.close, engine.Close)
	h.studio, err = livestream.NewStudio(ctx, h.engine, h.env, livestream.StudioParts{
		Shows: h.livestream, Files: h.files, Video: engine, Secret: []byte(secret), Seats: seats,
		ICE: livestream.ICE{STUN: list(h.config.VideoSTUN), TURN: list(h.config.VideoTURN), Secret: h.config.VideoTURNSecret},
	})
	return err
}

// list reads values apart by commas.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// videoChores are what the studio has to do from time to time.
func (h *house) videoChores() []chore {
	if h.studio == nil {
		return nil
	}
	return []chore{
		{"video tickets that ran out", 10 * time.Minute, h.studio.ForgetTickets},
		{"recordings cut off", time.Minute, h.studio.MendRecordings},
		{"recordings whose time is over", time.Hour, h.studio.DropRecordings},
		{"shows that another process has ended", 2 * time.Second, h.studio.EndStages},
	}
}

// videoConsumers are what the studio wants to hear of.
func (h *house) videoConsumers() []store.Consumer {
	if h.studio == nil {
		return nil
	}
	return []store.Consumer{{Name: "studio", Types: livestream.StudioConsumes(), Handle: h.studio.Consume}}
}
