package language

import (
	"fmt"
	"strings"
	"sync"

	"github.com/pemistahl/lingua-go"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// names maps the names of languages, in English and in the language itself, to their
// tags. Names are in lower case.
var names = sync.OnceValue(func() map[string]string {
	tags := map[string]string{}
	for _, l := range lingua.AllLanguages() {
		tag := tagOf(l)
		tags[strings.ToLower(l.String())] = tag
		tags[strings.ToLower(display.Self.Name(language.Make(tag)))] = tag
	}
	return tags
})

// detected maps canonical primary tags to the tags that Detect returns for these languages.
var detected = map[string]string{"no": "nb", "fil": "tl"}

// Canonical returns the form of a BCP-47 tag that is stored and compared: "he" for
// "iw", "zh-Hant" for "ZH-hant", "zh" for "cmn", "en-US" for "en_US". If tag is the
// name of a language, the error says which tag to use.
func Canonical(tag string) (string, error) {
	parsed, err := language.All.Parse(tag)
	if err == nil {
		base, rest, _ := strings.Cut(parsed.String(), "-")
		if other, ok := detected[base]; ok {
			base = other
		}
		return strings.TrimSuffix(base+"-"+rest, "-"), nil
	}
	if code := names()[strings.ToLower(tag)]; code != "" {
		return "", fmt.Errorf("%q is not a BCP-47 tag such as en or zh-Hant; write %q", tag, code)
	}
	return "", fmt.Errorf("%q is not a BCP-47 tag such as en or zh-Hant", tag)
}
