package chunk

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// marked returns a document of paragraphs. "# " to "##### " before a paragraph mark a heading of
// that level, and "~ " marks a heading that only its look shows.
func marked(language string, paragraphs ...string) document.Document {
	d := document.Document{LanguageCode: language}
	for _, p := range paragraphs {
		if d.Text != "" {
			d.Text += "\n\n"
		}
		level := len(p) - len(strings.TrimLeft(p, "#"))
		text := strings.TrimLeft(p, "# ")
		if rest, ok := strings.CutPrefix(p, "~ "); ok {
			level, text = document.MaxLevel, rest
		}
		start := len(d.Text)
		d.Text += text
		if level > 0 {
			counter := document.NewRangeCounter(d.Text)
			d.Blocks = append(d.Blocks, document.Block{Kind: document.KindHeading, Level: level, Range: counter.Range(start, len(d.Text))})
		}
	}
	return d
}

// paths returns a line for each passage that is not a heading: its path, and the first word of
// its text.
func paths(d document.Document) (lines []string) {
	for _, p := range Passages(d) {
		if p.Kind != document.KindHeading {
			lines = append(lines, strings.Join(p.LabelPath, " > ")+": "+strings.Fields(p.Text)[0])
		}
	}
	return lines
}

func TestLabelPath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, language string
		text           []string
		want           []string
	}{
		{
			"English", "en",
			[]string{"Chapter II", "General duties", "Section 1 Roads", "Article 4", "Roads are open.", "(a) by day;", "(b) by night.", "Article 5", "Roads are kept.", "(i) in spring;", "(ii) in autumn;", "(iii) after snow.", "Section 2 Bridges", "Article 6", "Bridges are open.", "CHAPTER III", "Article 7", "Gates are shut."},
			[]string{"Chapter II > Section 1 > Article 4: Article", "Chapter II > Section 1 > Article 5: Article", "Chapter II > Section 2 > Article 6: Article", "CHAPTER III > Article 7: Article"},
		},
		{
			"Chinese", "zh",
			[]string{"第一编 总则", "第二章 道路", "第一节 通行", "第四条 道路开放。", "（一）白天；", "（二）夜间。", "第五条 道路应当养护：", "一、春季；", "二、秋季。", "第三章 桥梁", "第六条 桥梁开放。"},
			[]string{"第一编 > 第二章 > 第一节 > 第四条: 第四条", "第一编 > 第二章 > 第一节 > 第五条: 第五条", "第一编 > 第三章 > 第六条: 第六条"},
		},
		{
			"Japanese", "ja",
			[]string{"第二章　道路", "第一節　通行", "第一款　車両", "第三条　道路は開放する。", "第四条　道路は保全する。"},
			[]string{"第二章 > 第一節 > 第一款 > 第三条: 第三条", "第二章 > 第一節 > 第一款 > 第四条: 第四条"},
		},
		{
			"Korean", "ko",
			[]string{"제2장 도로", "제1절 통행", "제3조 도로는 개방한다.", "가. 낮", "나. 밤", "제4조 도로를 보전한다.", "가. 봄에", "나. 가을에", "다. 눈이 온 뒤에"},
			[]string{"제2장 > 제1절 > 제3조: 제3조", "제2장 > 제1절 > 제4조: 제4조"},
		},
		{
			"German", "de",
			[]string{"Erster Teil", "Kapitel 2 Wege", "Abschnitt 1", "§ 4 Die Wege sind offen.", "a) am Tag;", "b) in der Nacht.", "§ 5 Die Wege werden gepflegt.", "Zweiter Teil", "§ 6 Die Tore sind zu."},
			[]string{"Erster Teil > Kapitel 2 > Abschnitt 1 > § 4: §", "Erster Teil > Kapitel 2 > Abschnitt 1 > § 5: §", "Zweiter Teil > § 6: §"},
		},
		{
			"French", "fr",
			[]string{"TITRE PREMIER", "Chapitre II : Routes", "Section 1", "Article 4", "Les routes sont ouvertes.", "Article 5", "Les routes sont entretenues :", "a) au printemps ;", "b) en automne ;", "c) en hiver."},
			[]string{"TITRE PREMIER > Chapitre II > Section 1 > Article 4: Article", "TITRE PREMIER > Chapitre II > Section 1 > Article 5: Article"},
		},
		{
			"Spanish", "es",
			[]string{"Título I", "Capítulo segundo", "Sección 1", "Artículo 4. Los caminos están abiertos.", "Artículo 5. Los caminos se cuidan.", "CAPÍTULO III", "Artículo 6. Las puertas están cerradas."},
			[]string{"Título I > Capítulo segundo > Sección 1 > Artículo 4: Artículo", "Título I > Capítulo segundo > Sección 1 > Artículo 5: Artículo", "Título I > CAPÍTULO III > Artículo 6: Artículo"},
		},
		{
			"Portuguese", "pt",
			[]string{"TÍTULO II", "CAPÍTULO I", "Artigo 4.º Os caminhos estão abertos.", "a) de dia;", "b) de noite.", "Artigo 5.º Os caminhos são cuidados."},
			[]string{"TÍTULO II > CAPÍTULO I > Artigo 4.º: Artigo", "TÍTULO II > CAPÍTULO I > Artigo 5.º: Artigo"},
		},
		{
			"Italian", "it",
			[]string{"Titolo I", "Capo II", "Articolo 4. Le strade sono aperte.", "Articolo 5. Le strade sono curate."},
			[]string{"Titolo I > Capo II > Articolo 4: Articolo", "Titolo I > Capo II > Articolo 5: Articolo"},
		},
		{
			"Russian", "ru",
			[]string{"Раздел I", "Глава 2. Дороги", "Статья 4. Дороги открыты:", "1) днём;", "2) ночью.", "Статья 5. Дороги содержатся:", "а) весной;", "б) осенью;", "в) зимой.", "Глава 3", "Статья 6. Ворота закрыты."},
			[]string{"Раздел I > Глава 2 > Статья 4: Статья", "Раздел I > Глава 2 > Статья 5: Статья", "Раздел I > Глава 3 > Статья 6: Статья"},
		},
		{
			"Arabic", "ar",
			[]string{"الباب الأول", "الفصل الثاني", "المادة 4", "الطرق مفتوحة.", "المادة 5", "تصان الطرق:", "أ- في الربيع؛", "ب- في الخريف؛", "ج- في الشتاء.", "الفصل الثالث", "المادة 6", "الأبواب مغلقة."},
			[]string{"الباب الأول > الفصل الثاني > المادة 4: المادة", "الباب الأول > الفصل الثاني > المادة 5: المادة", "الباب الأول > الفصل الثالث > المادة 6: المادة"},
		},
		{
			"Persian", "fa",
			[]string{"باب اول", "فصل دوم", "ماده ۴", "راه باز است.", "ماده ۵", "راه پاک است."},
			[]string{"باب اول > فصل دوم > ماده ۴: ماده", "باب اول > فصل دوم > ماده ۵: ماده"},
		},
		{
			"Turkish", "tr",
			[]string{"BİRİNCİ KISIM", "İKİNCİ BÖLÜM", "Madde 4 – Yollar açıktır.", "Madde 5 – Yollar korunur."},
			[]string{"BİRİNCİ KISIM > İKİNCİ BÖLÜM > Madde 4: Madde", "BİRİNCİ KISIM > İKİNCİ BÖLÜM > Madde 5: Madde"},
		},
		{
			"Polish", "pl",
			[]string{"Dział I", "Rozdział 2", "Art. 4. Drogi są otwarte.", "Art. 5. Drogi są utrzymywane."},
			[]string{"Dział I > Rozdział 2 > Art. 4: Art.", "Dział I > Rozdział 2 > Art. 5: Art."},
		},
		{
			"Hungarian", "hu",
			[]string{"II. fejezet", "4. cikk", "Az utak nyitva vannak.", "5. cikk", "Az utakat gondozzák."},
			[]string{"II. fejezet > 4. cikk: 4.", "II. fejezet > 5. cikk: 5."},
		},
		{
			"Greek", "el",
			[]string{"ΜΕΡΟΣ ΠΡΩΤΟ", "Κεφάλαιο Β΄", "Άρθρο 4", "Οι δρόμοι είναι ανοιχτοί.", "Άρθρο 5", "Οι δρόμοι συντηρούνται."},
			[]string{"ΜΕΡΟΣ ΠΡΩΤΟ > Κεφάλαιο Β΄ > Άρθρο 4: Άρθρο", "ΜΕΡΟΣ ΠΡΩΤΟ > Κεφάλαιο Β΄ > Άρθρο 5: Άρθρο"},
		},
		{
			"Hindi", "hi",
			[]string{"भाग 1", "अध्याय 2 परिभाषाएँ", "अनुच्छेद 4", "सड़कें खुली हैं।", "अनुच्छेद 5", "सड़कें ठीक रखी जाती हैं।"},
			[]string{"भाग 1 > अध्याय 2 > अनुच्छेद 4: अनुच्छेद", "भाग 1 > अध्याय 2 > अनुच्छेद 5: अनुच्छेद"},
		},
		{
			"Thai", "th",
			[]string{"หมวด ๒", "บททั่วไป", "มาตรา ๔", "ถนนเปิด", "มาตรา ๕", "ถนนได้รับการดูแล"},
			[]string{"หมวด ๒ > มาตรา ๔: มาตรา", "หมวด ๒ > มาตรา ๕: มาตรา"},
		},
		{
			"Vietnamese", "vi",
			[]string{"Phần thứ nhất", "Chương II", "Mục 1", "Điều 4. Đường mở.", "Điều 5. Đường được giữ."},
			[]string{"Phần thứ nhất > Chương II > Mục 1 > Điều 4: Điều", "Phần thứ nhất > Chương II > Mục 1 > Điều 5: Điều"},
		},
		{
			"Indonesian", "id",
			[]string{"BAB II", "Bagian Kesatu", "Pasal 4", "Jalan terbuka.", "Pasal 5", "Jalan dirawat."},
			[]string{"BAB II > Bagian Kesatu > Pasal 4: Pasal", "BAB II > Bagian Kesatu > Pasal 5: Pasal"},
		},
		{
			"Hebrew", "he",
			[]string{"פרק ב'", "סעיף 4", "הדרכים פתוחות.", "סעיף 5", "הדרכים נשמרות."},
			[]string{"פרק ב' > סעיף 4: סעיף", "פרק ב' > סעיף 5: סעיף"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, paths(marked(tc.language, tc.text...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLabelPathIsBounded: a label is in one line and not longer than maxLabel, and a path is not
// deeper than maxPath. The label of an article is as the text has it.
func TestLabelPathIsBounded(t *testing.T) {
	t.Parallel()
	var text []string
	for level := range document.MaxLevel {
		text = append(text, strings.Repeat("#", level+1)+" "+strings.Repeat("深 ", 80))
	}
	passages := Passages(marked("en", append(text, "Article\u00a05", "Roads are open.", "Article\u00a06", "Roads are kept.")...))
	last := passages[len(passages)-1]
	if n := len(last.LabelPath); n != maxPath || last.LabelPath[n-1] != "Article\u00a06" || utf8.RuneCountInString(last.LabelPath[0]) > maxLabel || !strings.HasSuffix(last.LabelPath[0], "深…") {
		t.Errorf("path %q", last.LabelPath)
	}
}

func TestLabelPathOfHeadings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		text []string
		want []string
	}{
		{
			"levels",
			[]string{"Before.", "## Install", "Download it.", "### Linux", "Unpack it.", "#### Old kernels", "Build it.", "### Windows", "Run it.", "## Use", "Start it."},
			[]string{": Before.", "Install: Download", "Install > Linux: Unpack", "Install > Linux > Old kernels: Build", "Install > Windows: Run", "Use: Start"},
		},
		{
			"numbered articles with a level",
			[]string{"## 1. Install", "Download it.", "### Linux", "Unpack it.", "## 2. Use", "Start it.", "## Help", "Ask us."},
			[]string{"1: 1.", "1 > Linux: Unpack", "2: 2.", "Help: Ask"},
		},
		{
			"clauses as headings",
			[]string{"## 1. Scope", "### 1.1 Goods", "All goods.", "#### 1.1.1 Large goods", "In parts.", "### 1.2 Services", "All services.", "## 2. Price", "### 2.1 Payment", "At once."},
			[]string{"1: 1.", "1 > 1.1: All", "1 > 1.1 > 1.1.1: In", "1 > 1.2: All", "2: 2.", "2 > 2.1: At"},
		},
		{
			"clauses of one level",
			[]string{"## 1. Scope", "## 1.1 Goods", "All goods.", "## 1.2 Services", "All services.", "## 2. Price", "## 2.1 Payment", "At once."},
			[]string{"1: 1.", "1 > 1.1: All", "1 > 1.2: All", "2: 2.", "2 > 2.1: At"},
		},
		{
			"clauses as paragraphs",
			[]string{"## Scope", "1.1 The seller sends the goods.", "They are new.", "1.2 The buyer pays them.", "## Price", "2.1 The price is 3.", "2.1.1 It may rise.", "2.2 It is paid at once."},
			[]string{"Scope > 1.1: 1.1", "Scope > 1.1: They", "Scope > 1.2: 1.2", "Price > 2.1: 2.1", "Price > 2.1 > 2.1.1: 2.1.1", "Price > 2.2: 2.2"},
		},
		{
			"decimals are no clauses",
			[]string{"Growth was strong.", "3.5 Million people came.", "Others left.", "7.2 Percent stayed."},
			[]string{": Growth", ": 3.5", ": Others", ": 7.2"},
		},
		{
			"clauses inside an article",
			[]string{"1. DUTIES", "1.1 The seller sends the goods.", "(a) new; or", "(b) old.", "2. PRICE", "2.1 The price is 3.", "2.2 It is paid at once."},
			[]string{"1: 1.", "2: 2."},
		},
		{
			"sections and other headings",
			[]string{"~ Preamble", "All agree.", "CHAPTER I", "~ Duties", "Article 1", "Roads are open.", "~ Notes", "A note.", "CHAPTER II", "Article 2", "Gates are shut."},
			[]string{"Preamble: All", "CHAPTER I > Article 1: Article", "CHAPTER I > Notes: A", "CHAPTER II > Article 2: Article"},
		},
		{
			"a section below a heading of the format",
			[]string{"## Rules", "Chapter 1", "One is open.", "Chapter 2", "Two is shut.", "## Other", "Three."},
			[]string{"Rules > Chapter 1: One", "Rules > Chapter 2: Two", "Other: Three."},
		},
		{
			"sections that all have one level",
			[]string{"# Part I", "# Chapter 1", "# Article 1", "Roads are open.", "# Article 2", "Roads are kept.", "# Chapter 2", "# Article 3", "Gates are shut.", "# Part II", "# Annex A", "A list."},
			[]string{"Part I > Chapter 1 > Article 1: Article", "Part I > Chapter 1 > Article 2: Article", "Part I > Chapter 2 > Article 3: Article", "Annex A: A"},
		},
		{
			"a title above parts",
			[]string{"Title I", "Part A", "One.", "Part B", "Two.", "Title II", "Part A", "Three."},
			[]string{"Title I > Part A: One.", "Title I > Part B: Two.", "Title II > Part A: Three."},
		},
		{
			"a part above titles",
			[]string{"Part I", "Title I", "One.", "Title II", "Two.", "Part II", "Title I", "Three."},
			[]string{"Part I > Title I: One.", "Part I > Title II: Two.", "Part II > Title I: Three."},
		},
		{
			"a list of contents",
			[]string{"Chapter 1", "Section 1", "Section 2", "Chapter 2", "Section 1", "Part Two", "Chapter 3", "Chapter 1", "Section 1", "One."},
			[]string{"Part Two > Chapter 1 > Section 1: One."},
		},
		{
			"a parent of articles",
			[]string{"一、总体要求", "（一）指导思想。坚持开放。", "（二）基本原则。坚持合作。", "二、主要任务", "（三）修路。道路要修好。", "（四）修桥。桥梁要修好。"},
			[]string{"一 > （一）: （一）指导思想。坚持开放。", "一 > （二）: （二）基本原则。坚持合作。", "二 > （三）: （三）修路。道路要修好。", "二 > （四）: （四）修桥。桥梁要修好。"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, paths(marked("en", tc.text...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
