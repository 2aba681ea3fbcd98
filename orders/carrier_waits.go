package orders

import (
	_ "embed"
	"fmt"
	"time"
)

//go:embed carrier_waits.csv
var carrierWaitsFile string

// carrierWaits are how long we wait for carriers, and sellers for what comes
// back from them.
type carrierWaits struct{ silence, unsure, inspect time.Duration }

type carrierWait struct {
	Dated
	what string
	wait time.Duration
}

func loadCarrierWaits() ([]carrierWait, error) {
	return readDated("carrier_waits.csv", carrierWaitsFile, func(row []string) (w carrierWait, err error) {
		if w.Dated, err = parseDated(row); err != nil {
			return w, err
		}
		w.what, w.Zone = row[3], ""
		w.wait, err = time.ParseDuration(row[4])
		return w, err
	})
}

// carrierWaitsAt are those in force.
func carrierWaitsAt(all []carrierWait, at time.Time) (w carrierWaits, err error) {
	for _, row := range all {
		field := map[string]*time.Duration{"silence": &w.silence, "unsure": &w.unsure, "inspect": &w.inspect}[row.what]
		if field != nil && row.inForce(at, "") {
			*field = row.wait
		}
	}
	if w.silence <= 0 || w.unsure <= 0 || w.inspect <= 0 {
		return w, fmt.Errorf("carrier_waits.csv lacks a wait at %s", at)
	}
	return w, nil
}
