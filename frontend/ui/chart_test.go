package ui

import (
	"math"
	"strconv"
	"testing"
)

func chartOf(values ...float64) Chart {
	return Chart{
		Labels: make([]string, len(values)), Series: []Series{{Values: values}}, Missing: "–",
		Write: func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) },
	}
}

func TestAxisEndsAtARoundNumber(t *testing.T) {
	for value, want := range map[float64]float64{0: 1, 0.3: 0.4, 1: 1, 371: 400, 640: 800, 801: 1000, 1_230_000: 2_000_000} {
		if got := chartOf(value).Ceiling(); math.Abs(got-want) > 1e-9 {
			t.Errorf("ceiling over %v = %v, want %v", value, got, want)
		}
	}
}

func TestMissingValueLeavesAGapAndIsSaid(t *testing.T) {
	c := chartOf(1, 2, math.NaN(), 3, 4)
	if got := len(c.segments(c.Series[0])); got != 2 {
		t.Errorf("%d lines drawn, want 2", got)
	}
	if got := len(c.points(c.Series[0])); got != 4 {
		t.Errorf("%d points drawn, want 4", got)
	}
	if got := c.table().Rows[2][1].Text; got != "–" {
		t.Errorf("the table says %q, want –", got)
	}
}

func TestBarsStandOnTheBaseLine(t *testing.T) {
	bars := chartOf(5, 10).bars()
	if got := bars[1].Y1; got != "8.00%" {
		t.Errorf("the highest bar begins at %s, want 8.00%%", got)
	}
	if got := bars[0].Y1; got != "49.00%" {
		t.Errorf("half of it begins at %s, want 49.00%%", got)
	}
}

func TestChartsWithoutDataAreDrawn(t *testing.T) {
	c := chartOf()
	if len(c.bars()) != 0 || len(c.segments(c.Series[0])) != 0 {
		t.Error("something is drawn without data")
	}
	if got := chartOf(math.NaN()).share(math.NaN()); got != "0" {
		t.Errorf("a missing value has length %s, want 0", got)
	}
}
