// Package header parses "KEY : value" lines above an article. It knows keys in several
// languages, and accepts misspelt ones.
package header

import (
	_ "embed" // for the table of keys
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/pattern"
)

// Key is the meaning of a header line.
type Key int

// Values of Key.
const (
	None Key = iota
	Title
	Published
	Updated // date of a change after publication
	Issued  // date of signing, before publication
	Source
	URI
	ID
	Language
	Body
	Other // a known key without a field of documents, such as author or keywords
)

// Field is a "KEY : value" line.
type Field struct {
	Key   Key
	Value string
}

//go:embed keys.txt
var keyTable string

// fieldKeys maps the keys of header lines, in lower case and without spaces, to their
// meanings.
var fieldKeys = func() map[string]Key {
	meanings := map[string]Key{
		"title": Title, "published": Published, "issued": Issued, "updated": Updated, "source": Source,
		"uri": URI, "id": ID, "language": Language, "body": Body, "other": Other,
	}
	keys := map[string]Key{}
	for row := range strings.Lines(keyTable) {
		words := strings.Fields(row)
		if len(words) < 3 || words[0] == "#" {
			continue
		}
		for _, key := range words[2:] {
			keys[key] = meanings[words[0]]
		}
	}
	return keys
}()

// keysBySize has the keys of at least four letters by their number of letters.
var keysBySize = func() map[int][][]rune {
	keys := map[int][][]rune{}
	for key := range fieldKeys {
		if runes := []rune(key); len(runes) >= 4 {
			keys[len(runes)] = append(keys[len(runes)], runes)
		}
	}
	return keys
}()

// KeyOf returns the meaning of a key that is given in lower case and without spaces.
func KeyOf(key string) Key { return fieldKeys[key] }

// fieldRE matches a header line. Marks of Markdown may surround the key.
var fieldRE = pattern.MustCompile(`^[\s>*_#"'<\[【]*([\p{L}][\p{L}\p{M} _-]{0,24}?)[\s*_"'\]】>]*[:：][\s*_]*(.*?)[\s*"]*$`)

// taggedRE matches "<DATE> 2019-01-02 </DATE>".
var taggedRE = pattern.MustCompile(`^<\s*(\p{L}{2,20})\s*>\s*([^<>]*?)\s*(?:</\s*\p{L}+\s*>)?$`)

// bracketedKeyRE matches "【标题】…".
var bracketedKeyRE = pattern.MustCompile(`^[【\[［]\s*(\p{Han}{2,6})\s*[】\]］]\s*[:：]?\s*(.*)$`)

// keyRubricRE matches keys such as "News Source" and "Original Title".
var keyRubricRE = pattern.MustCompile(`^(?i:news|newspaper|article|original|publication|story|post|doc|document|media|page|web)[ _-](\w+)$`)

// Parse reads "Title : …", "Ariticle :" and "标题：…". Only long keys may be misspelt, since a
// misspelt short one could be another word.
func Parse(text string) (Field, bool) {
	if m := bracketedKeyRE.FindStringSubmatch(text); m != nil && fieldKeys[m[1]] != None {
		return Field{Key: fieldKeys[m[1]], Value: strings.TrimSpace(m[2])}, true
	}
	if !strings.ContainsAny(text, ":：<") {
		return Field{}, false
	}
	m := fieldRE.FindStringSubmatch(text)
	if tagged := taggedRE.FindStringSubmatch(text); tagged != nil {
		m = tagged
	}
	if m == nil {
		return Field{}, false
	}
	key := strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(m[1]))
	name, ok := fieldKeys[key]
	if !ok {
		if m := keyRubricRE.FindStringSubmatch(m[1]); m != nil {
			name = fieldKeys[strings.ToLower(m[1])]
		}
	}
	if name == None {
		name = nearKey(key)
	}
	if name == None && datetime.IsDate(m[2]) && (editDistance([]rune(key), []rune("date")) == 1 || editDistance([]rune(key), []rune("time")) == 1) {
		name = Published // such as "Dat : 2019-04-05": the key is too short for nearKey, but the value is a date
	}
	return Field{Key: name, Value: strings.TrimSpace(m[2])}, name != None
}

// nearKey returns the meaning of the known key that key misspells. One error is allowed, or
// two if key has at least eight letters. It returns None if there is no such key, or if key
// has fewer than five letters.
func nearKey(key string) Key {
	length := utf8.RuneCountInString(key)
	slips := min((length-2)/3, 2)
	if length < 5 || key[0] >= utf8.RuneSelf {
		return None
	}
	best, found := slips+1, None
	runes := []rune(key)
	for size := length - slips; size <= length+slips; size++ {
		for _, known := range keysBySize[size] {
			if d := editDistance(runes, known); d < best || d == best && fieldKeys[string(known)] < found {
				best, found = d, fieldKeys[string(known)]
			}
		}
	}
	return found
}

// editDistance counts the insertions, deletions, substitutions and swaps of
// neighbours between a and b.
func editDistance(a, b []rune) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
