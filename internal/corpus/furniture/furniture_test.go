package furniture

import (
	"slices"
	"testing"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, set := range []pattern.Set{buttons, credits, elements, kinds, separators, stuck} {
		if err := set.Check(); err != nil {
			t.Error(err)
		}
	}
}

// TestReasonNames checks that the reasons with a name in Go are kinds of patterns.
func TestReasonNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{PageNumber, Related, Editor, Rights, Link, Request} {
		if !slices.ContainsFunc(kinds, func(k *pattern.Kind) bool { return k.Name == name }) {
			t.Errorf("no kind %q in the files of patterns", name)
		}
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"fontLarger fontSmaller":        "font size",
		"Share this article on Twitter": "share buttons",
		"微信 微博 字号 打印":                   "share buttons",
		"微信 论坛 网摘 某报":                   "tools",
		"Share prices fell on Friday":   "",
		"- 12 -":                        PageNumber,
		"【相关新闻】":                        Related,
		"（责任编辑：王某）":                     Editor,
		"版权所有 新华网":                      Rights,
		"By Jane Doe":                   "byline",
		"The end of the war is near.":   "",
	} {
		if got := Reason(text); got != want {
			t.Errorf("Reason(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestOfCaption(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Photo: Jane Doe":               "picture credit",
		"Jane Doe / Shutterstock":       "picture credit",
		"© Harbour Post":                Rights,
		"Click image to enlarge":        Request,
		"Ships at the quay. © Jane Doe": "",
		"© Jane Doe: ships at the quay of the northern island, where nobody had seen one for a year": "",
	} {
		if got := OfCaption(text); got != want {
			t.Errorf("OfCaption(%q) = %q, want %q", text, got, want)
		}
	}
}
