package language

import (
	"fmt"
	"strings"
	"sync"

	"github.com/pemistahl/lingua-go"
	"golang.org/x/text/language"
)

// names are the tags of languages by their English names, in lower case.
var names = sync.OnceValue(func() map[string]string {
	tags := map[string]string{}
	for _, l := range lingua.AllLanguages() {
		tags[strings.ToLower(l.String())] = tagOf(l)
	}
	return tags
})

// Canonical returns the form of a BCP-47 tag that is stored and compared: "he" of
// "iw", "zh-Hant" of "ZH-hant". The error says what to write instead.
func Canonical(tag string) (string, error) {
	parsed, err := language.Parse(tag)
	if err == nil {
		return parsed.String(), nil
	}
	if code := names()[strings.ToLower(tag)]; code != "" {
		return "", fmt.Errorf("%q is not a BCP-47 tag such as en or zh-Hant; write %q", tag, code)
	}
	return "", fmt.Errorf("%q is not a BCP-47 tag such as en or zh-Hant", tag)
}
