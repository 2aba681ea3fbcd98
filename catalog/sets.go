package catalog

import (
	"embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"sync"

	"chohue/market"
)

//go:embed taxonomy/*.csv
var taxonomy embed.FS

// Set is one of the 26 OCOP product sets (QĐ 26/2026/QĐ-TTg, Annex I). The
// decision gives no codes: the number is the row.
type Set struct {
	Number   int
	Name     market.Text
	Industry string
	Group    string // empty where the industry is not divided
	Alcohol  bool   // only for adults
}

// Sets is the OCOP taxonomy: product sets, the legal versions of the criteria,
// the grounds of revocation, when holders are reminded, and the protected names. It is read once and not changed, so it may be shared.
type Sets struct {
	all      []Set
	versions []Version
	reasons  []RevocationReason
	notices  []noticeDays
	rights   []IPRight
	sold     sold
	origins  []originRule
}

// LoadSets returns the embedded taxonomy.
func LoadSets() (Sets, error) { return setsOnce() }

var setsOnce = sync.OnceValues(readSets)

func readSets() (Sets, error) {
	var s Sets
	rows, err := readTable("taxonomy/ocop_sets.csv")
	if err != nil {
		return s, err
	}
	for i, row := range rows {
		number, err := strconv.Atoi(row["set"])
		if err != nil || number != i+1 {
			return s, fmt.Errorf("ocop set %q: want %d", row["set"], i+1)
		}
		s.all = append(s.all, Set{
			Number: number, Name: market.Text{VI: row["name"], EN: row["name_en"]},
			Industry: row["industry"], Group: row["group"], Alcohol: row["alcohol"] == "yes",
		})
	}
	if s.versions, err = loadVersions(); err != nil {
		return s, err
	}
	if s.reasons, err = loadReasons(); err != nil {
		return s, err
	}
	if s.notices, err = loadNotices(); err != nil {
		return s, err
	}
	if s.rights, err = loadRights(); err != nil {
		return s, err
	}
	if s.sold, err = loadSold(); err != nil {
		return s, err
	}
	s.origins, err = loadOriginRules()
	return s, err
}

// All lists the sets by number.
func (s Sets) All() []Set { return s.all }

// Find returns the set of that number.
func (s Sets) Find(number int) (Set, bool) {
	if number < 1 || number > len(s.all) {
		return Set{}, false
	}
	return s.all[number-1], true
}

// readTable reads an embedded CSV file with a header, row by row.
func readTable(name string) ([]map[string]string, error) {
	f, err := taxonomy.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, column := range records[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
