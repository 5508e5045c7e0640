// Package symbol reads the characters of fonts of symbols, such as Symbol and Wingdings. Their codes
// are from F000, which Unicode leaves to fonts.
package symbol

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// low has the characters of the font Symbol from 0x20, and high those from 0xA0.
const (
	low  = " !∀#∃%&∍()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
	high = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)

// wingdings has the characters of Wingdings that say something: boxes, ticks, arrows and bullets.
var wingdings = map[rune]string{
	0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x71: "❑", 0x76: "❖", 0x78: "☒", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE8: "➔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}

// Of returns the character that a font shows for a code in hexadecimal, or "" if it is unknown.
func Of(font, hex string) string {
	code, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || code > unicode.MaxRune || !utf8.ValidRune(rune(code)) {
		return ""
	}
	return at(font, rune(code))
}

// bullets have the bullets of Symbol and Wingdings. Programs use their codes with any font.
var bullets = map[rune]string{0xF0B7: "•", 0xF0A7: "▪"}

// Text returns text with the characters that a font shows for its codes from F000. It leaves out
// those that are unknown.
func Text(text, font string) string {
	var out strings.Builder
	for _, c := range text {
		switch bullet := bullets[c]; {
		case c < 0xF000 || c > 0xF0FF:
			out.WriteRune(c)
		case bullet != "" && !isKnown(font):
			out.WriteString(bullet)
		default:
			out.WriteString(at(font, c))
		}
	}
	return out.String()
}

func isKnown(font string) bool { return font == symbolFont || font == wingdingsFont }

// The fonts whose characters are known.
const symbolFont, wingdingsFont = "Symbol", "Wingdings"

func at(font string, code rune) string {
	private := code >= 0xE000 && code <= 0xF8FF // Unicode has no character for it
	if code >= 0xF000 && code <= 0xF0FF {
		code -= 0xF000
	}
	low, high := []rune(low), []rune(high)
	switch {
	case font == symbolFont && code >= 0x20 && int(code)-0x20 < len(low):
		return string(low[code-0x20])
	case font == symbolFont && code >= 0xA0 && int(code)-0xA0 < len(high):
		return string(high[code-0xA0])
	case font == wingdingsFont:
		return wingdings[code]
	case private, code < 0x20:
		return ""
	}
	return string(code)
}
