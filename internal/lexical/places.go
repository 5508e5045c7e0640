package lexical

import (
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	bcp47 "golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Place is a country or territory.
type Place int

// placeNames are the names of the places in one language.
type placeNames struct {
	terms map[Place][]int32 // sorted IDs of all terms of the name
	first []firstTerm       // the longest term of each name, sorted by ID
	words map[string]bool   // the folded words of all names
}

type firstTerm struct {
	id    int32
	place Place
}

// unnamed holds the regions that are not countries, and those whose name in CLDR contains the
// name of another country: the European Union, the Eurozone, the United Nations, Hong Kong, Macao.
var unnamed = []string{"EU", "EZ", "UN", "HK", "MO", "ZZ"}

// regions are the places, by Place.
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
	names := &placeNames{terms: map[Place][]int32{}, words: map[string]bool{}}
	for i, region := range regions() {
		var longest Term
		var ids []int32
		name := namer.Name(region)
		for _, term := range Terms(name, primary) {
			if term.Part || isUnspacedText(term.Text) && utf8.RuneCountInString(term.Text) == 1 {
				continue
			}
			names.words[fold(name[term.Start:term.End]).text] = true
			if ids = append(ids, term.ID()); len(term.Text) > len(longest.Text) {
				longest = term
			}
		}
		if len(ids) == 0 {
			continue
		}
		slices.Sort(ids)
		names.terms[Place(i)] = slices.Compact(ids)
		names.first = append(names.first, firstTerm{longest.ID(), Place(i)})
	}
	slices.SortFunc(names.first, func(a, b firstTerm) int { return int(a.id) - int(b.id) })
	placesByLanguage.Store(primary, names)
	return names
}

func isUnspacedText(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return isUnspaced(r)
}

// Places returns the countries and territories that a query in a language names, given its
// terms. A word in lower case that has only the stem of a name does not count: "français" has
// the stem of "France". It returns nil for a language whose names of places are unknown.
func Places(query string, terms []Term, language string) (places []Place) {
	names := namesOfPlaces(language)
	if names == nil {
		return nil
	}
	for place := range names.in(IDs(terms)) {
		named := names.terms[place]
		if !slices.ContainsFunc(terms, func(t Term) bool {
			first, _ := utf8.DecodeRuneInString(query[t.Start:])
			return slices.Contains(named, t.ID()) && unicode.IsLower(first) && !names.words[fold(query[t.Start:t.End]).text]
		}) {
			places = append(places, place)
		}
	}
	return places
}

// HasOtherPlace reports whether a text in a language names a place other than the given ones.
// The IDs of its terms are sorted.
func HasOtherPlace(ids []int32, language string, listed []Place) bool {
	if names := namesOfPlaces(language); names != nil {
		for place := range names.in(ids) {
			if !slices.Contains(listed, place) {
				return true
			}
		}
	}
	return false
}

// in yields the places whose names are in a text. The IDs of its terms are sorted.
func (n *placeNames) in(ids []int32) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for _, id := range ids {
			at, _ := slices.BinarySearchFunc(n.first, id, func(f firstTerm, id int32) int { return int(f.id) - int(id) })
			for ; at < len(n.first) && n.first[at].id == id; at++ {
				if place := n.first[at].place; holdsAll(ids, n.terms[place]) && !yield(place) {
					return
				}
			}
		}
	}
}

// TermsOfPlace returns the IDs of the terms that name a place in a language, ascending. It
// returns nil if its name is unknown.
func TermsOfPlace(p Place, language string) []int32 {
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
