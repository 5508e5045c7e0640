package furniture

import (
	"regexp"
)

// stuckRE finds buttons, and notes of links, stuck to what stands beside them.
var stuckRE = regexp.MustCompile(`[【\[（(]\s*(?:字[体號号]\s*[：:]?\s*(?:[超特]?[大中小](?:号)?\s*)+|打印(?:本页)?|关闭(?:窗口)?|(?:我要)?纠错|推荐|分享|收藏|返回)\s*[】\]）)]|(?:^|[\s\]】）)])(?:打印本页|关闭窗口|我要纠错|收藏本页|返回顶部)|(?:(?:Purchase|Acquire) Licensing Rights)?, opens (?:in )?(?:a )?new (?:tab|window)$`)

// FindStuck returns where the buttons are that are stuck to the text of s.
func FindStuck(s string) [][]int { return stuckRE.FindAllStringIndex(s, -1) }

// ReplaceStuck returns s with replacement for each button stuck to its text.
func ReplaceStuck(s, replacement string) string { return stuckRE.ReplaceAllString(s, replacement) }
