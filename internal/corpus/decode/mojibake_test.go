package decode

import (
	"runtime"
	"strings"
	"testing"
)

func TestMend(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, broken, want string }{
		{"quotes", "theyâ€™ll say â€œyesâ€\u009d", "they’ll say “yes”"},
		{"quote with a lost byte", "â€œyesâ€\uFFFD", "“yes”"},
		{"accents", "prÃ©sident, aÃ±o, Ã  la", "président, año, à la"},
		{"capital accent in capitals", "RÃ‰PUBLIQUE", "RÉPUBLIQUE"},
		{"Chinese", "ä¸\u00adå›½å’Œç§˜é²\u0081", "中国和秘鲁"},
		{"end mark", "â–\u00a0", "■"},
		{"twice", "prÃƒÂ©sident", "président"},
		{"emoji", "ðŸ˜€", "😀"},
		{"UTF-8 read as GBK", "鎴戜滑鍚屾剰", "我们同意"},
		{"with a private character", "鎴戜滑鏄\ue219腑鍥戒汉", "我们是中国人"},
		{"GBK read as Latin", "ÖÐ»ªÈËÃñ¹²ºÍ¹ú", "中华人民共和国"},
		{"beside right text", "Le président dit â€œouiâ€\u009d à l’été", "Le président dit “oui” à l’été"},
	} {
		if got := Mend(tc.broken); got != tc.want {
			t.Errorf("%s: Mend(%q) = %q, want %q", tc.name, tc.broken, got, tc.want)
		}
	}
}

// TestMendLeavesRightText checks that Mend does not change correct texts that look like
// mojibake.
func TestMendLeavesRightText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"“Vive la RÉPUBLIQUE” – « déjà vu » – café…” – Où ? À l’été",
		"El PERÚ”, dijo. ¿Qué? “ESPAÑA…” Ñuñoa – AMANHÃ… IRMÃ” não “São”",
		"Größe „ÜBER“ Straße” – Fuß… ÄÖÜ»",
		"Ça coûte 20 €… naïve” – Noël» œuvre “À”",
		"Ãngela e “Âncora” – ação à tarde às 10 h",
		"价格为20€，约合£18。《巴黎协定》——“好”……",
		"½ cup, 20 °C ± 1°, § 5 ¶ 2, µm² – 3×4÷2 ©®™",
		"联通 电信 中华人民共和国 锟斤拷",
		"ПРИВЕТ, мир. Καλημέρα. Tiếng Việt: Đường phố",
		"Åse Ærø “ÅÅ” Þórður Łódź – Čeština ŠŽ",
	} {
		if got := Mend(text); got != text {
			t.Errorf("Mend(%q) = %q, want it as it was", text, got)
		}
	}
}

// TestMendLostBytes: what Mend allocates grows with the length of a line in which most bytes
// were lost, not with its square.
func TestMendLostBytes(t *testing.T) { // not parallel: it counts what all goroutines allocate
	line := "中国中国" + strings.Repeat("\uFFFD", 100_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Mend(line)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1000*uint64(len(line)) {
		t.Errorf("%d bytes allocated for a line of %d", allocated, len(line))
	}
}
