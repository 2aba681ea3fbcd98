package payments

import (
	"strings"

	"chohue/market"
)

// Account is one account of the ledger of claims. The platform holds no money,
// so no account is a purse: each says what somebody is owed (above zero) or
// owes (below zero) because of sales made here.
//
//	clearing:<provider>    what a payment provider has taken from buyers and
//	                       owes to sellers (below zero), per provider
//	carrier:<code>:cod     what a carrier has collected and owes to sellers;
//	                       carrier:cod while nobody has said which carrier
//	carrier:<code>:fees    what is owed to a contracted carrier for carriage
//	seller:<id>:payable    what is owed to a seller; below zero the seller owes,
//	                       as when buyers pay the seller's own bank account and
//	                       only the platform's fee is open
//	platform:fees          the commission due to the platform
//	platform:vouchers      what the platform owes to sellers for the part of
//	                       their prices that its vouchers pay (below zero)
//	tax:vat:<month>        what is withheld from sellers for the state, by the
//	tax:pit:<month>        month in which it was, value added and income apart
//	payouts:<source>       what payouts from a provider (or the vouchers) have
//	                       set aside and the bank has not yet answered for
//	buyer:claims           what buyers paid twice and must get back
//
// A posting moves an amount of claim from one account to another, so every
// transaction, and the whole ledger, sums to zero by construction.
//
// Worked example. A buyer pays 330.000 ₫ by wallet for goods of the cooperative
// A (200.000 and 20.000 shipping, fee 6.000) and of the household B (100.000 and
// 10.000, fee 3.000), from which 1.000 + 500 is withheld for the goods and 300 +
// 150 for their delivery; then B's parcel is returned:
//
//	capture   clearing:wallet  → seller:A:payable  200.000 goods, 20.000 shipping
//	          seller:A:payable → platform:fees       6.000
//	          clearing:wallet  → seller:B:payable  100.000 goods, 10.000 shipping
//	          seller:B:payable → platform:fees       3.000
//	          seller:B:payable → tax:vat:2026-11     1.300
//	          seller:B:payable → tax:pit:2026-11       650
//	refund    seller:B:payable → clearing:wallet   110.000
//	          platform:fees    → seller:B:payable    3.000
//	          tax:vat:2026-11  → seller:B:payable    1.300
//	          tax:pit:2026-11  → seller:B:payable      650
//
// leaves clearing:wallet −220.000 (the wallet owes A's money), A +214.000,
// B 0, platform:fees +6.000, and no tax. When A is paid out, the payout moves
// 214.000 from seller:A:payable to payouts:clearing:wallet, and on to
// clearing:wallet when the bank says that it is paid; what is left there, −6.000, is the
// platform's fee that the wallet still holds.
//
// A payment into the seller's own bank account (VietQR) is settled the moment
// it is captured: the capture is followed in the same transaction by
// seller → clearing of the whole share, and the seller is left owing the fee
// and the tax.
type Account string

// The accounts that there is one of.
const (
	BuyerClaims  Account = "buyer:claims"
	PlatformFees Account = "platform:fees"
	CarrierCOD   Account = "carrier:cod"

	PlatformVouchers Account = "platform:vouchers"
)

// Clearing is the account of what the provider owes.
func Clearing(provider string) Account { return Account("clearing:" + provider) }

// Payable is the account of what is owed to the seller.
func Payable(seller market.ID) Account { return Account("seller:" + string(seller) + ":payable") }

// CollectedBy is the account of the cash that the carrier has collected; no
// name stands for a carrier that is not known yet.
func CollectedBy(carrier string) Account {
	if carrier == "" {
		return CarrierCOD
	}
	return Account("carrier:" + carrier + ":cod")
}

// CarriageFees is the account of what is owed to the carrier.
func CarriageFees(carrier string) Account { return Account("carrier:" + carrier + ":fees") }

// AtBank is the account of what payouts from the source have set aside.
func AtBank(source Account) Account { return "payouts:" + source }

func (a Account) atBank() bool { return strings.HasPrefix(string(a), "payouts:") }

// TaxVAT is the account of the value added tax withheld in a month ("2026-11").
func TaxVAT(period string) Account { return Account("tax:vat:" + period) }

// TaxPIT is the account of the income tax withheld in a month.
func TaxPIT(period string) Account { return Account("tax:pit:" + period) }

func (a Account) valid() bool {
	switch a {
	case BuyerClaims, PlatformFees, PlatformVouchers, CarrierCOD:
		return true
	}
	kind, rest, _ := strings.Cut(string(a), ":")
	switch kind {
	case "clearing":
		return rest != ""
	case "payouts":
		return Account(rest).pays() && Account(rest).valid()
	case "tax":
		tax, period, _ := strings.Cut(rest, ":")
		return (tax == "vat" || tax == "pit") && validPeriod(period)
	case "carrier":
		code, what, _ := strings.Cut(rest, ":")
		return code != "" && (what == "cod" || what == "fees")
	}
	_, ok := a.sellerID()
	return ok || a.validMember()
}

// sellerID is whose payable the account is.
func (a Account) sellerID() (market.ID, bool) {
	name, ok := strings.CutPrefix(string(a), "seller:")
	id, payable := strings.CutSuffix(name, ":payable")
	return market.ID(id), ok && payable && id != ""
}

func (a Account) seller() bool { return strings.HasPrefix(string(a), "seller:") }

func (a Account) clearing() bool { return strings.HasPrefix(string(a), "clearing:") }
