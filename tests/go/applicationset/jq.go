package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apijson "k8s.io/apimachinery/pkg/util/json"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
)

// verdict is what becomes of one expression.
type verdict struct {
	// Why it cannot be among jqPathExpressions; empty where it can.
	Refused string `json:"refused,omitempty"`
	// Each object without what it leads to; null where nothing is taken away, text for an error. Nothing
	// where all are null.
	Left []any `json:"left,omitempty"`
}

// left is an object after one expression was applied to it.
func left(normalizer diff.Normalizer, object map[string]any) any {
	before := unstructured.Unstructured{Object: object}
	after := *before.DeepCopy()
	if err := normalizer.Normalize(&after); err != nil {
		return "error"
	}
	if reflect.DeepEqual(before, after) {
		return nil
	}
	return after.Object
}

// printJQ says of each line of a file whether it can be among jqPathExpressions, and what it takes away
// from each object of another file.
func printJQ(path, objectsPath string) {
	text, err := os.ReadFile(path)
	check(err)
	list, err := os.ReadFile(objectsPath)
	check(err)
	var objects []map[string]any
	check(apijson.Unmarshal(list, &objects))
	verdicts := map[string]verdict{}
	for _, expression := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		entry := v1alpha1.ResourceIgnoreDifferences{Group: "*", Kind: "*", JQPathExpressions: []string{expression}}
		ignored := []v1alpha1.ResourceIgnoreDifferences{entry}
		normalizer, err := normalizers.NewIgnoreNormalizer(ignored, nil, normalizers.IgnoreNormalizerOpts{})
		if err != nil {
			verdicts[expression] = verdict{Refused: err.Error()}
			continue
		}
		var all []any
		for _, object := range objects {
			all = append(all, left(normalizer, object))
		}
		if slices.ContainsFunc(all, func(one any) bool { return one != nil }) {
			verdicts[expression] = verdict{Left: all}
		} else {
			verdicts[expression] = verdict{}
		}
	}
	expressions := slices.Sorted(maps.Keys(verdicts))
	for at, expression := range expressions {
		before := map[bool]string{true: "{", false: ","}[at == 0]
		fmt.Printf("%s\n%s: %s", before, encoded(expression), encoded(verdicts[expression]))
	}
	fmt.Println("\n}")
}

func encoded(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
	return strings.TrimSpace(text.String())
}
