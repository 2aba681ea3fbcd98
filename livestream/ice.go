package livestream

import (
	"crypto/hmac"
	"crypto/sha1" // the servers' own rule, see ICE
	"encoding/base64"
	"fmt"
	"time"

	"chohue/market"
)

// ICE is how browsers find a way to the engine through networks that hide
// them. Without any, those whose network lets UDP out get through by
// themselves, because the engine has a public address.
type ICE struct {
	STUN []string // stun:HOST:PORT
	TURN []string // turn:HOST:PORT?transport=udp, turns:…
	// Secret is shared with the TURN servers, which let in who shows a name
	// with a time in it and its HMAC-SHA1 (draft-uberti-behave-turn-rest, as
	// coturn's use-auth-secret).
	Secret string
}

// ICEServer is one entry of RTCConfiguration.iceServers.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// turnLife is how long a browser may use a TURN server: a show and a half.
const turnLife = 12 * time.Hour

// Servers are what a person's browser is told.
func (i ICE) Servers(person market.ID, now time.Time) []ICEServer {
	out := []ICEServer{}
	if len(i.STUN) > 0 {
		out = append(out, ICEServer{URLs: i.STUN})
	}
	if len(i.TURN) > 0 && i.Secret != "" {
		name := fmt.Sprintf("%d:%s", now.Add(turnLife).Unix(), person)
		mac := hmac.New(sha1.New, []byte(i.Secret))
		mac.Write([]byte(name))
		out = append(out, ICEServer{URLs: i.TURN, Username: name, Credential: base64.StdEncoding.EncodeToString(mac.Sum(nil))})
	}
	return out
}
