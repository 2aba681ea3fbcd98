package web

import (
	"github.com/gin-gonic/gin"

	"chohue/market"
)

// headerForPerson names the person for whom a request was written: phones send
// what was written without network later, when somebody else may have signed
// in. Without the header requests are for whoever is signed in.
const headerForPerson = "For-Person"

// forPerson refuses a request that was written by somebody else.
func (h *Hall) forPerson(c *gin.Context) {
	if written := c.GetHeader(headerForPerson); written != "" && market.ID(written) != of(c).actor.Person {
		h.Fail(c, market.Unauthenticated("offline.other_person"))
	}
}
