package corpus_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
)

// TestLabelPath reads files whose headings are marked by the format, or recognised only by
// their look, and checks the paths of the passages that are not headings.
func TestLabelPath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{
			"articles.md", "# Harbour Code\n\n## Chapter I – General\n\n### Section 1\n\n#### Article 1\n\nBoats are let by the day.\n\n(a) small boats;\n\n(b) large boats.\n\n#### Article 2\n\nFees are paid first.\n\n## Chapter II – Fees\n\n#### Article 3\n\nThe fee is three crowns.\n\n## Annex A\n\nA list of piers.\n",
			[]string{"Chapter I > Section 1 > Article 1", "Chapter I > Section 1 > Article 2", "Chapter II > Article 3", "Annex A"},
		},
		{
			"clauses.md", "# Manual\n\n## 1. Install\n\nDownload the program first.\n\n### 1.1 On Linux\n\nUnpack the archive.\n\n#### 1.1.1 Old kernels\n\nBuild it again.\n\n### 1.2 On Windows\n\nRun the installer.\n\n## 2. Use\n\n### Search\n\nType a question and wait.\n",
			[]string{"1", "1 > 1.1", "1 > 1.1 > 1.1.1", "1 > 1.2", "2", "2 > Search"},
		},
		{
			"page.html", `<html lang="fr"><head><title>Code du port</title></head><body><article><h1>Code du port</h1><h2>Titre premier : Des bateaux</h2><h3>Chapitre II</h3><h4>Article 1</h4><p>Les bateaux sont loués à la journée et rendus le soir avant la fermeture du port.</p><h4>Article 2</h4><p>Les droits sont payés d'avance au bureau du port, qui délivre un reçu daté.</p><h2>Titre II</h2><h4>Article 3</h4><p>Le droit est de trois couronnes par jour et par bateau, quelle que soit la saison.</p></article></body></html>`,
			[]string{"Titre premier > Chapitre II > Article 1", "Titre premier > Chapitre II > Article 2", "Titre II > Article 3"},
		},
		{
			"zh.txt", "海港管理条例\n\n第一章 总则\n\n第一条 为了加强海港管理，制定本条例。\n\n第二条 本条例适用于本省海港：\n（一）渔港；\n（二）商港。\n\n第二章 船舶\n\n第一节 登记\n\n第三条 船舶应当登记。\n\n第二节 停泊\n\n第四条 船舶不得夜间离港：\n（一）小船；\n（二）大船；\n（三）拖船。\n",
			[]string{"第一章 > 第一条", "第一章 > 第二条", "第二章 > 第一节 > 第三条", "第二章 > 第二节 > 第四条"},
		},
		{
			"ru.txt", "ЗАКОН О ГАВАНИ\n\nРаздел I. Общие положения\n\nГлава 1. Лодки\n\nСтатья 1. Лодки сдаются на день.\n\nа) малые лодки;\nб) большие лодки.\n\nСтатья 2. Плата вносится вперёд.\n\nГлава 2. Плата\n\nСтатья 3. Плата составляет три кроны.\n",
			[]string{"Раздел I > Глава 1 > Статья 1", "Раздел I > Глава 1 > Статья 2", "Раздел I > Глава 2 > Статья 3"},
		},
		{
			"ar.txt", "قانون الميناء\n\nالباب الأول\nأحكام عامة\n\nالفصل الأول\nالقوارب\n\nالمادة 1\nتؤجر القوارب باليوم الواحد ولا يجوز تأجيرها ليلا.\n\nالمادة 2\nتدفع الرسوم مقدما في مكتب الميناء.\n\nالفصل الثاني\nالرسوم\n\nالمادة 3\nالرسم ثلاث كرونات في اليوم الواحد.\n",
			[]string{"الباب الأول > الفصل الأول > المادة 1", "الباب الأول > الفصل الأول > المادة 2", "الباب الأول > الفصل الثاني > المادة 3"},
		},
		{
			"date.txt", "Harbour statement\n\nLima, 15 November 2024\n\nThe harbour is open again since the storm has passed.\n\nNext steps\n\nThe piers are repaired before the winter comes.\n",
			[]string{"", "Next steps"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), tc.name)
			if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := corpus.Reader{}.Read(path, tc.name)
			if err != nil || len(file.Documents) != 1 {
				t.Fatalf("read %d documents, error %v", len(file.Documents), err)
			}
			var got []string
			for _, p := range chunk.Passages(file.Documents[0]) {
				if p.Kind != document.KindHeading {
					got = append(got, strings.Join(p.LabelPath, " > "))
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFirstArticle checks that the head of the first article does not become the title of a
// text without one.
func TestFirstArticle(t *testing.T) {
	t.Parallel()
	const text = "Article 1\n\nThe keeper opens the gate.\n\nArticle 2\n\nThe keeper closes it."
	file, err := read(t, "a.txt", []byte(text))
	if err != nil || len(file.Documents) != 1 {
		t.Fatalf("%d documents, %v", len(file.Documents), err)
	}
	var labels []string
	for _, p := range chunk.Passages(file.Documents[0]) {
		labels = append(labels, p.Label)
	}
	if want := []string{"Article 1", "Article 2"}; !slices.Equal(labels, want) || file.Documents[0].Title != "a" {
		t.Errorf("title %q, labels %q; want %q", file.Documents[0].Title, labels, want)
	}
}
