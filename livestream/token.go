package livestream

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

// seal signs words for one purpose, so that a signature for one thing is none
// for another.
func (s *Service) seal(purpose string, words ...string) string {
	return base64.RawURLEncoding.EncodeToString(s.mac(purpose, words...)[:16])
}

func (s *Service) mac(purpose string, words ...string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(purpose))
	for _, w := range words {
		mac.Write([]byte{0})
		mac.Write([]byte(w))
	}
	return mac.Sum(nil)
}

func (s *Service) sealed(seal, purpose string, words ...string) bool {
	return subtle.ConstantTimeCompare([]byte(seal), []byte(s.seal(purpose, words...))) == 1
}

// What tokens are for.
const (
	forRoom  = "room"
	forDraft = "draft"
	forLink  = "link"
)

var errToken = market.NotFound("show.token")

// token is subject.expiry.seal: readable by all, made by nobody else.
func (s *Service) token(purpose, subject, bound string, until time.Time) string {
	exp := strconv.FormatInt(until.Unix(), 36)
	return subject + "." + exp + "." + s.seal(purpose, subject, bound, exp)
}

// opened returns what the token is about. One that was forged, made for another
// purpose, show or visitor, or whose time is over, is none.
func (s *Service) opened(purpose, token, bound string) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !s.sealed(parts[2], purpose, parts[0], bound, parts[1]) {
		return "", errToken
	}
	exp, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || !s.env.Now().Before(time.Unix(exp, 0)) {
		return "", errToken
	}
	return parts[0], nil
}

// roomLife is how long a page of the room may write before it must be loaded anew.
const roomLife = MaxShowLength

// RoomToken lets a visitor write in the room of a show: it is good for that
// show and that visitor only.
func (s *Service) RoomToken(show market.ID, visitor string) string {
	return s.token(forRoom, string(show), visitor, s.env.Now().Add(roomLife))
}

// EnterRoom checks a room token of the visitor.
func (s *Service) EnterRoom(show market.ID, visitor, token string) error {
	subject, err := s.opened(forRoom, token, visitor)
	if err != nil || visitor == "" || subject != string(show) {
		return errToken
	}
	return nil
}
