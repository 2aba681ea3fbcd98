package catalog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"chohue/market"
	"chohue/store"
)

// The columns of a decision list, by the folded words of their heading.
const (
	colProduct  = "ma-san-pham" // id or address of the product in the market
	colName     = "ten-san-pham"
	colSeller   = "chu-the"
	colDecision = "so-quyet-dinh"
	colDate     = "ngay-quyet-dinh"
	colIssuer   = "co-quan"
	colLevel    = "cap"
	colStars    = "so-sao"
	colScore    = "diem"
	colFrom     = "hieu-luc-tu"
	colTo       = "hieu-luc-den"
	colProof    = "kiem-chung"
	colNote     = "ghi-chu"
)

// listHeadings are the headings of the template, in order. A list without
// product ids names product and seller.
var listHeadings = []string{
	"Mã sản phẩm", "Tên sản phẩm", "Chủ thể", "Số quyết định", "Ngày quyết định", "Cơ quan", "Cấp",
	"Số sao", "Điểm", "Hiệu lực từ", "Hiệu lực đến", "Kiểm chứng", "Ghi chú",
}

var requiredColumns = []string{colDecision, colDate, colIssuer, colLevel}

// listLevels are the issuing levels as lists write them, folded.
var listLevels = map[string]string{
	"trung-uong": "central", "bo": "central", "tinh": "province", "thanh-pho": "province", "tinh-thanh-pho": "province", "huyen": "district",
	"central": "central", "province": "province", "district": "district",
}

// RowState says what applying a row would do.
type RowState string

// The states of a row.
const (
	RowNew   RowState = "new"
	RowKnown RowState = "known" // the decision is entered for this product already
	RowWrong RowState = "wrong"
)

// DecisionRow is one line of a decision list as it was understood.
type DecisionRow struct {
	Row         int // as spreadsheets count, the header is 1
	State       RowState
	Product     market.ID // empty when none was found
	Name        market.Text
	Seller      market.Text
	Certificate Certificate
	Wrongs      []CellWrong
}

// CellWrong is what is wrong in one cell. The sentence of its key says how to
// mend it.
type CellWrong struct {
	Column string // heading as in the file, or as it should be
	Err    *market.Error
}

// DecisionList is a list that was read, and what it would do or has done.
type DecisionList struct {
	File              string // its SHA-256 in hex, under which it can be applied
	Rows              []DecisionRow
	New, Known, Wrong int
	Applied           int // certificates entered by this call
}

// PreviewDecisions reads a decision list (CSV or XLSX) and tells what applying
// it would do, row by row. Nothing is entered; the file is kept so that what
// was seen is what is applied.
func (s *Service) PreviewDecisions(ctx context.Context, by market.Actor, data []byte) (*DecisionList, error) {
	if !by.Is(market.RoleOfficial, market.RoleOperator) {
		return nil, market.Forbidden("catalog.forbidden")
	}
	list, err := s.readDecisions(ctx, by, data)
	if err != nil {
		return nil, err
	}
	return list, s.files.Put(ctx, listKey(list.File), "application/octet-stream", data)
}

func listKey(sum string) string { return "decisions/" + sum }

// ApplyDecisions enters the certificates of a list that was previewed. Rows
// are judged anew. When valid is set wrong rows are left out, else one wrong
// row is enough to enter none. A list applied again enters nothing: a decision
// counts once for a product.
func (s *Service) ApplyDecisions(ctx context.Context, by market.Actor, file string, valid bool) (*DecisionList, error) {
	if !by.Is(market.RoleOfficial, market.RoleOperator) {
		return nil, market.Forbidden("catalog.forbidden")
	}
	data, err := s.decisionFile(ctx, file)
	if err != nil {
		return nil, err
	}
	list, err := s.readDecisions(ctx, by, data)
	if err != nil {
		return nil, err
	}
	if list.Wrong > 0 && !valid {
		return list, market.Conflict("decisions.wrong").With("n", list.Wrong)
	}
	for _, row := range list.Rows {
		if row.State != RowNew {
			continue
		}
		if _, err := s.Certify(ctx, by, row.Product, row.Certificate); err != nil {
			return list, err
		}
		list.Applied++
	}
	return list, nil
}

func (s *Service) decisionFile(ctx context.Context, file string) ([]byte, error) {
	if raw, err := hex.DecodeString(file); err != nil || len(raw) != sha256.Size {
		return nil, errNoList
	}
	data, err := s.files.Get(ctx, listKey(file))
	if market.KindOf(err) == market.KindNotFound {
		return nil, errNoList
	}
	return data, err
}

var errNoList = market.NotFound("decisions.missing")

func (s *Service) readDecisions(ctx context.Context, by market.Actor, data []byte) (*DecisionList, error) {
	table, err := readSheet(data, listLimits)
	if err != nil {
		return nil, err
	}
	reader, err := s.newListReader(ctx, by, table)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	list := &DecisionList{File: hex.EncodeToString(sum[:])}
	for i, cells := range table[1:] {
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		row := reader.read(i+2, cells)
		list.count(row.State)
		list.Rows = append(list.Rows, row)
	}
	if len(list.Rows) == 0 {
		return nil, market.Invalid("decisions.empty", "file")
	}
	return list, nil
}

func (l *DecisionList) count(state RowState) {
	switch state {
	case RowNew:
		l.New++
	case RowKnown:
		l.Known++
	case RowWrong:
		l.Wrong++
	}
}

// listReader knows the columns of one list and every product that a row may
// mean.
type listReader struct {
	service *Service
	by      market.Actor
	columns map[string]int
	heading []string
	byID    map[string]*Product   // by id and by slug
	byName  map[string][]*Product // by folded name
	planned map[string]bool       // decisions that rows above enter
}

func (s *Service) newListReader(ctx context.Context, by market.Actor, table [][]string) (*listReader, error) {
	if len(table) == 0 {
		return nil, market.Invalid("decisions.empty", "file")
	}
	r := &listReader{
		service: s, by: by, columns: map[string]int{}, heading: table[0],
		byID: map[string]*Product{}, byName: map[string][]*Product{}, planned: map[string]bool{},
	}
	for i, heading := range table[0] {
		r.columns[market.Slug(heading)] = i
	}
	if err := r.checkColumns(); err != nil {
		return nil, err
	}
	return r, s.products.Each(ctx, store.Query{}, func(p *Product) error {
		r.byID[string(p.ID)], r.byID[p.Slug] = p, p
		name := market.Slug(p.Name.VI)
		r.byName[name] = append(r.byName[name], p)
		return nil
	})
}

func (r *listReader) checkColumns() error {
	var c market.Checks
	need := func(columns ...string) {
		for _, column := range columns {
			if _, ok := r.columns[column]; !ok {
				c.Add("file", market.Invalid("decisions.column", "file").With("column", headingOf(column)))
			}
		}
	}
	need(requiredColumns...)
	if _, ok := r.columns[colProduct]; !ok {
		need(colName, colSeller)
	}
	if _, ok := r.columns[colScore]; !ok {
		need(colStars)
	}
	return c.Err()
}

func headingOf(column string) string {
	i := slices.IndexFunc(listHeadings, func(h string) bool { return market.Slug(h) == column })
	return listHeadings[max(i, 0)]
}

// fieldColumns are the columns that the fields of a certificate come from.
var fieldColumns = map[string]string{
	"decision_no": colDecision, "decision_date": colDate, "issuer": colIssuer, "issuer_level": colLevel, "stars": colStars,
	"score": colScore, "valid_from": colFrom, "valid_to": colTo, "verification": colProof, "note": colNote,
}

func (r *listReader) cell(cells []string, column string) string {
	i, ok := r.columns[column]
	if !ok || i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(cells[i], "\u00a0", " "))
}

func (r *listReader) read(number int, cells []string) DecisionRow {
	row := DecisionRow{Row: number}
	for column := range r.columns {
		if formula(r.cell(cells, column)) {
			row.wrong(r.titled(column), market.Invalid("decisions.formula", column))
		}
	}
	p := r.product(&row, cells)
	r.certificate(&row, cells)
	if len(row.Wrongs) == 0 {
		r.judge(&row, p)
	}
	if row.State == "" {
		row.State = RowNew
	}
	if len(row.Wrongs) > 0 {
		row.State = RowWrong
		slices.SortFunc(row.Wrongs, func(a, b CellWrong) int { return strings.Compare(a.Column, b.Column) })
	}
	return row
}

func (row *DecisionRow) wrong(column string, err *market.Error) {
	row.Wrongs = append(row.Wrongs, CellWrong{column, err})
}

// titled is a column's heading as the file has it.
func (r *listReader) titled(column string) string {
	if i, ok := r.columns[column]; ok {
		return r.heading[i]
	}
	return headingOf(column)
}

// product finds what the row is about: by id or address, else by name and
// seller.
func (r *listReader) product(row *DecisionRow, cells []string) *Product {
	id, name, seller := r.cell(cells, colProduct), r.cell(cells, colName), r.cell(cells, colSeller)
	var p *Product
	if id != "" {
		if p = r.byID[id]; p == nil {
			row.wrong(r.titled(colProduct), market.Invalid("decisions.product", colProduct).With("value", id))
			return nil
		}
	} else if p = r.named(row, name, seller); p == nil {
		return nil
	}
	row.Product, row.Name, row.Seller = p.ID, p.Name, p.SellerName
	return p
}

func (r *listReader) named(row *DecisionRow, name, seller string) *Product {
	found := slices.Clone(r.byName[market.Slug(name)])
	if len(found) == 0 {
		row.wrong(r.titled(colName), market.Invalid("decisions.name", colName).With("value", name))
		return nil
	}
	found = slices.DeleteFunc(found, func(p *Product) bool { return market.Slug(p.SellerName.VI) != market.Slug(seller) })
	switch len(found) {
	case 0:
		row.wrong(r.titled(colSeller), market.Invalid("decisions.seller", colSeller).With("value", seller))
		return nil
	case 1:
		return found[0]
	default:
		row.wrong(r.titled(colName), market.Invalid("decisions.ambiguous", colName).With("n", len(found)))
		return nil
	}
}

func (r *listReader) certificate(row *DecisionRow, cells []string) {
	get := func(column string) string { return r.cell(cells, column) }
	c := Certificate{
		DecisionNo: get(colDecision), Issuer: get(colIssuer), IssuerLevel: listLevels[market.Slug(get(colLevel))],
		Verification: strings.ToUpper(get(colProof)), Note: market.Text{VI: get(colNote)},
	}
	if c.Verification == "" {
		c.Verification = ProofDecision
	}
	if c.IssuerLevel == "" {
		row.wrong(r.titled(colLevel), market.Invalid("decisions.level", colLevel).With("value", get(colLevel)))
	}
	c.DecisionDate = r.day(row, cells, colDate)
	if get(colFrom) != "" {
		c.ValidFrom = r.day(row, cells, colFrom)
	}
	if get(colTo) != "" {
		c.ValidTo = r.day(row, cells, colTo).AddDate(0, 0, 1) // lists name the last good day
	}
	c.Stars, c.Score = r.rank(row, get(colStars), get(colScore))
	row.Certificate = c
}

func (r *listReader) day(row *DecisionRow, cells []string, column string) time.Time {
	text := r.cell(cells, column)
	at, ok := readDate(text)
	if !ok {
		row.wrong(r.titled(column), market.Invalid("decisions.date", column).With("value", text))
	}
	return at
}

// rank reads stars ("4", "4*", "4 sao") and score ("78,5").
func (r *listReader) rank(row *DecisionRow, stars, score string) (int, float64) {
	n, points := 0, 0.0
	var err error
	if stars != "" {
		digits := strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(stars), "sao"), "*"))
		if n, err = strconv.Atoi(digits); err != nil {
			row.wrong(r.titled(colStars), market.Invalid("decisions.stars", colStars).With("value", stars))
		}
	}
	if score != "" {
		points, err = strconv.ParseFloat(strings.Replace(score, ",", ".", 1), 64)
		if err != nil || points != points {
			row.wrong(r.titled(colScore), market.Invalid("certificate.score", colScore))
			points = 0
		}
	}
	return n, points
}

// judge holds the row against the law and against what is entered already.
func (r *listReader) judge(row *DecisionRow, p *Product) {
	if slices.Contains(r.by.Sellers, p.Seller) && !r.by.Is(market.RoleSystem) {
		row.wrong(r.titled(colSeller), market.Invalid("catalog.own_goods", colSeller))
		return
	}
	row.Certificate.ID = decisionID(p.ID, row.Certificate)
	c, err := r.service.cleanCertificate(row.Certificate)
	if err != nil {
		r.blame(row, err)
		return
	}
	key := string(p.ID) + " " + c.DecisionNo + c.DecisionDate.String()
	if r.planned[key] || p.decided(c) {
		row.State = RowKnown
	} else if len(p.Certificates) >= maxCertificates {
		row.wrong(r.titled(colProduct), market.Conflict("certificate.many"))
	}
	r.planned[key] = true
	row.Certificate = c
}

// decisionID names a certificate by its decision and product, so that the same
// row is the same certificate.
func decisionID(product market.ID, c Certificate) market.ID {
	sum := sha256.Sum256([]byte(string(product) + "\n" + c.DecisionNo + "\n" + c.DecisionDate.UTC().String()))
	return market.ID("qd-" + hex.EncodeToString(sum[:])[:24])
}

// blame puts the mistakes of a certificate to the cells that they come from.
func (r *listReader) blame(row *DecisionRow, err error) {
	for _, e := range eachError(err) {
		column, ok := fieldColumns[strings.TrimSuffix(e.Field, "/en")]
		if !ok {
			column = colDecision
		}
		row.wrong(r.titled(column), e)
	}
}

func eachError(err error) []*market.Error {
	var e *market.Error
	if !errors.As(err, &e) {
		return []*market.Error{market.Invalid("input.invalid", "")}
	}
	if len(e.Many) > 0 {
		return e.Many
	}
	return []*market.Error{e}
}

// listExample is a row of the template.
var listExample = []string{
	"thanh-tra-thuy-bieu", "", "", "912/QĐ-UBND", "15/06/2026", "UBND thành phố Huế", "Thành phố", "4", "78,5", "", "", "A", "",
}

// DecisionTemplate returns an empty list with one example to write over, as a
// workbook or as CSV that spreadsheets open without asking.
func DecisionTemplate(workbook bool) ([]byte, error) {
	rows := [][]string{listHeadings, listExample}
	if workbook {
		return WriteWorkbook("Quyết định", rows)
	}
	return WriteSheetCSV(rows)
}

// WriteSheetCSV writes rows as CSV with a byte-order mark, each cell plain.
func WriteSheetCSV(rows [][]string) ([]byte, error) {
	plain := make([][]string, len(rows))
	for i, row := range rows {
		for _, cell := range row {
			plain[i] = append(plain[i], PlainCell(cell))
		}
	}
	return writeCSV(plain)
}

func writeCSV(rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\xef\xbb\xbf")
	w := csv.NewWriter(&out)
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// sheetEscape keeps "_x0041_" from being read as the letter A: in workbooks it
// is an escape (ECMA-376, ST_Xstring), and the library escapes nothing.
var sheetEscape = strings.NewReplacer("_x", "_x005F_x")

// WriteWorkbook writes rows as the one sheet of a workbook. Cells are strings,
// which no spreadsheet runs as formulas.
func WriteWorkbook(sheet string, rows [][]string) ([]byte, error) {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if err := book.SetSheetName(book.GetSheetName(0), sheet); err != nil {
		return nil, err
	}
	for i, row := range rows {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				return nil, err
			}
			if err := book.SetCellStr(sheet, at, sheetEscape.Replace(cell)); err != nil {
				return nil, err
			}
		}
	}
	out, err := book.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
