// Package caption recognises the captions of pictures.
package caption

import (
	"regexp"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
)

const (
	pictureAgency = `(?:Xinhua|AFP|AP(?: Photo)?|Reuters|REUTERS|EFE|EPA|epa|Getty(?: Images)?|Andina|ANDINA|Pool|Anadolu|CFP|VCG|CNS|China Daily|新华社|中新社)`
	maxCaption    = 900 // columns; longer paragraphs with a credit are prose
	maxCredit     = 300 // bytes
)

var (
	// Who took the picture, at the end of its caption.
	creditRE = regexp.MustCompile(`(?:` + strings.Join([]string{
		`(?i:[(（\[]\s*(?:[^()（）]{0,20}\b)?(?:photos? ?(?:by|:|courtesy|/)|photograph|picture:|pic:|image:|credit:|foto(?:s|grafía)? ?(?:de|:|por|/)|crédit|crédito|cnsphoto|getty)[^()（）]{0,80}[)）\]])`,
		`[(（\[]\s*` + pictureAgency + `\s?/\s?[^()（）]{2,60}[)）\]]`, `[(（\[]\p{Lu}[\p{L}\p{M} .'’-]{2,40}/\s?\p{Lu}[\p{L}\p{M}.'’-]+(?: \p{Lu}[\p{L}\p{M}.'’-]*){1,3}[)）\]]`, `[(（\[](?:[Ff]ile(?: photo)?: ?)?[\p{L}\p{M} .'’-]{2,40}\s?/\s?` + pictureAgency + `[^()（）]{0,30}[)）\]]`,
		`(?:记者|通讯员|摄影师?)[ 　:：]?\p{Han}{2,4}(?:[ 　、]\p{Han}{2,4}){0,2}[ 　]?(?:摄|攝)(?:影报道)?[)）]?`, `(?:[。！？”（( 　])\p{Han}{2,4}[ 　]?(?:摄|攝)[)）]?`,
		`[(（]?(?:新华社|中新社)(?:发|记者)\s?[（(]?[^。（）()]{0,16}(?:摄|攝)?[)）]?[)）]?`, `[（(]?(?:图片来源|图源|供图|资料图片|资料照片|资料图)[:：]?[^。]{0,24}[)）]?`,
		`(?i:photo|foto|photograph|image|imagen|credit|crédito|crédit(?: photo)?|bild)\s?(?::|[Bb]y )\s?[\p{L}\p{M} ./&'’,©-]{2,60}`,
		`\b` + pictureAgency + ` ?/ ?\p{Lu}[\p{L}\p{M} .'’-]{2,40}(?:/(?:File|Handout|Pool)[\p{L} ]{0,20})?`, `[.,。] ?/ ?` + pictureAgency + `(?: Photo)?`, `©\s?[\p{L}\p{M} ./&'’-]{2,50}`,
	}, "|") + `)[.。]?$`)
	// How captions without a credit begin.
	captionStartRE = regexp.MustCompile(`(?i)^(?:[(（【\[]?(?:file photo|photo (?:taken|shows|dated|by)|this (?:file )?photo|this (?:file )?(?:image|picture|handout)|(?:combo|combination) (?:photo|picture)|aerial (?:drone )?photo|an? (?:aerial )?(?:drone )?photo (?:taken|shows)|undated (?:file )?photo|screenshot|photo:|caption:|imagen (?:de archivo|del|tomada|cedida)|fotografía (?:de archivo|cedida|de|del)|foto(?: de archivo)?:|en la (?:imagen|foto)|photo d'archives|sur cette (?:photo|image)|资料图|资料照片|图为|图片说明|这是\d|这是资料|图[:：]|航拍)|.{0,40}(?:in this (?:file )?(?:photo|image|picture)))`)
	// How they end: with the day, and often the place, that the picture shows.
	dayEndRE = regexp.MustCompile(`(?i)(?:,? (?:on )?[\p{L}]{3,9}\.? \d{1,2}, \d{4}|,? (?:on |el |le )?\d{1,2} (?:de )?\p{L}{3,10}(?: de)? \d{4})\.?\s*$`)
	shownRE  = regexp.MustCompile(`(?i)\b(?:attends?|meets?|holds?|poses?|shakes?|inspects?|delivers?|speaks?|walks?|wears?|stands?|visits?|addresses|greets?|signs?|are seen|is seen|pictured|seen|celebrates?|takes?|looks?|waves?|welcomes?|asiste|saluda|posa|habla|camina|se reúne|firma|recibe|participa)\b`)
)

// Credited reports whether text is the caption of a picture and says whose.
func Credited(text string) bool {
	end := prose.Tail(text, maxCredit)
	return mayCredit(end) && prose.Width(text) <= maxCaption && creditRE.MatchString(end) && prose.Sentences(text) <= 4
}

// mayCredit spares most paragraphs the slow creditRE.
func mayCredit(end string) bool {
	return slices.ContainsFunc([]string{"/", "©", "摄", "攝", "图", "新华社", "中新社", "oto", "mage", "redit", "rédit", "ild", "getty", "Getty"}, func(hint string) bool {
		return strings.Contains(end, hint)
	})
}

// Certain reports whether text, though without a credit, can only be a caption.
func Certain(text string) bool {
	return prose.Width(text) <= maxCaption && captionStartRE.MatchString(text) && prose.Sentences(text) <= 3
}

// Describes reports whether text describes what a picture shows: one or two
// sentences in the present tense that end with the day.
func Describes(text string) bool {
	return prose.Width(text) <= 400 && dayEndRE.MatchString(text) && shownRE.MatchString(text) && prose.Sentences(text) <= 2
}
