package eval

import (
	"fmt"
	"strconv"
	"strings"
)

// Qrels holds judgements: query id → passage id → grade, from 1. A query without
// answers has no entry.
type Qrels map[string]map[string]int

// parseQrels parses lines of query, passage and grade, with an optional header line,
// or TREC's format, which has another field after the query. Fields are separated by
// tabs or, on a line without tabs, by white space. A grade below 1 means that the
// passage is not an answer.
func parseQrels(file string, data []byte) (Qrels, error) {
	qrels := Qrels{}
	err := eachLine(file, data, func(line string, number int) error {
		fields := strings.Fields(line)
		if strings.Contains(line, "\t") {
			fields = strings.Split(line, "\t")
		}
		if len(fields) == 4 {
			fields = append(fields[:1], fields[2:]...)
		}
		if len(fields) != 3 {
			return fmt.Errorf("has %d fields; want query-id, corpus-id and score", len(fields))
		}
		query, passage := fields[0], fields[1]
		grade, err := strconv.Atoi(strings.TrimSpace(fields[2]))
		switch {
		case err != nil && number == 1: // header
			return nil
		case err != nil:
			return fmt.Errorf("score %q is not a whole number", fields[2])
		case grade < 1:
			return nil
		}
		qrels.add(query, passage, grade)
		return nil
	})
	return qrels, err
}

func (q Qrels) add(query, passage string, grade int) {
	if q[query] == nil {
		q[query] = map[string]int{}
	}
	q[query][passage] = grade
}

// Score measures a run of passage ids over every judged query. A query missing from
// the run counts as 0. A passage that occurs twice counts only at its first rank.
func (q Qrels) Score(run Run[string]) Summary {
	var all []Measures
	for query, judged := range q {
		var gains, grades []int
		seen := map[string]bool{}
		for _, passage := range run[query] {
			if !seen[passage] {
				seen[passage] = true
				gains = append(gains, judged[passage])
			}
		}
		for _, grade := range judged {
			grades = append(grades, grade)
		}
		all = append(all, measure(gains, grades))
	}
	return mean(all)
}
