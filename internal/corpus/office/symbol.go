package office

import "strconv"

// symbolLow has the characters of the font Symbol from 0x20, and symbolHigh those from 0xA0.
const (
	symbolLow  = " !∀#∃%&∍()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
	symbolHigh = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)

// wingdings has the characters of Wingdings that say something: boxes, ticks and arrows.
var wingdings = map[int]string{
	0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x78: "☒", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xDF: "←", 0xE0: "→", 0xE8: "➔", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}

// symbol returns the character that a font shows for a code in hexadecimal, or "" if it is
// unknown. Fonts of symbols have their codes from F000.
func symbol(font, hex string) string {
	code, err := strconv.ParseUint(hex, 16, 16)
	if err != nil {
		return ""
	}
	at := int(code)
	private := at >= 0xE000 && at <= 0xF8FF // Unicode has no character for it
	if at >= 0xF000 && at <= 0xF0FF {
		at -= 0xF000
	}
	low, high := []rune(symbolLow), []rune(symbolHigh)
	switch {
	case font == "Symbol" && at >= 0x20 && at-0x20 < len(low):
		return string(low[at-0x20])
	case font == "Symbol" && at >= 0xA0 && at-0xA0 < len(high):
		return string(high[at-0xA0])
	case font == "Wingdings":
		return wingdings[at]
	case private, at < 0x20:
		return ""
	}
	return string(rune(at))
}
