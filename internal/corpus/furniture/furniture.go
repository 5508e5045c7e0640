// Package furniture recognises lines that belong to the page around an article:
// navigation, buttons, share links, copyright, bylines, advertisements.
package furniture

import (
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
)

// kind is a kind of line that belongs to a page, not to its article.
type kind struct {
	reason string
	re     *regexp.Regexp
}

// Reasons that the readers of documents look at.
const (
	PageNumber = "page number"
	Related    = "related articles"
	Editor     = "editor's line"
	Rights     = "copyright"
	Foot       = "foot of the page"
)

// kinds are matched against whole lines, in any case: prose that
// speaks of printing or of copyright stays.
var kinds = []kind{
	{"font size", Whole(
		`font\s?(?:larger|smaller|size)(?:\W*(?:font\s?)?(?:larger|smaller|small|medium|large|a[+-]|[+-]))*`,
		`[\[(]?(?:text|font)(?: size)?\s*:?\s*(?:a[+-]|[+-])(?:[ /|]*a?[+-]?)*[\])]?`, `[\[(]?(?:text|font) size\W*(?:a[+-]?|\W|small|medium|large|normal)*`, `a[+-](?:\s*a[+-]?)*`,
		`[【\[［(（]?字[体號号]\s*[:：]?\s*(?:[超特]?[大中小]号?[ |/、]*)+[\]］】)）]?`,
		`tama[ñn]o de (?:la )?(?:letra|fuente|texto).{0,20}`, `taille (?:du texte|de police).{0,20}`,
	)},
	{"print button", Whole(
		`\[(?:rss|feedback|print|close|more)\]`,
		`print(?: (?:this )?(?:page|article|story|version|email))?`, `printer[- ]friendly(?: version)?`, `imprimir(?: (?:esta página|artículo))?`, `imprimer`,
		`(?:我要)?(?:打印|关闭|纠错|收藏)(?:本页|本文|此页|窗口)?(?:\s*[|/ ]?\s*(?:打印|关闭|纠错|收藏)(?:本页|本文|此页|窗口)?)*`,
		`(?:[(（【\[［](?:打印|关闭|(?:我要)?纠错|推荐|收藏|返回|分享)(?:本页|本文|此页|窗口|顶部)?[)）】\]］]\s*)+`,
	)},
	{"share buttons", Whole(
		shareWord+`(?:[\s:：,，/|｜·•+–-]*(?:(?:this|on|to|via|article|story|page|with|in|en|por|sur|artículo|friends|us|esto|isto|social media|redes sociales|更多)\b|`+shareWord+`))*[\s:：]*`,
		shareWord+`\s*[:：]?\s*@[\w.]+`, `please (?:credit and )?share this (?:article|story).{0,120}`,
		`about sharing`, `(?:click to (?:share|e-?mail|print)|haz clic (?:para|en)|cliquez pour|clique para)\b.{0,80}`, `扫描?二维码[^。]{0,20}`, `(?:用|打开)?(?:微信)?“?扫一扫[^。]{0,20}`,
	)},
	{"navigation", Whole(
		`[^>»›«.。]{1,30}(?:\s*(?:>+|»|›)\s*[^>»›«.。]{1,40}){1,6}`, `(?:home|\p{Han}{0,6}首页|inicio|accueil)(?:\s*[|/·→]\s*[^.。|]{1,20}){1,40}`,
		`您?(?:现在|当前)?(?:的)?(?:所在)?位置\s*[:：][^。]{0,80}`, `(?:you are here|está (?:usted )?aquí|vous êtes ici)\s*:.{0,80}`,
		`(?:back to )?(?:top|home)`, `返回(?:首页|顶部|列表|目录)?`, `(?:previous|next)(?: (?:page|article|story|post))?(?:\s*:.{1,80})?`, `[上下]一[页篇条](?:\s*[:：][^。]{0,60})?`,
		`(?:\[[\p{L} +-]{1,20}\]\s*){2,}`, `(?:back )?to (?:the )?top(?: of (?:the )?page)?`, `back to the top`, `(?:choose|select) (?:your |a )?language`, `close(?: x| panel)?`, `link copied!?`, `load more`, `加载更多`, `(?:search )?trends`, `(?:time de|tempo de|temps de|tiempo de) (?:lectura|leitura|lecture)[^.]{0,20}`, `\+1`,
		`[\[(（]?(?:english|español|français|deutsch|português|русский|العربية|japanese|chinese|中文|繁體|简体)[\])）]?`, `skip to (?:main )?content`, `ir al contenido`, `(?:main )?menu|menú|search|buscar|log ?in|sign in|register|site ?map|网站地图|home(?:page)?|首页|inicio|accueil`,
		`(?:浏览|阅读|点击|访问|查看)(?:次数|量|数|人数)?\s*[:：]?\s*\d+\s*次?`, `\d+ min(?:ute)?s? read`, `\d+\s*(?:comments?|comentarios|commentaires|views|visitas|shares|likes)`, `(?:leave|add|post) (?:a|your) (?:comment|reply)`, `(?:is|was) this (?:page|article|story|information) (?:useful|helpful)\?(?: (?:yes|no))*`, `report (?:a|an|any) (?:problem|issue|error|mistake|typo)\b[^.]{0,30}`, `\+ ?show all updates`,
		`listen(?: to (?:this|the) (?:article|story))?`, `(?:escuchar?|escucha) (?:el |este |la |esta )?(?:artículo|noticia|nota)`, `écouter (?:l['’]|cet )article`, `(?:点击)?收听(?:本文|全文|新闻)`, `comments?|comentarios`, `(?:发表|我要|网友|新闻)评论`, `关注(?:我们|\p{Han}{2,6})`,
	)},
	{"document number", Whole(`(?:n[.oº°]{1,2}|#)?\s?\d{1,5}\s?[/-]\s?(?:19|20)?\d{2}`)},
	{PageNumber, Whole(`第?\d+页\s*[/／]?\s*共\d+页`, `(?:page )?\d+ (?:of|/) \d+`, `[-–—] ?\d{1,3} ?[-–—]`, `page \d+`, `第\s?\d{1,3}\s?页`)},
	{Related, list(
		`related(?: (?:news|articles?|stories|links|reading|topics|coverage|content|photos))?(?:\s*[:：](?:.{1,100}[^.。])?)?`, `(?:more )?(?:photos|videos|galler(?:y|ies))`, `(?:see|read) also`, `also read`, `more (?:stories|news|headlines)(?: .{0,30})?`,
		`most (?:viewed|popular|read|shared|commented)(?: .{0,20})?`, `read next`, `list of \d+ items`, `list \d+ of \d+`, `end of list`, `suggested topics`, `top (?:stories|news)`, `latest news`, `recommended(?: (?:for you|reading|articles|stories))?`,
		`you (?:may|might) (?:also )?like`, `editor['’]?s?['’]? (?:picks|choice)`, `trending(?: now)?`, `what to read next`, `hot words`, `most (?:liked|searched|watched)`, `we recommend`, `key ?words?`, `tags`,
		`相关(?:阅读|新闻|报道|链接|文章|稿件|专题)`, `推荐(?:阅读|新闻|文章)`, `延伸阅读`, `热门(?:推荐|文章|新闻|点击|排行)`, `热点(?:新闻|排行|推荐)`, `更多(?:新闻|精彩)(?:内容)?`, `更多精彩内容请\p{Han}{2,10}`, `\p{Han}{0,4}新闻精选`, `猜你喜欢`, `(?:点击|阅读|新闻|一周)排行`, `最新(?:新闻|消息|报道)`, `精彩推荐`,
		`(?:más|también) en \p{Lu}[\p{L} ]{2,20}`, `más sobre .{2,30}`, `noticias relacionadas`, `(?:notícias|matérias) relacionadas`, `leia (?:também|mais)`, `veja também`, `mais lidas`, `leggi anche`, `lesen sie auch`, `mehr zum thema`, `читайте также`, `اقرأ أيضا`, `(?:lo )?más (?:leíd[oa]s?|vist[oa]s?|noticias)`, `te puede interesar`, `también te puede interesar`, `(?:lea|vea|lee|mira) (?:también|además)`, `(?:artículos|contenido) relacionad[oa]s?`,
		`(?:[aà] )?(?:lire|voir|écouter) aussi(?:\s*:.{1,100})?`, `articles (?:liés|similaires|associés)`, `sur le même (?:sujet|thème)`, `les plus lus`,
	)},
	{"subscription", Whole(
		`(?:subscribe|sign up)(?:[ :](?:to|for|now|our|here|today|via).{0,80})?`, `newsletters?`, `save articles to read later.{0,60}`, `get (?:the latest|our).{0,60}(?:newsletter|inbox|app).{0,20}`, `download (?:the|our) app.{0,40}`,
		`suscr[ií]b(?:ete|ase|irse)\b.{0,60}`, `abonnez-vous.{0,60}`, `(?:立即)?订阅(?:我们|本站|新闻)?`, `(?:请)?(?:扫码)?关注(?:我们|(?:官方)?(?:微信)?公众号)[^。]{0,20}`, `下载(?:手机)?(?:客户端|app)[^。]{0,10}`,
	)},
	{Rights, Whole(
		`(?:copyright\s*)?(?:©|\(c\)|&copy)\s?.{0,160}`, `copyright\s*(?:\d{4}|by|notice|reserved|©|\(c\)).{0,400}`, `[^.]{0,60}\ball rights reserved(?:[.!|©].{0,80})?`,
		`.{0,60}(?:(?:todos los|todos os) (?:derechos|direitos) reservados|tous droits (?:de reproduction[^.]{0,40} )?réservés|riproduzione riservata|alle rechte vorbehalten|все права защищены|جميع الحقوق محفوظة).{0,60}`,
		`人 ?民 ?网 ?版 ?权 ?所 ?有.{0,60}`, `[^。]{0,30}(?:版权所有|版權所有|版权归|版权声明)[^。]{0,80}[。]?`, `[^。]{0,30}未经[^。]{0,16}(?:授权|许可|允许)[^。]{0,20}(?:转载|使用)[^。]{0,20}[。]?`, `(?:严禁|禁止)转载`, `(?:本网站?|本站)(?:所)?刊载.{0,120}`, `.{0,20}ICP[备证].{0,40}`, `.{0,20}公网安备.{0,30}`, `网站标识码.{0,20}`,
		`(?:主办|承办|协办|主管|版权)(?:单位)?\s*[:：].{0,60}`, `(?:we|this (?:web)?site|our (?:web)?site) uses? cookies.{0,160}`, `(?:utilizamos|usamos|este sitio (?:web )?utiliza) cookies.{0,160}`, `(?:本网站|本站|我们)使用\s?cookies?.{0,100}`, `(?:terms of (?:use|service)|privacy policy|cookies?|(?:about|contact) us|advertise)(?:\s*[|·•].{1,80})?`, `(?:关于|联系)我们(?:\s*[|｜·].{0,80})?`, `免责声明(?:[:：].{0,120})?`,
	)},
	{Editor, Whole(
		`[\p{Ll}]{2,4}(?:[/-][\p{Ll}]{2,4}){1,3}`, `[(（](?:fin|end|final)[)）]\s?\p{Lu}{2,4}(?:/\p{Lu}{2,4}){0,3}`, `(?:redazione|redacción|rédaction|redaktion) \p{Lu}{2,6}`, `(?:edição|edición|edição de texto)\s*:.{0,60}`,
		`[(（]?(?:for|follow) .{3,80}\b(?:on|at|via|in) (?:twitter|facebook|x|instagram|https?://\S+)(?: and .{1,30})?[)）.]{0,2}`,
		`[(（\[【]?\s*(?:(?:web|copy|photo|managing|executive|news) )?(?:editors?|editor in charge|proofreader)\s*[:：].{0,80}`, `[(（\[]\s*(?:edited|editing|reporting|writing|reported|compiled) by .{0,120}[)）\]]`,
		`[(（\[【]?\s*(?:责任|执行|本文|网络|网站|见习|实习|本期|本版|值班)?(?:编辑|编审|校对|监制|审核|责编|主编|編輯)\s*[:：][^。]{0,60}[)）\]】]?`, `[(（\[【](?:责任)?编辑\s[^。]{1,20}[)）\]】]`,
		`[(（\[]?\s*(?:editad[oa]|redactad[oa]|édité|rédigé) (?:por|par) .{0,60}`, `[(（\[]?(?:editor(?:a|es)?|redacción|redactor|edición|rédaction)\s*:.{0,60}`,
	)},
	{Editor, cased(`(?:(?:Additional )?[Rr]eporting|Editing|Edited|Writing|Written|Compiled) by \p{Lu}[\p{L}.'’-]+(?:[ ,]+(?:and |in )?\p{Lu}[\p{L}.'’-]+){0,6}(?:\s?[;,.].{0,80})?`)},
	{"byline", cased(
		`(?:By|BY|Por|POR|Par|PAR|Von) (?:(?:Xinhua |staff |Staff |our )?(?:[Ww]riters?|[Rr]eporters?|[Cc]orrespondents?|[Rr]edacción|[Rr]édaction) ?.{0,60}|\p{Lu}[\p{L}.'’-]+(?:,? (?:and |y |et |de |del |la |van |von )*\p{Lu}[\p{L}.'’-]*){0,7}(?:\s*[,|(/–—-]\s*[^.]{1,40})?)`,
		`(?:作者|记者|记者／|文|图|撰文|撰稿|文字|摄影)\s*[:：/|｜／]\s*[^。]{1,40}`, `(?:本报|本刊|新华社|特约|人民网)?记者[ ：:]\s*\p{Han}{2,4}(?:[ 、]\p{Han}{2,4}){0,4}`,
	)},
	{"link", Whole(
		`(?:click|tap) (?:here(?: (?:to|for)\b.{1,60})?|to (?:view|read|see|download|enlarge)\b.{0,60})[.>»]*`, `our standards:.{0,60}`, `(?:acquire|purchase) licensing rights.{0,40}`, `, opens (?:in )?(?:a )?new (?:tab|window)`, `read (?:more|(?:the )?full (?:story|article|text))(?:\s*[:>»…].{0,80}|\.{3})?`, `continue reading.{0,40}`, `full (?:story|coverage)\s*[>»]*`, `(?:view|show|see) (?:more|all|original|full)(?: \w+)?`,
		`(?:leer más|seguir leyendo|ver más|lire la suite|lire plus)(?:\s*[:>»…].{0,60})?`, `(?:haga )?clic aquí.{0,60}`, `点击(?:查看|阅读|进入|下载|此处|这里|收听)[^。]{0,30}`, `(?:阅读|查看)(?:全文|原文|更多)[^。]{0,6}`, `展开全文`, `阅读剩余全文.{0,4}`,
		`(?:original (?:source|link|article|url)|source (?:url|link)|原文(?:地址|链接)|本文(?:来源|地址|链接|转自)|转自|转载自|全文链接)\s*[:：].{0,160}`, `this (?:article|story) (?:was )?(?:first|originally) (?:appeared|published).{0,120}`,
		`(?:https?://|www\.)\S+`, `(?:contact: .{0,80})?[\w.+-]+@[\w-]+\.[\w.]+`,
	)},
	{"advertisement", Whole(`advertisements?`, `sponsored(?: content)?`, `ad`, `publicidad`, `anuncio`, `publicité`, `广告`, `story continues below(?: advertisement)?`)},
	{"end mark", Whole(
		`[■□◆◇●○▲△▼▽★☆♦▪▫◼◾※#*.|·•/<>-]{1,12}`, `(?:â[–-]?|Â|Ã|â€|�)+[.]?`, `[(（]?(?:完|全文完|本文完|end|ends|fin|ende|enditem|endit|30)[)）]?`, `[-–—]{1,3}\s?(?:30|end|ends|fin|完)\s?[-–—]{1,3}`,
	)},
}

// Whole compiles alternatives that match a whole line, in any case.
func Whole(alternatives ...string) *regexp.Regexp {
	return regexp.MustCompile(`^(?i:` + strings.Join(alternatives, "|") + `)$`)
}

// list is whole for the headings of lists of links, which may end with a colon.
func list(headings ...string) *regexp.Regexp {
	return Whole(`[\[【■●▶]*\s*(?:` + strings.Join(headings, "|") + `)\s*[\]】:：>»]*`)
}

// cased is whole for alternatives that know names by their capitals.
func cased(alternatives ...string) *regexp.Regexp {
	return regexp.MustCompile(`^(?:` + strings.Join(alternatives, "|") + `)$`)
}

// maxFurniture bounds, in columns, what may be dropped by a pattern.
const maxFurniture = 200

// Reason returns why text is no part of an article, "" where it may be.
func Reason(text string) string {
	columns := prose.Width(text)
	if columns > 2*maxFurniture {
		return ""
	}
	for _, kind := range kinds {
		if (columns <= maxFurniture || kind.reason == Rights) && kind.re.MatchString(text) {
			return kind.reason
		}
	}
	if toolbar(text) {
		return "tools"
	}
	return ""
}
