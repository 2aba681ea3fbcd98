package pages

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"

	"chohue/frontend/ui"
)

// banksFile lists the banks that accept transfers by NAPAS number, the ones
// that farmers have first.
//
//go:embed banks.csv
var banksFile string

// bank is one bank with its NAPAS number.
type bank struct{ bin, name string }

func loadBanks() ([]bank, error) {
	rows, err := csv.NewReader(strings.NewReader(banksFile)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("banks.csv: %w", err)
	}
	var out []bank
	for _, row := range rows[1:] {
		out = append(out, bank{row[0], row[1]})
	}
	return out, nil
}

func bankOptions(banks []bank, chosen string) []ui.Option {
	out := make([]ui.Option, len(banks))
	for i, b := range banks {
		out[i] = ui.Option{Value: b.bin, Label: b.name, Selected: b.bin == chosen}
	}
	return out
}
