package livestream

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/store"
)

var operator = market.Actor{Person: "operator", Roles: []market.Role{market.RoleOperator}}

// live is a show on air with tea at 40,000 and 10 boxes set apart, and paste
// from the shelf at 45,000.
func (w *world) live() *Show {
	w.t.Helper()
	show := w.show("tea", "paste")
	w.offer(show, "A1", "tea", 40_000, 10)
	w.offer(show, "A2", "paste", 45_000, 0)
	w.now = start.Add(time.Hour)
	return w.must(w.GoLive(context.Background(), farmer, show.ID, w.rules.At(w.now).Version))
}

func (w *world) must(show *Show, err error) *Show {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return show
}

func (w *world) offer(show *Show, code string, product market.ID, price market.VND, stock int64) *Show {
	w.t.Helper()
	return w.must(w.AddOffer(context.Background(), farmer, show.ID, OfferDraft{Code: code, Product: product, Variant: product + "-box", Price: price, Stock: stock}))
}

// counts are available, held and sold of a variant, after checking the stock's
// own sums.
func (w *world) counts(variant market.ID) [3]int64 {
	w.t.Helper()
	found, _ := w.shelf.Stocks(context.Background(), variant)
	k := found[variant]
	if err := k.Check(); err != nil {
		w.t.Fatal(err)
	}
	return [3]int64{k.Available, k.Held, k.Sold}
}

func key(t *testing.T, what string, err error, want string) {
	t.Helper()
	var e *market.Error
	if !errors.As(err, &e) || e.Key != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestAShowGoesThroughItsStates(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	if got := w.counts("tea-box"); got != [3]int64{90, 10, 0} {
		t.Errorf("live: %v, want ten set apart", got)
	}
	if _, err := w.CancelShow(ctx, farmer, show.ID, ""); market.KindOf(err) != market.KindConflict {
		t.Errorf("a live show was cancelled: %v", err)
	}
	w.must(w.Pin(ctx, farmer, show.ID, "A1"))
	for range 2 {
		show = w.must(w.End(ctx, farmer, show.ID))
	}
	if show.State != ShowEnded || show.Pinned != "" || show.RetainUntil == nil {
		t.Errorf("ended: %+v", show)
	}
	if got := w.counts("tea-box"); got != [3]int64{100, 0, 0} {
		t.Errorf("ended: %v, want everything back", got)
	}
	if _, err := w.GoLive(ctx, farmer, show.ID, "2026-07"); err == nil {
		t.Error("an ended show went live again")
	}
	for from, next := range showMoves {
		for _, to := range next {
			if from.Over() || to == from {
				t.Errorf("%s leads to %s", from, to)
			}
		}
	}
}

func TestOnlyTheHostRunsAShow(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	for what, err := range map[string]error{
		"pin":     second(w.Pin(ctx, stranger, show.ID, "A1")),
		"end":     second(w.End(ctx, stranger, show.ID)),
		"warn":    second(w.Warn(ctx, stranger, show.ID, "Cháy hàng")),
		"drafts":  second(w.Drafts(ctx, stranger, show.ID, "", 10)),
		"records": second(w.Records(ctx, stranger, show.ID)),
		"result":  second(w.ResultOf(ctx, stranger, show.ID)),
		"missing": second(w.Pin(ctx, stranger, "none", "A1")),
	} {
		key(t, what, err, "livestream.missing")
	}
	kind(t, "a guest", second(w.Pin(ctx, market.Actor{}, show.ID, "A1")), market.KindUnauthenticated)
}

func second[T any](_ T, err error) error { return err }

func TestSeveralSellersAgreeEachForTheirOwn(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	official := market.Actor{Person: "official", Roles: []market.Role{market.RoleOfficial}}
	show := w.must(w.CreateShow(ctx, official, ShowDraft{
		Title: market.Text{VI: "Phiên của xã"}, Seller: "coop", Ward: "19774", Guests: []market.ID{"other"}, Products: []market.ID{"tea", "hat"},
		StartsAt: start, EndsAt: start.Add(2 * time.Hour),
	}))
	add := func(by market.Actor, code string, product market.ID) error {
		return second(w.AddOffer(ctx, by, show.ID, OfferDraft{Code: code, Product: product, Variant: product + "-box", Price: 30_000, Stock: 5}))
	}
	if err := errors.Join(add(official, "T1", "tea"), add(official, "N1", "hat")); err != nil {
		t.Fatal(err)
	}
	key(t, "nobody has agreed", second(w.GoLive(ctx, official, show.ID, "2026-07")), "show.host_agrees")
	kind(t, "a seller agrees for another", second(w.Agree(ctx, stranger, show.ID, "coop")), market.KindForbidden)
	w.must(w.Agree(ctx, farmer, show.ID, "coop"))
	w.must(w.GoLive(ctx, official, show.ID, "2026-07"))
	key(t, "a seller who has not agreed", second(w.Pin(ctx, official, show.ID, "N1")), "offer.not_agreed")
	kind(t, "buying it", second2(w.Buy(ctx, show.ID, "N1")), market.KindConflict)
	if got := w.counts("hat-box"); got != [3]int64{100, 0, 0} {
		t.Errorf("goods of a seller who has not agreed are set apart: %v", got)
	}
	w.must(w.Agree(ctx, stranger, show.ID, "other"))
	w.must(w.Pin(ctx, official, show.ID, "N1"))
	if got := w.counts("hat-box"); got != [3]int64{95, 5, 0} {
		t.Errorf("agreed while live: %v", got)
	}
}

func second2[A, B any](_ A, _ B, err error) error { return err }

func TestLivePricesHoldWhileTheShowIsLive(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.show("tea")
	w.offer(show, "A1", "tea", 40_000, 10)
	claim := fence(show.ID, "A1")
	promised := func() (market.VND, int64) {
		t.Helper()
		p, err := w.Promised(ctx, claim, "show:none:A1", "draft:none", "nonsense")
		if err != nil {
			t.Fatal(err)
		}
		return p[claim].Price, p[claim].Left
	}
	if price, _ := promised(); price != 0 {
		t.Errorf("before: %s", price)
	}
	w.now = start.Add(time.Hour)
	w.must(w.GoLive(ctx, farmer, show.ID, "2026-07"))
	if price, left := promised(); price != 40_000 || left != 10 {
		t.Errorf("live: %s, %d", price, left)
	}
	key(t, "dearer than in the shop", second(w.AddOffer(ctx, farmer, show.ID, OfferDraft{Code: "A1", Product: "tea", Variant: "tea-box", Price: 50_001})), "offer.price")
	w.must(w.End(ctx, farmer, show.ID))
	if price, _ := promised(); price != 0 {
		t.Errorf("after: %s", price)
	}
}

func TestAShowThatNobodyEndsIsEnded(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	w.now = w.now.Add(MaxShowLength)
	if p, _ := w.Promised(ctx, fence(show.ID, "A1")); len(p) > 0 {
		t.Error("the price outlives the longest show")
	}
	if n, err := w.LookAfter(ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if show, _ = w.Show(ctx, show.ID); show.State != ShowEnded || w.counts("tea-box") != [3]int64{100, 0, 0} {
		t.Errorf("%s, %v", show.State, w.counts("tea-box"))
	}
	if n, _ := w.LookAfter(ctx); n != 0 {
		t.Error("an ended show is looked after for ever")
	}
}

// The duties of Law 122/2025/QH15 and Decree 248/2026/NĐ-CP about livestreams,
// as docs/livestream.md lists them.

func TestDutyRulesAreInForceAndAccepted(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	if w.rules.At(start).Version == "" || w.rules.At(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)).Version != "" {
		t.Error("rules are not dated")
	}
	show := w.show("tea")
	w.offer(show, "A1", "tea", 40_000, 0)
	w.now = start.Add(time.Hour)
	key(t, "no rules accepted", second(w.GoLive(ctx, farmer, show.ID, "")), "show.rules")
	key(t, "other rules accepted", second(w.GoLive(ctx, farmer, show.ID, "2025-01")), "show.rules")
	live := w.must(w.GoLive(ctx, farmer, show.ID, "2026-07"))
	if live.Accepted == nil || live.Accepted.Rules != "2026-07" || live.Accepted.By != "farmer" {
		t.Errorf("accepted: %+v", live.Accepted)
	}
}

func TestDutyIdentityIsVerifiedBeforeGoingLive(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	w.shelf.shop = shop{"rice": "nobody", "tea": "coop", "paste": "coop"}
	w.shelf.stocks["rice-box"] = w.shelf.stocks["tea-box"]
	unknown := market.Actor{Person: "x", Sellers: []market.ID{"nobody"}}
	show := w.must(w.CreateShow(ctx, unknown, ShowDraft{Title: market.Text{VI: "Phiên gạo"}, Seller: "nobody", Products: []market.ID{"rice"}, StartsAt: start, EndsAt: start.Add(time.Hour)}))
	w.must(w.AddOffer(ctx, unknown, show.ID, OfferDraft{Code: "A1", Product: "rice", Variant: "rice-box", Price: 30_000}))
	key(t, "unknown host", second(w.GoLive(ctx, unknown, show.ID, "2026-07")), "show.identity")
	live := w.live()
	if live.Identity == nil || live.Identity.Person != "Nguyễn Thị Hoa" || live.Identity.Host != "farmer" {
		t.Errorf("snapshot: %+v", live.Identity)
	}
}

func TestDutyGoodsWithoutDocumentsAreRefused(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	w.shelf.noPaper["paste"] = true // its licence was taken back meanwhile
	key(t, "pin", second(w.Pin(ctx, farmer, show.ID, "A2")), "catalog.licence_missing")
	w.shelf.noPaper["tea"] = true
	other := w.must(w.CreateShow(ctx, farmer, ShowDraft{Title: market.Text{VI: "Phiên hai"}, Seller: "coop", Products: []market.ID{"tea"}, StartsAt: w.now, EndsAt: w.now.Add(time.Hour)}))
	key(t, "offer", second(w.AddOffer(ctx, farmer, other.ID, OfferDraft{Code: "A1", Product: "tea", Variant: "tea-box", Price: 30_000})), "catalog.licence_missing")
	w.shelf.noPaper["tea"] = false
	w.offer(other, "A1", "tea", 30_000, 0)
	w.shelf.noPaper["tea"] = true
	key(t, "going live", second(w.GoLive(ctx, farmer, other.ID, "2026-07")), "catalog.licence_missing")
}

func TestDutyWarningsAreOnEveryScreen(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	w.must(w.Warn(ctx, farmer, show.ID, "Rượu: người dưới 18 tuổi không được mua"))
	warned := w.must(w.Warn(ctx, operator, show.ID, "Cảnh báo của sàn: chưa công bố tự kiểm tra"))
	room, err := w.Room(ctx, show.ID)
	if err != nil || len(room.Warnings) != 2 {
		t.Fatalf("%+v %v", room, err)
	}
	key(t, "the host takes the market's warning down", second(w.Unwarn(ctx, farmer, show.ID, warned.Warnings[1].ID)), "livestream.missing")
	w.must(w.Unwarn(ctx, farmer, show.ID, warned.Warnings[0].ID))
	if room, _ = w.Room(ctx, show.ID); len(room.Warnings) != 1 {
		t.Errorf("%+v", room.Warnings)
	}
}

func TestDutyAShowStopsOnDemand(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	key(t, "by a stranger", second(w.Stop(ctx, stranger, show.ID, "ghét")), "livestream.missing")
	kind(t, "without a reason", second(w.Stop(ctx, operator, show.ID, " ")), market.KindInvalid)
	w.must(w.Stop(ctx, operator, show.ID, "Quảng cáo công dụng chữa bệnh"))
	room, _ := w.Room(ctx, show.ID)
	if room.State != ShowEnded || room.Why == "" || len(room.Offers) != 0 || w.counts("tea-box")[1] != 0 {
		t.Errorf("%+v, %v", room, w.counts("tea-box"))
	}
	kind(t, "buying after the stop", second2(w.Buy(ctx, show.ID, "A1")), market.KindConflict)
}

func TestDutyViewersComplainDuringAndAfter(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	guest := market.Actor{}
	first, err := w.Complain(ctx, guest, ComplaintDraft{Show: show.ID, Offer: "A1", Text: "Nói 5 sao mà giấy 4 sao, gọi 0905123456", Phone: "0905123456"})
	if err != nil || !first.During {
		t.Fatal(first, err)
	}
	w.now = w.now.Add(time.Minute)
	w.must(w.End(ctx, farmer, show.ID))
	second, err := w.Complain(ctx, guest, ComplaintDraft{Show: show.ID, Text: "Xem lại thấy sai xuất xứ"})
	if err != nil || second.During {
		t.Fatal(second, err)
	}
	open, err := w.OpenComplaints(ctx, operator, 10)
	if err != nil || len(open) != 2 || open[0].Phone != "0905123456" {
		t.Errorf("%v %v", open, err)
	}
	theirs, err := w.Complaints(ctx, farmer, show.ID, 10)
	if err != nil || len(theirs) != 2 || theirs[1].Phone != "" || strings.Contains(theirs[1].Text, "0905123456") {
		t.Errorf("the host reads %+v %v", theirs, err)
	}
	if k, err := w.AnswerComplaint(ctx, operator, first.ID, "Đã nhắc người bán"); err != nil || k.State != ComplaintAnswered {
		t.Errorf("%+v %v", k, err)
	}
}

func TestDutyWhatWasAdvertisedIsKept(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	relay := store.NewRelay(w.store, nil, nil, store.Consumer{Name: "livestream", Types: Consumes(), Handle: w.Consume})
	show := w.live()
	w.must(w.Pin(ctx, farmer, show.ID, "A1"))
	if err := w.Announce(ctx, farmer, show.ID, "Trà hái sáng nay ở Thủy Biều"); err != nil {
		t.Fatal(err)
	}
	w.must(w.Warn(ctx, operator, show.ID, "Cảnh báo"))
	ended := w.must(w.End(ctx, farmer, show.ID))
	for _, ref := range []string{"video/a", "video/b", "video/a"} {
		if err := w.KeepFootage(ctx, market.System, show.ID, ref, "abc"); err != nil {
			t.Fatal(err)
		}
	}
	if err := relay.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	records, err := w.Records(ctx, operator, show.ID)
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, r := range records {
		what = append(what, strings.TrimPrefix(r.What, "livestream."))
	}
	want := []string{"show_announced", "offered", "offered", "show_live", "pinned", "said", "warned", "show_ended", "recorded", "recorded"}
	if diff := cmp.Diff(want, what); diff != "" {
		t.Error(diff)
	}
	if pinned := records[4]; !strings.Contains(pinned.Data, "40000") || !pinned.At.Equal(w.now) {
		t.Errorf("pinned: %+v", pinned)
	}
	if want := ended.OverAt.AddDate(3, 0, 0); !ended.RetainUntil.Equal(want) {
		t.Errorf("kept until %s, want %s", ended.RetainUntil, want)
	}
	kept, _ := w.Show(ctx, show.ID)
	forged := slices.Clone(records)
	changed := *records[4]
	changed.Data = strings.Replace(changed.Data, "40000", "20000", 1)
	forged[4] = &changed
	key(t, "an entry was changed", checkRecords(kept, forged), "show.record_broken")
	key(t, "an entry is gone", checkRecords(kept, slices.Delete(slices.Clone(records), 2, 3)), "show.record_broken")
	key(t, "the last entry is gone", checkRecords(kept, records[:len(records)-1]), "show.record_broken")
}

func TestVideosComeFromIDsOfKnownPlaces(t *testing.T) {
	for address, want := range map[string]Broadcast{
		"": {}, "https://www.youtube.com/watch?v=dQw4w9WgXcQ": {VideoYouTube, "dQw4w9WgXcQ"},
		"https://youtu.be/dQw4w9WgXcQ?t=3": {VideoYouTube, "dQw4w9WgXcQ"}, "https://m.youtube.com/live/dQw4w9WgXcQ": {VideoYouTube, "dQw4w9WgXcQ"},
		"https://www.facebook.com/htxthuybieu/videos/1234567890": {VideoFacebook, "htxthuybieu/videos/1234567890"},
	} {
		if got, err := ReadBroadcast(address); err != nil || got != want {
			t.Errorf("%s: %+v %v", address, got, err)
		}
	}
	for _, address := range []string{
		"http://youtu.be/dQw4w9WgXcQ", "https://evil.com/watch?v=dQw4w9WgXcQ", "https://youtube.com.evil.com/watch?v=dQw4w9WgXcQ",
		"https://youtu.be/dQw4w9WgXcQ/../x", "javascript:alert(1)", "https://user@youtu.be/dQw4w9WgXcQ", `https://youtu.be/"onload="1`, "https://www.facebook.com/l.php?u=evil",
	} {
		if got, err := ReadBroadcast(address); err == nil {
			t.Errorf("%s: %+v", address, got)
		}
	}
	if address, _ := (Broadcast{Kind: VideoYouTube, ID: `"><script>`}).Frame(); address != "" {
		t.Errorf("framed %q", address)
	}
}

// TestMoreIsSetApartWhileTheShowIsLive: what was sold counts, so saying a larger
// number adds the difference, and saying it twice adds it once.
func TestMoreIsSetApartWhileTheShowIsLive(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live() // 10 of 100
	hold := fence(show.ID, "A1")
	if err := w.shelf.HoldFrom(ctx, "order", "tea-box", 7, w.now.Add(time.Hour), hold); err != nil {
		t.Fatal(err)
	}
	left := func(what string, want int64) {
		t.Helper()
		room, err := w.Room(ctx, show.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := room.Offers[0].Left; got != want {
			t.Errorf("%s: %d are left, want %d", what, got, want)
		}
		w.counts("tea-box")
	}
	left("seven are sold", 3)
	for range 2 {
		w.offer(show, "A1", "tea", 40_000, 15)
		left("five more", 8)
	}
	w.offer(show, "A1", "tea", 38_000, 8)
	left("seven fewer, and cheaper", 1)
	_, err := w.AddOffer(ctx, farmer, show.ID, OfferDraft{Code: "A1", Product: "tea", Variant: "tea-box", Price: 38_000, Stock: 6})
	key(t, "fewer than are sold", err, "stock.taken")
	_, err = w.AddOffer(ctx, farmer, show.ID, OfferDraft{Code: "A1", Product: "tea", Variant: "tea-box", Price: 38_000, Stock: 101})
	key(t, "more than there are", err, "stock.short")
	if kept, _ := w.Show(ctx, show.ID); kept.Offers[0].Stock != 8 || kept.Offers[0].Price != 38_000 {
		t.Errorf("what was refused is offered: %+v", kept.Offers[0])
	}
	left("nothing has changed", 1)
	if got, want := w.counts("tea-box"), [3]int64{92, 8, 0}; got != want {
		t.Errorf("available, held, sold %v, want %v", got, want)
	}
}
