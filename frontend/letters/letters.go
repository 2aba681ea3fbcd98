// Package letters puts notices into words: plain text, and the same as HTML for
// mail readers. Both say everything; neither loads anything from anywhere.
package letters

import (
	"bytes"
	"context"
	"strings"

	"chohue/frontend/locale"
	"chohue/notices"
)

// Writer implements notices.Writer.
type Writer struct {
	words *locale.Catalog
	base  string // scheme and host of the market
}

// New returns a writer of letters that lead to the market at base.
func New(words *locale.Catalog, base string) *Writer { return &Writer{words, base} }

// sheet is a letter in parts.
type sheet struct {
	Lang    string
	Site    string
	Title   string
	Text    string
	Rows    []row
	Action  string
	Link    string
	Why     string // why the reader gets it
	Change  string // how to get less of it
	Setting string
}

type row struct {
	Label, Amount string
	Sum           bool
}

// Title is a message's first line in words; Text is the rest.
func Title(words *locale.Catalog, lang string, m *notices.Message) string {
	return words.Sentence(lang, m.Key, m.Values())
}

// Text is what a message says below its title.
func Text(words *locale.Catalog, lang string, m *notices.Message) string {
	return words.Sentence(lang, m.Key+".text", m.Values())
}

// Write implements notices.Writer.
func (w *Writer) Write(lang string, m *notices.Message) (notices.Letter, error) {
	s := w.sheet(lang, m.Link)
	s.Title, s.Text, s.Action = Title(w.words, lang, m), Text(w.words, lang, m), w.words.T(lang, "letter.open")
	for i, r := range m.Rows {
		s.Rows = append(s.Rows, w.row(lang, r, i == len(m.Rows)-1))
	}
	if m.Person == "" {
		s.Why, s.Change = w.words.T(lang, "letter.why.guest"), ""
	}
	return s.letter()
}

// WriteProof implements notices.Writer.
func (w *Writer) WriteProof(lang, link string) (notices.Letter, error) {
	s := w.sheet(lang, link)
	s.Title, s.Text = w.words.T(lang, "letter.proof"), w.words.T(lang, "letter.proof.text")
	s.Action, s.Why, s.Change = w.words.T(lang, "letter.proof.do"), w.words.T(lang, "letter.proof.why"), ""
	return s.letter()
}

func (w *Writer) sheet(lang, link string) sheet {
	return sheet{
		Lang: lang, Site: w.words.T(lang, "site.name"), Link: w.base + link,
		Why: w.words.T(lang, "letter.why"), Change: w.words.T(lang, "letter.change"), Setting: w.base + "/tai-khoan/thong-bao",
	}
}

func (w *Writer) row(lang string, r notices.Row, last bool) row {
	label := r.Name.In(lang)
	if r.Key != "" {
		label = w.words.T(lang, r.Key)
	}
	if r.Count > 0 {
		label = w.words.T(lang, "letter.row", "name", label, "n", r.Count)
	}
	return row{label, locale.VND(lang, r.Amount), last && r.Key != ""}
}

func (s sheet) letter() (notices.Letter, error) {
	var html bytes.Buffer
	if err := page(s).Render(context.Background(), &html); err != nil {
		return notices.Letter{}, err
	}
	return notices.Letter{Lang: s.Lang, Subject: oneLine(s.Title), Text: s.plain(), HTML: html.String(), Link: s.Link}, nil
}

// oneLine keeps what people have written from adding headers.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (s sheet) plain() string {
	var b strings.Builder
	b.WriteString(s.Title + "\n\n" + s.Text + "\n")
	for _, r := range s.Rows {
		b.WriteString("\n" + r.Label + ": " + r.Amount)
	}
	b.WriteString("\n\n" + s.Action + ": " + s.Link + "\n\n--\n" + s.Why + "\n")
	if s.Change != "" {
		b.WriteString(s.Change + ": " + s.Setting + "\n")
	}
	return b.String()
}

var _ notices.Writer = (*Writer)(nil)
