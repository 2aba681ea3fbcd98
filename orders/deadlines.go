package orders

import (
	_ "embed"
	"fmt"
	"slices"
	"time"
)

//go:embed deadlines.csv
var deadlinesFile string

// Deadline is how long something may take during a period.
type Deadline struct {
	Dated
	What  string // as in the file: pay.wallet, return.answer
	Wait  time.Duration
	Basis string
}

// Deadlines are all deadlines by date.
type Deadlines []Deadline

// LoadDeadlines reads the embedded deadlines.
func LoadDeadlines() (Deadlines, error) {
	return readDated("deadlines.csv", deadlinesFile, parseDeadline)
}

func parseDeadline(row []string) (d Deadline, err error) {
	if d.Dated, err = parseDated(row); err != nil {
		return d, err
	}
	d.What, d.Zone, d.Basis = row[3], "", row[5]
	d.Wait, err = time.ParseDuration(row[4])
	return d, err
}

// Waits are the deadlines that an order goes by: those that were published when
// it was placed, frozen in it like its prices. The zero Waits, of orders older
// than published deadlines, let nothing happen by itself.
type Waits struct {
	Version     string        `bson:"version"`
	PayWallet   time.Duration `bson:"pay_wallet"`   // to pay by a method that answers at once
	PayTransfer time.Duration `bson:"pay_transfer"` // to pay by a transfer that a person confirms
	PackRemind  time.Duration `bson:"pack_remind"`  // the seller is reminded; from the promised day, usually before it
	PackCancel  time.Duration `bson:"pack_cancel"`  // an unpacked parcel is cancelled; from the promised day
	SendCancel  time.Duration `bson:"send_cancel"`  // a packed one is; from the promised day
	Collect     time.Duration `bson:"collect"`      // an undelivered parcel turns back; from the last attempt
	Close       time.Duration `bson:"close"`        // returns are no longer taken and the sale is final; from delivery
	Answer      time.Duration `bson:"answer"`       // a return is accepted unless the seller answers
	Dispute     time.Duration `bson:"dispute"`      // a refusal stands unless the buyer asks the platform
	Send        time.Duration `bson:"send"`         // an accepted return ends unless the goods are sent
	Arrive      time.Duration `bson:"arrive"`       // the platform looks at goods that were sent and not received
	Inspect     time.Duration `bson:"inspect"`      // received goods are good unless the seller says otherwise
	Decide      time.Duration `bson:"decide"`       // the platform's own deadline to decide
}

func (w *Waits) fields() map[string]*time.Duration {
	return map[string]*time.Duration{
		"pay.wallet": &w.PayWallet, "pay.transfer": &w.PayTransfer,
		"pack.remind": &w.PackRemind, "pack.cancel": &w.PackCancel, "send.cancel": &w.SendCancel,
		"collect": &w.Collect, "close": &w.Close,
		"return.answer": &w.Answer, "return.dispute": &w.Dispute, "return.send": &w.Send,
		"return.arrive": &w.Arrive, "return.inspect": &w.Inspect, "return.decide": &w.Decide,
	}
}

// At returns the deadlines in force; an error when one is missing.
func (d Deadlines) At(at time.Time) (Waits, error) {
	var w Waits
	fields := w.fields()
	for _, row := range d {
		field, known := fields[row.What]
		if !row.inForce(at, "") {
			continue
		}
		if !known {
			return w, fmt.Errorf("deadlines.csv: unknown or repeated %q at %s", row.What, at)
		}
		*field, w.Version = row.Wait, max(w.Version, row.Version)
		delete(fields, row.What)
	}
	for what := range fields {
		return w, fmt.Errorf("deadlines.csv: no %q at %s", what, at)
	}
	return w, nil
}

// InForce are the deadlines in force, in the order of the file.
func (d Deadlines) InForce(at time.Time) Deadlines {
	return slices.DeleteFunc(slices.Clone(d), func(row Deadline) bool { return !row.inForce(at, "") })
}

// pay is how long a buyer has to pay. A transfer by VietQR is seen and
// confirmed by a person; a wallet answers at once.
func (w Waits) pay(method string) time.Duration {
	if method == MethodVietQR {
		return w.PayTransfer
	}
	return w.PayWallet
}
