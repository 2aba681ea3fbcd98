package search

// What a product earns for the words of the query; the sum decides between
// products, and what follows decides between equals. Published as the main
// criteria of ranking (Decree 248/2026/NĐ-CP Art. 11), so a change here is a
// change of that policy. For each word of the query:
const (
	RankExactName  = 64 // in the name, with the marks as typed
	RankExact      = 40 // elsewhere, with the marks as typed
	RankName       = 20 // in the name, marks aside (all there is to compare when none were typed)
	RankNamePrefix = 10 // begins a word of the name
	RankSynonym    = 8  // another word for it
	RankTypoName   = 5  // in the name, one letter differs
	RankAnywhere   = 4  // in the description, the seller, the set or the ward
	RankPrefix     = 2  // begins such a word
	RankTypo       = 1  // such a word, one letter differs
)

// For the whole query, and then for the product itself. Valid certificates and
// goods that can be bought lift; an expired certificate lifts nothing.
const (
	RankPhrase   = 12 // the words stand together in the name, in this order
	RankWhole    = 12 // and are the whole name
	RankInStock  = 6
	RankEachStar = 1
)

// Criterion is one thing that lifts a product and by how much.
type Criterion struct {
	Name    string // of its sentence: rank.<name>
	Points  int
	PerWord bool // for each word of the query; otherwise once
}

// Criteria lists all that decides the order of results, the strongest first
// within words and within the rest. Nothing else does: no place is for sale.
func Criteria() []Criterion {
	return []Criterion{
		{"exact_name", RankExactName, true},
		{"exact", RankExact, true},
		{"name", RankName, true},
		{"name_prefix", RankNamePrefix, true},
		{"synonym", RankSynonym, true},
		{"typo_name", RankTypoName, true},
		{"anywhere", RankAnywhere, true},
		{"prefix", RankPrefix, true},
		{"typo", RankTypo, true},
		{"phrase", RankPhrase, false},
		{"whole", RankWhole, false},
		{"in_stock", RankInStock, false},
		{"each_star", RankEachStar, false},
	}
}
