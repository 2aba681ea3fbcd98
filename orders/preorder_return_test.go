package orders_test

import (
	"testing"

	"chohue/market"
	"chohue/orders"
)

// paidInTwo is an order that came from a pre-order of 30 trays: its deposit was
// a transfer, which only people send back, its balance came from the wallet.
func (o *orchard) paidInTwo() *orders.Preorder {
	o.t.Helper()
	lan, _, err := o.orders.Reserve(o.ctx, person("lan"), o.wish(30, "vietqr"))
	o.must(err)
	_, err = o.payments.Confirm(o.ctx, o.farmer, lan.DepositID())
	o.must(err)
	o.drain()
	_, err = o.catalog.AllocateHarvest(o.ctx, o.farmer, o.harvest.ID, 30)
	o.must(err)
	o.drain()
	o.payBalance(o.preorder(lan))
	return o.wantState(lan, orders.PreorderOrdered, "")
}

// TestRefundedMeansTheDepositToo: the balance is back at once, the deposit when
// the seller has sent it.
func TestRefundedMeansTheDepositToo(t *testing.T) {
	o := newOrchard(t)
	lan := o.paidInTwo()
	_, err := o.orders.Cancel(o.ctx, market.System, lan.ID, "", "hỏng")
	o.must(err)
	o.drain()
	o.wantPaid(lan, lan.Credit)
	if got := o.order(lan.ID).State; got != orders.StateRefunding {
		t.Fatalf("the deposit is on its way and the order %s", got)
	}
	deposit := o.intent(lan.DepositID())
	o.twice(func() error {
		_, err := o.payments.ConfirmRefund(o.ctx, o.farmer, lan.DepositID(), deposit.Refunds[0].Key)
		return err
	})
	o.wantPaid(lan, 0)
	if got := o.order(lan.ID).State; got != orders.StateRefunded {
		t.Errorf("all money is back and the order %s", got)
	}
}

// TestReturnComesOutOfBothPayments: a return is paid when both payments have
// given what they owe of it, and records the sum.
func TestReturnComesOutOfBothPayments(t *testing.T) {
	o := newOrchard(t)
	lan := o.paidInTwo()
	order := o.order(lan.ID)
	o.fulfil(order, o.seller)
	o.drain()
	r := o.ask(order, orders.ReturnWish{Parcel: order.Parcels[0].ID, Reason: orders.ReasonDamaged, Lines: units(o.variant, 30), Keep: true})
	o.twice(func() error {
		_, err := o.orders.AcceptReturn(o.ctx, o.farmer, lan.ID, r.ID, true, orders.Word{})
		return err
	})
	if got := o.ret(order, r.ID); got.State != orders.ReturnRefunding {
		t.Fatalf("half of the money is back and the return %s with %d", got.State, got.Refunded)
	}
	o.wantPaid(lan, lan.Credit)
	o.twice(func() error { return o.orders.ConfirmReturnPaid(o.ctx, o.farmer, lan.ID, r.ID) })
	o.wantPaid(lan, 0)
	if got := o.ret(order, r.ID); got.State != orders.ReturnRefunded || got.Refunded != lan.Total() {
		t.Errorf("return is %s with %d of %d", got.State, got.Refunded, lan.Total())
	}
}

// TestReturnLooksAtTheDeposit: the balance has gone back, the deposit has not.
func TestReturnLooksAtTheDeposit(t *testing.T) {
	o := newOrchard(t)
	lan := o.paidInTwo()
	order := o.order(lan.ID)
	parcel := order.Parcels[0].ID
	o.fulfil(order, o.seller)
	o.drain()
	for _, amount := range []market.VND{lan.Rest(), 45_000} {
		id := o.env.NewID()
		o.twice(func() error {
			_, err := o.orders.GiveGoodwill(o.ctx, o.farmer, lan.ID, parcel, id, amount, said("Xin lỗi"))
			return err
		})
		got := o.ret(order, id)
		if amount == lan.Rest() && (got.State != orders.ReturnRefunded || got.Refunded != amount) {
			t.Fatalf("%d out of the wallet: return is %s with %d", amount, got.State, got.Refunded)
		}
		if amount < lan.Rest() && got.State != orders.ReturnRefunding {
			t.Fatalf("the deposit is to give %d and the return is %s with %d", amount, got.State, got.Refunded)
		}
		if amount < lan.Rest() {
			o.twice(func() error { return o.orders.ConfirmReturnPaid(o.ctx, o.farmer, lan.ID, id) })
			if got := o.ret(order, id); got.State != orders.ReturnRefunded || got.Refunded != amount {
				t.Errorf("return is %s with %d", got.State, got.Refunded)
			}
		}
	}
	o.wantPaid(lan, lan.Credit-45_000)
}
