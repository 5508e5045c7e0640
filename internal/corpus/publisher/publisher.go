// Package publisher knows the names of news agencies and the hosts of web sites.
package publisher

import (
	"embed"
	"strings"

	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
)

//go:embed patterns.txt
var files embed.FS

var patterns = pattern.MustLoad(files, "patterns.txt", nil)

var (
	agencyRE  = patterns.Regexp("agency")
	hostRE    = patterns.Regexp("host")
	chineseRE = patterns.Regexp("Chinese source")
	foreignRE = patterns.Regexp("foreign source")
)

// IsChinese reports whether text names a publisher in the time zone of Beijing.
func IsChinese(text string) bool { return chineseRE.MatchString(text) }

// IsForeign reports whether text is the Chinese name of a foreign publisher.
func IsForeign(text string) bool { return foreignRE.MatchString(text) }

// AgencyPattern matches the names of agencies. It is for use inside other patterns.
var AgencyPattern = agencyRE.String()

// FindAgency returns the first name of a news agency in text, or "".
func FindAgency(text string) string { return agencyRE.FindString(text) }

// FindHost returns the first address or host name in text, or "".
func FindHost(text string) string { return hostRE.FindString(text) }

// HostName returns the first host name in text, without scheme and path, or "".
func HostName(text string) string {
	if m := hostRE.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// signOffRE matches an agency after the last sentence, or alone: "… dijo. EFE", "(Xinhua)".
var signOffRE = pattern.MustCompile(`[.。!?！？”"»][ /]*[(（\[]?(` + AgencyPattern + `)[)）\]]?[/.]?$|^(?:[-–—]{1,2}\s*|[(（])(` + AgencyPattern + `)[)）]?$`)

// SignOff returns the agency that signs the end of text, or "".
func SignOff(text string) string {
	if m := signOffRE.FindStringSubmatch(text); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// signedRuleRE matches the line with which an agency signs its text: "-- BERNAMA".
var signedRuleRE = pattern.MustCompile(`^[-–—]{1,2}\s*(?:` + AgencyPattern + `)$`)

// IsSignature reports whether text is a dash and the name of an agency.
func IsSignature(text string) bool { return signedRuleRE.MatchString(text) }

// IsAgency reports whether text is only the name of a news agency.
func IsAgency(text string) bool {
	text = strings.Trim(prose.Fold(text), " ()[]")
	return text != "" && FindAgency(text) == text
}
