package eval

import (
	"fmt"
	"strconv"
	"strings"
)

// Qrels are judgements: query id → passage id → grade, from 1. A query without
// answers has no entry.
type Qrels map[string]map[string]int

// parseQrels reads lines of query, passage and grade, with or without a line of
// headings, or TREC's with a field between the first two. Fields are set apart
// by tabs or, on a line that has none, by white space. Grades below 1 say that
// the passage is no answer.
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
		case err != nil && number == 1: // headings
			return nil
		case err != nil:
			return fmt.Errorf("score %q is no whole number", fields[2])
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

// Score measures a run of passage ids over every judged query. A query that the
// run lacks counts as 0, a passage counts where it first stands.
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
