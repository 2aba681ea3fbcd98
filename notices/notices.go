// Package notices tells people what has happened to what is theirs: an order
// on its way, money that goes back, a product that was approved, a certificate
// that ends.
//
// Every event gives each person it concerns one [Message], whatever the number
// of times the event is delivered. The message stands in the person's inbox,
// and goes out by the channels that the person has chosen: email, push to a
// browser, text message, Zalo. What is said is a key and its arguments; the
// words are found in the reader's language when it is read or sent.
package notices

import (
	"time"

	"chohue/market"
	"chohue/store"
)

// Topic is what a message is about, the grain in which people choose channels.
type Topic string

// The topics.
const (
	TopicOrders Topic = "orders" // what the person has bought
	TopicSales  Topic = "sales"  // what the person's shop has sold
	TopicShop   Topic = "shop"   // products, certificates, papers of the person's shop
	TopicMoney  Topic = "money"  // refunds and payouts
)

// Topics lists the topics in the order in which people are asked.
func Topics() []Topic { return []Topic{TopicOrders, TopicMoney, TopicSales, TopicShop} }

// Message is one thing told to one person. Its id is the event's with the
// reader's, which is what makes it one.
type Message struct {
	store.Doc `bson:",inline"`
	Person    market.ID `bson:"person,omitempty"` // empty for a guest, who has a phone only
	Unread    market.ID `bson:"unread,omitempty"` // Person until it is read
	Topic     Topic     `bson:"topic"`
	Key       string    `bson:"key"` // of the title; the text's is Key + ".text"
	Args      []Arg     `bson:"args,omitempty"`
	Rows      []Row     `bson:"rows,omitempty"` // what the sum is made of
	Link      string    `bson:"link"`           // path on the market
	At        time.Time `bson:"at"`             // of what has happened
	Ways      []Way     `bson:"ways,omitempty"`
	// Due is when the next channel is tried; nil when all is said.
	Due *time.Time `bson:"due,omitempty"`
}

// Arg is one value that the words name, kept with its kind so that each
// language can write it its own way. One of the fields is set.
type Arg struct {
	Name  string       `bson:"name"`
	Word  string       `bson:"word,omitempty"`
	Text  *market.Text `bson:"text,omitempty"`
	Money *market.VND  `bson:"money,omitempty"`
	Count *int64       `bson:"count,omitempty"`
	At    *time.Time   `bson:"at,omitempty"`
}

// Row is one line of a sum.
type Row struct {
	Key    string      `bson:"key,omitempty"` // of the words; or
	Name   market.Text `bson:"name"`          // a thing's own name
	Count  int64       `bson:"count,omitempty"`
	Amount market.VND  `bson:"amount"`
}

func (a Arg) value() any {
	switch {
	case a.Text != nil:
		return *a.Text
	case a.Money != nil:
		return *a.Money
	case a.Count != nil:
		return *a.Count
	case a.At != nil:
		return *a.At
	}
	return a.Word
}

// Values are the arguments by name, as sentences take them.
func (m *Message) Values() market.Args {
	values := market.Args{}
	for _, a := range m.Args {
		values[a.Name] = a.value()
	}
	return values
}

func word(name, value string) Arg                 { return Arg{Name: name, Word: value} }
func text(name string, value market.Text) Arg     { return Arg{Name: name, Text: &value} }
func money(name string, amount market.VND) Arg    { return Arg{Name: name, Money: &amount} }
func count(name string, n int64) Arg              { return Arg{Name: name, Count: &n} }
func moment(name string, at time.Time) Arg        { return Arg{Name: name, At: &at} }
func (m *Message) read() bool                     { return m.Unread == "" }
func (m *Message) mine(by market.Actor) bool      { return m.Person != "" && m.Person == by.Person }
func messageID(event, reader market.ID) market.ID { return event + ":" + reader }

// Reader is somebody to be told.
type Reader struct {
	Person market.ID // empty for a guest
	Phone  string    // E.164
	Lang   string    // "vi" or "en"
}

func (r Reader) id() market.ID {
	if r.Person != "" {
		return r.Person
	}
	return "guest"
}
