package video

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
)

// segment is a file of a running show's HLS. Playlists change, their files do
// not.
func (d *door) segment(c *gin.Context) error {
	file := c.Param("file")
	s, err := d.studio.Segment(c, c.Param("ticket"), file)
	if err != nil {
		return err
	}
	if file == livestream.IndexFile {
		c.Header("Cache-Control", "no-store")
	} else {
		c.Header("Cache-Control", "private, max-age=60")
	}
	c.Data(http.StatusOK, s.Type, s.Data)
	return nil
}

// playlist leads players without script to a show's HLS.
func (d *door) playlist(c *gin.Context) error {
	show := market.ID(strings.TrimSuffix(c.Param("show"), ".m3u8"))
	ticket, err := d.studio.Ticket(c, web.Actor(c), livestream.ShowStage(show), livestream.RoleHLS)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusFound, HLSPrefix+ticket+"/"+livestream.IndexFile)
	return nil
}

// replay is a recording: its playlist, one of its parts, or all of it under
// the name that a download is to have.
func (d *door) replay(c *gin.Context) error {
	id, file := market.ID(c.Param("recording")), c.Param("file")
	if file == livestream.IndexFile {
		list, err := d.studio.RecordingPlaylist(c, web.Actor(c), id)
		if err != nil {
			return err
		}
		c.Data(http.StatusOK, "application/vnd.apple.mpegurl", list)
		return nil
	}
	number, _, _ := strings.Cut(file, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return d.whole(c, id)
	}
	part, err := d.studio.RecordingPart(c, web.Actor(c), id, n)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, max-age=3600")
	c.Data(http.StatusOK, part.Type, part.Data)
	return nil
}

// watching is how long one answer with a recording may take: a weak phone that
// plays it as it comes.
const watching = 4 * time.Hour

func (d *door) whole(c *gin.Context, id market.ID) error {
	r, file, err := d.studio.RecordingFile(c, web.Actor(c), id)
	if err != nil {
		return err
	}
	if r.Open {
		return market.NotFound("video.missing")
	}
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(watching)) // else the server's own limit holds
	c.Header("Content-Type", r.Container.MediaType())
	c.Header("ETag", `"`+r.SHA256+`"`)
	http.ServeContent(c.Writer, c.Request, "", *r.EndedAt, file)
	return nil
}
