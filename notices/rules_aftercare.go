package notices

import (
	"context"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// tell finds who is told what of an event.
type tell = func(context.Context, *Service, market.Event) ([]telling, error)

// aftercare reads like rules: what happens after a parcel is on its way, to
// what was reserved, and to money that is owed.
var aftercare = []rule{
	{orders.EventPackingLate, TopicSales, "notice.sale.late", true, keepersOfParcel(workPath)},
	{orders.EventAsked, TopicOrders, "notice.order.asked", true, askedBuyer},
	{orders.EventAnswered, TopicSales, "notice.sale.answered", true, keepersOfParcel(parcelPath)},
	{orders.EventEdited, TopicSales, "notice.sale.edited", false, ifEdited("buyer", keepersOfParcel(parcelPath))},
	{orders.EventEdited, TopicOrders, "notice.order.lacking", true, ifEdited("seller", buyer(nil))},
	{orders.EventReaddressed, TopicSales, "notice.sale.readdressed", false, sellers},
	{orders.EventUndelivered, TopicOrders, "notice.order.undelivered", true, buyer(nil)},
	{orders.EventUndelivered, TopicSales, "notice.sale.undelivered", false, keepersOfParcel(workPath)},
	{orders.EventBack, TopicOrders, "notice.order.back", false, buyer(nil)},
	{orders.EventLost, TopicOrders, "notice.order.lost", true, buyer(nil)},
	{orders.EventLost, TopicSales, "notice.sale.lost", false, keepersOfParcel(workPath)},
	{orders.EventParcelCancelled, TopicOrders, "notice.order.parcel_cancelled", true, buyer(nil)},
	{orders.EventParcelCancelled, TopicSales, "notice.sale.parcel_cancelled", false, keepersOfParcel(workPath)},
	{orders.EventClosed, TopicMoney, "notice.sale.closed", false, keepersOfParcel(workPath)},

	{orders.EventReturn(orders.ReturnRequested), TopicSales, "notice.return.requested", true, keepersOfParcel(returnPath)},
	{orders.EventReturn(orders.ReturnAccepted), TopicOrders, "notice.return.accepted", true, returning},
	{orders.EventReturn(orders.ReturnRefused), TopicOrders, "notice.return.refused", true, returning},
	{orders.EventReturn(orders.ReturnSent), TopicSales, "notice.return.sent", false, keepersOfParcel(returnPath)},
	{orders.EventReturn(orders.ReturnReceived), TopicOrders, "notice.return.received", false, returning},
	{orders.EventReturn(orders.ReturnDisputed), TopicOrders, "notice.return.disputed", false, returning},
	{orders.EventReturn(orders.ReturnDisputed), TopicSales, "notice.return.disputed", true, keepersOfParcel(returnPath)},
	{orders.EventReturn(orders.ReturnRefunding), TopicMoney, "notice.return.refunding", false, returning},
	{orders.EventReturn(orders.ReturnRefunding), TopicMoney, "notice.return.paying", false, keepersOfParcel(returnPath)},
	{orders.EventReturn(orders.ReturnOwed), TopicMoney, "notice.return.delayed", false, returning},
	{orders.EventReturn(orders.ReturnOwed), TopicMoney, "notice.return.owed", true, keepersOfParcel(returnPath)},
	{orders.EventReturn(orders.ReturnClosed), TopicOrders, "notice.return.closed", false, returning},
	{orders.EventReturn(orders.ReturnClosed), TopicSales, "notice.return.closed", false, keepersOfParcel(returnPath)},

	{orders.EventComplaint(orders.ComplaintOpen), TopicSales, "notice.complaint.opened", true, complainedOf},
	{orders.EventComplaint(orders.ComplaintAnswered), TopicOrders, "notice.complaint.answered", true, complainer},
	{orders.EventComplaint(orders.ComplaintEscalated), TopicOrders, "notice.complaint.escalated", false, complainer},
	{orders.EventComplaint(orders.ComplaintEscalated), TopicSales, "notice.complaint.escalated", true, complainedOf},
	{orders.EventComplaint(orders.ComplaintResolved), TopicOrders, "notice.complaint.decided", true, complainer},
	{orders.EventComplaint(orders.ComplaintResolved), TopicSales, "notice.complaint.decided", false, complainedOf},
	{orders.EventReviewed, TopicSales, "notice.review.new", false, reviewed},

	{orders.EventPreorderMoved, TopicOrders, "notice.preorder.deposited", false, reserver(orders.PreorderDeposited)},
	{orders.EventPreorderMoved, TopicOrders, "notice.preorder.due", true, reserver(orders.PreorderDue)},
	{orders.EventPreorderMoved, TopicMoney, "notice.preorder.refunding", true, reserver(orders.PreorderRefunding)},
	{orders.EventPreorderMoved, TopicOrders, "notice.preorder.lapsed", false, reserver(orders.PreorderLapsed)},
	{orders.EventPreorderMoved, TopicOrders, "notice.preorder.forfeited", true, reserver(orders.PreorderForfeited)},
	{orders.EventPreorderNotice, TopicOrders, "notice.preorder.changed", true, reserver("")},

	{payments.EventPaidOut, TopicMoney, "notice.payout.paid", false, payout(true)},
	{payments.EventPaidOut, TopicMoney, "notice.payout.rejected", true, payout(false)},
}

func workPath(*orders.Order, market.Event) (string, error) { return "/hop-tac-xa", nil }

func returnPath(o *orders.Order, e market.Event) (string, error) {
	var news orders.ReturnNews
	err := e.Decode(&news)
	return "/hop-tac-xa/tra-hang/" + string(o.ID) + "/" + string(news.Return), err
}

// keepersOfParcel tells the keepers of the shop whose parcel the event names,
// and leads them to the page.
func keepersOfParcel(page func(*orders.Order, market.Event) (string, error)) tell {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		o, p, err := aboutOrder(ctx, s, e)
		if err != nil || p == nil {
			return nil, err
		}
		path, err := page(o, e)
		if err != nil {
			return nil, err
		}
		told, err := s.toKeepers(ctx, o, p)
		for i := range told {
			told[i].link = path + "?gian-hang=" + p.SellerSlug
			told[i].args = append(told[i].args, word("why", p.Why))
		}
		return told, err
	}
}

// returning tells the buyer of a step of a return.
func returning(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	var news orders.ReturnNews
	if err := e.Decode(&news); err != nil {
		return nil, err
	}
	return buyer(func(t *telling, o *orders.Order, _ *orders.Parcel) {
		t.args = append(t.args, money("amount", news.Agreed))
		t.link = "/don-hang/" + string(o.ID) + "/tra-hang/" + string(news.Return) + keyOf(o)
	})(ctx, s, e)
}

// keyOf opens the order's pages to a guest.
func keyOf(o *orders.Order) string {
	if o.Buyer != "" {
		return ""
	}
	return "?key=" + o.Key
}

// complainedOf tells the keepers of the shop that a complaint is about.
func complainedOf(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	c, err := s.rooms.Orders.Complaint(ctx, market.System, e.Subject, "")
	if err != nil {
		return nil, err
	}
	return s.keepersTold(ctx, c.Seller, "/khieu-nai/"+string(c.ID), text("about", c.Subject), word("code", c.Code), moment("by", c.AnswerBy))
}

// complainer tells whoever made a complaint.
func complainer(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	c, err := s.rooms.Orders.Complaint(ctx, market.System, e.Subject, "")
	if err != nil {
		return nil, err
	}
	t := telling{link: "/khieu-nai/" + string(c.ID), args: []Arg{text("about", c.Subject), moment("by", c.ResolveBy)}}
	if c.By != "" {
		t.to, err = s.rooms.People.Reader(ctx, c.By)
		return []telling{t}, err
	}
	o, err := s.rooms.Orders.Order(ctx, market.System, c.Order, "")
	if err != nil {
		return nil, err
	}
	t.to, t.link = Reader{Phone: o.Address.Phone, Lang: "vi"}, t.link+"?key="+o.Key
	return []telling{t}, nil
}

// reviewed tells the keepers of the shop of a new review; what becomes of one
// later is no news to them.
func reviewed(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	var news orders.Reviewed
	if err := e.Decode(&news); err != nil || !news.New {
		return nil, err
	}
	_, name, err := s.rooms.Goods.Good(ctx, news.Product)
	if err != nil {
		return nil, err
	}
	return s.keepersTold(ctx, news.Seller, "/hop-tac-xa/sau-ban", text("name", name), count("stars", int64(news.Stars)))
}

// reserver tells whoever reserved a share of a harvest that it has come to the
// state; of a change of the harvest without one.
func reserver(state orders.PreorderState) tell {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		var news orders.PreorderNews
		if err := e.Decode(&news); err != nil || state != "" && string(state) != news.What {
			return nil, err
		}
		p, err := s.rooms.Orders.Preorder(ctx, market.System, e.Subject)
		if err != nil {
			return nil, err
		}
		t := telling{link: "/dat-truoc/" + string(p.ID), args: reservation(p)}
		t.to, err = s.rooms.People.Reader(ctx, p.Buyer)
		return []telling{t}, err
	}
}

// reservation are what the words may name of a pre-order.
func reservation(p *orders.Preorder) []Arg {
	args := []Arg{word("code", p.Code), count("n", p.Quantity), count("share", p.Share), money("rest", p.Rest())}
	if p.DueAt != nil {
		args = append(args, moment("by", *p.DueAt))
	}
	if len(p.Parcel.Lines) > 0 {
		args = append(args, text("goods", p.Parcel.Lines[0].Name))
	}
	return args
}

// payout tells the keepers of a shop what the bank said to its payout.
func payout(paid bool) tell {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		var news payments.PaidOut
		if err := e.Decode(&news); err != nil || news.Paid != paid {
			return nil, err
		}
		return s.keepersTold(ctx, news.Seller, "/hop-tac-xa/tien", money("amount", news.Amount), word("reference", news.Reference), word("why", news.Reason))
	}
}
