// Command cel answers what the API server makes of expressions.
//
// Input is JSON, one case a line; the answer is one line a case. With the argument `declarations`
// it writes instead which functions and variables the base environment declares.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/interpreter"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	schemacel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// testCase is a rule, the schema that it stands in, and values of that schema.
type testCase struct {
	Schema   json.RawMessage   `json:"schema"`
	Resource bool              `json:"resource"`
	Rule     string            `json:"rule"`
	Message  bool              `json:"message"`
	Objects  []json.RawMessage `json:"objects"`
}

type answer struct {
	// Refused is why the rule is not taken.
	Refused string `json:"refused,omitempty"`
	// UsesOld is whether the rule reads oldSelf.
	UsesOld bool `json:"usesOld"`
	// Results is, for each object, `true`, `false`, text, or an error.
	Results []result `json:"results"`
}

type result struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "declarations" {
		declarations()
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
		if err := output.Encode(judge(one)); err != nil {
			panic(err)
		}
	}
	if err := input.Err(); err != nil {
		panic(err)
	}
}

func judge(one testCase) answer {
	versioned := &apiextensionsv1.JSONSchemaProps{}
	if err := utiljson.Unmarshal(one.Schema, versioned); err != nil {
		panic(fmt.Sprintf("schema %s: %v", one.Schema, err))
	}
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(versioned, internal, nil); err != nil {
		panic(err)
	}
	schema, err := structuralschema.NewStructural(internal)
	if err != nil {
		panic(fmt.Sprintf("schema %s: %v", one.Schema, err))
	}
	rule := apiextensionsv1.ValidationRule{Rule: one.Rule}
	if one.Message {
		rule = apiextensionsv1.ValidationRule{Rule: "true", MessageExpression: one.Rule}
	}
	schema.XValidations = apiextensionsv1.ValidationRules{rule}
	declared := model.SchemaDeclType(schema, one.Resource)
	base := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	compiled, err := schemacel.Compile(schema, declared, celconfig.PerCallLimit, base, schemacel.NewExpressionsEnvLoader())
	if err != nil {
		return answer{Refused: err.Error()}
	}
	first := compiled[0]
	if first.Error != nil {
		return answer{Refused: first.Error.Detail}
	}
	program := first.Program
	if one.Message {
		if first.MessageExpressionError != nil {
			return answer{Refused: first.MessageExpressionError.Detail}
		}
		program = first.MessageExpression
	}
	if program == nil {
		return answer{Refused: "empty"}
	}
	if one.Resource {
		schema = model.WithTypeAndObjectMeta(schema)
	}
	result := answer{UsesOld: first.UsesOldSelf}
	for _, object := range one.Objects {
		result.Results = append(result.Results, evaluate(program, schema, object))
	}
	return result
}

func evaluate(program cel.Program, schema *structuralschema.Structural, object json.RawMessage) result {
	values := map[string]any{"self": value(schema, object), "oldSelf": value(schema, object)}
	activation, err := interpreter.NewActivation(values)
	if err != nil {
		panic(err)
	}
	out, _, err := program.ContextEval(context.Background(), activation)
	if err != nil {
		return result{Error: err.Error()}
	}
	return result{Value: out.Value()}
}

func value(schema *structuralschema.Structural, text json.RawMessage) any {
	var read any
	if err := utiljson.Unmarshal(text, &read); err != nil {
		panic(err)
	}
	return schemacel.UnstructuredToVal(read, schema)
}

// declarations writes a line for each overload: the name, `global` or `member`, the types of the
// arguments, the type of the result. Overloads stay in the order in which they are tried. Then the
// variables with their types.
func declarations() {
	env := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).NewExpressionsEnv()
	functions := env.Functions()
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		for _, overload := range functions[name].OverloadDecls() {
			style := "global"
			if overload.IsMemberFunction() {
				style = "member"
			}
			var types []string
			for _, argument := range overload.ArgTypes() {
				types = append(types, checker.FormatCELType(argument))
			}
			fmt.Println(strings.Join(slices.Concat([]string{name, style}, types, []string{"->", checker.FormatCELType(overload.ResultType())}), " "))
		}
	}
	for _, variable := range env.Variables() {
		fmt.Printf("%s variable -> %s\n", variable.Name(), checker.FormatCELType(variable.Type()))
	}
}
