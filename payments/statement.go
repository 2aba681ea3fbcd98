package payments

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"chohue/market"
)

// StatementLine is one movement as the other side reports it.
type StatementLine struct {
	Row         int        // in the file, from 1 for the heading
	Transaction string     // the other side's own id of the movement
	Reference   string     // ours, as they print it: a payment, an order's code, a parcel
	Type        string     // NoticeCapture or NoticeRefund
	Amount      market.VND // above zero
	Fee         market.VND // what they keep of it
	At          time.Time
	Text        string // what the payer wrote, of bank statements
	Account     string // the credited account, of bank statements: BIN:number
}

// ReportColumns are the columns of a provider's report of settled movements.
// Providers name and order theirs differently; see docs/reconciliation.md for
// how each is turned into this.
var ReportColumns = []string{"transaction", "reference", "type", "amount_vnd", "fee_vnd", "time"}

// BankStatementColumns are the columns of a statement of an account's credits.
var BankStatementColumns = []string{"booked_at", "transaction", "bank", "account", "credit", "content", "payer"}

// MaxReport bounds a report or statement, in bytes.
const MaxReport = 32 << 20

// ReportReader reads a file line by line: a report of a month is larger than
// what should stand in memory twice.
type ReportReader struct {
	rows *csv.Reader
	row  int
	read func([]string) (StatementLine, error)
	form []string
}

// ReadReport reads a provider's report. Next gives its lines until io.EOF; a
// line that cannot be read is an invalid error that names its row, and the next
// call goes on behind it.
func ReadReport(r io.Reader) (*ReportReader, error) {
	return openReport(r, ReportColumns, readReportRow)
}

// ReadBankStatement reads a statement of an account's credits, as ReadReport
// does.
func ReadBankStatement(r io.Reader) (*ReportReader, error) {
	return openReport(r, BankStatementColumns, readBankRow)
}

func openReport(r io.Reader, form []string, read func([]string) (StatementLine, error)) (*ReportReader, error) {
	rows := csv.NewReader(io.LimitReader(r, MaxReport))
	rows.ReuseRecord = true
	heading, err := rows.Read()
	if err != nil || !strings.EqualFold(strings.TrimPrefix(strings.Join(heading, ","), "\ufeff"), strings.Join(form, ",")) {
		return nil, market.Invalid("reconcile.form", "file").With("columns", strings.Join(form, ","))
	}
	return &ReportReader{rows: rows, row: 1, read: read, form: form}, nil
}

// Next returns the next line.
func (r *ReportReader) Next() (StatementLine, error) {
	row, err := r.rows.Read()
	if errors.Is(err, io.EOF) {
		return StatementLine{}, io.EOF
	}
	r.row++
	if err != nil {
		return StatementLine{Row: r.row}, r.bad("reconcile.row")
	}
	l, err := r.read(row)
	l.Row = r.row
	if err != nil {
		return l, r.bad(err.Error())
	}
	return l, nil
}

func (r *ReportReader) bad(key string) error {
	return market.Invalid(key, fmt.Sprintf("rows/%d", r.row)).With("row", r.row).With("columns", strings.Join(r.form, ","))
}

// The keys of what can be wrong with a row.
var (
	errRow    = errors.New("reconcile.row")
	errAmount = errors.New("reconcile.row_amount")
	errType   = errors.New("reconcile.row_type")
	errTime   = errors.New("reconcile.row_time")
)

func readReportRow(row []string) (l StatementLine, err error) {
	l.Transaction, l.Reference, l.Type = clean(row[0]), clean(row[1]), strings.ToLower(clean(row[2]))
	if l.Transaction == "" || len(l.Transaction) > 100 || len(l.Reference) > 100 {
		return l, errRow
	}
	if l.Type != NoticeCapture && l.Type != NoticeRefund {
		return l, errType
	}
	if l.Amount, err = readAmount(row[3]); err != nil || l.Amount == 0 {
		return l, errAmount
	}
	if l.Fee, err = readAmount(row[4]); err != nil {
		return l, errAmount
	}
	l.At, err = readTime(row[5])
	return l, err
}

func readBankRow(row []string) (l StatementLine, err error) {
	l.Transaction, l.Text, l.Type = clean(row[1]), clean(row[5]), NoticeCapture
	l.Account = clean(row[2]) + ":" + clean(row[3])
	if l.Transaction == "" || len(l.Transaction) > 100 || len(l.Text) > 500 {
		return l, errRow
	}
	if l.Amount, err = readAmount(row[4]); err != nil || l.Amount == 0 {
		return l, errAmount
	}
	l.At, err = readTime(row[0])
	return l, err
}

func clean(cell string) string { return strings.Clone(strings.TrimSpace(cell)) }

// readAmount reads whole đồng; dots between thousands are taken, because
// spreadsheets write them.
func readAmount(cell string) (market.VND, error) {
	text := strings.ReplaceAll(strings.TrimSpace(cell), ".", "")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > int64(market.MaxAmount) {
		return 0, errAmount
	}
	return market.VND(n), nil
}

// timeForms are how times stand in files; those without a zone are Huế's.
var timeForms = []string{time.RFC3339, "2006-01-02 15:04:05", "02/01/2006 15:04:05", "2006-01-02", "02/01/2006"}

func readTime(cell string) (time.Time, error) {
	for _, form := range timeForms {
		if at, err := time.ParseInLocation(form, strings.TrimSpace(cell), market.HueZone); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, errTime
}
