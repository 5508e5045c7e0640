package furniture

import (
	"regexp"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/corpus/prose"
)

const shareWord = `(?:share|follow|tweet|facebook|twitter|x|whatsapp|wechat|weibo|linkedin|telegram|e-?mail|pinterest|reddit|instagram|copy link|copied|print|save|like|bookmark|favou?rite|compartir|comparte|compartilhar|partager|síguenos|微信|微博|新浪微博|腾讯微博|朋友圈|qzone|人民微博|商城|图集|字[体體号號]|[大中小]{1,3}|参与互动|推荐给朋友|シェアする|ツイート|compartilhe|compartir en|condividi|teilen|поделиться|qq空间|qq好友|qq|(?:一键)?分享(?:到|至)?|收藏|打印|留言|论坛|网摘|手机点评|纠错|评论|投稿|手机看新闻|(?:e-?mail)?推荐|复制链接|列印|友善列印|轉寄|分享給好友)`

const (
	maxToolbar = 240 // bytes of a row of buttons
	maxTool    = 12  // columns of one
)

var toolRE = Whole(shareWord)

// toolbar reports whether text is a row of short words that are the buttons of
// a page: all of them, or three and more than others.
func toolbar(text string) bool {
	if len(text) > maxToolbar {
		return false
	}
	words := strings.Fields(text)
	if slices.ContainsFunc(words, func(word string) bool { return prose.Width(word) > maxTool }) {
		return false
	}
	tools := 0
	for _, word := range words {
		if toolRE.MatchString(strings.Trim(word, ":：[]【】()（）|")) {
			tools++
		}
	}
	return tools >= 2 && tools == len(words) || tools >= 3 && tools*2 >= len(words)
}

var countRE = regexp.MustCompile(`[(（]\d*[)）]?$`)

// TrimTools drops the buttons behind the name of a publisher: "中国新闻网 参与互动(0)".
func TrimTools(source string) string {
	for {
		at := strings.LastIndexByte(source, ' ')
		word := countRE.ReplaceAllString(source[at+1:], "")
		if at < 0 || prose.CountHan(word) == 0 || !toolRE.MatchString(word) && Reason(word) == "" {
			return source
		}
		source = strings.TrimSpace(source[:at])
	}
}
