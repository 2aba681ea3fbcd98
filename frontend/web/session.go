package web

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/accounts"
	"chohue/market"
)

// session reads the session of a visitor who has a cookie; others cost nothing.
func (h *Hall) session(c *gin.Context) {
	v := of(c)
	if h.quiet(c) || !hasCookie(c, h.sessions.name) {
		return
	}
	session, err := h.sessions.Get(v.request, h.sessions.name)
	if err != nil {
		h.Fail(c, err)
		return
	}
	v.session = session
	if session.IsNew { // the cookie names nothing any more
		session.Options.MaxAge = -1
		h.sessions.give(c.Writer, session)
		session.Options.MaxAge = h.sessions.options.MaxAge
	}
}

func (h *Hall) quiet(c *gin.Context) bool {
	for _, prefix := range h.cfg.Quiet {
		if strings.HasPrefix(c.Request.URL.Path, prefix) {
			return true
		}
	}
	return false
}

func hasCookie(c *gin.Context, name string) bool {
	_, err := c.Request.Cookie(name)
	return err == nil
}

// actor finds out who the session's person is. Roles and memberships are read
// with each request, so what is taken away is gone at once.
func (h *Hall) actor(c *gin.Context) {
	v := of(c)
	if v.session == nil {
		return
	}
	id, ok := v.session.Values[personKey{}].(market.ID)
	if !ok {
		return
	}
	actor, err := h.resolve(c, id)
	if market.KindOf(err) == market.KindNotFound && err != nil {
		err = SignOut(c)
	}
	if err != nil {
		h.Fail(c, err)
		return
	}
	v.actor = actor
}

// resolve gives members of sellers the roles that their work there means.
func (h *Hall) resolve(ctx context.Context, id market.ID) (market.Actor, error) {
	p, err := h.deps.People.Person(ctx, id)
	if err != nil {
		return market.Actor{}, err
	}
	sellers, err := h.deps.Sellers.Of(ctx, id)
	if err != nil {
		return market.Actor{}, err
	}
	actor := market.Actor{Person: p.ID, Name: p.Name, Roles: append([]market.Role(nil), p.Roles...)}
	for _, s := range sellers {
		actor.Sellers = append(actor.Sellers, s.ID)
		if role, ok := memberRoles[s.RoleOf(id)]; ok && !actor.Is(role) {
			actor.Roles = append(actor.Roles, role)
		}
	}
	return actor, nil
}

// Value returns what was kept for the visit under name, "" for nothing.
func Value(ctx context.Context, name string) string {
	v := of(ctx)
	if v.session == nil {
		return ""
	}
	value, _ := v.session.Values[name].(string)
	return value
}

// SetValue keeps value for the visit; an empty value forgets. A guest's first
// value starts a session. Call it before the answer is written.
func SetValue(ctx context.Context, name, value string) error {
	v := of(ctx)
	if Value(ctx, name) == value {
		return nil
	}
	if err := v.open(); err != nil {
		return err
	}
	if value == "" {
		delete(v.session.Values, name)
	} else {
		v.session.Values[name] = value
	}
	err := v.session.Save(v.request, v.writer)
	if err != nil && market.KindOf(err) == market.KindNotFound { // ended meanwhile, on another device
		return market.Unauthenticated("session.missing")
	}
	return err
}

func (v *visitor) open() error {
	if v.session != nil {
		return nil
	}
	session, err := v.hall.sessions.Get(v.request, v.hall.sessions.name)
	v.session = session
	return err
}

// SignIn makes the visit that of the person whose session was just started by
// accounts under token. The session from before is dead afterwards, so a token
// planted on somebody is worth nothing; what a guest kept (the cart) moves
// along, what another person kept does not.
func SignIn(ctx context.Context, started accounts.Session, token string) error {
	v := of(ctx)
	if err := v.open(); err != nil {
		return err
	}
	kept, err := plainValues(v.session.Values)
	if err != nil {
		return err
	}
	if _, somebody := v.session.Values[personKey{}]; !somebody && len(kept) > 0 {
		started.Values = kept
		if err := v.hall.deps.Sessions.SaveSession(ctx, token, kept); err != nil {
			return err
		}
	}
	if v.session.ID != "" {
		if err := v.hall.deps.Sessions.EndSession(ctx, v.session.ID); err != nil {
			return err
		}
	}
	fill(v.session, &started, token)
	v.hall.sessions.give(v.writer, v.session)
	v.actor, err = v.hall.resolve(ctx, started.Person)
	return err
}

// SignOut ends the session on the server and takes the cookie back.
func SignOut(ctx context.Context) error {
	v := of(ctx)
	v.actor = market.Actor{}
	if v.session == nil {
		return nil
	}
	lasting := v.session.Options.MaxAge
	v.session.Options.MaxAge = -1
	err := v.session.Save(v.request, v.writer)
	v.session.Options.MaxAge = lasting
	return err
}

// Flash is something to say once, on the next page.
type Flash struct {
	Tone string         `json:"tone"` // "info", "success", "warning" or "danger"
	Key  string         `json:"key"`  // of the sentence
	Args map[string]any `json:"args,omitempty"`
}

const flashValue = "flash"

// AddFlash keeps something to say on the next page.
func AddFlash(ctx context.Context, f Flash) error {
	all, err := json.Marshal(append(flashes(ctx), f))
	if err != nil {
		return err
	}
	return SetValue(ctx, flashValue, string(all))
}

// Flashes returns what was kept to say, and forgets it.
func Flashes(ctx context.Context) ([]Flash, error) {
	found := flashes(ctx)
	if found == nil {
		return nil, nil
	}
	return found, SetValue(ctx, flashValue, "")
}

func flashes(ctx context.Context) []Flash {
	var found []Flash
	if raw := Value(ctx, flashValue); raw != "" {
		_ = json.Unmarshal([]byte(raw), &found) // written by AddFlash alone
	}
	return found
}
