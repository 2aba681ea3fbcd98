package payments

import "testing"

func TestAccountsOfMembers(t *testing.T) {
	for a, want := range map[Account]bool{
		SharedOut("S"): true, MemberClaim("S", "M"): true, "members:": false, "member:S": false, "member::M": false, "member:S:": false,
	} {
		if got := a.valid(); got != want || a.seller() {
			t.Errorf("%s: valid %v, of a seller %v", a, got, a.seller())
		}
	}
}
