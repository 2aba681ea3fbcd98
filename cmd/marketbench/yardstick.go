package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"time"
)

// yardstick is a fixed piece of work whose processor time tells how much the
// machine is disturbed: neighbours take caches and the twin of each core, and
// the same work then costs more.
type yardstick struct{ best time.Duration }

const yardsticks = 400

// measure does the work and returns how many times the best time so far it
// took: 1 on a quiet machine.
func (y *yardstick) measure() (float64, error) {
	before, err := ownCPU()
	if err != nil {
		return 0, err
	}
	if err := encodeAndDecode(yardsticks); err != nil {
		return 0, err
	}
	after, err := ownCPU()
	took := after - before
	if y.best == 0 || took < y.best {
		y.best = took
	}
	return float64(took) / float64(y.best), err
}

func encodeAndDecode(times int) error {
	page := map[string]any{}
	for word := range strings.FieldsSeq("gạo nếp thanh trà mắm nêm ruốc tôm chua mè xửng") {
		page[word] = strings.Repeat(word+" ", 200)
	}
	for range times {
		raw, err := json.Marshal(page)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return err
		}
	}
	return nil
}

// ownCPU is the processor time of this process.
func ownCPU() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}
