package payments

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"chohue/market"
	"chohue/store"
)

// Block seals some entries of the ledger: their ids and hashes in one order,
// the hash of the block before, and a hash over all that. An entry that is
// changed, taken out or put elsewhere no longer fits its block, and a block
// that is changed, taken out or put elsewhere no longer fits the next.
//
// Entries are posted by many writers, each in a document of its own, and wait
// for nobody; only Seal, a worker's chore, writes blocks. The number of a block
// is its id and claimed by Insert, so the chain cannot fork.
type Block struct {
	store.Doc `bson:",inline" json:"-"`
	Seq       int64     `bson:"seq" json:"seq"` // 1, 2, 3, … without a gap
	Prev      string    `bson:"prev" json:"prev"`
	Entries   []Sealed  `bson:"entries" json:"entries"`
	At        time.Time `bson:"at" json:"at"`
	Hash      string    `bson:"hash" json:"-"`
}

// Sealed is an entry as a block knows it.
type Sealed struct {
	ID   market.ID `bson:"id" json:"id"`
	Hash string    `bson:"hash" json:"hash"`
}

// unsealed is the block of an entry that waits for one: behind all others, so
// that what a snapshot lacks is one walk from its block on.
const unsealed = math.MaxInt64

// sealAtMost bounds a block.
const sealAtMost = 500

// crown remembers the last block whose entries are stamped and counted in the
// snapshots: where Seal goes on, and what shows that the end was cut off.
type crown struct {
	store.Doc `bson:",inline"`
	Seq       int64  `bson:"seq"`
	Hash      string `bson:"hash"`
}

const crownID market.ID = "ledger"

// sum is what Hash must be: SHA-256 of what the entry says, as JSON.
func (t *Transaction) sum() string {
	return digest(struct {
		ID         market.ID `json:"id"`
		Kind, Ref  string
		Order      market.ID
		Postings   []Posting
		OccurredAt time.Time
	}{t.ID, t.Kind, t.Ref, t.Order, t.Postings, t.At.UTC()})
}

// sum is what Hash must be.
func (b Block) sum() string {
	b.At = b.At.UTC()
	return digest(b)
}

func digest(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("digest: %v", err)) // a mistake in the program
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func blockID(seq int64) market.ID { return market.ID(fmt.Sprintf("%012d", seq)) }

// Seal puts every entry that waits into a block, stamps it and brings the
// snapshots up to date. It finishes what a crash or another process has left
// before it begins a new block. It returns how many entries it sealed.
func (s *Service) Seal(ctx context.Context) (int, error) {
	sealed := 0
	for {
		last, err := s.lastBlock(ctx)
		if err != nil {
			return sealed, err
		}
		if err := s.finishBlock(ctx, last); err != nil {
			return sealed, err
		}
		n, err := s.addBlock(ctx, last)
		sealed += n
		if err != nil || n == 0 {
			return sealed, err
		}
	}
}

func (s *Service) lastBlock(ctx context.Context) (*Block, error) {
	page, err := s.blocks.Find(ctx, store.Query{Desc: true, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return &Block{}, err
	}
	return page.Items[0], nil
}

// addBlock writes the block behind last. When another process was quicker it
// looks again.
func (s *Service) addBlock(ctx context.Context, last *Block) (int, error) {
	waiting, err := s.ledger.Find(ctx, store.Query{Index: "block", Eq: []any{int64(unsealed)}, Limit: sealAtMost})
	if err != nil || len(waiting.Items) == 0 {
		return 0, err
	}
	b := &Block{Doc: store.Doc{ID: blockID(last.Seq + 1)}, Seq: last.Seq + 1, Prev: last.Hash, At: s.env.Now().Truncate(time.Millisecond)}
	for _, t := range waiting.Items {
		b.Entries = append(b.Entries, Sealed{t.ID, t.sum()})
	}
	b.Hash = b.sum()
	if err := s.blocks.Insert(ctx, b); err != nil && !store.Exists(err) {
		return 0, err
	}
	return len(waiting.Items), nil
}

// finishBlock stamps the block's entries and counts them in the snapshots, then
// crowns it. Doing so again changes nothing.
func (s *Service) finishBlock(ctx context.Context, b *Block) error {
	head, err := s.crowns.Get(ctx, crownID)
	if err == nil && head.Seq >= b.Seq || b.Seq == 0 {
		return nil
	}
	if err != nil && !store.Missing(err) {
		return err
	}
	entries, err := s.stamp(ctx, b)
	if err != nil {
		return err
	}
	if err := s.snapshot(ctx, b, entries); err != nil {
		return err
	}
	_, err = s.crowns.Upsert(ctx, crownID, func(c *crown) ([]market.Event, error) {
		if b.Seq > c.Seq {
			c.Seq, c.Hash = b.Seq, b.Hash
		}
		return nil, nil
	})
	return err
}

// sealTogether is how many documents are written side by side, so that they
// share the store's commits.
const sealTogether = 32

// stamp writes the block's number on its entries and returns them. One that is
// gone is left to Check to name.
func (s *Service) stamp(ctx context.Context, b *Block) ([]*Transaction, error) {
	all := make([]*Transaction, len(b.Entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sealTogether)
	for i, e := range b.Entries {
		group.Go(func() (err error) {
			all[i], err = s.ledger.Update(ctx, e.ID, func(t *Transaction) ([]market.Event, error) {
				t.Block = b.Seq
				return nil, nil
			})
			if store.Missing(err) {
				return nil
			}
			return err
		})
	}
	err := group.Wait()
	return slices.DeleteFunc(all, func(t *Transaction) bool { return t == nil }), err
}
