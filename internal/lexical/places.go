package lexical

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	bcp47 "golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Place is a country, a territory or a city.
type Place int

// IsCity reports whether a place is a city. Cities are known only in scripts without capitals,
// since nothing else shows there that a word is a name.
func (p Place) IsCity() bool { return int(p) >= len(regions()) }

// placeNames are the names of the places in one language. The terms of a name are sorted IDs.
type placeNames struct {
	terms map[Place][][]int32 // of all spellings
	// first has each name by its longest term, or its first one in scripts without spaces. Names
	// of more terms come first.
	first map[int32][]spelling
	words map[string]bool // the folded words of all names
}

// spelling is one name of a place. placeNames.first lists it under the ID of one of its terms.
type spelling struct {
	place Place
	terms []int32
	// text is the folded name in a script without spaces. Its terms can be anywhere in a query
	// that does not have the name. It is empty for a name with a space or sign, which may be
	// written without it.
	text string
}

// unnamed holds the regions that are not countries, and those whose name in CLDR contains the
// name of another country: the European Union, the Eurozone, the United Nations, Hong Kong, Macao.
var unnamed = []string{"EU", "EZ", "UN", "HK", "MO", "ZZ"}

// regions are the countries and territories. A Place below their number is an index of this list.
var regions = sync.OnceValue(func() (list []bcp47.Region) {
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string([]rune{first, second})
			r, err := bcp47.ParseRegion(code)
			if err == nil && r.IsCountry() && r.Canonicalize() == r && !slices.Contains(unnamed, code) {
				list = append(list, r)
			}
		}
	}
	return list
})

// placesByLanguage has functions that return *placeNames, by primary subtag. CLDR has names in
// some 180 languages; others are not cached.
var placesByLanguage sync.Map

// namesOfPlaces returns the names of places in a language, from CLDR. It returns nil for a
// language that CLDR does not have.
func namesOfPlaces(language string) *placeNames {
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	if names, ok := placesByLanguage.Load(primary); ok {
		return names.(func() *placeNames)()
	}
	tag, err := bcp47.Parse(primary)
	if err != nil {
		return nil
	}
	namer := display.Regions(tag)
	if namer == nil {
		return nil
	}
	names, _ := placesByLanguage.LoadOrStore(primary, sync.OnceValue(func() *placeNames { return newPlaceNames(namer, primary) }))
	return names.(func() *placeNames)()
}

// LoadPlaces prepares the names of places in a language for queries and texts, which takes up to
// .1 s. Otherwise the first query does.
func LoadPlaces(language string) { namesOfPlaces(language) }

func newPlaceNames(namer display.Namer, language string) *placeNames {
	names := &placeNames{terms: map[Place][][]int32{}, first: map[int32][]spelling{}, words: map[string]bool{}}
	for i, region := range regions() {
		names.add(Place(i), namer.Name(region), language)
	}
	for i, spellings := range cities() {
		for _, name := range spellings {
			if first, _ := utf8.DecodeRuneInString(name); unicode.In(first, cityScripts[language]...) {
				names.add(Place(len(regions())+i), name, language)
			}
		}
	}
	for _, list := range names.first {
		slices.SortStableFunc(list, func(a, b spelling) int { return len(b.terms) - len(a.terms) })
	}
	return names
}

// cityScripts are the scripts in which languages write cities, by primary subtag.
var cityScripts = map[string][]*unicode.RangeTable{
	"zh": {unicode.Han}, "ja": {unicode.Han, unicode.Katakana}, "ko": {unicode.Hangul}, "th": {unicode.Thai}, "he": {unicode.Hebrew},
	"ar": {unicode.Arabic}, "fa": {unicode.Arabic}, "ur": {unicode.Arabic},
	"hi": {unicode.Devanagari}, "mr": {unicode.Devanagari}, "ne": {unicode.Devanagari},
}

// cities has the names of each city.
var cities = sync.OnceValue(func() (list [][]string) {
	for line := range strings.Lines(cityLines) {
		if !strings.HasPrefix(line, "#") {
			list = append(list, strings.Split(strings.TrimSpace(line), "\t"))
		}
	}
	return list
})

// add adds a name of a place in a language, unless it is a city with the name of a country.
func (n *placeNames) add(place Place, name, language string) {
	var longest Term
	var ids []int32
	for _, term := range Terms(name, language) {
		if term.Part || term.IsGram() && utf8.RuneCountInString(term.Text) == 1 {
			continue
		}
		n.words[fold(name[term.Start:term.End]).text] = true
		if ids = append(ids, term.ID()); len(ids) == 1 || !term.IsGram() && len(term.Text) > len(longest.Text) {
			longest = term
		}
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if slices.ContainsFunc(n.first[longest.ID()], func(s spelling) bool {
		return (s.place == place || place.IsCity() && !s.place.IsCity()) && slices.Equal(s.terms, ids)
	}) {
		return
	}
	added := spelling{place: place, terms: ids}
	if longest.IsGram() && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		added.text = fold(name).text
	}
	n.terms[place] = append(n.terms[place], ids)
	n.first[longest.ID()] = append(n.first[longest.ID()], added)
}

func isUnspacedText(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return isUnspaced(r)
}

// Places returns the places that a query in a language names, given its terms. A word in lower
// case that has only the stem of a name does not count: "français" has the stem of "France". A
// name that overlaps an earlier one does not count either, nor one within a longer one: 东京都市
// has Tokyo and not 京都, and Papua New Guinea is not Guinea. It returns nil for a language whose
// names of places are unknown.
func Places(query string, terms []Term, language string) (places []Place) {
	names := namesOfPlaces(language)
	if names == nil {
		return nil
	}
	ids, text, end := IDs(terms), fold(query), 0
	for _, first := range slices.SortedStableFunc(slices.Values(terms), longestFirst) {
		for _, name := range names.first[first.ID()] {
			inflected := func(t Term) bool {
				letter, _ := utf8.DecodeRuneInString(query[t.Start:])
				return slices.Contains(name.terms, t.ID()) && unicode.IsLower(letter) && !names.words[fold(query[t.Start:t.End]).text]
			}
			if first.Start < end || !holdsAll(ids, name.terms) || slices.Contains(places, name.place) || slices.ContainsFunc(terms, inflected) {
				continue
			}
			if stop := name.end(text, first); stop > 0 {
				places, end = append(places, name.place), stop
			}
		}
	}
	return places
}

// longestFirst orders terms by start, and those with the same start by length.
func longestFirst(a, b Term) int { return cmp.Or(a.Start-b.Start, b.End-a.End) }

// end returns the end of the name in a query, given the term by which it was found. It returns 0
// if the query does not have the name.
func (s spelling) end(query folded, term Term) int {
	if s.text == "" {
		return term.End
	}
	at, found := slices.BinarySearchFunc(query.source, term.Start, func(source span, start int) int { return source.start - start })
	if !found || !strings.HasPrefix(query.text[at:], s.text) {
		return 0
	}
	return query.span(at, at+len(s.text)).end
}

// HasOtherCountry reports whether a text in a language names a country other than the given
// places. The IDs of its terms are sorted.
func HasOtherCountry(ids []int32, language string, listed []Place) bool {
	return hasOther(ids, language, listed, false)
}

// HasOtherCity is like HasOtherCountry, for cities.
func HasOtherCity(ids []int32, language string, listed []Place) bool {
	return hasOther(ids, language, listed, true)
}

func hasOther(ids []int32, language string, listed []Place, city bool) bool {
	names := namesOfPlaces(language)
	return names != nil && slices.ContainsFunc(ids, func(id int32) bool {
		return slices.ContainsFunc(names.first[id], func(name spelling) bool {
			return name.place.IsCity() == city && !slices.Contains(listed, name.place) && holdsAll(ids, name.terms)
		})
	})
}

// TermsOfPlace returns the IDs of the terms of each name that a place has in a language,
// ascending. It returns nil if none is known.
func TermsOfPlace(p Place, language string) [][]int32 {
	if names := namesOfPlaces(language); names != nil {
		return names.terms[p]
	}
	return nil
}

func holdsAll(ids, terms []int32) bool {
	return !slices.ContainsFunc(terms, func(id int32) bool {
		_, found := slices.BinarySearch(ids, id)
		return !found
	})
}
