package notices

import (
	"slices"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/orders"
	"chohue/payments"
)

// rule says who is told what of an event. One event may have several rules,
// for different readers.
type rule struct {
	on    string // event type
	topic Topic
	key   string // of the words
	// urgent messages go to phones by text when there is no better way; the
	// others wait in the inbox of people who have chosen nothing.
	urgent bool
	tell   tell
}

// rules reads: when this happens, these people hear that.
var rules = slices.Concat(dealing, aftercare, office, live)

// dealing are the rules of buying and of keeping a shop.
var dealing = []rule{
	{orders.EventConfirmed, TopicOrders, "notice.order.confirmed", true, buyer(withSum)},
	{orders.EventConfirmed, TopicSales, "notice.sale.new", true, sellers},
	{orders.EventCorrected, TopicMoney, "notice.order.corrected", false, corrected},
	{orders.EventShipped, TopicOrders, "notice.order.shipped", true, buyer(withCarrier)},
	{orders.EventDelivered, TopicOrders, "notice.order.delivered", false, buyer(nil)},
	{orders.EventCancelled, TopicOrders, "notice.order.cancelled", true, buyer(nil)},
	{orders.EventCancelled, TopicSales, "notice.sale.cancelled", false, sellersOf(wasConfirmed)},
	{orders.EventRefunding, TopicOrders, "notice.order.refunding", true, buyer(nil)},
	{orders.EventRefunding, TopicSales, "notice.sale.cancelled", false, sellersOf(wasConfirmed)},
	{payments.EventRefunded, TopicMoney, "notice.money.refunded", true, payer},
	{payments.EventSurplus, TopicMoney, "notice.money.surplus", true, payer},
	{catalog.EventPublished, TopicShop, "notice.product.published", false, shop},
	{catalog.EventRejected, TopicShop, "notice.product.rejected", false, shop},
	{catalog.EventRevoked, TopicShop, "notice.product.revoked", false, shop},
	{catalog.EventReminded, TopicShop, "notice.certificate.ending", false, reminded},
	{cooperatives.EventVerified, TopicShop, "notice.shop.verified", false, keepersOfSubject},
	{cooperatives.EventSuspended, TopicShop, "notice.shop.suspended", false, keepersOfSubject},
}

// Keys are the words that the rules use, each with a title and a text.
func Keys() []string {
	keys := []string{"notice.order.shipped_untracked", "notice.order.edited"}
	for _, r := range rules {
		keys = append(keys, r.key)
	}
	return keys
}
