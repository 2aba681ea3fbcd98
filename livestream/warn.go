package livestream

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"chohue/market"
)

// Warning is a sentence on everybody's screen: of a hazard, by the host or by
// those who watch over the market (Law 122/2025/QH15).
type Warning struct {
	ID    market.ID  `bson:"id" json:"id"`
	Text  string     `bson:"text" json:"text"`
	Staff bool       `bson:"staff,omitempty" json:"staff,omitempty"` // the host cannot take it down
	At    time.Time  `bson:"at" json:"at"`
	Until *time.Time `bson:"until,omitempty" json:"until,omitempty"` // taken down
}

const (
	maxWarning  = 300
	maxWarnings = 50
)

// Warn shows a warning in the room, at once, to everybody.
func (s *Service) Warn(ctx context.Context, by market.Actor, show market.ID, text string) (*Show, error) {
	staff := by.Is(market.RoleModerator, market.RoleOperator)
	if !staff {
		if _, err := s.hosted(ctx, by, show); err != nil {
			return nil, err
		}
	}
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < 3 || n > maxWarning {
		return nil, market.Invalid("show.warning", "text")
	}
	w := Warning{ID: s.env.NewID(), Text: text, Staff: staff, At: s.env.Now()}
	return s.change(ctx, by, show, EventWarned, func(sh *Show) (any, error) {
		if sh.State.Over() {
			return nil, market.Conflict("show.over")
		}
		if len(sh.Warnings) >= maxWarnings {
			return nil, market.Conflict("show.warnings")
		}
		sh.Warnings = append(sh.Warnings, w)
		return w, nil
	})
}

// Unwarn takes a warning down: staff any, the host their own.
func (s *Service) Unwarn(ctx context.Context, by market.Actor, show, warning market.ID) (*Show, error) {
	staff := by.Is(market.RoleModerator, market.RoleOperator)
	if !staff {
		if _, err := s.hosted(ctx, by, show); err != nil {
			return nil, err
		}
	}
	now := s.env.Now()
	return s.change(ctx, by, show, EventWarned, func(sh *Show) (any, error) {
		i := slices.IndexFunc(sh.Warnings, func(w Warning) bool { return w.ID == warning })
		if i < 0 || sh.Warnings[i].Staff && !staff {
			return nil, errMissing
		}
		if sh.Warnings[i].Until != nil {
			return nil, nil
		}
		sh.Warnings[i].Until = &now
		return sh.Warnings[i], nil
	})
}

// Warned are the warnings on screen.
func (s *Show) Warned() []Warning {
	return slices.DeleteFunc(slices.Clone(s.Warnings), func(w Warning) bool { return w.Until != nil })
}

// Announce keeps what the host writes on screen: it advertises, so it is part of
// the record.
func (s *Service) Announce(ctx context.Context, by market.Actor, show market.ID, text string) error {
	if _, err := s.hosted(ctx, by, show); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < 1 || n > maxWarning {
		return market.Invalid("show.said", "text")
	}
	_, err := s.change(ctx, by, show, EventSaid, func(sh *Show) (any, error) {
		if !sh.OnAir(s.env.Now()) {
			return nil, market.Conflict("show.not_live")
		}
		return map[string]string{"text": text}, nil
	})
	return err
}
