package lexical

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// articleName describes a word such as "article" that names articles.
type articleName struct {
	languages []string       // languages that have the name, by primary subtag
	numbers   map[string]int // number words that may follow the name
	several   bool           // whether it may have several numbers
	behind    bool           // whether it usually follows the number, as in "12 straipsnis"
	marked    bool           // whether it may follow the number, as in "12. madde"
	dotted    bool           // whether it only follows a number with a full stop, as in "12. gr"
	inside    bool           // whether it may stand inside a run of letters
}

var articleNames = readArticleNames(articleLines, numberLines)

// readArticleNames parses lines such as "artikel de many" and "5 en:five
// es:cinco,quinto".
func readArticleNames(names, numbers string) map[string]articleName {
	words := map[string]map[string]int{} // by language
	for _, fields := range linesOf(numbers) {
		value, _ := strconv.Atoi(fields[0])
		for _, field := range fields[1:] {
			language, list, _ := strings.Cut(field, ":")
			if words[language] == nil {
				words[language] = map[string]int{}
			}
			for word := range strings.SplitSeq(list, ",") {
				words[language][fold(strings.ReplaceAll(word, "_", " ")).text] = value
			}
		}
	}
	out := map[string]articleName{}
	for _, fields := range linesOf(names) {
		has := func(flag string) bool { return slices.Contains(fields[2:], flag) }
		name := articleName{
			languages: strings.Split(fields[1], ","), numbers: map[string]int{}, several: has("many"),
			behind: has("behind"), marked: has("marked"), dotted: has("dotted"), inside: has("inside"),
		}
		for _, language := range name.languages {
			for word, value := range words[language] {
				name.numbers[word] = value
			}
		}
		key := fold(fields[0]).text
		if other, ok := out[key]; ok {
			name = name.merge(other)
		}
		out[key] = name
	}
	return out
}

// merge returns what is true of two names that differ only in marks.
func (n articleName) merge(other articleName) articleName {
	n.languages = slices.Concat(other.languages, n.languages)
	maps.Copy(n.numbers, other.numbers)
	n.several, n.behind, n.marked = n.several || other.several, n.behind || other.behind, n.marked || other.marked
	return n
}

// spelledNames has the languages of names as they are spelled, with their marks. Those of the
// paragraph sign after a number are those of "#§", or of "#.§" if a full stop is between them. Those
// of two signs are those of "#§§".
var spelledNames = func() map[string][]string {
	out := map[string][]string{}
	for _, fields := range linesOf(articleLines) {
		out[fields[0]] = strings.Split(fields[1], ",")
	}
	return out
}()
