package orders

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"

	"chohue/market"
)

// A cart is named to the outside by a token: its id, its turn, and a signature
// over both. What cannot be verified is never looked up, and a token of an
// earlier turn opens nothing: the turn moves on whenever who may use the cart
// changes, at sign-in above all. Carts from before tokens have turn 0 and are
// named by their id alone until their turn moves.
const (
	idLength   = 26
	turnLength = 4
	macLength  = 26
	turnsCount = 36 * 36 * 36 * 36
)

// token names the cart to the outside.
func (s *Service) token(c *Cart) market.ID {
	if c.Turn == 0 {
		return c.ID
	}
	named := named(c)
	return market.ID(named + s.sign(named))
}

func named(c *Cart) string {
	turn := strings.ToUpper(strconv.FormatInt(c.Turn%turnsCount, 36))
	return string(c.ID) + fmt.Sprintf("%0*s", turnLength, turn)
}

func (s *Service) sign(named string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("cart " + named))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:16])
}

// verified is the id that a token names, or nothing. The comparison takes the
// same time wherever they differ.
func (s *Service) verified(token market.ID) (market.ID, bool) {
	switch len(token) {
	case idLength:
		return token, true // of turn 0, or refused by opens
	case idLength + turnLength + macLength:
		named, mac := string(token[:idLength+turnLength]), string(token[idLength+turnLength:])
		return token[:idLength], hmac.Equal([]byte(mac), []byte(s.sign(named)))
	}
	return "", false
}

// opens reports whether a verified token is of the cart's present turn.
func (c *Cart) opens(token market.ID) bool {
	if c.Turn == 0 {
		return len(token) == idLength
	}
	return len(token) > idLength && hmac.Equal([]byte(token[:idLength+turnLength]), []byte(named(c)))
}

// handed is the cart as it is given out: its id is its token.
func (s *Service) handed(c *Cart) *Cart {
	out := *c
	out.ID = s.token(c)
	return &out
}
