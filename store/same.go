package store

import (
	"bytes"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// same reports whether two documents say the same, whatever the order of
// their fields: a Go map is encoded in another order each time.
func same(a, b bson.Raw) bool {
	if len(a) != len(b) {
		return false
	}
	return bytes.Equal(a, b) || sameFields(a, b)
}

func sameFields(a, b bson.Raw) bool {
	fields, errA := a.Elements()
	others, errB := b.Elements()
	if errA != nil || errB != nil || len(fields) != len(others) {
		return false
	}
	byKey := make(map[string]bson.RawValue, len(others))
	for _, o := range others {
		byKey[o.Key()] = o.Value()
	}
	for _, f := range fields {
		other, ok := byKey[f.Key()]
		if !ok || !sameValue(f.Value(), other) {
			return false
		}
	}
	return true
}

func sameValue(a, b bson.RawValue) bool {
	if a.Type != b.Type {
		return false
	}
	if a.Type == bson.TypeEmbeddedDocument || a.Type == bson.TypeArray {
		return same(a.Value, b.Value)
	}
	return bytes.Equal(a.Value, b.Value)
}
