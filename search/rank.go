package search

// Criteria are what decides the order of results, by name, the first one first:
// products that differ by one criterion are not looked at by those after it.
// Nothing else decides: no place is for sale. They are published
// (Decree 248/2026/NĐ-CP Art. 11), so a change here is a change of that policy,
// and searchtest holds every engine to them.
func Criteria() []string {
	return []string{
		"one",    // all words in one place: the name, who sells it, or where it is from and of which kind
		"slips",  // fewest words of the query that had to be read as another
		"marks",  // most words with the marks as typed
		"name",   // most words in the name
		"maker",  // most words in the name, or in who made it, where, of which kind
		"said",   // most words as they were typed, not as a beginning or by a synonym
		"phrase", // the words stand side by side in the name, in this order
		"whole",  // and are the whole name
		"stock",  // can be bought now
		"stars",  // most stars of a certificate that counts now
		"newest", // published last
	}
}
