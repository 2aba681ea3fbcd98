package pages

import (
	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/orders"
	"chohue/payments"
)

// simulated reports whether a demonstration plays the partner of a method.
func simulated(method string) bool {
	return method == "momo" || method == "zalopay" || method == "vnpay"
}

// sayReturned sends a buyer whose payment is not settled to their order, with
// words about what the partner's signed address claims. It changes nothing:
// the partner's notice, or its answer, decides.
func (p *Pages) sayReturned(c *gin.Context, o *orders.Order) error {
	claim, err := p.Payments.Returned(c.Request.Context(), o.ID, c.Request.URL.RawQuery)
	if err != nil {
		web.Note(c, "return address not read", err)
	}
	key := ""
	switch claim {
	case payments.NoticeCapture:
		key = "receipt.return.paid"
	case payments.NoticeFailure:
		key = "receipt.return.failed"
	}
	if key != "" {
		if err := web.AddFlash(c, web.Flash{Tone: string(ui.Info), Key: key}); err != nil {
			return err
		}
	}
	return see(c, orderAddress(c.Param("order"), c.Query("key")))
}
