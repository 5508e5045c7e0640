// Package header parses "KEY : value" lines above an article. It knows keys in several
// languages, and accepts misspelt ones.
package header

import (
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/pattern"
)

// Key is the meaning of a header line.
type Key int

// Values of Key.
const (
	None Key = iota
	Title
	Published
	Updated // date of a change after publication
	Issued  // date of signing, before publication
	Source
	URI
	ID
	Language
	Body
	Other // a known key that is no field of documents, such as author or keywords
)

// Field is a "KEY : value" line.
type Field struct {
	Key   Key
	Value string
}

// fieldKeys maps the keys of header lines, in lower case and without spaces, to their
// meanings.
var fieldKeys = func() map[string]Key {
	keys := map[string]Key{}
	for name, row := range map[Key]string{
		Title:     "title headline subject 标题 題目 题目 標題 título titulo titular titre titel titolo заголовок",
		Published: "date published publishdate publisheddate datepublished publicationdate publishtime publishedon published_at pubdate posted postedon time issuedon releasedate 日期 时间 時間 发布时间 发布日期 发表时间 发稿时间 發稿時間 發布時間 發佈時間 發布日期 fecha fechadepublicación publicado publié publiéle datedepublication datum publicadoem data дата pubblicato опубликовано",
		Issued:    "成文日期 签发日期 dateofissue",
		Updated:   "updated lastupdated updatedon lastmodified modified 更新时间 更新日期 最新更新 actualizado atualizadoem misàjour",
		Source:    "source src agency publisher newsagency 来源 來源 稿源 稿件来源 信息来源 文章来源 消息来源 发布机构 发文机关 fuente agencia agence quelle fonte источник",
		URI:       "url link uri permalink canonicalurl sourceurl originalurl 网址 链接 原文链接 網址 enlace lien weblink",
		ID:        "id docid documentid articleid newsid docno 编号 文号 索引号 identificador identifiant",
		Language:  "language lang languagecode 语言 语种 語言 idioma langue sprache",
		Body:      "article text body content story maintext 正文 内容 內容 texto cuerpo contenido artículo texte contenu corps",
		Other:     "原标题 author authors byline by from to cc editor reporter writer section category categories keywords keyword tags tag topic topics copyright 作者 记者 記者 责任编辑 责编 编辑 責任編輯 栏目 关键词 分类 主题词 字号 类型 主题分类 发文字号 公开形式 有效性 dateline nummer archivadoen etiquetas temas autor autora editor sección categoría palabrasclave auteur rubrique motsclés",
	} {
		for key := range strings.FieldsSeq(row) {
			keys[key] = name
		}
	}
	return keys
}()

// keysBySize has the keys of at least four letters by their number of letters.
var keysBySize = func() map[int][][]rune {
	keys := map[int][][]rune{}
	for key := range fieldKeys {
		if runes := []rune(key); len(runes) >= 4 {
			keys[len(runes)] = append(keys[len(runes)], runes)
		}
	}
	return keys
}()

// KeyOf returns the meaning of a key that is given in lower case and without spaces.
func KeyOf(key string) Key { return fieldKeys[key] }

// fieldRE matches a header line. Marks of Markdown may surround the key.
var fieldRE = pattern.MustCompile(`^[\s>*_#"'<\[【]*([\p{L}][\p{L}\p{M} _-]{0,24}?)[\s*_"'\]】>]*[:：][\s*_]*(.*?)[\s*"]*$`)

// taggedRE matches "<DATE> 2019-01-02 </DATE>".
var taggedRE = pattern.MustCompile(`^<\s*(\p{L}{2,20})\s*>\s*([^<>]*?)\s*(?:</\s*\p{L}+\s*>)?$`)

// bracketedKeyRE matches "【标题】…".
var bracketedKeyRE = pattern.MustCompile(`^[【\[［]\s*(\p{Han}{2,6})\s*[】\]］]\s*[:：]?\s*(.*)$`)

// keyRubricRE matches keys such as "News Source" and "Original Title".
var keyRubricRE = pattern.MustCompile(`^(?i:news|newspaper|article|original|publication|story|post|doc|document|media|page|web)[ _-](\w+)$`)

// Parse reads "Title : …", "Ariticle :" and "标题：…". Only long keys may be misspelt, since a
// misspelt short one could be another word.
func Parse(text string) (Field, bool) {
	if m := bracketedKeyRE.FindStringSubmatch(text); m != nil && fieldKeys[m[1]] != None {
		return Field{Key: fieldKeys[m[1]], Value: strings.TrimSpace(m[2])}, true
	}
	if !strings.ContainsAny(text, ":：<") {
		return Field{}, false
	}
	m := fieldRE.FindStringSubmatch(text)
	if tagged := taggedRE.FindStringSubmatch(text); tagged != nil {
		m = tagged
	}
	if m == nil {
		return Field{}, false
	}
	key := strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(m[1]))
	name, ok := fieldKeys[key]
	if !ok {
		if m := keyRubricRE.FindStringSubmatch(m[1]); m != nil {
			name = fieldKeys[strings.ToLower(m[1])]
		}
	}
	if name == None {
		name = nearKey(key)
	}
	if name == None && datetime.IsDate(m[2]) && (editDistance([]rune(key), []rune("date")) == 1 || editDistance([]rune(key), []rune("time")) == 1) {
		name = Published // such as "Dat : 2019-04-05": the key is too short for nearKey, but the value is a date
	}
	return Field{Key: name, Value: strings.TrimSpace(m[2])}, name != None
}

// nearKey returns the meaning of the known key that key misspells, with one error in at
// least five letters or two in eight. It returns None if there is no such key.
func nearKey(key string) Key {
	length := utf8.RuneCountInString(key)
	slips := min((length-2)/3, 2)
	if length < 5 || key[0] >= utf8.RuneSelf {
		return None
	}
	best, found := slips+1, None
	runes := []rune(key)
	for size := length - slips; size <= length+slips; size++ {
		for _, known := range keysBySize[size] {
			if d := editDistance(runes, known); d < best || d == best && fieldKeys[string(known)] < found {
				best, found = d, fieldKeys[string(known)]
			}
		}
	}
	return found
}

// editDistance counts the insertions, deletions, substitutions and swaps of
// neighbours between a and b.
func editDistance(a, b []rune) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
