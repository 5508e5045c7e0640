package driver_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/embed/driver"
)

// TestWithhold: an answer that repeats part of a query is not shown; other answers are.
func TestWithhold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body, query string
		hidden      bool
	}{
		{`{"input":["query: Which port opened?"]}`, "query: Which port opened?", true},
		{`{"input":["...ort opened beside the…`, "Which port opened beside the ship?", true},
		{`输入：哪些港口在十一月开放了`, "请问哪些港口在十一月开放了？还有别的吗", true},
		{`糖税 is refused`, "糖税", true},
		{`model "port" is not loaded`, "Which port opened?", false},
		{"", "", false},
	} {
		err := driver.Withhold(fmt.Errorf("embed: %w", &driver.Error{Status: 422, Body: test.body}), test.query)
		var failure *driver.Error
		if !errors.As(err, &failure) || strings.Contains(failure.Body, "is not shown") != test.hidden {
			t.Errorf("%s for %s: %v", test.body, test.query, err)
		}
	}
	if err := driver.Withhold(nil, "a"); err != nil {
		t.Error(err)
	}
}
