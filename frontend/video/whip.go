package video

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
)

const (
	sdpType  = "application/sdp"
	fragType = "application/trickle-ice-sdpfrag"
)

type opens func(ctx context.Context, stage livestream.Stage, ticket, offer string) (livestream.Leg, error)

func (d *door) options(c *gin.Context) error {
	c.Header("Accept-Post", sdpType)
	c.Header("Allow", "OPTIONS, POST")
	d.seeLink(c)
	c.Status(http.StatusNoContent)
	return nil
}

// open answers an offer. The leg's address is the answer's Location: whoever
// knows it may end the leg, and nobody can guess it.
func (d *door) open(way string, open opens) web.Handler {
	return func(c *gin.Context) error {
		ticket, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
		if !ok {
			return market.Unauthenticated("video.ticket")
		}
		offer, err := body(c, sdpType)
		if err != nil {
			return err
		}
		stage := livestream.Stage(c.Param("stage"))
		leg, err := open(c, stage, ticket, offer)
		if err != nil {
			return err
		}
		c.Header("Location", Prefix+way+"/"+string(stage)+"/"+leg.Name)
		c.Header("ETag", etag(leg.Name))
		c.Header("Accept-Patch", fragType)
		d.seeLink(c)
		c.Data(http.StatusCreated, sdpType, []byte(leg.Answer))
		return nil
	}
}

// etag names a leg's ICE session; there is one as long as there is the leg.
func etag(leg string) string { return `"` + leg[:8] + `"` }

func (d *door) trickle(c *gin.Context) error {
	leg := c.Param("leg")
	if match := c.GetHeader("If-Match"); match != "*" && len(leg) >= 8 && match != etag(leg) {
		status := http.StatusPreconditionFailed
		if match == "" {
			status = http.StatusPreconditionRequired
		}
		c.Status(status)
		return nil
	}
	fragment, err := body(c, fragType)
	if err != nil {
		return err
	}
	if err := d.studio.Video.Trickle(c, livestream.Stage(c.Param("stage")), leg, fragment); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (d *door) hangUp(c *gin.Context) error {
	if err := d.studio.Video.HangUp(c, livestream.Stage(c.Param("stage")), c.Param("leg")); err != nil {
		return err
	}
	c.Status(http.StatusOK)
	return nil
}
