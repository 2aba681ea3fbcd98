package livestream

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Imported is what became of a sheet of comments.
type Imported struct {
	Comments int
	Known    int // that were there already
	Drafts   []*Draft
	Late     int // that asked for goods when nothing could be promised
	Wrong    []int
}

// maxImport is how many comments one sheet may hold.
const maxImport = 20_000

// row is one comment of a sheet.
type row struct {
	id, name, text string
	at             time.Time
	n              int
}

// Import reads comments from a platform that gives no interface: a CSV with
// time, name, text and optionally id, in any order of columns, first row the
// names. They are read in the order of the platform's clock, ties by row, and
// come after everything that is held already: a hold is never taken back. The
// same comment again changes nothing.
func (s *Service) Import(ctx context.Context, by market.Actor, show market.ID, source string, sheet []byte) (Imported, error) {
	var done Imported
	kept, err := s.hosted(ctx, by, show)
	if err != nil {
		return done, err
	}
	if channels[source] != channelLive && channels[source] != channelSocial {
		return done, market.Invalid("show.source", "source")
	}
	if kept.State == ShowAnnounced || kept.State == ShowCancelled {
		return done, market.Conflict("show.not_live")
	}
	rows, wrong, err := readSheet(sheet)
	if err != nil {
		return done, err
	}
	done.Wrong = wrong
	for _, r := range rows {
		if err := s.importRow(ctx, kept, source, r, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (s *Service) importRow(ctx context.Context, show *Show, source string, r row, done *Imported) error {
	text := shorten(r.text)
	wish := ReadComment(text, show.coded())
	now := s.env.Now()
	k := s.comment(show.ID, Saying{ID: market.ID(r.id), Visitor: source, Name: r.name, Text: text}, wish, now)
	k.Source, k.SaidAt = source, r.at
	k.Late = wish.Kind == WishOrder && !show.OnAir(now)
	if _, err := s.comments.Get(ctx, k.ID); err == nil {
		done.Known++
		return nil
	} else if !store.Missing(err) {
		return err
	}
	_, drafts, err := s.keep(ctx, show, k, wish)
	done.Comments++
	done.Drafts = append(done.Drafts, drafts...)
	if k.Late {
		done.Late++
	}
	return err
}

func readSheet(sheet []byte) ([]row, []int, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(sheet, []byte("\ufeff"))))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	columns := columnsOf(head)
	if err != nil || columns["text"] == 0 || columns["time"] == 0 {
		return nil, nil, market.Invalid("show.sheet", "sheet")
	}
	var rows []row
	var wrong []int
	for n := 2; ; n++ {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		got, ok := readRow(cells, columns, n)
		if err != nil || !ok {
			wrong = append(wrong, n)
		} else {
			rows = append(rows, got)
		}
		if n > maxImport {
			return nil, nil, market.Invalid("show.sheet_long", "sheet").With("max", strconv.Itoa(maxImport))
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.n, b.n)) })
	return rows, wrong, nil
}

// heads are the names of columns, folded.
var heads = map[string]string{
	"time": "time", "thoi gian": "time", "created_time": "time", "name": "name", "ten": "name", "nguoi binh luan": "name",
	"text": "text", "binh luan": "text", "noi dung": "text", "message": "text", "comment": "text", "id": "id",
}

func columnsOf(head []string) map[string]int {
	out := map[string]int{}
	for i, name := range head {
		if known := heads[market.Fold(strings.TrimSpace(name))]; known != "" {
			out[known] = i + 1
		}
	}
	return out
}

func readRow(cells []string, columns map[string]int, n int) (row, bool) {
	cell := func(name string) string {
		if i := columns[name]; i > 0 && i <= len(cells) {
			return strings.TrimSpace(cells[i-1])
		}
		return ""
	}
	at, ok := readTime(cell("time"))
	r := row{id: cell("id"), name: short(cell("name"), maxName), text: cell("text"), at: at, n: n}
	if r.id == "" {
		r.id = strings.Join([]string{cell("time"), r.name, r.text}, "|")
	}
	return r, ok && r.text != ""
}

func short(text string, most int) string {
	letters := []rune(text)
	return string(letters[:min(len(letters), most)])
}

var times = []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05", "02/01/2006 15:04:05", "02/01/2006 15:04", "2006-01-02 15:04"}

func readTime(text string) (time.Time, bool) {
	for _, form := range times {
		if at, err := time.ParseInLocation(form, text, market.HueZone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
