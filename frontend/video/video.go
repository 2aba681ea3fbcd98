// Package video is the door through which pictures go in and out: WHIP (RFC
// 9725) to publish, WHEP to watch, HLS for those whom WebRTC does not reach,
// and what was recorded. Tickets, which the market signs for whoever may, are
// asked for at the same door.
//
// A ticket is the bearer token of WHIP and WHEP, so other programs that speak
// them can be used too. The stage stands in every address, so that a proxy in
// front of several processes can keep one stage with one of them.
package video

import (
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
)

// Prefix begins every address of the door.
const Prefix = "/video"

// HLSPrefix begins addresses that carry their right in themselves and are asked
// for every few seconds.
const HLSPrefix = Prefix + "/hls/"

type door struct {
	hall   *web.Hall
	studio *livestream.Studio
}

// Mount adds the door to the hall. Without a studio there is none.
func Mount(hall *web.Hall, studio *livestream.Studio) {
	if studio == nil {
		return
	}
	d, r := &door{hall, studio}, hall.Router().Group(Prefix)
	r.POST("/tickets", d.handle(d.ticket))
	r.GET("/stages/:stage", d.handle(d.audience))
	for way, open := range map[string]opens{"/whip": studio.Publish, "/whep": studio.Watch} {
		r.OPTIONS(way+"/:stage", d.handle(d.options))
		r.POST(way+"/:stage", d.handle(d.open(way, open)))
		r.PATCH(way+"/:stage/:leg", d.handle(d.trickle))
		r.DELETE(way+"/:stage/:leg", d.handle(d.hangUp))
	}
	r.GET("/hls/:ticket/:file", d.handle(d.segment))
	r.GET("/live/:show", d.handle(d.playlist))
	web.Get(r, "/replay/:recording/:file", d.handle(d.replay))
}

// handle answers errors as programs read them, whoever asks: a browser's
// address bar never leads here.
func (d *door) handle(do web.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := do(c)
		if err == nil {
			return
		}
		if market.KindOf(err) == market.KindUnauthenticated {
			c.Header("WWW-Authenticate", "Bearer")
		}
		c.Request.Header.Set("Accept", "application/problem+json")
		d.hall.Fail(c, err)
	}
}

// asked is what a ticket is asked for.
type asked struct {
	Stage livestream.Stage `json:"stage"`
	Role  livestream.Role  `json:"role"`
}

// given is a ticket and where to go with it.
type given struct {
	Ticket string                 `json:"ticket"`
	URL    string                 `json:"url"`
	ICE    []livestream.ICEServer `json:"iceServers"`
}

func (d *door) ticket(c *gin.Context) error {
	var in asked
	if err := c.ShouldBindJSON(&in); err != nil {
		return market.Invalid("input.invalid", "stage")
	}
	by := web.Actor(c)
	ticket, err := d.studio.Ticket(c, by, in.Stage, in.Role)
	if err != nil {
		return err
	}
	out := given{Ticket: ticket, ICE: d.studio.Servers(by)}
	switch in.Role {
	case livestream.RolePublish:
		out.URL = Prefix + "/whip/" + string(in.Stage)
	case livestream.RoleWatch:
		out.URL = Prefix + "/whep/" + string(in.Stage)
	default:
		out.URL = HLSPrefix + ticket + "/" + livestream.IndexFile
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, out)
	return nil
}

// audience is for players that wait for a show to begin.
func (d *door) audience(c *gin.Context) error {
	show, ok := strings.CutPrefix(c.Param("stage"), string(livestream.ShowStage("")))
	if !ok {
		return market.NotFound("video.missing")
	}
	a, err := d.studio.Audience(c, market.ID(show))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"live": a.Live, "viewers": a.Viewers, "hls": a.HLS})
	return nil
}

// maxSDP is longer than any offer of a browser.
const maxSDP = 256 << 10

func body(c *gin.Context, want string) (string, error) {
	if c.ContentType() != want {
		return "", market.Invalid("video.type", "offer").With("type", want)
	}
	text, err := io.ReadAll(io.LimitReader(c.Request.Body, maxSDP))
	return string(text), err
}

// seeLink writes the servers as RFC 9725, 4.6 wants them.
func (d *door) seeLink(c *gin.Context) {
	for _, s := range d.studio.Servers(web.Actor(c)) {
		for _, url := range s.URLs {
			link := "<" + url + `>; rel="ice-server"`
			if s.Username != "" {
				link += `; username="` + s.Username + `"; credential="` + s.Credential + `"; credential-type="password"`
			}
			c.Writer.Header().Add("Link", link)
		}
	}
}
