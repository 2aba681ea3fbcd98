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
		filter = append(filter, condition(ix.Fields[i], "$eq", value))
	}
	rest := ix.Fields[len(q.Eq):]
	for i, field := range rest {
		filter = append(filter, bson.E{Key: field, Value: bounds(q, i == 0)})
	}
	rest = append(rest[:len(rest):len(rest)], "_id")
	if at != nil {
		filter = append(filter, bson.E{Key: "$and", Value: beyond(rest, at, q.Desc)})
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
// beyond, or it equal and the second beyond, and so on. MongoDB takes no index
// bounds from such an $or; the first condition, which follows from it, is what
// lets a deep page begin where the last one ended.
func beyond(fields []string, at []any, desc bool) bson.A {
	than, from := "$gt", "$gte"
	if desc {
		than, from = "$lt", "$lte"
	}
	var ways bson.A
	var equal bson.D
	for i, field := range fields {
		ways = append(ways, append(equal[:len(equal):len(equal)], condition(field, than, at[i])))
		equal = append(equal, condition(field, "$eq", at[i]))
	}
	return bson.A{bson.D{condition(fields[0], from, at[0])}, bson.D{{Key: "$or", Value: ways}}}
}

func condition(field, operator string, value any) bson.E {
	return bson.E{Key: field, Value: bson.D{{Key: operator, Value: value}}}
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
