package momo

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"
	"sync"
)

// codeFile says what MoMo's final and open result codes of a payment mean
// (developers.momo.vn, list of result codes). A code that is not in it settles
// nothing.
//
//go:embed codes.csv
var codeFile string

// Result codes that are more than an outcome of a payment.
const (
	done          = 0
	badAmount     = 22   // beyond what MoMo moves
	noOrder       = 42   // no such order or refund
	overRefund    = 1081 // more than is left, or given back already
	notRefundable = 1088
)

// unknown is the outcome of a code that settles nothing.
const unknown = ""

var outcomes = sync.OnceValue(func() map[int]string {
	rows, err := csv.NewReader(strings.NewReader(codeFile)).ReadAll()
	if err != nil {
		panic(err) // the file is built in; a test reads it
	}
	all := map[int]string{}
	for _, row := range rows[1:] {
		code, err := strconv.Atoi(row[0])
		if err != nil {
			panic(err)
		}
		all[code] = row[1]
	}
	return all
})

// outcome is the type of notice that a result code of a payment stands for, or
// unknown.
func outcome(code int) string { return outcomes()[code] }
