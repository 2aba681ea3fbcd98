package meilisim

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
)

type condition func(doc map[string]any) bool

var filterToken = regexp.MustCompile(`^\s*(\(|\)|>=|<=|!=|=|>|<|"(?:[^"\\]|\\.)*"|[A-Za-z0-9_.\-]+)`)

// parseFilter reads conditions joined by AND, OR and parentheses.
func parseFilter(text string, filterable []string) (condition, error) {
	if text == "" {
		return func(map[string]any) bool { return true }, nil
	}
	p := &filterParser{filterable: filterable}
	for rest := text; ; {
		m := filterToken.FindStringSubmatchIndex(rest)
		if m == nil {
			if len(regexp.MustCompile(`\S`).FindString(rest)) > 0 {
				return nil, fmt.Errorf("cannot read %q", rest)
			}
			break
		}
		p.tokens = append(p.tokens, rest[m[2]:m[3]])
		rest = rest[m[1]:]
	}
	c, err := p.either()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("left over: %v", p.tokens)
	}
	return c, err
}

type filterParser struct {
	tokens     []string
	filterable []string
}

func (p *filterParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *filterParser) peek(word string) bool { return len(p.tokens) > 0 && p.tokens[0] == word }

func (p *filterParser) either() (condition, error) {
	c, err := p.both()
	for err == nil && p.peek("OR") {
		p.next()
		var d condition
		left := c
		if d, err = p.both(); err == nil {
			c = func(doc map[string]any) bool { return left(doc) || d(doc) }
		}
	}
	return c, err
}

func (p *filterParser) both() (condition, error) {
	c, err := p.one()
	for err == nil && p.peek("AND") {
		p.next()
		var d condition
		left := c
		if d, err = p.one(); err == nil {
			c = func(doc map[string]any) bool { return left(doc) && d(doc) }
		}
	}
	return c, err
}

func (p *filterParser) one() (condition, error) {
	if p.peek("(") {
		p.next()
		c, err := p.either()
		if err == nil && p.next() != ")" {
			err = errors.New("a parenthesis is open")
		}
		return c, err
	}
	field, op, value := p.next(), p.next(), p.next()
	if !slices.Contains(p.filterable, field) {
		return nil, fmt.Errorf("attribute `%s` is not filterable", field)
	}
	if value == "" {
		return nil, errors.New("no value")
	}
	if value[0] == '"' {
		if err := json.Unmarshal([]byte(value), &value); err != nil {
			return nil, err
		}
	}
	return compare(field, op, value)
}

func compare(field, op, value string) (condition, error) {
	if op == "=" {
		return func(doc map[string]any) bool { return text(doc[field]) == value }, nil
	}
	want, ok := number(json.Number(value))
	if !ok {
		return nil, fmt.Errorf("`%s` is no number", value)
	}
	holds := map[string]func(a, b float64) bool{
		">": func(a, b float64) bool { return a > b }, ">=": func(a, b float64) bool { return a >= b },
		"<": func(a, b float64) bool { return a < b }, "<=": func(a, b float64) bool { return a <= b },
	}[op]
	if holds == nil {
		return nil, fmt.Errorf("operator %q", op)
	}
	return func(doc map[string]any) bool {
		n, ok := number(doc[field])
		return ok && holds(n, want)
	}, nil
}
