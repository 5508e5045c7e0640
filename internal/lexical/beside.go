package lexical

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	hamza     = 'ء'
	hamzaOnYa = 'ئ'
	waw       = 'و'
	ya        = 'ي'
	// hamzaAbove is the combining mark.
	hamzaAbove = '\u0654'
	// voicing is the combining mark that turns か into が.
	voicing = "\u3099"
)

// readBeside replaces the characters of a folded text whose reading depends on their neighbours:
// a hamza before a waw, and the marks that repeat a character.
func readBeside(runes []rune, source []span) {
	for i, r := range runes {
		switch r {
		case hamza, hamzaOnYa:
			runes[i] = seatOf(runes, i)
		case '々', 'ゝ', 'ゞ', 'ヽ', 'ヾ':
			if again := repeated(runes, i); again != 0 {
				// The mark alone does not say which character it repeats.
				runes[i], source[i].start = again, source[i-1].start
			}
		}
	}
}

// seatOf returns the letter to which the hamza at runes[i] is folded. Inside a word before a
// waw, it may be written on a waw, on a ya or alone: مسؤول, مسئول and مسءول are one word.
// Folding leaves only the waw of the first one. A hamza on another ya counts as a ya, since many
// people write only the ya.
func seatOf(runes []rune, i int) rune {
	next := i
	for next < len(runes) && (runes[next] == hamza || runes[next] == hamzaOnYa) {
		next++
	}
	switch {
	case i > 0 && arabicLetter(runes[i-1]) && next < len(runes) && runes[next] == waw:
		return waw
	case runes[i] == hamzaOnYa:
		return ya
	}
	return runes[i]
}

// isOnYa reports whether a decomposed character is a ya of Arabic or Persian with a hamza above.
func isOnYa(character string) bool {
	letter, size := utf8.DecodeRuneInString(character)
	return (letter == ya || letter == 'ى' || letter == 'ی') && strings.ContainsRune(character[size:], hamzaAbove)
}

// repeated returns the character that the mark at runes[i] repeats: 人 in 人々, ず in いすゞ. It
// returns 0 if there is none. Of several marks in a row, which repeat a word (馬鹿々々), each repeats
// one character too, since a highlight may end between them.
func repeated(runes []rune, i int) rune {
	if i == 0 {
		return 0
	}
	before := runes[i-1]
	if runes[i] == '々' {
		if before == '々' || !unicode.Is(unicode.Han, before) {
			return 0
		}
		return before
	}
	if before < 'ぁ' || before > 'ゖ' { // folding has turned katakana into hiragana
		return 0
	}
	plain, _ := utf8.DecodeRuneInString(norm.NFD.String(string(before)))
	if runes[i] == 'ゝ' || runes[i] == 'ヽ' {
		return plain
	}
	voiced := norm.NFC.String(string(plain) + voicing)
	if utf8.RuneCountInString(voiced) > 1 {
		return 0
	}
	again, _ := utf8.DecodeRuneInString(voiced)
	return again
}
