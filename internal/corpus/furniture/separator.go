package furniture

import (
	"regexp"
)

var (
	counter     = `(?:no\.?|#|nº)?\s*\d{1,4}(?:\s*(?:of|/|de|、)\s*\d{1,4})?`
	separatorRE = Whole(
		`[\[(（【]\s*\d{1,4}\s*(?:/|of)\s*\d{1,4}\s*[\])）】]`, `\f`, `={3,}|-{3,}|_{3,}|[*＊]{3,}|#{4,}|~{3,}|—{3,}|─{3,}|━{3,}|═{3,}|\+{3,}|(?:[*=·•~-] ){2,}[*=·•~-]`,
		`[=\-*#\s\[【<]*(?:document|doc|story|item|news item|文档|文件|新闻|文章|documento|noticia)\s*`+counter+`[=\-*#\s\]】>:：.]*`,
		`[=\-*#\s\[【]*article\s+\d{1,4}\s*(?:of|/)\s*\d{1,4}[=\-*#\s\]】:：.]*`, `[=\-*#\s\[【]*第\s*[一二三四五六七八九十\d]{1,4}\s*篇[=\-*#\s\]】:：.]*`,
		`</?(?:doc|document|article|text)\b[^>]{0,60}>`,
	)
	// A rule of single strokes or stars may part the sections of one document.
	weakSeparatorRE = regexp.MustCompile(`^[-*＊_~·•—─ ]+$`)
)

// IsSeparator reports whether text is a rule or a counter between documents.
func IsSeparator(text string) bool { return separatorRE.MatchString(text) }

// IsWeakSeparator reports whether text is a rule that may part the sections of
// one document.
func IsWeakSeparator(text string) bool { return weakSeparatorRE.MatchString(text) }
