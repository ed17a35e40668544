// Prints the fields that tell nothing from zero: those that are pointers in the Go types of the API. Of any other field
// the server keeps no zero, empty list, empty map or empty object apart from one that is not there.
//
// One type a line, by the name of its schema, then its fields.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var found = map[string][]string{}

func main() {
	types := []reflect.Type{reflect.TypeFor[apiextensions.CustomResourceDefinition](), reflect.TypeFor[apiregistration.APIService]()}
	for _, known := range scheme.Scheme.AllKnownTypes() {
		types = append(types, known)
	}
	seen := map[reflect.Type]bool{}
	for _, known := range types {
		walk(known, seen)
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%s\t%s\n", name, strings.Join(found[name], " "))
	}
}

func walk(t reflect.Type, seen map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		walk(t.Elem(), seen)
	case reflect.Struct:
		if seen[t] || !strings.HasPrefix(t.PkgPath(), "k8s.io/") {
			return
		}
		seen[t] = true
		fields := pointers(t, seen)
		sort.Strings(fields)
		if len(fields) > 0 {
			name := "io.k8s." + strings.ReplaceAll(strings.TrimPrefix(t.PkgPath(), "k8s.io/"), "/", ".") + "." + t.Name()
			found[name] = fields
		}
	}
}

func pointers(t reflect.Type, seen map[reflect.Type]bool) []string {
	var fields []string
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && (name == "" || options == "inline") {
			if inner := field.Type; inner.Kind() == reflect.Struct {
				fields = append(fields, pointers(inner, seen)...)
			}
			continue
		}
		walk(field.Type, seen)
		if field.Type.Kind() == reflect.Pointer && name != "" && name != "-" {
			fields = append(fields, name)
		}
	}
	return fields
}
