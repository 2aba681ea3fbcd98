package livestream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/store"
	"chohue/store/sqlite"
)

// drawer keeps files in memory.
type drawer struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (d *drawer) Put(_ context.Context, key, _ string, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[key] = bytes.Clone(data)
	return nil
}

func (d *drawer) Get(_ context.Context, key string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	data, ok := d.files[key]
	if !ok {
		return nil, market.NotFound("photo.missing")
	}
	return data, nil
}

func (d *drawer) Delete(_ context.Context, key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, key)
	return nil
}

// screenless is an engine without a network: it notes what it is asked.
type screenless struct {
	Video

	published []Publication
	watched   []Viewing
	ended     []Stage
}

func (s *screenless) Publish(_ context.Context, p Publication, _ string) (Leg, error) {
	s.published = append(s.published, p)
	return Leg{Name: "leg"}, nil
}

func (s *screenless) Watch(_ context.Context, v Viewing, _ string) (Leg, error) {
	s.watched = append(s.watched, v)
	return Leg{Name: "leg"}, nil
}

func (s *screenless) End(_ context.Context, stage Stage) error {
	s.ended = append(s.ended, stage)
	return nil
}

// oneShow is all that is announced.
type oneShow struct {
	only     *Show
	footage  map[string]string
	disputed bool
}

func (o *oneShow) Show(_ context.Context, id market.ID) (*Show, error) {
	if id != o.only.ID {
		return nil, errMissing
	}
	return o.only, nil
}

func (o *oneShow) KeepFootage(_ context.Context, by market.Actor, show market.ID, ref, hash string) error {
	if show != o.only.ID || !by.Is(market.RoleSystem) || o.footage[ref] != "" && o.footage[ref] != hash {
		return errForbidden
	}
	o.footage[ref] = hash
	return nil
}

func (o *oneShow) Disputed(context.Context, market.ID) (bool, error) { return o.disputed, nil }

// set is a studio with a clock that stands still until it is set.
type set struct {
	*Studio
	t     *testing.T
	now   time.Time
	video *screenless
	files *drawer
	shows *oneShow
	store store.Engine
	stage Stage
}

func newSet(t *testing.T) *set {
	t.Helper()
	e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	s := &set{t: t, now: start, video: &screenless{}, files: &drawer{files: map[string][]byte{}}, stage: ShowStage("show1")}
	live := start
	show := &Show{Seller: "coop", StartsAt: start, EndsAt: start.Add(2 * time.Hour), State: ShowLive, LiveAt: &live}
	show.ID = "show1"
	s.store, s.shows = e, &oneShow{only: show, footage: map[string]string{}}
	s.Studio, err = NewStudio(t.Context(), e, market.NewEnv(func() time.Time { return s.now }), StudioParts{
		Shows: s.shows, Files: s.files, Video: s.video, Secret: []byte("a secret of the test"), Seats: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *set) ticket(by market.Actor, stage Stage, role Role) string {
	s.t.Helper()
	ticket, err := s.Ticket(s.t.Context(), by, stage, role)
	if err != nil {
		s.t.Fatal(err)
	}
	return ticket
}

func TestTicketsOpenOneConnectionOfTheirs(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	good := s.ticket(farmer, s.stage, RolePublish)
	if _, err := s.Publish(ctx, s.stage, good, "offer"); err != nil {
		t.Fatal(err)
	}
	if p := s.video.published[0]; p.Person != farmer.Person || p.Take == nil {
		t.Errorf("published %+v, want the farmer and a recording", p)
	}
	fresh := s.ticket(farmer, s.stage, RolePublish)
	old := s.ticket(farmer, s.stage, RolePublish)
	forged := strings.Replace(fresh, "show1", "show2", 1)
	parts := strings.Split(fresh, ".")
	longer := strings.Join(append(parts[:3:3], append([]string{"zzzzzz"}, parts[4:]...)...), ".")
	for name, try := range map[string]struct {
		stage  Stage
		ticket string
	}{
		"replayed": {s.stage, good}, "forged": {ShowStage("show2"), forged}, "made to last": {s.stage, longer},
		"of another stage": {ShowStage("show2"), fresh}, "of another role": {s.stage, s.ticket(farmer, s.stage, RoleWatch)},
		"none": {s.stage, ""}, "half": {s.stage, fresh[:len(fresh)-4]}, "for HLS": {s.stage, s.ticket(farmer, s.stage, RoleHLS)},
	} {
		if _, err := s.Publish(ctx, try.stage, try.ticket, "offer"); market.KindOf(err) != market.KindUnauthenticated {
			t.Errorf("a ticket %s: %v", name, err)
		}
	}
	s.now = s.now.Add(ticketLife)
	if _, err := s.Publish(ctx, s.stage, old, "offer"); !errors.Is(err, errTicket) {
		t.Errorf("an old ticket: %v", err)
	}
	if len(s.video.published) != 1 {
		t.Errorf("%d published, want 1", len(s.video.published))
	}
	s.now = s.now.Add(time.Second)
	if n, err := s.ForgetTickets(ctx); n != 1 || err != nil {
		t.Errorf("forgot %d tickets, %v; want the one that was used", n, err)
	}
}

func TestWhoMaySend(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	for name, by := range map[string]market.Actor{"guest": {}, "stranger": stranger, "moderator": {Person: "m", Roles: []market.Role{market.RoleModerator}}} {
		if _, err := s.Ticket(ctx, by, s.stage, RolePublish); err == nil {
			t.Errorf("%s may send", name)
		}
		if _, err := s.Ticket(ctx, by, s.stage, RoleWatch); err != nil {
			t.Errorf("%s may not watch: %v", name, err)
		}
	}
}

// TestNothingIsSeenOfAShowThatIsNotLive: no new ticket, and an old one is no
// good any more, before the rules are accepted and after the end, whoever ended
// it and however.
func TestNothingIsSeenOfAShowThatIsNotLive(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	show := s.shows.only
	publish, watch := s.ticket(farmer, s.stage, RolePublish), s.ticket(stranger, s.stage, RoleWatch)
	for state, want := range map[ShowState]error{ShowAnnounced: errNotLive, ShowEnded: errOver, ShowCancelled: errOver} {
		show.State = state
		for _, role := range []Role{RolePublish, RoleWatch, RoleHLS} {
			if _, err := s.Ticket(ctx, farmer, s.stage, role); !errors.Is(err, want) {
				t.Errorf("a ticket to %s a show that is %s: %v, want %v", role, state, err, want)
			}
		}
	}
	if _, err := s.Publish(ctx, s.stage, publish, "offer"); !errors.Is(err, errOver) {
		t.Errorf("sent with a ticket from before the end: %v", err)
	}
	if _, err := s.Watch(ctx, s.stage, watch, "offer"); !errors.Is(err, errOver) {
		t.Errorf("watched with a ticket from before the end: %v", err)
	}
	show.State = ShowLive
	s.now = start.Add(MaxShowLength)
	if _, err := s.Ticket(ctx, farmer, s.stage, RolePublish); !errors.Is(err, errOver) {
		t.Errorf("a show that nobody ended: %v", err)
	}
	if len(s.video.published)+len(s.video.watched) != 0 {
		t.Errorf("%d sent, %d watched", len(s.video.published), len(s.video.watched))
	}
}

// TestAShowThatIsOverIsTakenOffTheAir in the process that hears of it, and in
// the one that carries it.
func TestAShowThatIsOverIsTakenOffTheAir(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	if _, err := s.Publish(ctx, s.stage, s.ticket(farmer, s.stage, RolePublish), "offer"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.EndStages(ctx); n != 0 || err != nil || len(s.video.ended) != 0 {
		t.Errorf("ended %d, %v, while it is live", n, err)
	}
	s.shows.only.State = ShowEnded
	for _, want := range []int{1, 0} {
		if n, err := s.EndStages(ctx); n != want || err != nil || len(s.video.ended) != 1 {
			t.Errorf("ended %d, %v, want %d", n, err, want)
		}
	}
	for _, what := range StudioConsumes() {
		if err := s.Consume(ctx, market.Event{Type: what, Subject: "show1"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.video.ended) != 3 || s.video.ended[1] != s.stage {
		t.Errorf("ended %v", s.video.ended)
	}
}

// record plays n fragments of two seconds into a take.
func (s *set) record(n int) (Take, []byte) {
	s.t.Helper()
	show, _ := s.Shows.Show(s.t.Context(), "show1")
	tape := s.newTake(s.t.Context(), show)
	whole := []byte("head")
	if err := tape.Begin(ContainerMP4, whole); err != nil {
		s.t.Fatal(err)
	}
	for i := range n {
		part := bytes.Repeat([]byte{byte('a' + i)}, 100+i)
		whole = append(whole, part...)
		if err := tape.Part(time.Duration(i)*2*time.Second, 2*time.Second, part); err != nil {
			s.t.Fatal(err)
		}
	}
	return tape, whole
}

func TestARecordingIsItsPartsAndItsSum(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	tape, whole := s.record(10)
	s.now = s.now.Add(20 * time.Second)
	if err := tape.End(); err != nil {
		t.Fatal(err)
	}
	mark := []Mark{{"tea", start.Add(-time.Minute)}, {"paste", start.Add(13 * time.Second)}, {"hat", start.Add(time.Hour)}}
	found, err := s.Replays(ctx, market.Actor{}, "show1", mark)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d recordings, %v", len(found), err)
	}
	r, sum := found[0], sha256.Sum256(whole)
	if r.SHA256 != hex.EncodeToString(sum[:]) || r.Size != int64(len(whole)) || r.Length != 20*time.Second || r.Cut {
		t.Errorf("recording %+v", r.Recording)
	}
	if want := start.AddDate(3, 0, 0); !r.KeepUntil.Equal(want) || r.KeptFor == "" {
		t.Errorf("kept until %v for %q, want %v", r.KeepUntil, r.KeptFor, want)
	}
	if got := s.shows.footage["video/"+string(r.ID)]; got != r.SHA256 {
		t.Errorf("the show's record holds %q of the recording, want its sum", got)
	}
	if len(r.Marks) != 2 || r.Marks[0].At != 0 || r.Marks[1].At != 13*time.Second {
		t.Errorf("marks %v", r.Marks)
	}
	_, file, err := s.RecordingFile(ctx, market.Actor{}, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []int64{0, 3, 4, 500, int64(len(whole)) - 1} {
		if _, err := file.Seek(from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(file); err != nil || !bytes.Equal(got, whole[from:]) {
			t.Errorf("from %d: %d bytes, %v; want %d", from, len(got), err, len(whole)-int(from))
		}
	}
}

func TestACrashLeavesWhatWasWritten(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	_, whole := s.record(9) // two files of four fragments; the ninth is lost
	s.now = s.now.Add(silence - time.Second)
	if n, err := s.MendRecordings(ctx); n != 0 || err != nil {
		t.Errorf("mended %d, %v, while it may go on", n, err)
	}
	s.now = s.now.Add(time.Second)
	if n, err := s.MendRecordings(ctx); n != 1 || err != nil {
		t.Errorf("mended %d, %v; want 1", n, err)
	}
	found, err := s.Replays(ctx, market.Actor{}, "show1", nil)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d recordings, %v", len(found), err)
	}
	kept := whole[:len(whole)-108]
	sum := sha256.Sum256(kept)
	if r := found[0]; !r.Cut || r.Length != 16*time.Second || r.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("recording %+v", r.Recording)
	}
	if n, err := s.MendRecordings(ctx); n != 0 || err != nil {
		t.Errorf("mended again: %d, %v", n, err)
	}
	if len(s.shows.footage) != 1 {
		t.Errorf("the show's record holds %v", s.shows.footage)
	}
}

// TestRecordingsAreDeletedWhenTheirTimeIsOver and not a moment before, nor while
// somebody complains; what they were stays written down.
func TestRecordingsAreDeletedWhenTheirTimeIsOver(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	tape, _ := s.record(10)
	if err := tape.End(); err != nil {
		t.Fatal(err)
	}
	found, err := s.Replays(ctx, market.Actor{}, "show1", nil)
	if err != nil || len(found) != 1 {
		t.Fatalf("%d recordings, %v", len(found), err)
	}
	r := found[0]
	round := func(what string, want, files int) {
		t.Helper()
		if n, err := s.DropRecordings(ctx); n != want || err != nil || len(s.files.files) != files {
			t.Errorf("%s: dropped %d, %v; %d files are left, want %d and %d", what, n, err, len(s.files.files), want, files)
		}
	}
	whole := len(s.files.files)
	s.now = r.KeepUntil.Add(-time.Second)
	round("a second before", 0, whole)
	s.shows.disputed = true
	s.now = r.KeepUntil
	round("somebody complains", 0, whole)
	s.shows.disputed = false
	round("looked at a moment ago", 0, whole)
	s.now = r.KeepUntil.Add(disputedAgain)
	round("the complaint is answered", 1, 0)
	round("once more", 0, 0)
	for name, by := range map[string]market.Actor{"anybody": {}, "the seller": farmer, "staff": operator} {
		if left, err := s.Replays(ctx, by, "show1", nil); err != nil || len(left) != 0 {
			t.Errorf("%s sees %d recordings, %v", name, len(left), err)
		}
		if _, _, err := s.RecordingFile(ctx, by, r.ID); !errors.Is(err, errNoVideo) {
			t.Errorf("%s gets the file: %v", name, err)
		}
	}
	if kept, err := s.recordings.Get(ctx, r.ID); err != nil || kept.SHA256 != r.SHA256 || kept.DeletedAt == nil {
		t.Errorf("what it was: %+v, %v", kept, err)
	}
}

// TestWhatIsBookedIsTold: each booking and each cancellation is one event, and
// doing it twice is none.
func TestWhatIsBookedIsTold(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	var told []string
	relay := store.NewRelay(s.store, nil, nil, store.Consumer{Name: "told", Types: []string{EventCallBooked, EventCallCancelled}, Handle: func(_ context.Context, e market.Event) error {
		var n CallNews
		err := e.Decode(&n)
		told = append(told, strings.TrimPrefix(e.Type, "livestream.call_")+" by "+n.By+" of "+string(n.Buyer))
		return err
	}})
	call, err := s.OfferCall(ctx, farmer, "coop", start.Add(time.Hour), 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	buyer := market.Actor{Person: "buyer", Name: "Chị Lan"}
	deeds := []func() (*Call, error){
		func() (*Call, error) { return s.BookCall(ctx, buyer, call.ID, "Thanh trà") },
		func() (*Call, error) { return s.CancelCall(ctx, buyer, call.ID) },
		func() (*Call, error) { return s.BookCall(ctx, buyer, call.ID, "Thanh trà") },
		func() (*Call, error) { return s.BookCall(ctx, buyer, call.ID, "Thanh trà") },
		func() (*Call, error) { return s.CancelCall(ctx, farmer, call.ID) },
		func() (*Call, error) { return s.CancelCall(ctx, farmer, call.ID) },
	}
	for i, deed := range deeds {
		if _, err := deed(); err != nil {
			t.Fatalf("deed %d: %v", i, err)
		}
	}
	if err := relay.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	want := []string{"booked by buyer of buyer", "cancelled by buyer of buyer", "booked by buyer of buyer", "cancelled by seller of buyer"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

func TestHiddenRecordingsAreForTheirSellerAndStaff(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	tape, _ := s.record(4)
	if err := tape.End(); err != nil {
		t.Fatal(err)
	}
	found, _ := s.Replays(ctx, market.Actor{}, "show1", nil)
	id := found[0].ID
	if err := s.HideRecording(ctx, stranger, id, true); !errors.Is(err, errNoVideo) {
		t.Errorf("a stranger hid it: %v", err)
	}
	if err := s.HideRecording(ctx, farmer, id, true); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		by   market.Actor
		want error
	}{"guest": {market.Actor{}, errNoVideo}, "stranger": {stranger, errNoVideo}, "seller": {farmer, nil}, "moderator": {market.Actor{Person: "m", Roles: []market.Role{market.RoleModerator}}, nil}} {
		if _, _, err := s.RecordingFile(ctx, c.by, id); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if _, err := s.RecordingPart(ctx, c.by, id, 0); !errors.Is(err, c.want) {
			t.Errorf("%s, one part: %v, want %v", name, err, c.want)
		}
		if _, err := s.RecordingPlaylist(ctx, c.by, id); !errors.Is(err, c.want) {
			t.Errorf("%s, playlist: %v, want %v", name, err, c.want)
		}
	}
}

func TestACallIsForTwo(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	buyer, other := market.Actor{Person: "buyer", Name: "Lan"}, market.Actor{Person: "other", Name: "Tý"}
	c, err := s.OfferCall(ctx, farmer, "coop", start.Add(time.Hour), 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.OfferCall(ctx, farmer, "coop", start.Add(time.Hour), 15*time.Minute); err != nil || again.ID != c.ID {
		t.Errorf("offered twice: %v, %v", again, err)
	}
	if _, err := s.OfferCall(ctx, stranger, "coop", start.Add(2*time.Hour), 15*time.Minute); err == nil {
		t.Error("a stranger offered the farmer's time")
	}
	if _, err := s.BookCall(ctx, buyer, c.ID, "Thanh trà biếu Tết"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BookCall(ctx, other, c.ID, ""); !errors.Is(err, errNoVideo) {
		t.Errorf("booked by two: %v", err)
	}
	stages := map[string]Stage{"seller": CallStage(c.ID, "seller"), "buyer": CallStage(c.ID, "buyer")}
	if _, err := s.EnterCall(ctx, buyer, c.ID); !errors.Is(err, errCallTime) {
		t.Errorf("entered too early: %v", err)
	}
	s.now = start.Add(time.Hour)
	if _, err := s.EnterCall(ctx, farmer, c.ID); !errors.Is(err, errCallWait) {
		t.Errorf("let nobody in: %v", err)
	}
	if _, err := s.EnterCall(ctx, buyer, c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ticket(ctx, buyer, stages["buyer"], RolePublish); !errors.Is(err, errCallWait) {
		t.Errorf("seen before being let in: %v", err)
	}
	if _, err := s.EnterCall(ctx, farmer, c.ID); err != nil {
		t.Fatal(err)
	}
	operator := market.Actor{Person: "op", Roles: []market.Role{market.RoleOperator}}
	for _, may := range []struct {
		by    market.Actor
		side  string
		role  Role
		right bool
	}{
		{buyer, "buyer", RolePublish, true},
		{buyer, "seller", RoleWatch, true},
		{farmer, "seller", RolePublish, true},
		{farmer, "buyer", RoleWatch, true},
		{buyer, "seller", RolePublish, false},
		{buyer, "buyer", RoleWatch, false},
		{farmer, "buyer", RolePublish, false},
		{buyer, "seller", RoleHLS, false},
		{other, "seller", RoleWatch, false},
		{other, "buyer", RolePublish, false},
		{stranger, "buyer", RoleWatch, false},
		{market.Actor{}, "buyer", RoleWatch, false},
		{operator, "buyer", RoleWatch, false},
	} {
		ticket, err := s.Ticket(ctx, may.by, stages[may.side], may.role)
		if may.right != (err == nil) || !may.right && !errors.Is(err, errNoVideo) {
			t.Errorf("%s, %s of %s: %v", may.by.Person, may.role, may.side, err)
		}
		if may.right && may.role == RolePublish {
			if _, err := s.Publish(ctx, stages[may.side], ticket, "offer"); err != nil {
				t.Error(err)
			}
		}
	}
	for _, p := range s.video.published {
		if p.Take != nil {
			t.Error("a call is recorded")
		}
	}
	for _, by := range []market.Actor{other, stranger, {}, operator} {
		if _, err := s.EndCall(ctx, by, c.ID); !errors.Is(err, errNoVideo) {
			t.Errorf("%q ended it: %v", by.Person, err)
		}
		if _, err := s.Call(ctx, by, c.ID); !errors.Is(err, errNoVideo) {
			t.Errorf("%q sees it: %v", by.Person, err)
		}
	}
	if _, err := s.EndCall(ctx, buyer, c.ID); err != nil || len(s.video.ended) != 2 {
		t.Errorf("ended %v, %v", s.video.ended, err)
	}
	if _, err := s.Ticket(ctx, farmer, stages["seller"], RolePublish); !errors.Is(err, errCallOver) {
		t.Errorf("goes on after its end: %v", err)
	}
}

func TestOneOfManyBooksACall(t *testing.T) {
	s, ctx := newSet(t), t.Context()
	c, err := s.OfferCall(ctx, farmer, "coop", start.Add(time.Hour), 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	won := make(chan market.ID, 16)
	for i := range 16 {
		by := market.Actor{Person: market.ID("buyer" + string(rune('a'+i)))}
		wait.Go(func() {
			if _, err := s.BookCall(ctx, by, c.ID, ""); err == nil {
				won <- by.Person
			}
		})
	}
	wait.Wait()
	close(won)
	if kept, err := s.calls.Get(ctx, c.ID); err != nil || len(won) != 1 || kept.Buyer != <-won {
		t.Errorf("%d won", len(won))
	}
}

func TestRetentionsAreRead(t *testing.T) {
	for _, bad := range []string{"h\n2026-07-01,0,x\n", "h\nx,3,x\n", "from,years,source\n2026-07-01,3,a\n2026-07-01,3,a\n"} {
		if _, err := parseRetentions(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	all, err := LoadRetentions()
	if err != nil {
		t.Fatal(err)
	}
	before := time.Date(2026, 6, 30, 0, 0, 0, 0, market.HueZone)
	if until, why := all.Until(before); !until.Equal(before) || why != "" {
		t.Errorf("before the rule: %v, %q", until, why)
	}
}

func TestTURNNamesRunOut(t *testing.T) {
	got := ICE{STUN: []string{"stun:a"}, TURN: []string{"turn:a"}, Secret: "north"}.Servers("lan", time.Unix(1000, 0))
	if len(got) != 2 || got[1].Username != "44200:lan" || got[1].Credential != "J9DIcd0fux88cN5QENUqJ0E04nc=" {
		t.Errorf("servers %+v", got)
	}
	if none := (ICE{TURN: []string{"turn:a"}}).Servers("lan", time.Unix(0, 0)); len(none) != 0 {
		t.Errorf("TURN without a secret: %+v", none)
	}
}
