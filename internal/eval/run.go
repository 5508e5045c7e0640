package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Run holds the results for each query id, best first, as passage ids or extracts.
type Run[D any] map[string][]D

// Write writes one JSON object on a line, {"query_id": …, "docs": […]}, for each
// query that the run has, in the order of queries.
func (r Run[D]) Write(file string, queries []Query) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffered := bufio.NewWriter(f)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, q := range queries {
		docs, ok := r[q.ID]
		if !ok {
			continue
		}
		line := struct {
			QueryID string `json:"query_id"`
			Docs    []D    `json:"docs"`
		}{q.ID, append([]D{}, docs...)} // encodes as [] instead of null
		if err := encoder.Encode(line); err != nil {
			return fmt.Errorf("write %s: %w", file, err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
