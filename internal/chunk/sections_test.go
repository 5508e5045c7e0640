package chunk

import (
	"slices"
	"testing"
)

// TestSectionsOfLabel checks that a label names the same sections as a question with the same
// words, and that a text which begins with no section names none.
func TestSectionsOfLabel(t *testing.T) {
	t.Parallel()
	for _, label := range []string{
		"Chapter II", "CHAPTER 2", "Section 2.1", "Part One", "Annex B", "第二章", "第 2 节", "제2장", "Capítulo segundo", "Titre premier", "2. fejezet", "Глава II",
	} {
		got, want := SectionsOfLabel(label), SectionsNamed(label)
		if len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", label, got, want)
		}
	}
	for _, label := range []string{"", "1", "(a)", "Article 3", "General provisions", "The rules of Chapter II", "第三条", "70-luku"} {
		if got := SectionsOfLabel(label); len(got) > 0 {
			t.Errorf("%q: %v, want none", label, got)
		}
	}
}

// TestIsSection: sentences may begin like the heading of a section.
func TestIsSection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Chapter II": true, "Part A. General provisions": true, "Annex B": true, "A. rész": true, "I. rész Alapok": true, "A-osa": true,
		"2-глава": true, "V глава": true, "Глава 3. Дороги": true, "Α' ΜΕΡΟΣ": true, "الفصل الثاني الحقوق": true, "الباب الأول في الأحكام العامة": true,
		"פרק ב'": true, "अध्याय 2": true, "第一章总则": true, "第一款 総則": true, "제2장 총칙": true, "제1절": true, "1 kap.": true,
		"2. luku Tiet": true, "II luku": true, "3 LUKU": true,

		"A rész": false, "A cím: Budapest": false, "O Kitap Benim": false, "А глава МИД России": false, "И део Србије": false,
		"Глава А. Иванов открыл школу": false, "DEL 12 AL 20 DE MAYO": false, "الجزء الثاني من فيلم البحر يحقق نجاحا": false,
		"भाग 2 में सड़कें": false, "חלק ראשון של הסדרה": false, "Section 3 of the Act": false,
		"70-luku": false, "20–luku": false, "70-LUKU Turussa": false,
		"第一款国产电动车上市": false, "제2장에서 정한 도로": false, "제1장소로 이동": false,
	} {
		if got := IsSection(text); got != want {
			t.Errorf("IsSection(%q) = %t", text, got)
		}
	}
}
