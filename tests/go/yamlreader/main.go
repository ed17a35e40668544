// Command yamlreader says how Kubernetes reads YAML: for every line of standard input, a JSON
// string with a YAML stream, it prints one line of JSON with the documents of the stream.
//
// The stream is split by the reader of k8s.io/apimachinery and each document is converted by
// sigs.k8s.io/yaml, as kubectl and Argo CD do.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	scanner "go.yaml.in/yaml/v2"
	stream "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type document struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
	// A key is given twice.
	Duplicate bool `json:"duplicate,omitempty"`
	// Text after the first value was dropped in silence.
	Dropped bool `json:"dropped,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	decoder := json.NewDecoder(in)
	for {
		var text string
		if err := decoder.Decode(&text); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(documents(text)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func documents(text string) []document {
	found := []document{}
	reader := stream.NewYAMLReader(bufio.NewReader(bytes.NewReader([]byte(text))))
	for {
		part, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			return append(found, document{Error: err.Error()})
		}
		found = append(found, convert(part))
	}
}

func convert(part []byte) (result document) {
	// The conversion panics on some input; the API server recovers from that as from an error.
	defer func() {
		if problem := recover(); problem != nil {
			result = document{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	converted, err := yaml.YAMLToJSON(part)
	if err != nil {
		return document{Error: err.Error()}
	}
	_, err = yaml.YAMLToJSONStrict(part)
	return document{JSON: converted, Duplicate: err != nil, Dropped: dropped(part)}
}

// dropped says whether the scanner finds anything after the first document of a part.
func dropped(part []byte) bool {
	var value any
	decoder := scanner.NewDecoder(bytes.NewReader(part))
	if err := decoder.Decode(&value); err != nil {
		return false
	}
	return !errors.Is(decoder.Decode(&value), io.EOF)
}
