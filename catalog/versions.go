package catalog

import (
	"fmt"
	"strconv"
	"time"

	"chohue/market"
)

// Version is one state of the OCOP criteria in law. A certificate is judged by
// the version of its decision's day, whatever came later.
type Version struct {
	ID        string // "26/2026"
	Title     string
	ValidFrom time.Time
	ValidTo   time.Time      // first moment of its successor; zero while in force
	Months    int            // how long a certificate lasts
	Bands     [4]float64     // least scores for two, three, four and five stars
	Most      map[string]int // the most stars that each issuing level may recognise
}

// Stars returns the rank of a council's mean score.
func (v Version) Stars(score float64) int {
	stars := 1
	for _, least := range v.Bands {
		if score >= least {
			stars++
		}
	}
	return stars
}

func (v Version) inForce(at time.Time) bool {
	return inForce(v.ValidFrom, v.ValidTo, at)
}

// Versions lists the legal versions, oldest first.
func (s Sets) Versions() []Version { return s.versions }

// VersionAt returns the version in force at a moment.
func (s Sets) VersionAt(at time.Time) (Version, bool) {
	for _, v := range s.versions {
		if v.inForce(at) {
			return v, true
		}
	}
	return Version{}, false
}

func loadVersions() ([]Version, error) {
	rows, err := readTable("taxonomy/versions.csv")
	if err != nil {
		return nil, err
	}
	var versions []Version
	for _, row := range rows {
		v, err := parseVersion(row)
		if err != nil {
			return nil, fmt.Errorf("legal version %q: %w", row["version"], err)
		}
		versions = append(versions, v)
	}
	return versions, nil
}

func parseVersion(row map[string]string) (Version, error) {
	v := Version{ID: row["version"], Title: row["title"], Most: map[string]int{}}
	var err error
	if v.ValidFrom, err = parseDay(row["valid_from"]); err != nil {
		return v, err
	}
	if row["valid_to"] != "" {
		if v.ValidTo, err = parseDay(row["valid_to"]); err != nil {
			return v, err
		}
	}
	if v.Months, err = strconv.Atoi(row["months"]); err != nil {
		return v, err
	}
	for i, column := range []string{"two", "three", "four", "five"} {
		if v.Bands[i], err = strconv.ParseFloat(row[column], 64); err != nil {
			return v, err
		}
	}
	for _, level := range []string{"central", "province", "district"} {
		if v.Most[level], err = strconv.Atoi(row[level]); err != nil {
			return v, err
		}
	}
	return v, nil
}

// parseDay reads the first moment of a day in Huế.
func parseDay(s string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, s, market.HueZone)
	return day.UTC(), err
}
