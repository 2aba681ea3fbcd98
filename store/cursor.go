package store

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
)

// Cursor is an opaque place in a query's order: the index values and the id of
// the last document seen. It stays right while documents come and go.
type Cursor string

var errCursor = market.Invalid("cursor.invalid", "cursor")

type plan struct {
	fields []string // index fields after Eq
	at     []any
}

// plan checks the query against the declaration, settles its limit and reads
// its cursor. A query of undeclared shape is a mistake in the program.
func (c *Collection[T]) plan(q *Query) (plan, error) {
	var p plan
	if q.Limit <= 0 || q.Limit > MaxLimit {
		q.Limit = MaxLimit
	}
	ix, ok := c.spec.Index(q.Index)
	if (q.Index != "" && !ok) || q.values() > len(ix.Fields) {
		return p, fmt.Errorf("%s has no index %q for %d values", c.spec.Name, q.Index, q.values())
	}
	if slices.Contains(q.Eq, nil) {
		return p, fmt.Errorf("%s.%s: no document is found by nil", c.spec.Name, q.Index)
	}
	p.fields = ix.Fields[len(q.Eq):]
	if q.After == "" {
		return p, nil
	}
	var err error
	p.at, err = q.After.values(len(p.fields) + 1)
	return p, err
}

// values counts the index fields that the query speaks of.
func (q *Query) values() int {
	if q.In != nil || q.From != nil || q.To != nil {
		return len(q.Eq) + 1
	}
	return len(q.Eq)
}

func (p plan) cursor(last bson.Raw) (Cursor, error) {
	at := bson.A{}
	for _, field := range p.fields {
		value, err := last.LookupErr(strings.Split(field, ".")...)
		if err != nil {
			return "", fmt.Errorf("cursor field %s: %w", field, err)
		}
		if _, ok := Scalar(value); !ok {
			return "", fmt.Errorf("cursor field %s is an array: name its element by Eq", field)
		}
		at = append(at, value)
	}
	at = append(at, idOf(last))
	raw, err := bson.Marshal(bson.M{"c": at})
	return Cursor(base64.RawURLEncoding.EncodeToString(raw)), err
}

func (c Cursor) values(n int) ([]any, error) {
	raw, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || len(raw) > 4096 {
		return nil, errCursor
	}
	var doc struct {
		C []any `bson:"c"`
	}
	if err := bson.Unmarshal(raw, &doc); err != nil || len(doc.C) != n {
		return nil, errCursor
	}
	for _, v := range doc.C {
		if !placeValue(v) {
			return nil, errCursor
		}
	}
	if _, ok := doc.C[n-1].(string); !ok {
		return nil, errCursor
	}
	return doc.C, nil
}

func placeValue(v any) bool {
	switch v := v.(type) {
	case string:
		return utf8.ValidString(v)
	case int32, int64, bool, bson.DateTime:
		return true
	default:
		return false
	}
}
