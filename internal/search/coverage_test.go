package search

import (
	"slices"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// TestCoverage checks the share of the query's words that a passage contains, the shares of
// its numbers that are not in the passage and in no passage, and whether the passage
// contains a distinctive word.
func TestCoverage(t *testing.T) {
	t.Parallel()
	counts := func(holding map[string]int) lexical.Counts {
		c := lexical.Counts{Passages: 1000, Holding: map[int32]int{}}
		for text, n := range holding {
			c.Holding[lexical.Term{Text: text}.ID()] = n
		}
		return c
	}
	usual := counts(map[string]int{"pump": 300, "ship": 300, "9": 40, "zx4417": 1, "zx": 1, "4417": 1, "world": 300, "health": 300, "offic": 300, "WHO": 9, "initials WHO": 9, "lt": 1, "628": 1})
	for name, test := range map[string]struct {
		query, passage string
		held, lacking  float64
		absent         float64
		distinctive    bool
	}{
		"all":                              {"pumps shipped", "a pump is shipped", 1, 0, 0, false},
		"half":                             {"pumps shipped", "a pump", .5, 0, 0, false},
		"nothing":                          {"pumps shipped", "a valve", 0, 0, 0, false},
		"a number that is missing":         {"9 pumps", "a pump", .27, 1, 0, false},
		"a number in no passage":           {"11 pumps", "a pump", .14, 1, 1, false},
		"one of two numbers in no passage": {"11 of 9 pumps", "9 pumps", .4, .5, .5, false},
		"a rare code":                      {"was pump ZX-4417 shipped", "the valve ZX-4417", .9, 0, 0, true},
		"a part of a rare code":            {"was pump ZX-4417 shipped", "the valve ZX", .3, 1, 0, false},
		"a code written apart":             {"LT628", "the LT 628", 1, 0, 0, false},
		"a part of a code written apart":   {"LT628", "the LT 500", .23, 1, 0, false},
		"an acronym holds its words":       {"World Health Office", "the WHO", 1, 0, 0, false},
		"a name holds its acronym":         {"WHO", "the World Health Office", 1, 0, 0, false},
		"a name without its acronym":       {"World Health Office", "the World Health Office", 1, 0, 0, false},
		"another name with its initials":   {"Marta Vogel", "Mont Ventoux", 0, 0, 0, false},
		"a part of a name":                 {"Marta Vogel", "Marta Lind", .4, 0, 0, false},
		"another spelling":                 {"ships to Århus", "a ship in Aarhus", 1, 0, 0, false},
		"the spelling without marks":       {"ships to Århus", "a ship in Arhus", 1, 0, 0, false},
		"a letter with its name":           {"ship D", "the ships C and D", 1, 0, 0, false},
		"a letter with another name":       {"ship D", "Vitamin D helps", 0, 0, 0, false},
		"a name without its letter":        {"ship D", "the ship", .14, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terms := lexical.NeededParts(lexical.QueryTerms(test.query, "en"), usual)
			words := lexicalLeg{
				language: "en",
				terms:    map[string][]lexical.Term{"en": terms},
				queries:  map[string]lexical.Query{"en": lexical.NewQuery(terms, usual)},
				letters:  []int32{lexical.Term{Text: "d"}.ID()},
			}
			var passage []int32
			for _, term := range lexical.Terms(test.passage, "en") {
				passage = append(passage, term.ID())
			}
			slices.Sort(passage)
			h := newCoverage(words, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: passage}})
			_, held, lacking := h.shares(key("a"), "en")
			if held < test.held-.05 || held > test.held+.05 || lacking != test.lacking {
				t.Errorf("held %.2f, lacking %.2f; want %.2f, %.2f", held, lacking, test.held, test.lacking)
			}
			if h.numbersAbsent != test.absent {
				t.Errorf("absent %.2f, want %.2f", h.numbersAbsent, test.absent)
			}
			if got := h.hasDistinctive(key("a"), "en"); got != test.distinctive {
				t.Errorf("distinctive: %v, want %v", got, test.distinctive)
			}
		})
	}
}

// TestAbsentWords: a word of a short query that no passage contains counts as absent if
// some passage contains other words of the query. It counts more if the language has more
// passages.
func TestAbsentWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		query    string
		passages int
		want     float64
	}{
		"all are held":       {"Lima metro", 60, 0},
		"one is not":         {"weather in Lima", 60, .37},
		"another spelling":   {"metro in Århus", 60, 0},
		"a larger language":  {"weather in Lima", 600, .58},
		"none is held":       {"weather forecast", 60, 0},
		"no words":           {"in the", 60, 0},
		"no passages":        {"weather in Lima", 0, 0},
		"a question, longer": {"what will the weather be in Lima on the day of the summit", 60, 0},
	} {
		counts := lexical.Counts{Passages: test.passages, Holding: map[int32]int{}}
		if test.passages > 0 {
			for _, text := range []string{"lima", "metro", "aarhus"} {
				counts.Holding[lexical.Term{Text: text}.ID()] = 10
			}
		}
		terms := lexical.Terms(test.query, "en")
		c := newCoverage(lexicalLeg{
			terms:     map[string][]lexical.Term{"en": terms},
			queries:   map[string]lexical.Query{"en": lexical.NewQuery(terms, counts)},
			shortness: shortness(test.query),
		}, nil)
		if got := c.asked["en"].wordsAbsent; got < test.want-.01 || got > test.want+.01 {
			t.Errorf("%s: absent %.3f, want %.2f", name, got, test.want)
		}
	}
}

// TestAbsentWordsLowerRelevance: absent words lower the relevance. They change neither the order
// nor whether passages are on the subject.
func TestAbsentWordsLowerRelevance(t *testing.T) {
	t.Parallel()
	for _, foreign := range []bool{false, true} {
		with, without := ranked{}, ranked{}
		without.setEvidence(hybridModel, evidence{aboveNull: 3, score: 4, held: .5, foreign: foreign})
		with.setEvidence(hybridModel, evidence{aboveNull: 3, score: 4, held: .5, foreign: foreign, wordsAbsent: .5})
		if with.Relevance >= without.Relevance || with.odds != without.odds || with.topical != without.topical {
			t.Errorf("foreign %t: relevance %v, odds %v; without absent words %v, %v", foreign, with.Relevance, with.odds, without.Relevance, without.odds)
		}
	}
}

// TestForeignLetter: a passage in another language contradicts a letter of the query if it
// contains other letters and not this one.
func TestForeignLetter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query, passage string
		foreign, want  bool
	}{
		{"vitamin D", "维生素C", true, true},
		{"vitamin D", "维生素C和维生素D", true, false},
		{"vitamin D", "柠檬", true, false},
		{"vitamin D", "维生素C", false, false},
		{"vitamins", "维生素C", true, false},
		{"Windows 11", "维生素C", true, false},
	} {
		words := lexicalLeg{}
		for _, code := range lexical.Codes(test.query) {
			if letter, ok := code.Letter(); ok {
				words.letters = append(words.letters, letter.ID())
			}
		}
		var ids []int32
		for _, term := range lexical.Terms(test.passage, "zh") {
			ids = append(ids, term.ID())
		}
		slices.Sort(ids)
		c := newCoverage(words, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: ids}})
		if got := c.contradicts(key("a"), test.foreign); got != test.want {
			t.Errorf("%q by %q, foreign %t: %t", test.query, test.passage, test.foreign, got)
		}
	}
}

// TestLetterAbroad checks the letter of a name, such as the D of "vitamin D", in a language
// other than the question's. A passage that has the letter without the rest of the name
// counts as holding the letter only if no passage of that language contains the rest.
func TestLetterAbroad(t *testing.T) {
	t.Parallel()
	for holding, want := range map[int]float64{0: .5, 3: 0} {
		terms := lexical.Terms("vitamin D", "es")
		letter, name := terms[1].ID(), terms[0].ID()
		words := lexicalLeg{
			language: "en",
			terms:    map[string][]lexical.Term{"es": terms},
			queries:  map[string]lexical.Query{"es": lexical.NewQuery(terms, lexical.Counts{Passages: 100, Holding: map[int32]int{letter: holding, name: holding}})},
			letters:  []int32{letter},
		}
		c := newCoverage(words, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: []int32{letter}}})
		if _, held, _ := c.shares(key("a"), "es"); held != want {
			t.Errorf("%d passages hold the name: held %v, want %v", holding, held, want)
		}
	}
}

// TestYears: a passage counts as being of another year if it contains years, but none of
// the query's.
func TestYears(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		years     []int32
		passage   string
		elsewhere int // number of other passages that contain the years
		want      bool
	}{
		"the year":             {[]int32{yearTerm(2008)}, "APEC met in 2008", 3, false},
		"the year and another": {[]int32{yearTerm(2008)}, "APEC met in 2008 and 2016", 3, false},
		"another year":         {[]int32{yearTerm(2008)}, "APEC met in 2016", 3, true},
		"the date of another":  {[]int32{yearTerm(2020)}, "it opened on 3 May 2021", 3, true},
		"one of two years":     {[]int32{yearTerm(2008), yearTerm(2016)}, "APEC met in 2016", 3, false},
		"no year":              {[]int32{yearTerm(2008)}, "APEC has 21 members", 3, false},
		"a year of no passage": {[]int32{yearTerm(2008)}, "APEC has 21 members", 0, true},
		"no year asked for":    {nil, "APEC met in 2016", 3, false},
	} {
		var ids []int32
		for _, term := range lexical.Terms(test.passage, "en") {
			ids = append(ids, term.ID())
		}
		slices.Sort(ids)
		holding := map[int32]int{}
		for _, year := range test.years {
			holding[year] = test.elsewhere
		}
		queries := map[string]lexical.Query{"en": lexical.NewQuery(nil, lexical.Counts{Passages: 60, Holding: holding})}
		c := coverage{years: test.years, terms: map[document.PassageKey]document.PassageTerms{key("a"): {IDs: ids}}}
		c.noYear = c.yearsAbsent(queries)
		if got := c.ofOtherYear(key("a")); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
	short, whole := hybridModel.odds(evidence{held: .6, otherYear: 1}), hybridModel.odds(evidence{held: .6})
	if short >= whole {
		t.Errorf("log-odds %v with another year, %v without", short, whole)
	}
}

// TestOneWord: a passage that contains the only word of a query is at least on the subject,
// and a confident answer if few passages contain the word. Without vectors, the relevance
// is lower for one word than for two, and higher for a rare word than for a frequent one.
func TestOneWord(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		query   string
		holding int
		foreign bool
		want    float32
	}{
		"a rare word":            {"illegal", 1, false, rarePhraseRelevance},
		"a frequent word":        {"illegal", 30, false, onTopic},
		"a rare word abroad":     {"illegal", 1, true, 0},
		"two words":              {"illegal trade", 1, false, 0},
		"a word and a number":    {"section 4.2", 1, false, rarePhraseRelevance},
		"a frequent number":      {"section 4.2", 30, false, 0},
		"a number in a question": {"what is said about the keys in section 4.2", 1, false, 0},
		"one Chinese word":       {"契机", 1, false, rarePhraseRelevance},
		"several Chinese words":  {"经济合作的契机", 1, false, 0},
		"a word between spaces":  {" illegal ", 1, false, rarePhraseRelevance},
		"one word in hiragana":   {"へるめっと", 1, false, rarePhraseRelevance},
		"a sentence in kana":     {"ヘルメットはどこですか", 1, false, 0},
	} {
		terms := lexical.Terms(test.query, "en")
		holding, ids := map[int32]int{}, []int32(nil)
		for _, term := range terms {
			holding[term.ID()] = test.holding
			ids = append(ids, term.ID())
		}
		slices.Sort(ids)
		c := newCoverage(lexicalLeg{
			terms:   map[string][]lexical.Term{"en": terms},
			queries: map[string]lexical.Query{"en": lexical.NewQuery(terms, lexical.Counts{Passages: 60, Holding: holding})},
			oneWord: isOneWord(test.query), shortness: shortness(test.query),
		}, map[document.PassageKey]document.PassageTerms{key("a"): {IDs: ids}})
		language := "en"
		if test.foreign {
			language = "es"
		}
		e := c.evidence(ranked{PassageKey: key("a"), Language: "en"}, language)
		if got := c.leastRelevance("en", e); got != test.want {
			t.Errorf("%s: at least %v, want %v", name, got, test.want)
		}
	}
	frequent, rare, two := lexicalModel.odds(evidence{held: 1, rarity: 1}), lexicalModel.odds(evidence{held: 1, rarity: 4}), lexicalModel.odds(evidence{held: 1, rarity: 8})
	if frequent >= rare || rare >= two {
		t.Errorf("log-odds %v, %v and %v do not rise", frequent, rare, two)
	}
}

// TestContradictingRelevance: a passage that names something else is not confident, even if all
// other evidence is good.
func TestContradictingRelevance(t *testing.T) {
	t.Parallel()
	e := evidence{aboveNull: 9, score: 5, held: 1}
	var same, other ranked
	same.setEvidence(hybridModel, e)
	e.contradicting = true
	other.setEvidence(hybridModel, e)
	if same.Relevance < confident || other.Relevance >= confident || other.topical < confident {
		t.Errorf("relevance %v, of another thing %v, apart from that %v", same.Relevance, other.Relevance, other.topical)
	}
}

// TestWordlessRelevance: a near passage becomes more relevant if no passage in the query's
// language holds a word of the query. This holds for passages in that language and in others.
func TestWordlessRelevance(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct{ without, with evidence }{
		"in another language": {evidence{aboveNull: 4, score: 4, foreign: true}, evidence{aboveNull: 4, score: 4, foreign: true, likelyForeign: 1}},
		"in other words":      {evidence{aboveNull: 4, score: 4}, evidence{aboveNull: 4, score: 4, wordsLacking: 1}},
	} {
		var without, with ranked
		without.setEvidence(hybridModel, test.without)
		with.setEvidence(hybridModel, test.with)
		if with.Relevance <= without.Relevance || with.odds != without.odds {
			t.Errorf("%s: relevance %v, without %v; log-odds of the order %v and %v, want the same", what, with.Relevance, without.Relevance, with.odds, without.odds)
		}
	}
}
