package notices

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// TestAftercareReachesWhomItConcerns: each event, heard twice, tells these
// people once and nobody else.
func TestAftercareReachesWhomItConcerns(t *testing.T) {
	by := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	ret := func(state orders.ReturnState) orders.ReturnNews {
		return orders.ReturnNews{Order: "order", Parcel: "p2", Return: "r", Seller: "craft", State: state, Agreed: 30_000}
	}
	moved := func(s orders.PreorderState) orders.PreorderNews {
		return orders.PreorderNews{Preorder: "pre", Seller: "coop", State: s, What: string(s)}
	}
	for _, c := range []struct {
		name, on string
		subject  market.ID
		data     any
		told     map[market.ID]string
	}{
		{"lost", orders.EventLost, "order", orders.Ended{Parcel: "p2"}, map[market.ID]string{"buyer": "notice.order.lost", "keeper": "notice.sale.lost"}},
		{"requested", orders.EventReturn(orders.ReturnRequested), "order", ret(orders.ReturnRequested), map[market.ID]string{"keeper": "notice.return.requested"}},
		{"refused", orders.EventReturn(orders.ReturnRefused), "order", ret(orders.ReturnRefused), map[market.ID]string{"buyer": "notice.return.refused"}},
		{"disputed", orders.EventReturn(orders.ReturnDisputed), "order", ret(orders.ReturnDisputed), map[market.ID]string{"buyer": "notice.return.disputed", "keeper": "notice.return.disputed"}},
		{"owed", orders.EventReturn(orders.ReturnOwed), "order", ret(orders.ReturnOwed), map[market.ID]string{"buyer": "notice.return.delayed", "keeper": "notice.return.owed"}},
		{"complaint", orders.EventComplaint(orders.ComplaintOpen), "c", orders.ComplaintNews{}, map[market.ID]string{"keeper": "notice.complaint.opened"}},
		{"answer", orders.EventComplaint(orders.ComplaintAnswered), "c", orders.ComplaintNews{}, map[market.ID]string{"buyer": "notice.complaint.answered"}},
		{"another's complaint", orders.EventComplaint(orders.ComplaintOpen), "gone", orders.ComplaintNews{}, nil},
		{"review", orders.EventReviewed, "v", orders.Reviewed{Seller: "craft", New: true, Stars: 4}, map[market.ID]string{"keeper": "notice.review.new"}},
		{"reply", orders.EventReviewed, "v", orders.Reviewed{Seller: "craft", Reply: true}, nil},
		{"share", orders.EventPreorderMoved, "pre", moved(orders.PreorderDue), map[market.ID]string{"buyer": "notice.preorder.due"}},
		{"storm", orders.EventPreorderMoved, "pre", moved(orders.PreorderRefunding), map[market.ID]string{"buyer": "notice.preorder.refunding"}},
		{"reserved", orders.EventPreorderMoved, "pre", moved(orders.PreorderReserved), nil},
		{"paid out", payments.EventPaidOut, "craft", payments.PaidOut{Seller: "craft", Amount: 9_000, Paid: true}, map[market.ID]string{"keeper": "notice.payout.paid"}},
		{"bank refused", payments.EventPaidOut, "craft", payments.PaidOut{Seller: "craft", Amount: 9_000}, map[market.ID]string{"keeper": "notice.payout.rejected"}},
		{"refund of one share", payments.EventRefundFailed, "order", payments.Happened{Seller: "coop", Amount: 5_000}, map[market.ID]string{"keeper": "notice.money.refund_failed", "second": "notice.money.refund_failed", "operator": "notice.office.refund_failed"}},
		{"refund of an order", payments.EventRefundFailed, "order", payments.Happened{Amount: 5_000}, map[market.ID]string{"keeper": "notice.money.refund_failed", "second": "notice.money.refund_failed", "operator": "notice.office.refund_failed"}},
		{"refund of a reservation", payments.EventRefundFailed, "pre", payments.Happened{Amount: 5_000}, map[market.ID]string{"keeper": "notice.money.refund_failed", "operator": "notice.office.refund_failed"}},
		{"refund of nothing", payments.EventRefundFailed, "gone", payments.Happened{Amount: 5_000}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			w.complaint = &orders.Complaint{Doc: store.Doc{ID: "c"}, Seller: "craft", By: "buyer", AnswerBy: by, ResolveBy: by}
			w.preorder = &orders.Preorder{Doc: store.Doc{ID: "pre"}, Buyer: "buyer", DueAt: &by, Parcel: orders.Parcel{Seller: "craft"}}
			e := market.NewEvent(w.env, c.on, c.subject, c.data)
			w.hear(e, 2)
			for _, person := range []market.ID{"buyer", "keeper", "second", "operator"} {
				var want []string
				if key := c.told[person]; key != "" {
					want = []string{key}
				}
				if diff := cmp.Diff(want, w.told(person)); diff != "" {
					t.Errorf("%s hears: %s", person, diff)
				}
			}
		})
	}
}
