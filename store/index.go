package store

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Rows returns the index entries of a document: one list of values for each
// combination of array elements, none when a field is missing or null. Values
// are string, int64 (integers, booleans as 0 and 1, times as milliseconds
// UTC). Engines that keep indexes themselves use it.
func (ix Index) Rows(body bson.Raw) [][]any {
	rows := [][]any{nil}
	for _, field := range ix.Fields {
		values := lookup(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: body}, strings.Split(field, "."))
		var next [][]any
		for _, row := range rows {
			for _, v := range values {
				next = append(next, append(row[:len(row):len(row)], v))
			}
		}
		rows = next
	}
	return rows
}

// lookup follows path into v, through arrays, and returns the distinct values.
func lookup(v bson.RawValue, path []string) []any {
	if array, ok := v.ArrayOK(); ok {
		return eachElement(array, path)
	}
	if len(path) > 0 {
		doc, ok := v.DocumentOK()
		if !ok {
			return nil
		}
		next, err := doc.LookupErr(path[0])
		if err != nil {
			return nil
		}
		return lookup(next, path[1:])
	}
	if value, ok := Scalar(v); ok {
		return []any{value}
	}
	return nil
}

func eachElement(array bson.RawArray, path []string) []any {
	elements, err := array.Values()
	if err != nil {
		return nil
	}
	var out []any
	seen := map[any]bool{}
	for _, e := range elements {
		for _, value := range lookup(e, path) {
			if !seen[value] {
				seen[value] = true
				out = append(out, value)
			}
		}
	}
	return out
}

// Scalar returns the index value of one BSON value.
func Scalar(v bson.RawValue) (any, bool) {
	switch v.Type {
	case bson.TypeString:
		return v.StringValue(), true
	case bson.TypeInt32, bson.TypeInt64:
		return v.AsInt64(), true
	case bson.TypeBoolean:
		if v.Boolean() {
			return int64(1), true
		}
		return int64(0), true
	case bson.TypeDateTime:
		return v.DateTime(), true
	default:
		return nil, false
	}
}
