package header

import (
	"strings"
	"testing"
)

// TestKeys checks that each row of keys.txt has a known meaning, a language, and keys in
// the form in which they are looked up, and that no key has two meanings.
func TestKeys(t *testing.T) {
	t.Parallel()
	rows := map[string]string{} // the meaning of each key
	for row := range strings.Lines(keyTable) {
		words := strings.Fields(row)
		if len(words) == 0 || strings.HasPrefix(row, "#") {
			continue
		}
		if len(words) < 3 {
			t.Errorf("%q has no keys", row)
			continue
		}
		for _, key := range words[2:] {
			if KeyOf(key) == None || key != strings.ToLower(key) {
				t.Errorf("%q of %q is not looked up", key, row)
			}
			if before, ok := rows[key]; ok && before != words[0] {
				t.Errorf("%q gives %s and %s", key, before, words[0])
			}
			rows[key] = words[0]
		}
	}
}
