package mongo

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/store"
)

// plan writes the filter and the order of a walk along one index. The index
// in MongoDB is (fields, _id), so equality on a prefix, a range on the next
// field and the order all come from one index scan.
func plan(s store.Spec, q store.Query, at []any) (filter, sort bson.D, err error) {
	ix, ok := s.Index(q.Index)
	if q.Index != "" && !ok {
		return nil, nil, fmt.Errorf("%s has no index %q", s.Name, q.Index)
	}
	for i, value := range q.Eq {
		filter = append(filter, bson.E{Key: ix.Fields[i], Value: bson.D{{Key: "$eq", Value: value}}})
	}
	rest := ix.Fields[len(q.Eq):]
	for i, field := range rest {
		filter = append(filter, bson.E{Key: field, Value: bounds(q, i == 0)})
	}
	rest = append(rest[:len(rest):len(rest)], "_id")
	if at != nil {
		filter = append(filter, bson.E{Key: "$or", Value: beyond(rest, at, q.Desc)})
	}
	return append(filter, living), order(rest, q.Desc), nil
}

// bounds always asks for the field to be there: who lacks it is not in the
// index.
func bounds(q store.Query, first bool) bson.D {
	b := bson.D{{Key: "$ne", Value: nil}}
	if !first {
		return b
	}
	if len(q.In) > 0 {
		b = append(b, bson.E{Key: "$in", Value: q.In})
	}
	if q.From != nil {
		b = append(b, bson.E{Key: "$gte", Value: q.From})
	}
	if q.To != nil {
		b = append(b, bson.E{Key: "$lt", Value: q.To})
	}
	return b
}

// beyond is the tuple comparison fields > at written out: the first field
// beyond, or it equal and the second beyond, and so on.
func beyond(fields []string, at []any, desc bool) bson.A {
	than := "$gt"
	if desc {
		than = "$lt"
	}
	var any bson.A
	var equal bson.D
	for i, field := range fields {
		one := append(equal[:len(equal):len(equal)], bson.E{Key: field, Value: bson.D{{Key: than, Value: at[i]}}})
		any = append(any, one)
		equal = append(equal, bson.E{Key: field, Value: bson.D{{Key: "$eq", Value: at[i]}}})
	}
	return any
}

func order(fields []string, desc bool) bson.D {
	way := 1
	if desc {
		way = -1
	}
	sort := make(bson.D, len(fields))
	for i, field := range fields {
		sort[i] = bson.E{Key: field, Value: way}
	}
	return sort
}
