package livestream

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/orders"
)

func (w *world) say(show *Show, visitor, text string) (*Comment, []*Draft) {
	w.t.Helper()
	k, drafts, err := w.Say(context.Background(), market.Actor{}, Saying{Show: show.ID, Visitor: visitor, Name: "Chị Lan", Text: text})
	if err != nil {
		w.t.Fatalf("%q: %v", text, err)
	}
	return k, drafts
}

func TestACommentBecomesADraftWithAHold(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	k, drafts := w.say(show, "a", "A1 2 hộp 0905 123 456 giao chiều nha")
	if strings.Contains(k.Text, "905") || !k.Phone || k.Kind != WishOrder {
		t.Errorf("%+v", k)
	}
	if len(drafts) != 1 || drafts[0].Quantity != 2 || drafts[0].Price != 40_000 || drafts[0].Phone != "+84905123456" || drafts[0].State != DraftHeld {
		t.Fatalf("%+v", drafts)
	}
	if got, _ := w.Promised(ctx, fence(show.ID, "A1")); got[fence(show.ID, "A1")].Left != 8 {
		t.Errorf("left %+v", got)
	}
	if _, drafts := w.say(show, "b", "chốt"); len(drafts) != 0 {
		t.Error("a bare word held goods")
	}
	if _, drafts := w.say(show, "b", "A1 9 hộp"); len(drafts) != 1 || drafts[0].State != DraftShort {
		t.Errorf("nine of eight: %+v", drafts)
	}
	w.must(w.Pin(ctx, farmer, show.ID, "A2"))
	if _, drafts := w.say(show, "c", "lấy 3 hộp nha em"); len(drafts) != 1 || drafts[0].Code != "A2" || drafts[0].Quantity != 3 {
		t.Errorf("what is pinned: %+v", drafts)
	}
	if got := w.counts("paste-box"); got != [3]int64{97, 3, 0} {
		t.Errorf("from the shelf: %v", got)
	}
	w.say(show, "a", "cho c hủy đơn")
	if got, _ := w.Promised(ctx, fence(show.ID, "A1")); got[fence(show.ID, "A1")].Left != 10 {
		t.Errorf("taken back: %+v", got)
	}
	w.counts("tea-box")
}

func TestAHoldOfACommentExpires(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	_, drafts := w.say(show, "a", "A1 4 hộp 0905123456")
	token := w.ConfirmToken(drafts[0])
	w.now = w.now.Add(DraftHold)
	if drafts[0].StateAt(w.now) != DraftExpired {
		t.Error(drafts[0].StateAt(w.now))
	}
	key(t, "expired link", second(w.Confirming(ctx, token)), "show.token")
	if p, _ := w.Promised(ctx, drafts[0].claim()); len(p) != 0 {
		t.Error("the price of an expired draft holds")
	}
	if _, next := w.say(show, "b", "A1 10 hộp"); next[0].State != DraftHeld {
		t.Errorf("goods of an expired draft: %+v", next[0])
	}
}

func TestAConfirmLinkIsForOneDraftOneBuyerAndAWhile(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	_, drafts := w.say(show, "a", "A1 2 hộp 0905123456")
	_, others := w.say(show, "b", "A1 1 hộp 0905123457")
	token, other := w.ConfirmToken(drafts[0]), w.ConfirmToken(others[0])
	parts, foreign := strings.Split(token, "."), strings.Split(other, ".")
	for what, forged := range map[string]string{
		"empty": "", "cut": token[:len(token)-1], "another draft": foreign[0] + "." + parts[1] + "." + parts[2],
		"longer": parts[0] + ".zzzzzz." + parts[2], "a room's": w.RoomToken(show.ID, "a"), "no seal": parts[0] + "." + parts[1] + ".",
	} {
		key(t, what, second(w.Confirming(ctx, forged)), "show.token")
	}
	elsewhere := newWorld(t)
	elsewhere.secret = []byte("another market's")
	key(t, "another market's", second(w.Confirming(ctx, elsewhere.ConfirmToken(drafts[0]))), "show.token")

	for range 2 { // looking and taking again by the same is no harm
		if _, err := w.Confirming(ctx, token); err != nil {
			t.Fatal(err)
		}
		d, touch, err := w.TakeDraft(ctx, token, "a")
		if err != nil || touch.Comment != d.Comment || touch.Show != show.ID || !touch.Room {
			t.Fatalf("%+v %v", touch, err)
		}
	}
	key(t, "replayed by another", second2(w.TakeDraft(ctx, token, "thief")), "show.used")
	b := book{}
	o := b.order("o1", "", w.now, &orders.Touch{Show: show.ID, Room: true, Comment: drafts[0].Comment, Channel: channelLive, At: w.now, Claim: drafts[0].claim()}, 80_000)
	w.hear(w.confirmed(o))
	if d, err := w.Confirming(ctx, token); err != nil || d.State != DraftOrdered || d.Order != "o1" {
		t.Errorf("%+v %v", d, err)
	}
	key(t, "replayed after the order", second2(w.TakeDraft(ctx, token, "a")), "show.used")
}

func TestRoomTokensAreForOneShowAndVisitor(t *testing.T) {
	w := newWorld(t)
	token := w.RoomToken("show", "visitor")
	if err := w.EnterRoom("show", "visitor", token); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"another show": w.EnterRoom("other", "visitor", token), "another visitor": w.EnterRoom("show", "thief", token),
		"nobody": w.EnterRoom("show", "", w.RoomToken("show", "")), "forged": w.EnterRoom("show", "visitor", token[:10]+"AAAA"+token[14:]),
		"a draft's": w.EnterRoom("show", "", w.token(forDraft, "show", "", w.now.Add(time.Hour))),
	} {
		key(t, what, err, "show.token")
	}
	w.now = w.now.Add(roomLife)
	key(t, "expired", w.EnterRoom("show", "visitor", token), "show.token")
}

func TestModeratedCommentsAreOutOfSight(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	k, _ := w.say(show, "a", "dở ẹc")
	key(t, "by a stranger", w.HideComment(ctx, stranger, show.ID, k.ID, true), "livestream.missing")
	if err := w.HideComment(ctx, farmer, show.ID, k.ID, true); err != nil {
		t.Fatal(err)
	}
	if seen, _ := w.Comments(ctx, show.ID, 10); len(seen) != 0 {
		t.Errorf("%+v", seen)
	}
	if page, err := w.AllComments(ctx, farmer, show.ID, "", 10); err != nil || len(page.Items) != 1 {
		t.Errorf("%+v %v", page, err)
	}
}

func TestCommentsOfOtherPlatformsAreImportedOnce(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	sheet := []byte("\ufeffThời gian,Tên,Bình luận\n" +
		"2026-11-23 16:00:05,Hai,A1 6 hộp 0905000002\n" +
		"2026-11-23 16:00:01,Ba,A1 6 hộp 0905000001\n" + // earlier on the platform, later in the file
		"hôm qua,Tư,A1 1 hộp\n" +
		"2026-11-23 16:00:09,Năm,đẹp quá\n")
	done, err := w.Import(ctx, farmer, show.ID, "facebook_live", sheet)
	if err != nil || done.Comments != 3 || len(done.Wrong) != 1 || done.Wrong[0] != 4 || len(done.Drafts) != 2 {
		t.Fatalf("%+v %v", done, err)
	}
	if first := done.Drafts[0]; first.Name != "Ba" || first.State != DraftHeld || done.Drafts[1].State != DraftShort {
		t.Errorf("who was first: %+v, %+v", first, done.Drafts[1])
	}
	again, err := w.Import(ctx, farmer, show.ID, "facebook_live", sheet)
	if err != nil || again.Comments != 0 || again.Known != 3 || len(again.Drafts) != 0 {
		t.Errorf("again: %+v %v", again, err)
	}
	w.must(w.End(ctx, farmer, show.ID))
	late, err := w.Import(ctx, farmer, show.ID, "facebook_live", []byte("time,name,text\n2026-11-23 16:10:00,Sáu,A2 1 hộp 0905000009\n"))
	if err != nil || late.Late != 1 || len(late.Drafts) != 0 {
		t.Errorf("late: %+v %v", late, err)
	}
	key(t, "no columns", second(w.Import(ctx, farmer, show.ID, "facebook_live", []byte("a,b\n1,2\n"))), "show.sheet")
}

// told counts what a room is told.
type told struct {
	messages, comments atomic.Int64
}

func (f *told) Publish(_ context.Context, _, _ market.ID, news []byte) error {
	f.messages.Add(1)
	f.comments.Add(int64(strings.Count(string(news), `"id"`)))
	return nil
}

// A thousand comments a second: what asks for goods gets its draft, exactly as
// many boxes are held as there are, talk is taken or told to wait, and viewers
// are told a few messages a second.
func TestAFloodLosesNoOrder(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	feed := &told{}
	w.feed = feed
	show := w.live()
	const writers, each = 50, 200 // ten thousand
	var held, short, talk, busy, lost atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for j := range each {
				text := "đẹp quá chị ơi"
				if j%10 == 0 {
					text = "A1 1 hộp 0905123456"
				}
				_, drafts, err := w.Say(ctx, market.Actor{}, Saying{Show: show.ID, Visitor: fmt.Sprint(i, "-", j), Name: "x", Text: text})
				switch {
				case err != nil && j%10 == 0:
					lost.Add(1)
				case market.KindOf(err) == market.KindUnavailable:
					busy.Add(1)
				case err != nil:
					lost.Add(1)
				case len(drafts) == 1 && drafts[0].State == DraftHeld:
					held.Add(1)
				case len(drafts) == 1:
					short.Add(1)
				default:
					talk.Add(1)
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	if held.Load() != 10 || short.Load() != writers*each/10-10 || lost.Load() != 0 {
		t.Errorf("%d held, %d short, %d lost", held.Load(), short.Load(), lost.Load())
	}
	if talk.Load()+busy.Load() != writers*each*9/10 {
		t.Errorf("%d taken, %d told to wait", talk.Load(), busy.Load())
	}
	if took > 10*time.Second {
		t.Errorf("ten thousand comments took %s", took)
	}
	if most := int64(took/tellEvery) + 20; feed.messages.Load() > most {
		t.Errorf("%d messages in %s, want at most %d", feed.messages.Load(), took, most)
	}
	if got := w.counts("tea-box"); got != [3]int64{90, 10, 0} {
		t.Errorf("%v", got)
	}
	t.Logf("%d comments in %s (%.0f/s): %d orders held, %d short, %d talk, %d told to wait, %d messages", writers*each, took,
		writers*each/took.Seconds(), held.Load(), short.Load(), talk.Load(), busy.Load(), feed.messages.Load())
}

func TestOneVisitorCannotFillTheRoom(t *testing.T) {
	w, ctx := newWorld(t), context.Background()
	show := w.live()
	refused := 0
	for range 20 {
		if _, _, err := w.Say(ctx, market.Actor{}, Saying{Show: show.ID, Visitor: "one", Text: "a"}); err != nil {
			key(t, "too fast", err, "show.fast")
			refused++
		}
	}
	if refused != 15 {
		t.Errorf("%d of 20 refused", refused)
	}
}
