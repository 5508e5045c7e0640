package lexical

import (
	"strings"
	"unicode/utf8"

	snowball "github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
)

// analyser holds the rules for the words of one language: its stop words, and its stemmer.
type analyser struct {
	stops map[string]bool
	cut   func(*snowball.Env) bool
	// elided are the stop words next to the apostrophe in contractions such as "it's" and
	// "l'accord". Single letters among them are kept if no apostrophe is beside them.
	elided map[string]bool
	// links are words that may stand between the capitalised words of a name.
	links map[string]bool
	// german splits compounds, and reads ae, oe and ue as ä, ö and ü.
	german  bool
	english bool
}

// analysers holds the analysers by primary subtag. Stop words are words that do not
// contribute to the subject of a text, question words included. They are folded, so they
// have no accents.
//
//nolint:misspell // not English
var analysers = map[string]analyser{
	"en": {stops: wordSet(`a an the and or but if of at by for with about against between into through during to from in out on
		off over under as than then so that this these those there here it its i you he she they we them his her their
		our your my me him us is am are was were be been being have has had having do does did doing will would shall
		should can could may might must not no nor what which who whom whose when where why how s t d m ll re ve`), cut: english.Stem, elided: listed(elidedLines, "en"), english: true, links: listed(nameLinkLines, "en")},
	"es": {stops: wordSet(`el la los las lo un una unos unas al del de a ante con contra desde en entre hacia hasta para por segun
		sin sobre tras y e o u ni que pero si no se me te le les nos su sus mi mis tu tus este esta estos estas ese esa
		esos esas esto eso aquel aquella es son era eran fue fueron ser sido siendo ha han habia habian haber hay como mas
		cual cuales quien quienes cuyo cuya donde cuando cuanto cuantos cuanta cuantas porque`), cut: accented(spanish.Stem, "ion", "ión"), links: listed(nameLinkLines, "es")},
	"fr": {stops: wordSet(`le la les l un une des du de d a au aux et ou mais si ne n pas que qu qui quoi quel quelle quels quelles
		ce c cet cette ces se s sa son ses leur leurs mon ma mes notre nos votre vos il ils elle elles on nous vous je j
		tu me m te t lui y en dans par pour sur sous avec sans entre vers est sont etait etaient etre ete fut furent a
		ont avait avaient avoir comme plus dont quand comment pourquoi combien`), cut: french.Stem, elided: listed(elidedLines, "fr"), links: listed(nameLinkLines, "fr")},
	"de": {stops: wordSet(`der die das den dem des ein eine einen einem einer eines und oder aber wenn dass als wie wo wer wen wem
		was wann warum welche welcher welches welchen in im an am auf aus bei beim mit nach von vom vor zu zum zur uber
		unter durch fur gegen ohne um ist sind war waren sein wird werden wurde wurden hat haben hatte hatten nicht kein
		keine er sie es wir ihr ich sich auch nur noch so`), cut: german.Stem, german: true, links: listed(nameLinkLines, "de")},
	"pt": {stops: wordSet(`o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela pelos pelas para com sem sobre
		entre ate ao aos e ou mas se que nao nem como mais qual quais quem cujo cuja onde quando quanto quantos porque eu
		ele ela eles elas me te lhe lhes seu sua seus suas este esta estes estas esse essa isso isto foi foram era eram
		ser sido sao ha tem tinha`), cut: accented(portuguese.Stem, "cao", "ção", "coes", "ções"), links: listed(nameLinkLines, "pt")},
	"it": {stops: wordSet(`il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai agli alle da dal
		dalla dai dalle in nel nello nella nei nelle con su sul sulla per tra fra e ed o ma se che chi cui non si ci ne
		come piu quale quali quando dove perche quanto quanti e sono era erano essere stato ha hanno aveva questo questa
		questi queste`), cut: italian.Stem, elided: listed(elidedLines, "it"), links: listed(nameLinkLines, "it")},
	"ru": {stops: wordSet(`и в во на с со к ко по за из от до у о об при для без над под не ни но а или что кто как где когда почему
		который которая которое которые какой какая какие это этот эта эти тот та те то он она оно они мы вы я его ее их
		был была было были быть есть же ли бы так`), cut: russian.Stem},
	"ar": {cut: bareArabic},
	"he": {cut: bareHebrew},
}

// analyserOf returns the analyser for a BCP-47 tag. For an unknown language it keeps words
// unchanged.
func analyserOf(language string) analyser {
	return analysers[primarySubtag(language)]
}

// primarySubtag returns the language part of a BCP-47 tag, in lower case.
func primarySubtag(tag string) string {
	primary, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(primary)
}

// stem returns the stem of word.
func (a analyser) stem(word string) string {
	if a.cut == nil {
		return word
	}
	env := snowball.NewEnv(word)
	a.cut(env)
	return env.Current()
}

// accented returns a stemmer that restores the accents of some endings before it calls
// stem. Folding has removed them, but the stemmer needs them. Without them "cooperación"
// and "cooperaciones" get different stems. endings are pairs of a folded and an accented
// ending.
func accented(cut func(*snowball.Env) bool, endings ...string) func(*snowball.Env) bool {
	return func(env *snowball.Env) bool {
		for i := 0; i < len(endings); i += 2 {
			if rest, ok := strings.CutSuffix(env.Current(), endings[i]); ok {
				env.SetCurrent(rest + endings[i+1])
			}
		}
		return cut(env)
	}
}

// listed returns the words of a language from a list in which each line begins with a
// language.
func listed(lines, language string) map[string]bool {
	for _, fields := range linesOf(lines) {
		if fields[0] == language {
			return wordSet(strings.Join(fields[1:], " "))
		}
	}
	return nil
}

// shortestBare is the minimum number of letters of an Arabic or Hebrew word after its
// article is removed. If fewer are left, the removed letters are probably not an article.
const shortestBare = 3

// hebrewPrefixes are the one-letter words that are written together with the next word.
const hebrewPrefixes = "הושבלמכ"

var (
	arabicArticles = strings.Fields(arabicArticleLines)
	arabicKept     = wordSet(arabicKeptLines)
	hebrewKept     = wordSet(hebrewKeptLines)
)

// bareArabic removes the article of an Arabic word, and a conjunction or preposition
// written together with it: "and", "in", "as", "so" and "for the".
func bareArabic(env *snowball.Env) bool {
	word := env.Current()
	if arabicKept[word] {
		return false
	}
	for _, article := range arabicArticles {
		if bare, ok := strings.CutPrefix(word, article); ok && utf8.RuneCountInString(bare) >= shortestBare {
			env.SetCurrent(bare)
			return true
		}
	}
	return false
}

// bareHebrew removes the article of a Hebrew word, and the conjunctions and prepositions
// that are written together with it: "and", "that", "in", "to", "from" and "as". It
// removes every such letter from the beginning of a word, unless the letter belongs to a
// common word. So a word has the same stem with and without them.
func bareHebrew(env *snowball.Env) bool {
	word := env.Current()
	for !hebrewKept[word] {
		first, size := utf8.DecodeRuneInString(word)
		if !strings.ContainsRune(hebrewPrefixes, first) || utf8.RuneCountInString(word) <= shortestBare {
			break
		}
		word = word[size:]
	}
	env.SetCurrent(word)
	return true
}
