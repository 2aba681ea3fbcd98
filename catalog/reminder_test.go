package catalog

import (
	"sync"
	"testing"
	"time"

	"chohue/market"
)

func TestRemindersComeOnceEach(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	p, err := s.Certify(t.Context(), official, p.ID, decision())
	if err != nil {
		t.Fatal(err)
	}
	end := p.Certificates[0].ValidTo
	made := func(at time.Time, want int) {
		t.Helper()
		s.wait(at.Sub(s.time()))
		total := 0
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 4 { // several processes at once
			all.Go(func() {
				n, err := s.Remind(t.Context())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				total += n
			})
		}
		all.Wait()
		if total != want {
			t.Errorf("at %s: %d reminders made, want %d", at, total, want)
		}
	}
	made(end.AddDate(0, 0, -180).Add(-time.Millisecond), 0)
	made(end.AddDate(0, 0, -180), 1)
	made(end.AddDate(0, 0, -91), 0)
	made(end.AddDate(0, 0, -90), 1)
	made(end.AddDate(0, 0, -30), 1)
	made(end, 0)
	got, err := s.Reminders(t.Context(), farmer, "thuy-bieu", 10)
	if err != nil || len(got) != 3 || got[0].Days != 30 || got[2].Days != 180 {
		t.Fatalf("%d reminders, %v", len(got), err)
	}
	_, err = s.Reminders(t.Context(), neighbour, "thuy-bieu", 10)
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
	wantError(t, s.SeeReminder(t.Context(), neighbour, got[0].ID), market.KindNotFound, "reminder.missing", "")
	if err := s.SeeReminder(t.Context(), farmer, got[0].ID); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Reminders(t.Context(), farmer, "thuy-bieu", 10); err != nil || got[0].SeenBy != "farmer" || got[1].SeenAt != nil {
		t.Errorf("seen by %q, %v", got[0].SeenBy, err)
	}
}

func TestLateAndDeadCertificatesAreNotRemindedThrice(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	late := decision()
	late.ValidTo = start.AddDate(0, 0, 20)
	dead := decision()
	dead.ID, dead.DecisionNo, dead.DecisionDate, dead.ValidFrom = "c2", "5/QĐ-UBND", day(2024, 1, 2), day(2024, 1, 2)
	for _, c := range []Certificate{late, dead} {
		if _, err := s.Certify(t.Context(), official, p.ID, c); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Remind(t.Context()); n != 1 || err != nil {
		t.Errorf("%d reminders, %v; want only the shortest term of the one in force", n, err)
	}
}
