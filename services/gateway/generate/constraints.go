package main

import (
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/accord-search/accord/proto/accord/v1" // the messages with the rules
)

// constrain adds the bounds of the rules in the protos to the schemas of messages.
func constrain(schemas object) {
	for name, schema := range schemas {
		if message, ok := find(name).(protoreflect.MessageDescriptor); ok {
			constrainFields(schema.(object), message)
		}
	}
}

// constrainRequest adds the bounds of a request to the parameters and the body of an operation.
func constrainRequest(operation object) {
	parts := strings.Split(operation["operationId"].(string), "_") // service, method, and a number for its further paths
	method, ok := find("accord.v1." + parts[0] + "." + parts[1]).(protoreflect.MethodDescriptor)
	if !ok {
		return
	}
	if body, ok := operation["requestBody"].(object); ok {
		constrainFields(at(body, "content", "application/json", "schema"), method.Input())
	}
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		p := p.(object)
		message, name := method.Input(), p["name"].(string)
		for {
			outer, inner, nested := strings.Cut(name, ".")
			field := message.Fields().ByJSONName(outer)
			if field == nil {
				break
			}
			if !nested {
				constrainField(p["schema"].(object), field)
				break
			}
			message, name = field.Message(), inner
		}
	}
}

func find(name string) protoreflect.Descriptor {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil
	}
	return found
}

func constrainFields(schema object, message protoreflect.MessageDescriptor) {
	properties, _ := schema["properties"].(object)
	for key, property := range properties {
		if field := message.Fields().ByJSONName(key); field != nil {
			constrainField(property.(object), field)
		}
	}
}

func constrainField(schema object, field protoreflect.FieldDescriptor) {
	rules, err := protovalidate.ResolveFieldRules(field)
	if err != nil || rules == nil {
		return
	}
	set := func(key string, has bool, value any) {
		if has {
			schema[key] = value
		}
	}
	text, list, pairs := rules.GetString(), rules.GetRepeated(), rules.GetMap()
	set("minLength", text.HasMinLen(), text.GetMinLen())
	set("maxLength", text.HasMaxLen(), text.GetMaxLen())
	set("maxItems", list.HasMaxItems(), list.GetMaxItems())
	set("maxProperties", pairs.HasMaxPairs(), pairs.GetMaxPairs())
	set("minimum", rules.GetInt32().HasGte(), rules.GetInt32().GetGte())
	set("maximum", rules.GetInt32().HasLte(), rules.GetInt32().GetLte())
	set("minimum", rules.GetFloat().HasGte(), rules.GetFloat().GetGte())
	set("maximum", rules.GetFloat().HasLte(), rules.GetFloat().GetLte())
	set("minimum", rules.GetDouble().HasGte(), rules.GetDouble().GetGte())
	set("maximum", rules.GetDouble().HasLte(), rules.GetDouble().GetLte())
}
