package language

import (
	"fmt"
	"strings"
	"sync"

	"github.com/pemistahl/lingua-go"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// names are the tags of languages by their English names and by those that they have
// in themselves, in lower case.
var names = sync.OnceValue(func() map[string]string {
	tags := map[string]string{}
	for _, l := range lingua.AllLanguages() {
		tag := tagOf(l)
		tags[strings.ToLower(l.String())] = tag
		tags[strings.ToLower(display.Self.Name(language.Make(tag)))] = tag
	}
	return tags
})

// detected are the tags that Detect has for languages whose canonical one differs.
var detected = map[string]string{"no": "nb", "fil": "tl"}

// Canonical returns the form of a BCP-47 tag that is stored and compared: "he" of
// "iw", "zh-Hant" of "ZH-hant", "zh" of "cmn", "en-US" of "en_US". The error says
// what to write instead.
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
