package catalog

import "chohue/market"

// TraceItem is one of the ten things that the public must be able to read
// about traced goods (Circular 02/2024/TT-BKHCN, in force since 01/06/2024).
type TraceItem struct {
	Key   string
	Name  market.Text
	Basis string
	Seen  bool // confirmed by two sources; the others are from memory
}

// LoadTraceItems reads the ten items, in the circular's order.
func LoadTraceItems() ([]TraceItem, error) {
	rows, err := readTable("taxonomy/trace_items.csv")
	if err != nil {
		return nil, err
	}
	var all []TraceItem
	for _, row := range rows {
		all = append(all, TraceItem{
			Key: row["key"], Name: market.Text{VI: row["name"], EN: row["name_en"]},
			Basis: row["legal_basis"], Seen: row["seen"] == "yes",
		})
	}
	return all, nil
}
