package indicators

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// RequestState is how far an authority's request for data has come.
type RequestState string

// The states of a request.
const (
	RequestReceived  RequestState = "received"
	RequestPrepared  RequestState = "prepared"
	RequestApproved  RequestState = "approved" // by a second person
	RequestDelivered RequestState = "delivered"
	RequestRefused   RequestState = "refused" // with the reason in law
)

// RequestSteps is how a request goes.
var RequestSteps = orders.Table[RequestState]{
	{From: RequestReceived, To: RequestPrepared, When: "the files are made"},
	{From: RequestPrepared, To: RequestReceived, When: "a second person sends it back"},
	{From: RequestPrepared, To: RequestApproved, When: "a second person agrees"},
	{From: RequestApproved, To: RequestDelivered, When: "handed over"},
	{From: RequestReceived, To: RequestRefused, When: "the law does not give it"},
	{From: RequestPrepared, To: RequestRefused, When: "the law does not give it"},
}

// How much a request wants to see.
const (
	DetailCells = "cells" // sums, not controlled for disclosure
	DetailLines = "lines" // every fact, without the buyer
)

// DataScope is what a request is about.
type DataScope struct {
	From    string   `bson:"from"` // months
	To      string   `bson:"to"`
	Detail  string   `bson:"detail"`
	By      []string `bson:"by,omitempty"` // dimensions of the cells
	Area    string   `bson:"area,omitempty"`
	Set     int      `bson:"set,omitempty"`
	Channel string   `bson:"channel,omitempty"`
}

func (d DataScope) query() TableQuery {
	return TableQuery{From: d.From, To: d.To, By: d.By, Area: d.Area, Set: d.Set, Channel: d.Channel}
}

// DataRequest is an authority's request for data as a job: a clock that runs
// from its receipt, files that one person makes and another agrees to, and a
// trail in which every step holds the hash of the one before.
type DataRequest struct {
	store.Doc   `bson:",inline"`
	Authority   string       `bson:"authority"` // who asks
	Officer     string       `bson:"officer"`
	Letter      string       `bson:"letter"` // number of the letter
	Basis       string       `bson:"basis"`  // law that it rests on
	Purpose     string       `bson:"purpose"`
	Scope       DataScope    `bson:"scope"`
	State       RequestState `bson:"state"`
	ReceivedAt  time.Time    `bson:"received_at"`
	DueAt       time.Time    `bson:"due_at"`
	Duty        string       `bson:"duty"` // where the hours come from
	Files       []DataFile   `bson:"files"`
	PreparedBy  market.ID    `bson:"prepared_by,omitempty"`
	ApprovedBy  market.ID    `bson:"approved_by,omitempty"`
	DeliveredAt *time.Time   `bson:"delivered_at,omitempty"`
	Receipt     string       `bson:"receipt,omitempty"` // how it was handed over and who took it
	Trail       []TrailStep  `bson:"trail"`
}

// DataFile is a file of the answer.
type DataFile struct {
	Name   string `bson:"name"`
	Media  string `bson:"media"`
	Size   int    `bson:"size"`
	SHA256 string `bson:"sha256"`
	Rows   int    `bson:"rows"`
}

// TrailStep is something that somebody did with a request.
type TrailStep struct {
	At   time.Time `bson:"at" json:"at"`
	By   market.ID `bson:"by" json:"by"`
	Did  string    `bson:"did" json:"did"` // a state, or read:FILE
	Note string    `bson:"note,omitempty" json:"note,omitempty"`
	Hash string    `bson:"hash" json:"-"` // of all the above and the step before
}

// dataFile keeps the bytes of a file.
type dataFile struct {
	store.Doc `bson:",inline"` // request:name
	Body      []byte           `bson:"body"`
}

var requestSpec = store.Spec{Name: "data_requests", Indexes: []store.Index{
	{Name: "received", Fields: []string{"received_at"}}, {Name: "state", Fields: []string{"state"}},
}}

// Open reports whether the authority still waits.
func (r *DataRequest) Open() bool { return r.State != RequestDelivered && r.State != RequestRefused }

// Overdue reports whether the answer came, or comes, too late.
func (r *DataRequest) Overdue(now time.Time) bool {
	if r.DeliveredAt != nil {
		now = *r.DeliveredAt
	}
	return r.State != RequestRefused && now.After(r.DueAt)
}

// Sound reports whether nobody has changed the trail.
func (r *DataRequest) Sound() bool {
	before := ""
	for _, step := range r.Trail {
		if before = step.sum(before); before != step.Hash {
			return false
		}
	}
	return len(r.Trail) > 0
}

func (t TrailStep) sum(before string) string {
	t.At = moment(t.At)
	text, _ := json.Marshal(t) // of strings and a time
	h := sha256.Sum256(append([]byte(before+"\n"), text...))
	return hex.EncodeToString(h[:])
}

// note adds a step to the trail.
func (r *DataRequest) note(at time.Time, by market.ID, did, note string) {
	before := ""
	if n := len(r.Trail); n > 0 {
		before = r.Trail[n-1].Hash
	}
	step := TrailStep{At: moment(at), By: by, Did: did, Note: note}
	step.Hash = step.sum(before)
	r.Trail = append(r.Trail, step)
}

// answer_times.csv says how long an answer to an authority may take.
//
//go:embed answer_times.csv
var answerTimesFile string

// answerTime is how many hours there are from a day on, and why.
type answerTime struct {
	from, to string // days in Huế, both included; to is empty for no end
	hours    int
	basis    string
}

func parseAnswerTimes(table string) (all []answerTime, err error) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("answer times: %w", err)
	}
	for _, row := range rows[min(1, len(rows)):] {
		if len(row) != 4 {
			return nil, fmt.Errorf("answer times: row %q", row)
		}
		one := answerTime{from: row[0], to: row[1], basis: row[3]}
		one.hours, err = strconv.Atoi(row[2])
		_, badFrom := time.Parse(dayForm, one.from)
		if err != nil || badFrom != nil || one.hours < 1 || one.basis == "" {
			return nil, fmt.Errorf("answer times: row %q", row)
		}
		all = append(all, one)
	}
	return all, nil
}

// answerTimeAt returns the row that holds at that moment.
func (s *Service) answerTimeAt(at time.Time) (answerTime, bool) {
	day := dayOf(at)
	i := slices.IndexFunc(s.hours, func(a answerTime) bool { return a.from <= day && (a.to == "" || day <= a.to) })
	if i < 0 {
		return answerTime{}, false
	}
	return s.hours[i], true
}

// mayAnswer lets officials and operators work on requests, as somebody.
func mayAnswer(by market.Actor) error {
	if err := mayRead(by); err != nil {
		return err
	}
	if by.Person == "" {
		return market.Forbidden("indicators.forbidden")
	}
	return nil
}

var errRequest = market.NotFound("indicators.no_request")

// oldestRequest is how long ago a letter may have come that is entered now.
const oldestRequest = 30 * 24 * time.Hour

// ReceiveRequest enters an authority's request; ReceivedAt is when the letter
// came, and the clock runs from there. For officials and operators.
func (s *Service) ReceiveRequest(ctx context.Context, by market.Actor, r DataRequest) (*DataRequest, error) {
	if err := mayAnswer(by); err != nil {
		return nil, err
	}
	now := s.env.Now()
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = now
	}
	r.ReceivedAt = moment(r.ReceivedAt)
	limit, known := s.answerTimeAt(r.ReceivedAt)
	if err := s.checkRequest(&r, now, known); err != nil {
		return nil, err
	}
	fresh := &DataRequest{
		Doc: store.Doc{ID: r.ID}, Authority: r.Authority, Officer: r.Officer, Letter: r.Letter, Basis: r.Basis, Purpose: r.Purpose, Scope: r.Scope,
		State: RequestReceived, ReceivedAt: r.ReceivedAt, DueAt: r.ReceivedAt.Add(time.Duration(limit.hours) * time.Hour), Duty: limit.basis, Files: []DataFile{},
	}
	if fresh.ID == "" {
		fresh.ID = s.env.NewID()
	}
	fresh.note(now, by.Person, string(RequestReceived), r.Letter)
	err := s.requests.Insert(ctx, fresh)
	if store.Exists(err) {
		return nil, market.Conflict("indicators.request_exists")
	}
	return fresh, err
}

func (s *Service) checkRequest(r *DataRequest, now time.Time, known bool) error {
	var checks market.Checks
	for field, text := range map[string]*string{"authority": &r.Authority, "officer": &r.Officer, "letter": &r.Letter, "basis": &r.Basis, "purpose": &r.Purpose} {
		*text = strings.TrimSpace(*text)
		checks.That(len([]rune(*text)) >= 3, field, "indicators.request_words")
	}
	checks.That(known && !r.ReceivedAt.After(now.Add(time.Minute)) && now.Sub(r.ReceivedAt) <= oldestRequest, "received_at", "indicators.request_received")
	checks.That(r.Scope.Detail == DetailCells || r.Scope.Detail == DetailLines, "detail", "indicators.request_detail")
	checks.That(r.Scope.Area == "" || s.AreaName(r.Scope.Area) != r.Scope.Area, "area", "indicators.ward")
	_, set := s.sets.Find(r.Scope.Set)
	checks.That(r.Scope.Set == 0 || set, "set", "indicators.set")
	_, channel := channelNames[r.Scope.Channel]
	checks.That(r.Scope.Channel == "" || channel, "channel", "indicators.channel")
	if err := checks.Err(); err != nil {
		return err
	}
	q, _, err := s.span(r.Scope.query())
	r.Scope.From, r.Scope.To = q.From, q.To
	if r.Scope.Detail == DetailLines {
		r.Scope.By = nil
	}
	return err
}

// Requests lists what authorities asked for, the latest first. For officials
// and operators.
func (s *Service) Requests(ctx context.Context, by market.Actor) ([]*DataRequest, error) {
	if err := mayAnswer(by); err != nil {
		return nil, err
	}
	page, err := s.requests.Find(ctx, store.Query{Index: "received", Desc: true, Limit: 200})
	return page.Items, err
}

// Request returns one.
func (s *Service) Request(ctx context.Context, by market.Actor, id market.ID) (*DataRequest, error) {
	if err := mayAnswer(by); err != nil {
		return nil, err
	}
	r, err := s.requests.Get(ctx, id)
	if store.Missing(err) {
		return nil, errRequest
	}
	return r, err
}

// OverdueRequests counts whom an answer is owed for too long. For workers.
func (s *Service) OverdueRequests(ctx context.Context) (int, error) {
	n, now := 0, s.env.Now()
	for _, state := range []RequestState{RequestReceived, RequestPrepared, RequestApproved} {
		err := s.requests.Each(ctx, store.Query{Index: "state", Eq: []any{string(state)}}, func(r *DataRequest) error {
			if r.Overdue(now) {
				n++
			}
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
