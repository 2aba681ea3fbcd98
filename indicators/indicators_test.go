package indicators

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
	"chohue/store/sqlite"
)

var (
	now      = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	env      = market.NewEnv(func() time.Time { return now })
	official = market.Actor{Person: "official", Roles: []market.Role{market.RoleOfficial}}
)

func open(t testing.TB) *Service {
	t.Helper()
	e, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return on(t, e)
}

func on(t testing.TB, e store.Engine) *Service {
	t.Helper()
	s, err := New(context.Background(), e, env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// book is orders in memory.
type book []*orders.Order

func (b book) Each(_ context.Context, do func(*orders.Order) error) error {
	for _, o := range b {
		if err := do(o); err != nil {
			return err
		}
	}
	return nil
}

// sold makes n delivered orders of one to three parcels over five months.
func sold(n int, seed uint64) book {
	r := rand.New(rand.NewPCG(seed, 46))
	wards := []string{"19753", "19789", "19804", "19900", "20107"}
	channels := []string{"", "livestream", "social"}
	var b book
	for i := range n {
		o := &orders.Order{
			Doc: store.Doc{ID: market.ID(fmt.Sprintf("O%06d", i))}, Method: "cod", State: orders.StateCompleted,
			Address: market.Address{Province: []string{"46", "79"}[r.IntN(2)]}, PlacedAt: now.AddDate(0, -r.IntN(5), -r.IntN(20)),
		}
		for p := range 1 + r.IntN(3) {
			seller := r.IntN(12)
			at := o.PlacedAt.Add(time.Duration(1+r.IntN(96)) * time.Hour)
			parcel := orders.Parcel{
				ID: market.ID(fmt.Sprintf("p%d", p)), Seller: market.ID(fmt.Sprintf("S%02d", seller)), SellerKind: "htx",
				SellerWard: wards[seller%len(wards)], State: orders.ParcelDelivered, DeliveredAt: &at,
			}
			for range 1 + r.IntN(3) {
				parcel.Lines = append(parcel.Lines, line(r, channels))
			}
			o.Parcels = append(o.Parcels, parcel)
		}
		b = append(b, o)
	}
	return b
}

func line(r *rand.Rand, channels []string) orders.Line {
	quantity, price := int64(1+r.IntN(5)), market.VND(1000*(1+r.IntN(90)))
	l := orders.Line{
		Product: market.ID(fmt.Sprintf("P%d", r.IntN(30))), Set: 1 + r.IntN(26), Price: price, Quantity: quantity,
		Amount: price * market.VND(quantity), Size: market.Size{Base: market.Grams, Amount: 500},
	}
	if r.IntN(2) == 0 {
		l.Size = market.Size{Base: market.Pieces, Amount: 10}
	}
	if channel := channels[r.IntN(len(channels))]; channel != "" {
		l.Touch = &orders.Touch{Channel: channel}
	}
	if r.IntN(2) == 0 {
		l.Certificate, l.Stars = "certificate", 4
	}
	return l
}

// news are the delivery events of the book.
func (b book) news() []market.Event {
	var events []market.Event
	for _, o := range b {
		for _, p := range o.Parcels {
			events = append(events, market.NewEvent(env, orders.EventDelivered, o.ID, deliveredOf(o, p)))
		}
	}
	return events
}

func (b book) value() market.VND {
	var sum market.VND
	for _, o := range b {
		for _, p := range o.Parcels {
			for _, l := range p.Lines {
				sum += l.Amount
			}
		}
	}
	return sum
}

func hear(t testing.TB, s *Service, events []market.Event) {
	t.Helper()
	for _, e := range events {
		if err := s.Consume(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func table(t testing.TB, s *Service, q TableQuery) *Table {
	t.Helper()
	got, err := s.Table(context.Background(), official, q)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func facts(t *testing.T, s *Service) []Fact {
	t.Helper()
	var all []Fact
	err := s.facts.Each(context.Background(), store.Query{}, func(f *Fact) error {
		one := *f
		one.PlacedAt, one.DeliveredAt = one.PlacedAt.UTC(), one.DeliveredAt.UTC()
		all = append(all, one)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMonthsAreCountedInHue(t *testing.T) {
	s := open(t)
	b := sold(1, 1)
	b[0].Parcels = b[0].Parcels[:1]
	last := time.Date(2026, 10, 31, 16, 59, 59, 0, time.UTC) // 23:59:59 in Huế
	for i, at := range []time.Time{last, last.Add(time.Second)} {
		b[0].ID = market.ID(fmt.Sprint(i))
		b[0].Parcels[0].DeliveredAt = &at
		hear(t, s, b.news())
	}
	cells := table(t, s, TableQuery{By: []string{ByMonth}}).Cells
	if len(cells) != 2 || cells[0].Month != "2026-10" || cells[1].Month != "2026-11" {
		t.Errorf("cells %+v", cells)
	}
}

// additive are the measures that must sum.
func additive(cells ...Cell) [5]int64 {
	var sum [5]int64
	for _, c := range cells {
		for i, n := range []int64{int64(c.Value), c.Lines, c.Units, c.Grams, c.Pieces} {
			sum[i] += n
		}
	}
	return sum
}

// Every way to divide the same months sums to the same đồng, and to what the
// orders say, whatever order the news came in and however often.
func TestTablesCrossFoot(t *testing.T) {
	s, b := open(t), sold(200, 7)
	events := b.news()
	events = append(events, events[:40]...)
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	hear(t, s, events)
	for mask := range 1 << len(Dimensions()) {
		var by []string
		for i, d := range Dimensions() {
			if mask>>i&1 == 1 {
				by = append(by, d)
			}
		}
		got := table(t, s, TableQuery{By: by})
		if got.Total.Value != b.value() {
			t.Errorf("by %v: total %s, orders say %s", by, got.Total.Value, b.value())
		}
		if sum := additive(got.Cells...); sum != additive(got.Total) {
			t.Errorf("by %v: cells sum to %v, total %v", by, sum, additive(got.Total))
		}
		for _, d := range got.By {
			if sum := additive(got.Margins[d]...); sum != additive(got.Total) {
				t.Errorf("by %v: margin %s sums to %v, total %v", by, d, sum, additive(got.Total))
			}
		}
		if got.Total.Orders != 200 || got.Total.Sellers != 12 {
			t.Errorf("by %v: %d orders, %d sellers; want 200, 12", by, got.Total.Orders, got.Total.Sellers)
		}
	}
}

func TestMonthsSumToTheirSpan(t *testing.T) {
	s, b := open(t), sold(100, 5)
	hear(t, s, b.news())
	var sum market.VND
	for _, m := range []string{"2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"} {
		sum += table(t, s, TableQuery{From: m, To: m}).Total.Value
	}
	if sum != b.value() {
		t.Errorf("months sum to %s, want %s", sum, b.value())
	}
	if later := table(t, s, TableQuery{From: "2027-01", To: "2027-03"}); later.Total.Value != 0 || len(later.Cells) != 0 {
		t.Errorf("months without sales: %+v", later.Total)
	}
}

func TestTablesSeeNews(t *testing.T) {
	s := open(t)
	b := sold(20, 9)
	events := b.news()
	var before market.VND
	for i := range events {
		hear(t, s, events[i:i+1])
		got := table(t, s, TableQuery{}).Total.Value
		if got <= before {
			t.Fatalf("after event %d: %s, before %s", i, got, before)
		}
		before = got
	}
}

func TestRebuildGivesTheSameFacts(t *testing.T) {
	ctx, b := context.Background(), sold(60, 11)
	heard, rebuilt := open(t), open(t)
	hear(t, heard, b.news())
	r, err := rebuilt.Rebuild(ctx, market.System, b)
	if err != nil || r.Added != r.Facts || len(r.Wrong) != 0 {
		t.Fatalf("rebuilt %+v, %v", r, err)
	}
	if diff := cmp.Diff(facts(t, heard), facts(t, rebuilt)); diff != "" {
		t.Errorf("facts (-heard +rebuilt):\n%s", diff)
	}
	var a, z bytes.Buffer
	for s, w := range map[*Service]*bytes.Buffer{heard: &a, rebuilt: &z} {
		if err := s.WriteCSV(ctx, official, w, TableQuery{}, "vi"); err != nil {
			t.Fatal(err)
		}
	}
	if a.String() != z.String() || a.Len() < 1000 {
		t.Errorf("the tables differ: %d and %d bytes", a.Len(), z.Len())
	}
	again, err := rebuilt.Rebuild(ctx, market.System, b)
	if err != nil || again.Added != 0 || len(again.Wrong) != 0 {
		t.Errorf("once more: %+v, %v", again, err)
	}
}

// TestReturnsLowerTheirMonth returns part of every order and looks that the
// table falls by exactly that, once, and that it is made again the same.
func TestReturnsLowerTheirMonth(t *testing.T) {
	s, b := open(t), sold(60, 9)
	hear(t, s, b.news())
	before := table(t, s, TableQuery{})
	var back market.VND
	var news []market.Event
	for _, o := range b {
		p := o.Parcels[len(o.Parcels)-1]
		l := p.Lines[0]
		r := orders.Return{
			ID: "R" + o.ID, Parcel: p.ID, State: orders.ReturnRefunded, Goods: l.Amount, Refunded: l.Amount / 2, EndedAt: &now,
			Lines: []orders.ReturnLine{{Variant: l.Variant, Quantity: 1, Amount: l.Amount}},
		}
		p.Lines = p.Lines[:1] // the lines of this book have no variants: one must be enough
		o.Parcels[len(o.Parcels)-1] = p
		o.Returns, back = []orders.Return{r}, back+r.Refunded
		news = append(news, market.NewEvent(env, orders.EventReturned, o.ID, o.Undone(r, now)))
	}
	hear(t, s, news)
	hear(t, s, news)
	after := table(t, s, TableQuery{})
	if before.Total.Value-after.Total.Value != back || after.Total.Orders != before.Total.Orders || after.Total.Lines != before.Total.Lines {
		t.Errorf("value fell by %d, want %d; orders %d of %d, lines %d of %d", before.Total.Value-after.Total.Value, back,
			after.Total.Orders, before.Total.Orders, after.Total.Lines, before.Total.Lines)
	}
	if before.Total.Units-after.Total.Units != int64(len(b)) {
		t.Errorf("units fell by %d, want %d", before.Total.Units-after.Total.Units, len(b))
	}
	fresh := open(t)
	if _, err := fresh.Rebuild(t.Context(), market.System, b); err != nil {
		t.Fatal(err)
	}
	if again, err := fresh.Rebuild(t.Context(), market.System, b); err != nil || again.Added != 0 || len(again.Wrong) != 0 {
		t.Errorf("made again: %+v, %v", again, err)
	}
}

func TestRebuildNamesWhatIsWrong(t *testing.T) {
	ctx, s, b := context.Background(), open(t), sold(3, 13)
	hear(t, s, b.news())
	b[0].Parcels[0].Lines[0].Amount++
	r, err := s.Rebuild(ctx, market.System, b[:2])
	if err != nil {
		t.Fatal(err)
	}
	stray := 0
	for _, p := range b[2].Parcels {
		stray += len(p.Lines)
	}
	if len(r.Wrong) != 1+stray || r.Wrong[0] != b[0].ID+":p0:0" {
		t.Errorf("wrong %v, want one changed and %d strays", r.Wrong, stray)
	}
	_, err = s.Rebuild(ctx, official, b)
	if market.KindOf(err) != market.KindForbidden {
		t.Errorf("an official rebuilds: %v", err)
	}
}

func TestFewSellersAreFlagged(t *testing.T) {
	s := open(t)
	b := sold(3, 17)
	for i, o := range b {
		o.Parcels = o.Parcels[:1]
		o.Parcels[0].Seller, o.Parcels[0].SellerWard = market.ID(fmt.Sprint(i)), "19753"
		o.Parcels[0].DeliveredAt = &now
	}
	hear(t, s, b[:2].news())
	if got := table(t, s, TableQuery{By: []string{ByWard}}); !got.Cells[0].Small || !got.Total.Small {
		t.Errorf("two sellers: %+v", got.Cells)
	}
	hear(t, s, b[2:].news())
	if got := table(t, s, TableQuery{By: []string{ByWard}}); got.Cells[0].Small || got.Total.Small {
		t.Errorf("three sellers: %+v", got.Cells)
	}
}

func TestFiguresAreForOfficials(t *testing.T) {
	s, ctx := open(t), context.Background()
	for what, c := range map[string]struct {
		by   market.Actor
		want market.Kind
	}{
		"guest":   {market.Actor{}, market.KindUnauthenticated},
		"buyer":   {market.Actor{Person: "b", Roles: []market.Role{market.RoleBuyer}}, market.KindForbidden},
		"manager": {market.Actor{Person: "m", Roles: []market.Role{market.RoleManager}, Sellers: []market.ID{"S01"}}, market.KindForbidden},
	} {
		_, err := s.Table(ctx, c.by, TableQuery{})
		written := s.WriteCSV(ctx, c.by, new(bytes.Buffer), TableQuery{}, "vi")
		if market.KindOf(err) != c.want || market.KindOf(written) != c.want {
			t.Errorf("%s: %v, %v", what, err, written)
		}
	}
	for _, role := range []market.Role{market.RoleOfficial, market.RoleOperator, market.RoleSystem} {
		if _, err := s.Table(ctx, market.Actor{Person: "x", Roles: []market.Role{role}}, TableQuery{}); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestRefusesWhatIsNoTable(t *testing.T) {
	s := open(t)
	for what, q := range map[string]TableQuery{
		"month": {To: "2026-13"}, "form": {From: "November"}, "span": {From: "2026-11", To: "2026-10"},
		"long": {From: "1990-01"}, "dimension": {By: []string{"buyer"}},
	} {
		if _, err := s.Table(context.Background(), official, q); market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: %v, want invalid", what, err)
		}
	}
	got := table(t, s, TableQuery{By: []string{BySet, ByMonth, BySet}})
	if got.From != "2025-12" || got.To != "2026-11" || !slices.Equal(got.By, []string{ByMonth, BySet}) {
		t.Errorf("defaults: %s to %s by %v", got.From, got.To, got.By)
	}
}

func TestCSV(t *testing.T) {
	s, ctx := open(t), context.Background()
	b := sold(1, 1)
	b[0].Parcels = b[0].Parcels[:1]
	p := &b[0].Parcels[0]
	p.SellerWard, p.DeliveredAt = "19753", &now
	p.Lines = p.Lines[:1]
	p.Lines[0] = orders.Line{Set: 9, Quantity: 2, Amount: 90_000, Size: market.Size{Base: market.Grams, Amount: 500}, Touch: &orders.Touch{Channel: "=cmd()"}}
	hear(t, s, b.news())
	var out bytes.Buffer
	if err := s.WriteCSV(ctx, official, &out, TableQuery{From: "2026-11"}, "vi"); err != nil {
		t.Fatal(err)
	}
	ward := s.areas.Name("19753")
	set, _ := s.sets.Find(9)
	want := [][]string{
		{"month", "ward", "ward_name", "set", "set_name", "channel", "channel_name", "value_vnd", "orders", "lines", "units", "grams", "pieces", "sellers", "note"},
		{"2026-11", "19753", ward, "9", set.Name.VI, "'=cmd()", "'=cmd()", "90000", "1", "1", "2", "1000", "0", "1", "small"},
	}
	rows, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if lines := strings.Count(out.String(), "\r\n"); lines != 2 || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%d lines end as RFC 4180 wants, want 2", lines)
	}
	out.Reset()
	if err := s.WriteCSV(ctx, official, &out, TableQuery{From: "2026-11", By: []string{BySet}}, "en"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "set,set_name,value_vnd,") || !strings.Contains(out.String(), set.Name.EN) {
		t.Errorf("in English by set: %q", out.String())
	}
}

func TestMeasuresAreTheColumns(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Measures() {
		texts := []market.Text{m.Name, m.Unit, m.Formula, m.Source, m.Legal}
		for _, text := range texts {
			if text.VI == "" || text.EN == "" {
				t.Errorf("%s: %+v lacks words", m.Code, text)
			}
		}
		if seen[m.Code] {
			t.Errorf("%s is there twice", m.Code)
		}
		seen[m.Code] = true
	}
}

// Two processes on one store each fold on their own; neither may keep an old
// figure.
func TestSeveralFoldersAgree(t *testing.T) {
	e, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "market.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	a, z, b := on(t, e), on(t, e), sold(80, 21)
	events := b.news()
	var work sync.WaitGroup
	for i, s := range []*Service{a, z} {
		work.Go(func() {
			for j := i; j < len(events); j += 2 {
				hear(t, s, events[j:j+1])
				table(t, s, TableQuery{})
			}
		})
	}
	work.Wait()
	for _, s := range []*Service{a, z} {
		if got := table(t, s, TableQuery{}).Total.Value; got != b.value() {
			t.Errorf("total %s, want %s", got, b.value())
		}
	}
}

func TestDisclosureRules(t *testing.T) {
	all, err := parseRules("h,h,h,h,h,h\n2026-01,3,2,85,10,a\n2026-06,5,2,85,10,b\n")
	if err != nil {
		t.Fatal(err)
	}
	for month, want := range map[string]int{"2025-12": 3, "2026-05": 3, "2026-06": 5, "2027-01": 5} {
		if got := all.at(month).sellers; got != want {
			t.Errorf("%s: %d, want %d", month, got, want)
		}
	}
	const head = "h,h,h,h,h,h\n"
	for _, bad := range []string{
		"", head, head + "January,3,2,85,10,a\n", head + "2026-01,0,2,85,10,a\n", head + "2026-01,3,0,85,10,a\n", head + "2026-01,3,2,101,10,a\n",
		head + "2026-01,3,2,85,x,a\n", head + "2026-06,3,2,85,10,a\n2026-01,3,2,85,10,a\n", "h,h,h\n2026-01,3,a\n",
	} {
		if _, err := parseRules(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func BenchmarkTable(b *testing.B) {
	s := open(b)
	hear(b, s, sold(5000, 1).news())
	b.Run("folded before", func(b *testing.B) {
		for b.Loop() {
			table(b, s, TableQuery{})
		}
	})
	b.Run("from facts", func(b *testing.B) {
		for b.Loop() {
			s.months = map[string]*month{}
			table(b, s, TableQuery{})
		}
	})
}
