package header_test

import (
	"testing"

	"github.com/accord-search/accord/internal/corpus/header"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]header.Field{
		"Title : Ministers meet":     {Key: header.Title, Value: "Ministers meet"},
		"**Título:** Los ministros":  {Key: header.Title, Value: "Los ministros"},
		"【标题】两国签署协议":                 {Key: header.Title, Value: "两国签署协议"},
		"<DATE> 2019-01-02 </DATE>":  {Key: header.Published, Value: "2019-01-02"},
		"Dat : 2019-04-05":           {Key: header.Published, Value: "2019-04-05"},
		"更新时间：2019-04-05":            {Key: header.Updated, Value: "2019-04-05"},
		"News Source: Agency":        {Key: header.Source, Value: "Agency"},
		"Ariticle :":                 {Key: header.Body},
		"Keywords: trade":            {Key: header.Other, Value: "trade"},
		"Dat : one of several":       {},
		"The minister said: we meet": {},
		"No colon":                   {},
	} {
		got, ok := header.Parse(text)
		if ok != (want.Key != header.None) || ok && got != want {
			t.Errorf("Parse(%q) = %+v, %t, want %+v", text, got, ok, want)
		}
	}
}
