package corpus

import (
	"strings"

	"golang.org/x/net/html"

	"github.com/accord-search/accord/internal/corpus/office"
	"github.com/accord-search/accord/internal/corpus/prose"
)

// mathText returns the text of a formula in MathML: "(a+b)/2", "x²".
func mathText(n *html.Node) string {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data)
	}
	var parts []string
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			parts = append(parts, mathText(c))
		}
	}
	switch name := n.Data; {
	case strings.HasPrefix(name, "annotation"): // the source in another language, such as TeX
		return ""
	case name == "mfrac" && len(parts) == 2:
		return office.InBrackets(parts[0]) + "/" + office.InBrackets(parts[1])
	case (name == "msup" || name == "mover") && len(parts) == 2:
		return parts[0] + prose.Superscript(parts[1])
	case (name == "msubsup" || name == "munderover") && len(parts) == 3:
		return parts[0] + parts[1] + prose.Superscript(parts[2])
	case name == "mroot" && len(parts) == 2:
		return prose.Superscript(parts[1]) + "√" + office.InBrackets(parts[0])
	case name == "msqrt":
		return "√" + office.InBrackets(strings.Join(parts, ""))
	case name == "mtr":
		return strings.Join(parts, " ") + "\n"
	}
	return strings.Join(parts, "")
}
