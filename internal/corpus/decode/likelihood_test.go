package decode

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestLegacyEncodings checks that texts are decoded from each single-byte encoding in which
// their language is found.
func TestLegacyEncodings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text  string
		names []string
	}{
		{"Nowy dach przystani został położony we wtorek, po trzech latach opóźnień i dwóch ciężkich zimach.", []string{"windows-1250", "iso-8859-2", "ibm852"}},
		{"Nová střecha přístavu byla položena v úterý, po třech letech příprav a dvou těžkých zimách.", []string{"windows-1250", "iso-8859-2"}},
		{"Az új tetőt kedden rakták fel, három év előkészület és két nehéz tél után, amikor nagyobb volt az árvíz.", []string{"windows-1250", "iso-8859-2"}},
		{"Iskelenin yeni çatısı salı günü takıldı; üç yıl hazırlık ve iki ağır kış sürdü, balıkçılar sevindi.", []string{"windows-1254"}},
		{"Новая крыша пристани готова: её положили во вторник, после трёх лет подготовки и двух суровых зим.", []string{"windows-1251", "koi8-r", "iso-8859-5", "ibm866"}},
		{"Новий дах пристані готовий: його поклали у вівторок, після трьох років підготовки та двох зим.", []string{"windows-1251", "koi8-u", "iso-8859-5"}},
		{"Η νέα στέγη της αποβάθρας μπήκε την Τρίτη, ύστερα από τρία χρόνια και δύο βαρείς χειμώνες.", []string{"windows-1253", "iso-8859-7"}},
		{"הגג החדש של המזח הונח ביום שלישי לאחר שלוש שנים ושני חורפים קשים, והדייגים שמחו", []string{"windows-1255", "iso-8859-8"}},
		{"وضع السقف الجديد للرصيف يوم الثلاثاء بعد ثلاث سنوات وشتاءين قاسيين، وفرح الصيادون", []string{"windows-1256", "iso-8859-6"}},
		{"Naujas prieplaukos stogas uždėtas antradienį, po trejų metų ruošimosi ir dviejų sunkių žiemų, žvejai džiaugėsi.", []string{"windows-1257"}},
		{"หลังคาใหม่ของท่าเรือเสร็จเมื่อวันอังคาร หลังจากเตรียมการสามปี", []string{"windows-874"}},
		{"Le nouveau toit du quai a été posé mardi, après trois années de préparation ; les pêcheurs en étaient très fiers.", []string{"windows-1252"}},
		{"El muelle reabrió el martes, según la compañía, y mañana habrá una fiesta pequeña después del almuerzo.", []string{"windows-1252"}},
		{"Das neue Dach wurde für die Fischer größer gebaut, und die Möwen müssen früher aufstehen.", []string{"windows-1252"}},
		{"Det nye tag på molen blev lagt på en tirsdag; fiskerne så på, men måtte først rydde båden for sne.", []string{"windows-1252"}},
	} {
		for _, name := range tc.names {
			data, err := charmaps[name].NewEncoder().Bytes([]byte(tc.text))
			if err != nil {
				t.Fatalf("%s cannot hold %q: %v", name, tc.text, err)
			}
			if got, doubt := decodeInDoubt(data); got != tc.text {
				t.Errorf("%s: got %q, want %q (in doubt: %v)", name, got, tc.text, doubt)
			}
		}
	}
}

// TestDoubt checks that two encodings of a short text are named if no letter decides
// between them.
func TestDoubt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"caf\xe9 \xe0 la": false, "ba\xe8": true, "sm\xe5 \xe6bler p\xe5 \xf8en": false} {
		if _, doubt := decodeInDoubt([]byte(text)); len(doubt) == 2 != want {
			t.Errorf("decodeInDoubt(%q) doubts %v, want doubt: %t", text, doubt, want)
		}
	}
}

// TestVietnamese checks that Windows-1258, in which tones are separate marks, is not taken for
// Windows-1252.
func TestVietnamese(t *testing.T) {
	t.Parallel()
	const text = "Mái mới của bến tàu được lợp hôm thứ Ba, sau ba năm chuẩn bị và hai mùa đông."
	var marked []rune
	for _, r := range text {
		if base := []rune(norm.NFD.String(string(r))); len(base) == 3 {
			marked = append(marked, []rune(norm.NFC.String(string(base[:2])))[0], base[2])
			if tone := base[1]; tone == '\u0323' { // a dot below precedes the other mark, which is above
				marked = append(marked[:len(marked)-2], []rune(norm.NFC.String(string([]rune{base[0], base[2]})))[0], tone)
			}
		} else if len(base) == 2 && charmaps["windows-1258"] != nil {
			if _, err := charmaps["windows-1258"].NewEncoder().String(string(r)); err == nil {
				marked = append(marked, r)
			} else {
				marked = append(marked, base...)
			}
		} else {
			marked = append(marked, r)
		}
	}
	data, err := charmaps["windows-1258"].NewEncoder().Bytes([]byte(string(marked)))
	if err != nil {
		t.Fatal(err)
	}
	if got := norm.NFC.String(decodeLegacy(data)); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
}
