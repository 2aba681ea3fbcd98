package livestream

import (
	"net/url"
	"regexp"
	"strings"

	"chohue/market"
)

// Broadcast is where the picture comes from: our own camera, or a broadcast that
// runs elsewhere at the same time. Only ids are kept, never an address that
// somebody typed.
type Broadcast struct {
	Kind string `bson:"kind,omitempty" json:"kind,omitempty"` // empty for our own camera
	ID   string `bson:"id,omitempty" json:"id,omitempty"`
}

// The places whose broadcasts may be shown.
const (
	VideoYouTube  = "youtube"
	VideoFacebook = "facebook"
)

var (
	youtubeID  = regexp.MustCompile(`^[A-Za-z0-9_-]{11}$`)
	facebookID = regexp.MustCompile(`^[A-Za-z0-9.]{1,80}/videos/[0-9]{5,20}$`)
)

// ReadBroadcast reads the address of a broadcast on YouTube or Facebook; an empty
// one is our own camera. Anything else is refused.
func ReadBroadcast(address string) (Broadcast, error) {
	address = strings.TrimSpace(address)
	if address == "" {
		return Broadcast{}, nil
	}
	wrong := market.Invalid("show.video", "video")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || len(address) > 300 {
		return Broadcast{}, wrong
	}
	switch strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Host), "www."), "m.") {
	case "youtube.com", "youtu.be":
		return broadcast(VideoYouTube, youtubeOf(u), youtubeID, wrong)
	case "facebook.com":
		return broadcast(VideoFacebook, strings.Trim(u.Path, "/"), facebookID, wrong)
	}
	return Broadcast{}, wrong
}

func broadcast(kind, id string, form *regexp.Regexp, wrong error) (Broadcast, error) {
	if !form.MatchString(id) {
		return Broadcast{}, wrong
	}
	return Broadcast{kind, id}, nil
}

func youtubeOf(u *url.URL) string {
	path := strings.Trim(u.Path, "/")
	if id := u.Query().Get("v"); path == "watch" {
		return id
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, "live/"), "embed/")
}

// Frame is the address that a page frames, and its origin for the page's
// policy; empty for our own camera.
func (v Broadcast) Frame() (address, origin string) {
	switch {
	case v.Kind == VideoYouTube && youtubeID.MatchString(v.ID):
		return "https://www.youtube-nocookie.com/embed/" + v.ID, "https://www.youtube-nocookie.com"
	case v.Kind == VideoFacebook && facebookID.MatchString(v.ID):
		return "https://www.facebook.com/plugins/video.php?href=" + url.QueryEscape("https://www.facebook.com/"+v.ID), "https://www.facebook.com"
	}
	return "", ""
}
