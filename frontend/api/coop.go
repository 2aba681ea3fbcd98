package api

import (
	"context"

	"chohue/market"
)

// addCooperatives mounts what a cooperative does besides selling: its people,
// what they bring, how the money is shared, its papers and its trail.
func (d *Door) addCooperatives() error {
	for _, add := range []func(*Door){
		(*Door).addMembers, (*Door).addMandates, (*Door).addDeliveries, (*Door).addSettlements, (*Door).addSharing,
		(*Door).addPapers, (*Door).addTrail, (*Door).addTakedowns,
	} {
		add(d)
	}
	return nil
}

// look answers whoever has signed in with what they may see.
func look(ctx context.Context, see func(market.Actor) (any, error)) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	v, err := see(by)
	if err != nil {
		return nil, err
	}
	return show(v)
}

// act answers whoever has signed in with what they did.
func act(ctx context.Context, status int, do func(market.Actor) (any, error)) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	v, err := do(by)
	if err != nil {
		return nil, err
	}
	return did(status, v)
}
