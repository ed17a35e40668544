package main

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
)

// printJQ says of each line of a file why it cannot be among jqPathExpressions; empty where it can.
func printJQ(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	verdicts := map[string]string{}
	for _, expression := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		entry := v1alpha1.ResourceIgnoreDifferences{JQPathExpressions: []string{expression}}
		ignored := []v1alpha1.ResourceIgnoreDifferences{entry}
		verdicts[expression] = ""
		if _, err := normalizers.NewIgnoreNormalizer(ignored, nil, normalizers.IgnoreNormalizerOpts{}); err != nil {
			verdicts[expression] = err.Error()
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(verdicts); err != nil {
		panic(err)
	}
}
