package lexical

import (
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
	first map[int32][]spelling
	words map[string]bool // the folded words of all names
}

// spelling is a name of a place. In placeNames.first, it is listed under the ID of its longest
// term.
type spelling struct {
	place Place
	terms []int32
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

// placesByLanguage caches *placeNames by primary subtag. CLDR has names in some 180
// languages; others are not cached.
var placesByLanguage sync.Map

// namesOfPlaces returns the names of places in a language, from CLDR. It returns nil for a
// language that CLDR does not have.
func namesOfPlaces(language string) *placeNames {
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	if names, ok := placesByLanguage.Load(primary); ok {
		return names.(*placeNames)
	}
	tag, err := bcp47.Parse(primary)
	if err != nil {
		return nil
	}
	namer := display.Regions(tag)
	if namer == nil {
		return nil
	}
	names := &placeNames{terms: map[Place][][]int32{}, first: map[int32][]spelling{}, words: map[string]bool{}}
	for i, region := range regions() {
		names.add(Place(i), namer.Name(region), primary)
	}
	for i, spellings := range cities() {
		for _, name := range spellings {
			if first, _ := utf8.DecodeRuneInString(name); unicode.In(first, cityScripts[primary]...) {
				names.add(Place(len(regions())+i), name, primary)
			}
		}
	}
	placesByLanguage.Store(primary, names)
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

// add adds a name of a place in a language.
func (n *placeNames) add(place Place, name, language string) {
	var longest Term
	var ids []int32
	for _, term := range Terms(name, language) {
		if term.Part || term.IsGram() && utf8.RuneCountInString(term.Text) == 1 {
			continue
		}
		n.words[fold(name[term.Start:term.End]).text] = true
		if ids = append(ids, term.ID()); len(term.Text) > len(longest.Text) {
			longest = term
		}
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if slices.ContainsFunc(n.terms[place], func(other []int32) bool { return slices.Equal(other, ids) }) {
		return
	}
	n.terms[place] = append(n.terms[place], ids)
	n.first[longest.ID()] = append(n.first[longest.ID()], spelling{place, ids})
}

func isUnspacedText(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return isUnspaced(r)
}

// Places returns the places that a query in a language names, given its terms. A word in lower
// case that has only the stem of a name does not count: "français" has the stem of "France". A
// name that overlaps an earlier one does not count either: 东京都市 has Tokyo and not 京都. It
// returns nil for a language whose names of places are unknown.
func Places(query string, terms []Term, language string) (places []Place) {
	names := namesOfPlaces(language)
	if names == nil {
		return nil
	}
	ids, end := IDs(terms), 0
	for _, first := range terms {
		for _, name := range names.first[first.ID()] {
			inflected := func(t Term) bool {
				letter, _ := utf8.DecodeRuneInString(query[t.Start:])
				return slices.Contains(name.terms, t.ID()) && unicode.IsLower(letter) && !names.words[fold(query[t.Start:t.End]).text]
			}
			if first.Start >= end && holdsAll(ids, name.terms) && !slices.Contains(places, name.place) && !slices.ContainsFunc(terms, inflected) {
				places = append(places, name.place)
				end = first.End
			}
		}
	}
	return places
}

// HasOtherCountry reports whether a text in a language names a country other than those listed.
// ids are the sorted IDs of the text's terms.
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
