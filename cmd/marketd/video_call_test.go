package main

import (
	"fmt"
	"testing"
	"time"

	"chohue/market"
)

// TestVideoCall: a buyer books, waits and is let in; both see each other; a
// third person finds nothing; the end is the end for both.
func TestVideoCall(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	s, browser := openStudio(t), startCinema(t)
	call, err := s.house.studio.OfferCall(t.Context(), s.by, s.by.Sellers[0], s.house.env.Now().Add(5*time.Minute), 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	at := "/goi-video/" + string(call.ID)
	buyer, farmer, third := s.person(browser, "buyer", smallPhone), s.farmer(browser), s.person(browser, "third", smallPhone)
	buyer.signIn(buyerPhone)
	third.signIn(mamPhone)
	buyer.open("/gian-hang/" + pooling + "/goi-video").keep("times")
	buyer.write("about", "Thanh trà biếu Tết").press(`form[action$="/hen"] button`)
	buyer.press(`form[action$="/vao"] button`).keep("waiting room")
	manager := s.person(browser, "manager", desk)
	manager.signIn(managerPhone)
	manager.until("/thong-bao", "hẹn gọi video lúc").keep("the seller is told")
	farmer.open("/nong-ho/goi-video").keep("calls of the farmer")
	farmer.open(at).press(`form[action$="/vao"] button`)
	buyer.open(at)
	for _, v := range []*visitor{buyer, farmer} {
		v.errors = true // whoever is first asks for a picture that is not there yet
		v.broadcasts()
	}
	for _, v := range []*visitor{buyer, farmer} {
		v.seesMore(20)
		v.keep("call")
	}
	third.errors = true
	third.open(at).says("Không tìm thấy")
	for _, side := range []string{"buyer", "seller"} {
		for _, role := range []string{"watch", "publish"} {
			status := script[int](third, fmt.Sprintf(`fetch("/video/tickets", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({stage: "call-%s-%s", role: %q})}).then(r => r.status)`, call.ID, side, role))
			if status != 404 {
				t.Errorf("a third person asks to %s the %s: %d", role, side, status)
			}
		}
	}
	buyer.press(`form[action$="/ket-thuc"] button`)
	until(farmer, "over", 30*time.Second, func() bool {
		return script[bool](farmer, `window.legs.every(l => l.connectionState !== "connected")`)
	})
	if c, err := s.house.studio.Call(t.Context(), s.by, call.ID); err != nil || c.EndedAt == nil {
		t.Errorf("call %+v, %v", c, err)
	}
	if found, err := s.house.studio.Replays(t.Context(), market.System, s.show, nil); err != nil || len(found) != 0 {
		t.Errorf("a call was recorded: %v, %v", found, err)
	}
}
