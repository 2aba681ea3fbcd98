package payments

import (
	"strings"

	"chohue/market"
)

// Cooperatives settle with their members in this ledger too. What a cooperative
// owes to a member is between the two of them, whoever holds the buyers' money,
// so it never touches what providers or the platform owe:
//
//	members:<seller>          what the cooperative has shared out (below zero)
//	member:<seller>:<person>  what one member is owed of it

// KindShared is the kind of transaction that a cooperative's settlement posts.
const KindShared = "shared"

// SharedOut is the account of all that the cooperative has shared out.
func SharedOut(seller market.ID) Account { return Account("members:" + string(seller)) }

// MemberClaim is the account of what the cooperative owes to one member.
func MemberClaim(seller, member market.ID) Account {
	return Account("member:" + string(seller) + ":" + string(member))
}

func (a Account) validMember() bool {
	if seller, ok := strings.CutPrefix(string(a), "members:"); ok {
		return seller != ""
	}
	name, ok := strings.CutPrefix(string(a), "member:")
	seller, member, two := strings.Cut(name, ":")
	return ok && two && seller != "" && member != ""
}
