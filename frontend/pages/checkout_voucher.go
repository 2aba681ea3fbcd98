package pages

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// typedGift is the gift part of a checkout as somebody typed it.
type typedGift struct {
	on, hide      bool
	from, message string
}

func readGift(c *gin.Context) typedGift {
	return typedGift{on: c.PostForm("gift") != "", hide: c.PostForm("gift_hide") != "", from: c.PostForm("gift_from"), message: c.PostForm("gift_message")}
}

func (t typedGift) decided() *orders.Gift {
	if !t.on {
		return nil
	}
	return &orders.Gift{From: t.from, Message: t.message, HidePrices: t.hide}
}

// giftPart asks who a gift is from; closed until somebody opens it.
type giftPart struct {
	On, Message, From, Hide ui.Field
	Open                    bool
}

func (s speaker) giftFields(t typedGift) giftPart {
	return giftPart{
		Open:    t.on,
		On:      ui.Field{Kind: ui.Check, Name: "gift", Label: s.t("till.gift"), Help: s.t("till.gift.help"), Checked: t.on},
		From:    ui.Field{Name: "gift_from", Label: s.t("till.gift.from"), Value: t.from, Optional: true, MaxLength: "120"},
		Message: ui.Field{Kind: ui.Area, Name: "gift_message", Label: s.t("till.gift.message"), Value: t.message, Optional: true, MaxLength: "300"},
		Hide:    ui.Field{Kind: ui.Check, Name: "gift_hide", Label: s.t("till.gift.hide"), Checked: t.hide},
	}
}

// changesCodes takes in what the voucher part of checkout says: a code that was
// typed, one that was tapped, one that is to go. It reports whether that was
// all that the form was sent for.
func (p *Pages) changesCodes(c *gin.Context, cart *orders.Cart) (bool, error) {
	codes, asked := append([]string(nil), cart.Codes...), c.PostForm("apply") != ""
	for _, code := range []string{strings.TrimSpace(c.PostForm("code")), c.PostForm("take")} {
		if code != "" {
			codes = append(codes, code)
		}
	}
	if drop := c.PostForm("drop"); drop != "" {
		kept := codes[:0]
		for _, code := range codes {
			if code != drop {
				kept = append(kept, code)
			}
		}
		codes, asked = kept, true
	}
	asked = asked || c.PostForm("take") != ""
	if len(codes) == len(cart.Codes) && !asked {
		return false, nil
	}
	_, err := p.Orders.SetCodes(c.Request.Context(), web.Actor(c), cart.ID, codes)
	return asked, err
}

// seenLines writes down what the page shows, so that an order of anything else
// is refused line by line.
func seenLines(q *orders.Quote) []ui.NavItem {
	var out []ui.NavItem
	for _, parcel := range q.Parcels {
		for _, l := range parcel.Lines {
			out = append(out, ui.NavItem{
				Label: "seen-" + string(l.Variant),
				Href:  strconv.FormatInt(l.Quantity, 10) + "x" + strconv.FormatInt(int64(l.Price), 10),
			})
		}
	}
	return out
}

func readSeen(c *gin.Context) []orders.SeenLine {
	_ = c.PostForm("seen") // reads the form
	var out []orders.SeenLine
	for name, values := range c.Request.PostForm {
		variant, ok := strings.CutPrefix(name, "seen-")
		if !ok || len(values) == 0 {
			continue
		}
		quantity, price, _ := strings.Cut(values[0], "x")
		n, err := strconv.ParseInt(quantity, 10, 64)
		amount, err2 := strconv.ParseInt(price, 10, 64)
		if err != nil || err2 != nil {
			n, amount = 0, 0 // never seen: refused with the line's name
		}
		out = append(out, orders.SeenLine{Variant: market.ID(variant), Quantity: n, Price: market.VND(amount)})
	}
	return out
}
