// Command gotemplate answers what Argo CD's ApplicationSet controller makes of Go templates.
//
// Input is JSON, one case a line; the answer is one line a case. With the argument `functions` it
// writes instead which functions templates have.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/gosimple/slug"
	"sigs.k8s.io/yaml"
)

type testCase struct {
	Template string          `json:"template"`
	Data     json.RawMessage `json:"data"`
	// Option is one of goTemplateOptions, if any.
	Option string `json:"option"`
	// Texts are the keys of the data whose maps and lists have values of type string.
	Texts []string `json:"texts"`
}

type answer struct {
	Output string `json:"output"`
	Error  string `json:"error,omitempty"`
}

// functions are those of Argo CD 3.5, applicationset/utils/utils.go and template_functions.go.
func functions() template.FuncMap {
	all := sprig.GenericFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	delete(all, "getHostByName")
	all["normalize"] = normalize
	all["slugify"] = slugify
	all["toYaml"] = func(value any) (string, error) {
		written, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(written), "\n"), err
	}
	all["fromYaml"] = func(text string) (map[string]any, error) {
		read := map[string]any{}
		err := yaml.Unmarshal([]byte(text), &read)
		return read, err
	}
	all["fromYamlArray"] = func(text string) ([]any, error) {
		read := []any{}
		err := yaml.Unmarshal([]byte(text), &read)
		return read, err
	}
	return all
}

var notInNames = regexp.MustCompile("[^-a-z0-9.]")

func normalize(name string) string {
	name = notInNames.ReplaceAllString(strings.ToLower(name), "-")
	return strings.Trim(name[:min(len(name), 253)], "-.")
}

func slugify(arguments ...any) string {
	slug.MaxLength, slug.EnableSmartTruncate = 50, true
	name := ""
	for at, argument := range arguments {
		switch at {
		case len(arguments) - 1:
			name = argument.(string)
		case 0:
			slug.MaxLength = argument.(int)
		case 1:
			slug.EnableSmartTruncate = argument.(bool)
		}
	}
	return slug.Make(normalize(name))
}

func main() {
	all := functions()
	if len(os.Args) > 1 && os.Args[1] == "functions" {
		builtin := strings.Fields("and call html index js len not or print printf println urlquery eq ge gt le lt ne")
		names := append(builtin, slices.Collect(maps.Keys(all))...)
		slices.Sort(names)
		fmt.Println(strings.Join(names, "\n"))
		return
	}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<28)
	output := json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	for input.Scan() {
		var one testCase
		if err := json.Unmarshal(input.Bytes(), &one); err != nil {
			panic(err)
		}
		if err := output.Encode(render(one, all)); err != nil {
			panic(err)
		}
	}
	if err := input.Err(); err != nil {
		panic(err)
	}
}

// render is one answer. Where Go panics, that is an error, too.
func render(one testCase, all template.FuncMap) (found answer) {
	defer func() {
		if wrong := recover(); wrong != nil {
			found = answer{Error: fmt.Sprintf("panic: %v", wrong)}
		}
	}()
	var data map[string]any
	if err := json.Unmarshal(one.Data, &data); err != nil {
		panic(err)
	}
	for _, key := range one.Texts {
		switch value := data[key].(type) {
		case map[string]any:
			texts := map[string]string{}
			for key, text := range value {
				texts[key] = text.(string)
			}
			data[key] = texts
		case []any:
			texts := []string{}
			for _, text := range value {
				texts = append(texts, text.(string))
			}
			data[key] = texts
		}
	}
	base := template.New("x").Funcs(all)
	if one.Option != "" {
		base = base.Option(one.Option)
	}
	parsed, err := base.Parse(one.Template)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var written bytes.Buffer
	if err := parsed.Execute(&written, data); err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Output: written.String()}
}
