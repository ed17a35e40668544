package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// printFields writes a line for each field of the types that an ApplicationSet and an Application are
// made of: the type, the name in JSON, the type of the field; `always` where it is written when empty.
func printFields() {
	types := map[reflect.Type]bool{}
	for _, root := range []reflect.Type{
		reflect.TypeFor[v1alpha1.ApplicationSetSpec](),
		reflect.TypeFor[v1alpha1.ApplicationSpec](),
		reflect.TypeFor[v1alpha1.Operation](),
		reflect.TypeFor[v1alpha1.NestedMatrixGenerator](),
		reflect.TypeFor[v1alpha1.NestedMergeGenerator](),
	} {
		collect(root, types)
	}
	var lines []string
	for one := range types {
		if strings.HasPrefix(one.Name(), "Optional") {
			continue
		}
		for field := range one.Fields() {
			lines = append(lines, lineOf(one, field)...)
		}
	}
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func lineOf(owner reflect.Type, field reflect.StructField) []string {
	name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
	if !field.IsExported() || name == "-" {
		return nil
	}
	if field.Anonymous && name == "" {
		// A parameter of a plugin writes the map and the array that it holds when they are set.
		embedded, optional := field.Type, field.Type.Kind() == reflect.Pointer
		if optional {
			embedded = embedded.Elem()
		}
		var lines []string
		for inner := range embedded.Fields() {
			if optional {
				lines = append(lines, fmt.Sprintf("%s %s *%s", owner.Name(), inner.Tag.Get("json"), typeName(inner.Type)))
				continue
			}
			lines = append(lines, lineOf(owner, inner)...)
		}
		return lines
	}
	kind := typeName(field.Type)
	// The controller reads these two by themselves.
	if owner == reflect.TypeFor[v1alpha1.ApplicationSetNestedGenerator]() {
		switch name {
		case "matrix":
			kind = "*NestedMatrixGenerator"
		case "merge":
			kind = "*NestedMergeGenerator"
		}
	}
	line := fmt.Sprintf("%s %s %s", owner.Name(), name, kind)
	plugin := owner == reflect.TypeFor[v1alpha1.ApplicationSourcePluginParameter]() && name == "name"
	switch {
	case plugin, !strings.Contains(options, "omitempty"):
		line += " always"
	case field.Type.Kind() == reflect.Struct && !strings.Contains(options, "omitzero") && known(field.Type) == "":
		line += " always"
	}
	return []string{line}
}

// known says which types are written as something else than their fields.
func known(one reflect.Type) string {
	switch one.Name() {
	case "JSON", "RawExtension":
		return "json"
	case "IntOrString", "Time", "Duration":
		return "scalar"
	}
	return ""
}

func typeName(one reflect.Type) string {
	switch one.Kind() {
	case reflect.Pointer:
		return "*" + typeName(one.Elem())
	case reflect.Slice:
		return "[]" + typeName(one.Elem())
	case reflect.Map:
		return "map[" + typeName(one.Elem()) + "]"
	case reflect.Struct:
		if name := known(one); name != "" {
			return name
		}
		return one.Name()
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	default:
		return "int"
	}
}

func collect(one reflect.Type, types map[reflect.Type]bool) {
	switch one.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collect(one.Elem(), types)
	case reflect.Struct:
		if known(one) != "" || types[one] {
			return
		}
		types[one] = true
		for field := range one.Fields() {
			if field.IsExported() {
				collect(field.Type, types)
			}
		}
	}
}
