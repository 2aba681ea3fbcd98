package main

import (
	"os"
	"strings"
	"testing"
)

func TestReadmeShowsTheSettings(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), configTable()) {
		t.Errorf("README.md lacks this table; put it there:\n%s", configTable())
	}
}

func TestUnreadableSettingIsNamed(t *testing.T) {
	for name, value := range map[string]string{"MARKET_DEMO": "maybe", "MARKET_GRACE": "soon"} {
		_, err := loadConfig(func(n string) (string, bool) { return value, n == name })
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestUnknownCommandListsAll(t *testing.T) {
	err := run(t.Context(), []string{"dance"})
	if err == nil || !strings.Contains(err.Error(), "reconcile") {
		t.Errorf("got %v", err)
	}
}
