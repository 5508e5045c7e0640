package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// eachLine calls use with every line that is not blank and its number, from 1.
// It stops at the first error, and puts file and line before it.
func eachLine(file string, data []byte, use func(line string, number int) error) error {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := use(strings.TrimRight(string(line), "\r\n"), number); err != nil {
			return fmt.Errorf("%s:%d: %w", file, number, err)
		}
	}
	return nil
}

// eachRecord is eachLine over JSON objects.
func eachRecord[T any](file string, data []byte, use func(record T, number int) error) error {
	return eachLine(file, data, func(line string, number int) error {
		var record T
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			return fmt.Errorf("is no JSON object of the kind expected: %w", err)
		}
		return use(record, number)
	})
}
