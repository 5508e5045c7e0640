// Package publisher knows the names of news agencies and the hosts of web sites.
package publisher

import (
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
)

var (
	foreignSourceRE = regexp.MustCompile(`(?i)路透|法新|安莎|德新|朝中社|国际文传|俄新|埃菲|美联|塔斯|共同社|韩联|联合国|bbc|voa|美国之音|德国之声|法广`)
	chineseSourceRE = regexp.MustCompile(`(?i)xinhua|people'?s daily|people\.c|china daily|chinadaily|global times|cgtn|cctv|china news|\.cn\b|beijing review|新华|新華|人民|中新|中国|央视|光明|环球|经济日报|解放军|中央社|中央通訊社|联合早报|外交部|国务院|商务部`)
)

// IsChinese reports whether text names a publisher of mainland China.
func IsChinese(text string) bool { return chineseSourceRE.MatchString(text) }

// IsForeign reports whether the Chinese name of a publisher is that of a foreign one.
func IsForeign(text string) bool { return foreignSourceRE.MatchString(text) }

var (
	hostRE   = regexp.MustCompile(`(?i)\b(?:https?://)?((?:[a-z0-9-]+\.)+(?:com|cn|org|net|gov|int|edu|info|news|pe|es|fr|mx|cl|ar|br|uk|us|hk|tw|eu|de)(?:\.[a-z]{2})?)(?:/\S*)?`)
	agencyRE = regexp.MustCompile(`(?i)\b(?:Bernama|Antara|Interfax|Al Jazeera|Europa Press|Xinhua(?: News Agency|net)?|People'?s Daily(?: Online)?|China Daily|Global Times|CGTN|AFP|Reuters|EFE|Agencia EFE|AP|Associated Press|Andina|TASS|Kyodo(?: News)?|dpa|ANSA|Notimex|Télam|Bloomberg|Yonhap|Agência Brasil|Lusa|Prensa Latina|DPA|UN News)\b|(?:ТАСС|РИА Новости|Интерфакс)|新华社|新华网|新华每日电讯|人民网|人民日报(?:海外版)?|中新社|中新网|中国新闻网|央视网|央视新闻|中国政府网|外交部网站|中国日报|光明日报|环球网|中央社|路透社|法新社|埃菲社`)
)

// AgencyPattern is the pattern of the names of agencies, for use in others.
var AgencyPattern = agencyRE.String()

// FindAgency returns the first name of a news agency in text, "" for none.
func FindAgency(text string) string { return agencyRE.FindString(text) }

// FindHost returns the first address or host name in text, "" for none.
func FindHost(text string) string { return hostRE.FindString(text) }

// HostName returns the first host name in text without scheme and path, "" for none.
func HostName(text string) string {
	if m := hostRE.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// Who sent the text, behind its last sentence or alone: "… dijo. EFE", "(Xinhua)".
var signOffRE = regexp.MustCompile(`[.。!?！？”"»][ /]*[(（\[]?(` + AgencyPattern + `)[)）\]]?[/.]?$|^(?:[-–—]{1,2}\s*|[(（])(` + AgencyPattern + `)[)）]?$`)

// SignOff returns the agency that signs text at its end, "" for none.
func SignOff(text string) string {
	if m := signOffRE.FindStringSubmatch(text); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// signedRuleRE matches the line with which agencies sign their texts: "-- BERNAMA".
var signedRuleRE = regexp.MustCompile(`^[-–—]{1,2}\s*(?:` + AgencyPattern + `)$`)

// IsSignature reports whether text is the name of an agency behind a dash.
func IsSignature(text string) bool { return signedRuleRE.MatchString(text) }

// IsAgency reports whether text is nothing but the name of a news agency.
func IsAgency(text string) bool {
	text = strings.Trim(prose.Fold(text), " ()[]")
	return text != "" && FindAgency(text) == text
}
