package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestCarriersAreOnWhenSet: an account switches its carrier on, and one whose
// notices anybody could send does not start.
func TestCarriersAreOnWhenSet(t *testing.T) {
	set := func(pairs ...string) ([]string, error) {
		c, err := loadConfig(func(name string) (string, bool) {
			i := slices.Index(pairs, name)
			if i < 0 {
				return "", false
			}
			return pairs[i+1], true
		})
		if err != nil {
			return nil, err
		}
		all, err := c.carriers(http.DefaultClient)
		var names []string
		for _, carrier := range all {
			names = append(names, carrier.Name())
		}
		return names, err
	}
	const secret = "sixteen letters!"
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{"tu-giao", "xe-khach", "nhan-tai-cho"}},
		{[]string{"MARKET_HANDOVER", "tu-giao", "MARKET_GHN_TOKEN", "t", "MARKET_GHN_SHOP", "1", "MARKET_GHN_SECRET", secret}, []string{"ghn", "tu-giao"}},
		{[]string{
			"MARKET_HANDOVER", "none", "MARKET_GHTK_TOKEN", "t", "MARKET_GHTK_SECRET", secret, "MARKET_VIETTELPOST_USER", "u", "MARKET_VIETTELPOST_SECRET", secret,
			"MARKET_VNPOST_USER", "u", "MARKET_VNPOST_SECRET", secret,
		}, nil},
	} {
		got, err := set(test.pairs...)
		if test.want == nil {
			if err == nil || !strings.Contains(err.Error(), "MARKET_HANDOVER") {
				t.Errorf("an unknown way: %v, %v", got, err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, %v; want %v", test.pairs, got, err, test.want)
		}
	}
	for _, account := range [][]string{
		{"MARKET_GHN_TOKEN", "MARKET_GHN_SECRET"},
		{"MARKET_GHTK_TOKEN", "MARKET_GHTK_SECRET"},
		{"MARKET_VIETTELPOST_USER", "MARKET_VIETTELPOST_SECRET"},
		{"MARKET_VNPOST_USER", "MARKET_VNPOST_SECRET"},
	} {
		if got, err := set(account[0], "t", account[1], "short"); err == nil || !strings.Contains(err.Error(), account[1]) {
			t.Errorf("%s with a short secret: %v, %v", account[0], got, err)
		}
	}
}
