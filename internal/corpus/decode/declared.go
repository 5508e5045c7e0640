package decode

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	maxDeclaration    = 8 << 10 // bytes at the start of a page that are searched for its charset
	bytesPerUndefined = 100     // minimum number of bytes for each character that the declared charset does not define
)

var (
	commentRE  = regexp.MustCompile(`(?s)<!--.*?-->`)
	declaredRE = regexp.MustCompile(`(?i)<(?:meta\s[^>]*?|\?xml\s[^>]*?en)(?:charset|coding)\s*=\s*["']?\s*([\w.:-]+)`)
)

// WithDeclaredCharset returns the text of an HTML page, decoded with the charset that it
// declares. It returns text, the result of Text for data, if the page is in UTF-8 or
// UTF-16, or if it declares no charset or one that does not fit its bytes.
func WithDeclaredCharset(data []byte, text string) string {
	if utf8.Valid(data) || utf16Order(data) != nil {
		return text
	}
	from := declared(data)
	if from == nil {
		return text
	}
	decoded, err := from.NewDecoder().Bytes(withoutStrayNULs(data, "text/html"))
	if err != nil || bytes.Count(decoded, []byte("\uFFFD"))*bytesPerUndefined > len(decoded) {
		return text
	}
	return string(decoded)
}

// declared returns the encoding that a page names in its first bytes, or nil if it names
// none or a form of Unicode.
func declared(data []byte) encoding.Encoding {
	m := declaredRE.FindSubmatch(commentRE.ReplaceAll(data[:min(len(data), maxDeclaration)], nil))
	if m == nil {
		return nil
	}
	from, err := htmlindex.Get(string(m[1]))
	if err != nil {
		return nil
	}
	switch name, _ := htmlindex.Name(from); name {
	case "utf-8", "utf-16le", "utf-16be", "replacement", "x-user-defined":
		return nil
	case "gbk":
		return simplifiedchinese.GB18030
	case "iso-8859-1":
		return charmap.Windows1252
	}
	return from
}
