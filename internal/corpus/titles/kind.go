package titles

import (
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/furniture"
)

// instrumentRE matches the titles of what states agree on or declare.
var instrumentRE = regexp.MustCompile(`(?i)^(?:[\p{L}-]+ ){0,4}(?:` + strings.Join([]string{
	`statement|declaration|communiqu[ée]|agreement|treaty|convention|protocol|memorandum of understanding`,
	`acuerdo|convenio|tratado|declaración|comunicado|memorando|memorándum|acordo|declaração`,
	`accord|traité|déclaration|protocole|abkommen|vertrag|erklärung`,
}, "|") + `)\s(?:.*\s)?(?:between|among|of|on|concerning|entre|sobre|relati(?:f|ve)|zwischen|über)\s` +
	`|^\p{Han}{4}.*(?:联合声明|聯合聲明|联合公报|联合新闻公报|协定|協定|条约|條約|宣言|谅解备忘录|协议|议定书|声明)(?:[（(]\p{Han}{2,4}[）)])?$`)

// IsInstrument reports whether text is the title of an agreement or statement of states.
func IsInstrument(text string) bool { return instrumentRE.MatchString(text) }

// Who issues a text, or what kind of text it is, above its title; and the
// office and name of a speaker below it.
var issuerRE = furniture.Whole(
	`(?:the )?(?:(?:ministry|department|embassy|office|government|secretariat|permanent mission) (?:of|for|to)\b[^.:]{0,60}|(?:white house|united nations|european (?:commission|union|council|parliament))(?:\s*[-–—,|].{0,40})?)`,
	`(?:ministerio|embajada|presidencia|gobierno|secretaría|ministère|ambassade|gouvernement|présidence|ministério|embaixada|presidência|governo) (?:del?|da|do|des|du|d['’])[^.:]{0,60}`,
	`(?:the )?(?:rep[úu]blica|republic|république|reino|kingdom|commonwealth|estado|state)(?: (?:[^ .,:]+ )?(?:del?|da|do|of|du)(?: (?:la|el|los|las|the))?(?: [^ .,:]+){1,2})`,
	`(?:joint )?(?:press |news |media )?(?:statements|releases|speeches|remarks|announcements)(?:,? (?:and|&) (?:press |media )?(?:statements|releases|speeches|remarks|transcripts|announcements))?`, `(?:briefing|press|news|media) (?:room|cent(?:er|re)|office)`, `sala de prensa`,
	`(?:cancillería|bundesregierung|auswärtiges amt|bundesministerium .{0,60})(?:\s*[-–—,|].{0,40})?`,
	`(?:for immediate release|(?:joint )?(?:press|news|media) (?:release|statement)|statements?|communiqu[ée]s?(?: de presse)?|comunicado(?: (?:de prensa|oficial))?|nota (?:informativa|de prensa|à imprensa)|pressemitteilung|comunicato stampa|пресс-релиз|新闻稿|新闻公报|新聞公報|新聞稿|政府公报)(?:\s*(?:n[.oº°]{1,2}|#)?\s*[\d/-]+)?`,
	`\p{Han}{0,12}(?:部|委|院|局|署|厅|廳|政府|委员会|委員會|办公室|辦公室|大使馆|大使館)`,
	`\p{Han}{2,16}(?:主席|总统|總統|总理|總理|首相|部长|部長|外长|大使|秘书长|委员长|国务委员)\s+\p{Han}{2,4}`,
)

// IsIssuer reports whether text is the name of an authority or of a kind of text.
func IsIssuer(text string) bool { return issuerRE.MatchString(text) }
