package sqlite

import (
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/store"
)

// table writes the SQL for one collection. What every write and most reads
// need is written once.
type table struct {
	spec    store.Spec
	name    string // quoted
	getOne  string
	insert  string // changes nothing when the id is taken
	update  string
	remove  string
	indexes []index
}

type index struct {
	store.Index
	add, drop string
}

func newTable(s store.Spec) *table {
	t := &table{spec: s, name: quote(s.Name)}
	t.getOne = "SELECT body FROM " + t.name + " WHERE id = ?"
	t.insert = "INSERT INTO " + t.name + " (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING"
	t.update = "UPDATE " + t.name + " SET body = ? WHERE id = ?"
	t.remove = "DELETE FROM " + t.name + " WHERE id = ?"
	for _, ix := range s.Indexes {
		t.indexes = append(t.indexes, index{ix, t.addRow(ix), t.dropRow(ix)})
	}
	return t
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (t *table) indexName(ix store.Index) string { return quote(t.spec.Name + "." + ix.Name) }

func columns(fields []string) string {
	quoted := make([]string, len(fields))
	for i, f := range fields {
		quoted[i] = quote(f)
	}
	return strings.Join(quoted, ", ")
}

func (t *table) create() string {
	return fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s (id TEXT PRIMARY KEY NOT NULL, body BLOB NOT NULL)`, t.name)
}

func (t *table) createIndex(ix store.Index) string {
	return fmt.Sprintf(`CREATE TABLE %s (%s, id TEXT NOT NULL, PRIMARY KEY (%s, id)) WITHOUT ROWID`,
		t.indexName(ix), columns(ix.Fields), columns(ix.Fields))
}

func (t *table) get(n int) string {
	if n == 1 {
		return t.getOne
	}
	return "SELECT body FROM " + t.name + " WHERE id IN (" + marks(n) + ")"
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func (t *table) addRow(ix store.Index) string {
	return fmt.Sprintf("INSERT OR IGNORE INTO %s VALUES (%s)", t.indexName(ix), marks(len(ix.Fields)+1))
}

func (t *table) dropRow(ix store.Index) string {
	var where strings.Builder
	for _, f := range ix.Fields {
		where.WriteString(quote(f) + " = ? AND ")
	}
	return fmt.Sprintf("DELETE FROM %s WHERE %sid = ?", t.indexName(ix), where.String())
}

// find writes the walk along one index. The primary key of the index table is
// (fields, id), so equality on a prefix, a range on the next field, and the
// order all come from the same b-tree without sorting.
func (t *table) find(q store.Query, at []any) (string, []any, error) {
	b := builder{}
	rest := []string(nil)
	if q.Index != "" {
		ix, ok := t.spec.Index(q.Index)
		if !ok {
			return "", nil, fmt.Errorf("%s has no index %q", t.spec.Name, q.Index)
		}
		b.equal(ix.Fields[:len(q.Eq)], q.Eq)
		rest = ix.Fields[len(q.Eq):]
		b.narrow(rest, q)
		b.from = fmt.Sprintf("%s AS i JOIN %s AS d ON d.id = i.id", t.indexName(ix), t.name)
	} else {
		b.from = t.name + " AS i"
	}
	b.order(append(rest[:len(rest):len(rest)], "id"), q, at)
	return b.text(q), append(b.args, q.Limit), nil
}

type builder struct {
	from  string
	where []string
	sort  []string
	args  []any
}

func (b *builder) equal(fields []string, values []any) {
	for i, f := range fields {
		b.where = append(b.where, "i."+quote(f)+" = ?")
		b.args = append(b.args, bind(values[i]))
	}
}

func (b *builder) narrow(rest []string, q store.Query) {
	if len(q.In) > 0 {
		b.where = append(b.where, "i."+quote(rest[0])+" IN ("+marks(len(q.In))+")")
		for _, v := range q.In {
			b.args = append(b.args, bind(v))
		}
	}
	if q.From != nil {
		b.where = append(b.where, "i."+quote(rest[0])+" >= ?")
		b.args = append(b.args, bind(q.From))
	}
	if q.To != nil {
		b.where = append(b.where, "i."+quote(rest[0])+" < ?")
		b.args = append(b.args, bind(q.To))
	}
}

func (b *builder) order(fields []string, q store.Query, at []any) {
	way, beyond := " ASC", ">"
	if q.Desc {
		way, beyond = " DESC", "<"
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = "i." + quote(f)
		b.sort = append(b.sort, names[i]+way)
	}
	if at == nil {
		return
	}
	b.where = append(b.where, "("+strings.Join(names, ", ")+") "+beyond+" ("+marks(len(at))+")")
	for _, v := range at {
		b.args = append(b.args, bind(v))
	}
}

func (b *builder) text(q store.Query) string {
	body := "d.body"
	if q.Index == "" {
		body = "i.body"
	}
	where := ""
	if len(b.where) > 0 {
		where = " WHERE " + strings.Join(b.where, " AND ")
	}
	return "SELECT " + body + " FROM " + b.from + where + " ORDER BY " + strings.Join(b.sort, ", ") + " LIMIT ?"
}

// bind turns a query value into what index columns hold (see store.Index.Rows).
func bind(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case time.Time:
		return v.UnixMilli()
	case bson.DateTime:
		return int64(v)
	case int32:
		return int64(v)
	default:
		return plain(v)
	}
}

// plain reduces named types (market.ID, market.VND, states) to what the
// driver binds.
func plain(v any) any {
	kind, raw, err := bson.MarshalValue(v)
	if err != nil {
		return v
	}
	if value, ok := store.Scalar(bson.RawValue{Type: kind, Value: raw}); ok {
		return value
	}
	return v
}
