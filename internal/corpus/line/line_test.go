package line_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/line"
)

// memo is the head of a draft in two columns.
const memo = `Bicycle Working Group                                            N. Body
Internet-Draft                                                    Kurier
Intended status: Standards Track                          March 20, 2014


              A Format for Lists of Bicycles
                       and Readers
                draft-body-bicycle-list-02

Abstract

   This document defines a format.
`

// TestFromText checks how a text is split, joined and classified.
func TestFromText(t *testing.T) {
	t.Parallel()
	names := map[line.Class]string{
		line.Prose: "prose", line.Title: "title", line.Dateline: "dateline", line.Caption: "caption", line.Stamp: "stamp",
		line.PlaceDate: "place date", line.Field: "field", line.Furniture: "furniture", line.Separator: "separator",
	}
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"classes", "Ministers meet in Lima\n\nNovember 15, 2024 10:15 Source: Agency\n\nShare\n\nLIMA, Nov. 14 (Xinhua) -- They met.\n\nShips in the port. (Xinhua/Li Na)\n\nDone at Lima on 15 November 2024\n\n=====", []string{
			"title: Ministers meet in Lima", "stamp: November 15, 2024 10:15 Source: Agency", "furniture: Share",
			"dateline: LIMA, Nov. 14 (Xinhua) -- They met.", "caption: Ships in the port. (Xinhua/Li Na)",
			"place date: Done at Lima on 15 November 2024", "separator: =====",
		}},
		{"headers on one line", "标题：两国签署协议 日期：2024年3月8日 来源：某社", []string{"field: 标题：两国签署协议", "stamp: 日期：2024年3月8日", "field: 来源：某社"}},
		{"label above its date", "Published\nNovember 15, 2024", []string{"stamp: Published November 15, 2024"}},
		{"button behind a title", "两国发表联合声明（全文）2015-05-23[字体：大 中 小]", []string{"title: 两国发表联合声明（全文）", "stamp: 2015-05-23", "furniture: [字体：大 中 小]"}},
		{
			"hard-wrapped lines", "The ministers of both countries met in the capital on Friday\nto talk about the trade in goods that their governments want\nto have more of in the years that follow the new agreement.\n\nThey will meet again.",
			[]string{"prose: The ministers of both countries met in the capital on Friday to talk about the trade in goods that their governments want to have more of in the years that follow the new agreement.", "prose: They will meet again."},
		},
		{"divided name", "The town library opened its Luban-\nWorkshops on Monday.", []string{"prose: The town library opened its Luban-Workshops on Monday."}},
		{"memo", "\n\n" + memo, []string{
			"field: Title: A Format for Lists of Bicycles and Readers", "stamp: Date: March 20, 2014",
			"furniture: Bicycle Working Group", "furniture: N. Body", "furniture: Internet-Draft", "furniture: Kurier",
			"furniture: Intended status: Standards Track", "furniture: March 20, 2014", "title: Abstract", "prose: This document defines a format.",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range line.FromText(tc.text, datetime.Style{}) {
				got = append(got, names[l.Class]+": "+l.Text)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
