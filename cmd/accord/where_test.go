package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func TestWhere(t *testing.T) {
	t.Parallel()
	values := func(list ...string) *accordv1.Values { return &accordv1.Values{Values: list} }
	noon := timestamppb.New(time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC))
	for text, want := range map[string]*accordv1.Condition{
		"source=Wire":                          {Field: "source", Test: &accordv1.Condition_AnyOf{AnyOf: values("Wire")}},
		"metadata.k=a, b|c=d|":                 {Field: "metadata.k", Test: &accordv1.Condition_AnyOf{AnyOf: values("a, b", "c=d", "")}},
		"source != Wire|新华社":                   {Field: "source", Test: &accordv1.Condition_NoneOf{NoneOf: values(" Wire", "新华社")}},
		"metadata.a b":                         {Field: "metadata.a b", Test: &accordv1.Condition_Exists{Exists: true}},
		"!publish_time":                        {Field: "publish_time", Test: &accordv1.Condition_Exists{}},
		"metadata.n > -1.5":                    {Field: "metadata.n", Test: &accordv1.Condition_Number{Number: &accordv1.NumberRange{Gt: proto.Float64(-1.5)}}},
		"metadata.n>=1e3":                      {Field: "metadata.n", Test: &accordv1.Condition_Number{Number: &accordv1.NumberRange{Gte: proto.Float64(1000)}}},
		"metadata.n<0":                         {Field: "metadata.n", Test: &accordv1.Condition_Number{Number: &accordv1.NumberRange{Lt: proto.Float64(0)}}},
		"metadata.n<=2024":                     {Field: "metadata.n", Test: &accordv1.Condition_Number{Number: &accordv1.NumberRange{Lte: proto.Float64(2024)}}},
		"update_time>2024-05-31T12:00:00Z":     {Field: "update_time", Test: &accordv1.Condition_Time{Time: &accordv1.TimeRange{Gt: noon}}},
		"metadata.t<2024-05-31T14:00:00+02:00": {Field: "metadata.t", Test: &accordv1.Condition_Time{Time: &accordv1.TimeRange{Lt: noon}}},
	} {
		var got where
		if err := got.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		} else if diff := cmp.Diff(want, got.Condition, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "!", "=a", "metadata.n>", "metadata.n>=many", "metadata.n<Inf", "metadata.n<NaN"} {
		if err := new(where).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a condition", text)
		}
	}
}
