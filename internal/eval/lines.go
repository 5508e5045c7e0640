package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// eachLine calls use for every non-blank line with its number, from 1. It stops at
// the first error and adds the file and line to it.
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

// eachRecord is like eachLine for lines of JSON objects.
func eachRecord[T any](file string, data []byte, use func(record T, number int) error) error {
	return eachLine(file, data, func(line string, number int) error {
		var record T
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			return fmt.Errorf("is not a JSON object of the expected form: %w", err)
		}
		return use(record, number)
	})
}

// places maps ids to the places in files where they first occur.
type places map[string]string

// add records the place of an id. It returns an error if the id is empty or occurs
// twice.
func (p places) add(place, id string) error {
	switch first := p[id]; {
	case id == "":
		return errors.New("id is missing")
	case first != "":
		return fmt.Errorf("id %q is already used by %s", id, first)
	}
	p[id] = place
	return nil
}
