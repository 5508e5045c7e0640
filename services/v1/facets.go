package v1

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// toOrder decodes an order that has passed the rules in the protos.
func toOrder(orderBy string) search.Order {
	switch fields := strings.Fields(orderBy); {
	case len(fields) == 0:
		return search.BestFirst
	case len(fields) == 2 && fields[1] == "desc":
		return search.NewestFirst
	default:
		return search.OldestFirst
	}
}

// normalisedFields returns names of fields in normalisation form C, in which documents store
// keys of metadata.
func normalisedFields(fields []string) (out []string) {
	for _, field := range fields {
		out = append(out, norm.NFC.String(field))
	}
	return out
}

// fromFacets encodes facets. fields are the names of their fields in the request.
func fromFacets(list []search.Facet, fields []string) (out []*accordv1.Facet) {
	for i, f := range list {
		facet := &accordv1.Facet{Field: fields[i], OtherCount: int32(f.Other), MissingCount: int32(f.Missing)}
		for _, v := range f.Values {
			value := v.Value
			if f.Field == document.FieldKind {
				value = kindName(value)
			}
			facet.Values = append(facet.Values, &accordv1.FacetValue{Value: value, Count: int32(v.Count)})
		}
		out = append(out, facet)
	}
	return out
}

// kindName returns the name of a kind from its number.
func kindName(number string) string {
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return number // cannot happen: the database has numbers
	}
	return accordv1.PassageKind(n).String()
}
