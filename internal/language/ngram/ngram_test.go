package ngram

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/pemistahl/lingua-go"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accord-search/accord/internal/referencetexts"
)

// noise is how much confidences may differ from the library's, which has twice as many bits.
const noise = 1e-5

var usual = []lingua.Language{
	lingua.English, lingua.Spanish, lingua.French, lingua.German, lingua.Portuguese, lingua.Italian,
	lingua.Dutch, lingua.Polish, lingua.Turkish, lingua.Vietnamese, lingua.Indonesian,
	lingua.Russian, lingua.Arabic, lingua.Hindi, lingua.Greek, lingua.Hebrew, lingua.Thai,
}

// TestConfidencesAreTheLibrarys compares thousands of texts in all languages.
func TestConfidencesAreTheLibrarys(t *testing.T) {
	t.Parallel()
	t.Run("usual", func(t *testing.T) {
		t.Parallel()
		library := lingua.NewLanguageDetectorBuilder().FromLanguages(usual...).Build()
		compare(t, New(usual...), library, append(realTexts(), madeTexts(usual, 100)...))
	})
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		all := slices.DeleteFunc(lingua.AllSpokenLanguages(), func(l lingua.Language) bool { return l == lingua.Bosnian })
		library := lingua.NewLanguageDetectorBuilder().FromLanguages(all...).WithLowAccuracyMode().Build()
		compare(t, NewTrigrams(all...), library, append(realTexts(), madeTexts(all, 30)...))
	})
}

func compare(t *testing.T, detector *Detector, library lingua.LanguageDetector, texts []string) {
	t.Helper()
	differ := 0
	for _, text := range texts {
		if problem := difference(library, text, detector.Confidences(text)); problem != "" {
			t.Errorf("%q: %s", text, problem)
			if differ++; differ == 10 {
				t.Fatal("and so on")
			}
		}
	}
	t.Logf("%d texts", len(texts))
}

// difference returns how confidences differ from the library's, or "" if they do not.
func difference(library lingua.LanguageDetector, text string, got []Confidence) string {
	want := map[lingua.Language]float64{}
	inLibrary.Lock()
	for _, v := range library.ComputeLanguageConfidenceValues(text) {
		want[v.Language()] = v.Value()
	}
	inLibrary.Unlock()
	if len(got) != len(want) {
		return fmt.Sprintf("%d confidences, the library has %d", len(got), len(want))
	}
	if !slices.IsSortedFunc(got, func(a, b Confidence) int { return cmp.Compare(b.Value, a.Value) }) {
		return fmt.Sprintf("not in order: %v", got)
	}
	for place, c := range got {
		if !(math.Abs(c.Value-want[c.Language]) <= noise) { // also if it is not a number
			return fmt.Sprintf("place %d: confidence in %v is %g, the library's %g", place, c.Language, c.Value, want[c.Language])
		}
	}
	return ""
}

// inLibrary is held during calls of the library, which are not safe for concurrent use.
var inLibrary sync.Mutex

// realTexts returns the reference texts and their beginnings, queries, and some odd texts.
func realTexts() []string {
	texts := []string{
		"", " ", "2024", "a", "ß", "ñ", "ab", "é è", "Straße", "İstanbul", "ISPARTA'DA", "I", "ÅNGSTRÖM", "µ", "ª º", "ﬁnal", "½ x", "\xff\xfe abc \xff",
		"iPhone цена", "цена iPhone 15 новый", "Ελλάδα and Greece", "عربي english עברית", "中文 English", "English中文 mixed", "中文English", "A東京都タ", "é漢字漢字か", "é東京タワー", "東京タワー", "さくら", "カタカナ english",
		"한국어 text", "漢字かな混じり", "ー", "〇", "々", "ไทย อังกฤษ thai", "हिन्दी हिंदी", "Öl über Äpfel", "łódź", "coração", "señor mañana", "façade naïve", "ÿ", "œuvre", "đi đâu", "ươ", "Жъ щы", "ґанок", "ӘӨ", "ѓ ќ", "ळ",
		"Zażółć gęślą jaźń", "ĉu ŝi", "don't l'accord", "e-mail", "x y z", "aa bb cc dd ee", "ab ςσ ab", strings.Repeat("abc ", 100),
	}
	for _, language := range referencetexts.Languages() {
		texts = append(texts, referencetexts.ShortQueries(language)...)
		texts = append(texts, referencetexts.Questions(language)...)
		for i, text := range referencetexts.Texts(language) {
			words := strings.Fields(text)
			texts = append(texts, strings.Join(words[:min(1+i%9, len(words))], " "))
			if i%20 == 0 { // the library is slow with long texts
				texts = append(texts, text, strings.Join(words[:min(25, len(words))], " "))
			}
		}
	}
	return texts
}

// madeTexts returns texts of sequences that the models of languages have, and of mixed languages.
func madeTexts(languages []lingua.Language, each int) (texts []string) {
	random := rand.New(rand.NewPCG(1, 2)) // the same texts each time
	var before []string
	for _, l := range languages {
		words := modelled(l)
		for range each {
			var text []string
			for range 1 + random.IntN(8) {
				text = append(text, words[random.IntN(len(words))]+words[random.IntN(len(words))])
			}
			if len(before) > 0 && random.IntN(5) == 0 {
				text = append(text, before[random.IntN(len(before))])
			}
			texts = append(texts, strings.Join(text, " "))
		}
		before = words
	}
	return texts
}

// modelled returns sequences of three letters of a language, or of one if it has no others.
func modelled(l lingua.Language) (found []string) {
	for _, name := range []string{"trigrams", "unigrams"} {
		zipped, err := files.ReadFile("language-models/" + strings.ToLower(l.IsoCode639_1().String()) + "/" + name + ".pb.bin.zip")
		if err != nil {
			continue
		}
		model, err := unzip(zipped)
		if err != nil {
			panic(err)
		}
		_ = eachField(model, func(field protowire.Number, set []byte) error {
			if field != fieldSet {
				return nil
			}
			return eachField(set, func(field protowire.Number, value []byte) error {
				if field == fieldSequence {
					found = append(found, string(value))
				}
				return nil
			})
		})
		break
	}
	return found
}

// TestModelsTakeLittleMemory checks the memory of the models of a language. The library takes 48
// bytes for each sequence.
func TestModelsTakeLittleMemory(t *testing.T) {
	t.Parallel()
	bytes, all := 0, 0
	for i := range maxOrder {
		m := loaded[lingua.English][i]()
		bytes += int(unsafe.Sizeof(m.starts[0]))*cap(m.starts) + int(unsafe.Sizeof(m.entries[0]))*cap(m.entries)
		all += len(m.entries)
	}
	if all < 300_000 || bytes > 10*all {
		t.Errorf("%d sequences take %d bytes, want at least 300000 and at most 10 bytes for each", all, bytes)
	}
}

// TestConcurrentConfidences checks that concurrent calls return what the library does.
func TestConcurrentConfidences(t *testing.T) {
	t.Parallel()
	all := []lingua.Language{lingua.Swedish, lingua.Danish, lingua.Finnish, lingua.Estonian}
	d, texts := NewTrigrams(all...), madeTexts(all, 5)
	got := make([][]Confidence, len(texts))
	var calls sync.WaitGroup
	for i, text := range texts {
		calls.Go(func() { got[i] = d.Confidences(text) })
	}
	calls.Wait()
	library := lingua.NewLanguageDetectorBuilder().FromLanguages(all...).WithLowAccuracyMode().Build()
	for i, text := range texts {
		if problem := difference(library, text, got[i]); problem != "" {
			t.Errorf("%q: %s", text, problem)
		}
	}
}

func BenchmarkConfidences(b *testing.B) {
	const text = "what does the law say about ports in the north"
	b.Run("models as numbers", func(b *testing.B) {
		d := New(usual...)
		d.Confidences(text)
		b.ReportAllocs()
		for b.Loop() {
			d.Confidences(text)
		}
	})
	b.Run("library", func(b *testing.B) {
		d := lingua.NewLanguageDetectorBuilder().FromLanguages(usual...).Build()
		d.ComputeLanguageConfidenceValues(text)
		b.ReportAllocs()
		for b.Loop() {
			d.ComputeLanguageConfidenceValues(text)
		}
	})
}
