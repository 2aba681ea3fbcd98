package zalopay

import (
	_ "embed"
	"encoding/csv"
	"strconv"
	"strings"
	"sync"
)

// What return_code says.
const (
	success    = 1
	failed     = 2
	processing = 3
)

// Some of what sub_return_code says.
const (
	nameTaken = -68
	noOrder   = -101
)

// codeFile says which codes below "failed" are final. The others are about the
// asking: the answer is then not known.
//
//go:embed codes.csv
var codeFile string

var finals = sync.OnceValue(func() map[int]bool {
	rows, err := csv.NewReader(strings.NewReader(codeFile)).ReadAll()
	if err != nil {
		panic(err) // the file is built in; a test reads it
	}
	all := map[int]bool{}
	for _, row := range rows[1:] {
		code, err := strconv.Atoi(row[0])
		if err != nil {
			panic(err)
		}
		all[code] = row[1] == "final"
	}
	return all
})

// final reports whether a failed payment or refund with this code stays failed.
func final(code int) bool { return finals()[code] }
