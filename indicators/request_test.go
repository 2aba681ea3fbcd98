package indicators

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"chohue/market"
	"chohue/store"
	"chohue/store/memory"
)

func asked(id market.ID, scope DataScope) DataRequest {
	return DataRequest{
		Doc: store.Doc{ID: id}, Authority: "Cục Thuế thành phố Huế", Officer: "Trần Văn A", Letter: "123/CT-KT", Basis: "Luật 122/2025/QH15, Điều 18.2",
		Purpose: "Đối chiếu doanh thu", Scope: scope,
	}
}

// clockAt puts the room's clock.
func clockAt(s *Service, at time.Time) { s.env = market.NewEnv(func() time.Time { return at }) }

// TestDataRequestHasADayAndTwoPeople takes a request the whole way, and every
// other step at every place is refused.
func TestDataRequestHasADayAndTwoPeople(t *testing.T) {
	s, _ := released(t, 3, 400, 20, 3)
	ctx := t.Context()
	r, err := s.ReceiveRequest(ctx, official, asked("Q1", DataScope{From: "2026-09", To: "2026-10", Detail: DetailCells, By: []string{ByWard, BySet}}))
	if err != nil || r.State != RequestReceived || !r.DueAt.Equal(now.Add(24*time.Hour)) || !strings.Contains(r.Duty, "18.2") {
		t.Fatalf("%+v, %v", r, err)
	}
	prepare := func(by market.Actor) error { _, err := s.PrepareRequest(ctx, by, "Q1"); return err }
	approve := func(by market.Actor) error { _, err := s.ApproveRequest(ctx, by, "Q1"); return err }
	deliver := func(by market.Actor) error {
		_, err := s.DeliverRequest(ctx, by, "Q1", "Trục LGSP, biên nhận 77")
		return err
	}
	back := func(by market.Actor) error {
		_, err := s.SendBackRequest(ctx, by, "Q1", "Thiếu tháng tám trong phạm vi")
		return err
	}
	refuse := func(by market.Actor) error {
		_, err := s.RefuseRequest(ctx, by, "Q1", "Công văn không nêu căn cứ pháp lý")
		return err
	}
	buyer := market.Actor{Person: "b", Roles: []market.Role{market.RoleBuyer}}
	for _, step := range []struct {
		what string
		do   func(market.Actor) error
		by   market.Actor
		want market.Kind
	}{
		{"approved before there is anything", approve, second, market.KindConflict},
		{"delivered before", deliver, second, market.KindConflict},
		{"prepared by a buyer", prepare, buyer, market.KindForbidden},
		{"prepared by a guest", prepare, market.Actor{}, market.KindUnauthenticated},
		{"prepared by nobody", prepare, market.System, market.KindForbidden},
		{"prepared", prepare, official, fine},
		{"prepared again", prepare, official, fine},
		{"approved by who prepared it", approve, official, market.KindForbidden},
		{"sent back", back, second, fine},
		{"approved after it was sent back", approve, second, market.KindConflict},
		{"prepared anew", prepare, official, fine},
		{"approved", approve, second, fine},
		{"approved again", approve, second, fine},
		{"sent back after", back, second, market.KindConflict},
		{"refused after", refuse, second, market.KindConflict},
		{"delivered", deliver, official, fine},
		{"prepared after", prepare, official, market.KindConflict},
	} {
		if err := step.do(step.by); (err != nil) != (step.want != fine) || err != nil && market.KindOf(err) != step.want {
			t.Errorf("%s: %v, want %v", step.what, err, step.want)
		}
	}
	r, err = s.Request(ctx, second, "Q1")
	if err != nil || r.State != RequestDelivered || r.Receipt == "" || r.PreparedBy != "official" || r.ApprovedBy != "second" || !r.Sound() || r.Open() || len(r.Trail) != 6 {
		t.Errorf("%+v, %v", r, err)
	}
	r.Trail[2].Note = "khác"
	if r.Sound() {
		t.Error("a changed trail is not noticed")
	}
}

// TestDataRequestFiles: the sums of the files are the table's, the lines are the
// facts' and name no buyer, and whoever reads them is noted.
func TestDataRequestFiles(t *testing.T) {
	s, _ := released(t, 3, 400, 20, 3)
	ctx := t.Context()
	q := TableQuery{From: "2026-09", To: "2026-10", Area: "474"}
	want := table(t, s, q).Total
	for detail, column := range map[string]string{DetailCells: "value_vnd", DetailLines: "value_vnd"} {
		id := market.ID("files-" + detail)
		_, err := s.ReceiveRequest(ctx, official, asked(id, DataScope{From: q.From, To: q.To, Area: q.Area, Detail: detail}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.PrepareRequest(ctx, official, id); err != nil {
			t.Fatal(err)
		}
		f, body, err := s.RequestFile(ctx, second, id, "data.csv")
		if err != nil || f.SHA256 != hashOf(body) || f.Size != len(body) {
			t.Fatalf("%+v, %v", f, err)
		}
		rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		if err != nil || len(rows) != f.Rows+1 || f.Rows < 10 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		at, sum := 0, market.VND(0)
		for i, name := range rows[0] {
			if name == column {
				at = i
			}
			if name == "buyer" {
				t.Error("it names buyers")
			}
		}
		for _, row := range rows[1:] {
			v, err := market.ParseVND(row[at])
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
		if sum != want.Value {
			t.Errorf("%s come to %d, want %d", detail, sum, want.Value)
		}
		_, sheet, err := s.RequestFile(ctx, second, id, "data.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(bytes.NewReader(sheet))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := book.GetRows("data"); err != nil || len(got) != len(rows) {
			t.Errorf("XLSX: %d rows, %v", len(got), err)
		}
		r, err := s.Request(ctx, second, id)
		if err != nil || len(r.Trail) != 4 || r.Trail[2].Did != "read:data.csv" || r.Trail[2].By != "second" || !r.Sound() {
			t.Errorf("%+v, %v", r.Trail, err)
		}
		if _, _, err := s.RequestFile(ctx, second, id, "data.exe"); market.KindOf(err) != market.KindNotFound {
			t.Errorf("another file: %v", err)
		}
		_, err = s.answers.Update(ctx, answerID(id, f), func(d *dataFile) ([]market.Event, error) {
			d.Body = append(d.Body, ' ')
			return nil, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.RequestFile(ctx, second, id, "data.csv"); market.KindOf(err) != market.KindConflict {
			t.Errorf("bytes that are not those of the hash: %v", err)
		}
	}
}

// TestDataRequestIsOverdueAfterItsDay: visible while it waits and after it came
// too late; not when it came in time or was refused.
func TestDataRequestIsOverdueAfterItsDay(t *testing.T) {
	s, ctx := on(t, memory.New()), t.Context()
	for _, id := range []market.ID{"waits", "late", "intime", "refused"} {
		if _, err := s.ReceiveRequest(ctx, official, asked(id, DataScope{Detail: DetailCells})); err != nil {
			t.Fatal(err)
		}
	}
	end := func(id market.ID) {
		for _, do := range []func() error{
			func() error { _, err := s.PrepareRequest(ctx, official, id); return err },
			func() error { _, err := s.ApproveRequest(ctx, second, id); return err },
			func() error { _, err := s.DeliverRequest(ctx, official, id, "giao tận tay"); return err },
		} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
	}
	end("intime")
	if _, err := s.RefuseRequest(ctx, official, "refused", "Không thuộc thẩm quyền theo luật"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.OverdueRequests(ctx); err != nil || n != 0 {
		t.Errorf("%d overdue at once, %v", n, err)
	}
	clockAt(s, now.Add(24*time.Hour+time.Second))
	if n, err := s.OverdueRequests(ctx); err != nil || n != 2 {
		t.Errorf("%d overdue after a day, %v; want 2", n, err)
	}
	end("late")
	clockAt(s, now.Add(90*24*time.Hour))
	all, err := s.Requests(ctx, official)
	if err != nil || len(all) != 4 {
		t.Fatalf("%d requests, %v", len(all), err)
	}
	for _, r := range all {
		if want := r.ID == "waits" || r.ID == "late"; r.Overdue(s.env.Now()) != want {
			t.Errorf("%s is overdue: %v", r.ID, !want)
		}
	}
}

func TestDataRequestRefusesWhatIsNone(t *testing.T) {
	s, ctx := on(t, memory.New()), t.Context()
	good := asked("", DataScope{Detail: DetailCells})
	for what, spoil := range map[string]func(*DataRequest){
		"authority": func(r *DataRequest) { r.Authority = " " }, "letter": func(r *DataRequest) { r.Letter = "" }, "basis": func(r *DataRequest) { r.Basis = "x" },
		"received_at": func(r *DataRequest) { r.ReceivedAt = now.Add(time.Hour) }, "old": func(r *DataRequest) { r.ReceivedAt = now.AddDate(0, -2, 0) },
		"detail": func(r *DataRequest) { r.Scope.Detail = "all" }, "set": func(r *DataRequest) { r.Scope.Set = 99 }, "channel": func(r *DataRequest) { r.Scope.Channel = "x" },
		"area": func(r *DataRequest) { r.Scope.Area = "99999" }, "month": func(r *DataRequest) { r.Scope.From = "2026-13" }, "by": func(r *DataRequest) { r.Scope.By = []string{"buyer"} },
	} {
		one := good
		spoil(&one)
		if _, err := s.ReceiveRequest(ctx, official, one); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.ReceiveRequest(ctx, official, asked("twice", DataScope{Detail: DetailLines})); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReceiveRequest(ctx, official, asked("twice", DataScope{Detail: DetailLines})); market.KindOf(err) != market.KindConflict {
		t.Errorf("one id twice: %v", err)
	}
	if _, err := s.PrepareRequest(ctx, official, "never"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("none: %v", err)
	}
}

func TestAnswerTimesAreRows(t *testing.T) {
	all, err := parseAnswerTimes(answerTimesFile)
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, bad := range []string{"h,h,h,h\n2026,,24,x\n", "h,h,h,h\n2026-01-01,,0,x\n", "h,h,h,h\n2026-01-01,,24,\n", "h,h,h\n2026-01-01,,24\n"} {
		if _, err := parseAnswerTimes(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// TestReleaseIsProved: a release made again is the same, and one that somebody
// has changed is named cell by cell.
func TestReleaseIsProved(t *testing.T) {
	s, trade := released(t, 19, 1200, 60, 4)
	first := publish(t, s, "2026-10", "")
	hearMany(t, s, trade.giveBack(3))
	p, err := s.Prove(t.Context(), official, first.ID)
	if err != nil || !p.Same || p.Rewritten || p.Cells != len(first.Cells) {
		t.Fatalf("%+v, %v", p, err)
	}
	_, err = s.releases.Update(t.Context(), first.ID, func(r *Release) ([]market.Event, error) {
		r.Cells = append([]ReleasedCell(nil), r.Cells...)
		for i := range r.Cells {
			if r.Cells[i].Key == totalKey {
				r.Cells[i].Value++
			}
		}
		r.Program = "another"
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = s.Prove(t.Context(), official, first.ID); err != nil || p.Same || !p.Rewritten || len(p.Differs) != 1 || p.Differs[0] != totalKey {
		t.Errorf("%+v, %v", p, err)
	}
}
