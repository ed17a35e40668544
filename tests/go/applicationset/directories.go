package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	reposerver "github.com/argoproj/argo-cd/v3/reposerver/repository"
	apppath "github.com/argoproj/argo-cd/v3/util/app/path"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
)

// directoryCase is a repository and a source that looks into it.
type directoryCase struct {
	Name   string            `json:"name"`
	Files  map[string]string `json:"files"`
	Links  map[string]string `json:"links"`
	Source struct {
		v1alpha1.ApplicationSource
	} `json:"source"`
}

type directoryVerdict struct {
	Name string `json:"name"`
	// What makes the manifests.
	Tool string `json:"tool,omitempty"`
	// Why there are none.
	Error string `json:"error,omitempty"`
	// The objects, where they are made of a directory.
	Objects []json.RawMessage `json:"objects"`
}

func printDirectories(path string) {
	var table struct {
		Cases []directoryCase `json:"cases"`
	}
	read(path, &table)
	printer := json.NewEncoder(os.Stdout)
	for _, one := range table.Cases {
		check(printer.Encode(one.verdict()))
	}
}

func (one directoryCase) verdict() (out directoryVerdict) {
	out.Name = one.Name
	root, err := os.MkdirTemp("", "directory")
	check(err)
	root, err = filepath.EvalSymlinks(root)
	check(err)
	defer os.RemoveAll(root)
	defer func() { out.Error = strings.ReplaceAll(out.Error, root+"/", "") }()
	for name, text := range one.Files {
		check(os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		check(os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	for name, target := range one.Links {
		check(os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		check(os.Symlink(target, filepath.Join(root, name)))
	}
	// The controller writes back what it has normalised, and the repo-server looks for links first.
	source := argo.NormalizeSource(&one.Source.ApplicationSource)
	if err := apppath.CheckOutOfBoundsSymlinks(root); err != nil {
		out.Error = err.Error()
		return out
	}
	directory, err := apppath.Path(root, source.Path)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	ctx := context.Background()
	tool, err := reposerver.GetAppSourceType(ctx, source.DeepCopy(), directory, root, "web", nil, nil, nil)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	out.Tool = string(tool)
	if tool != v1alpha1.ApplicationSourceTypeDirectory {
		return out
	}
	request := &apiclient.ManifestRequest{
		Repo:              &v1alpha1.Repository{Repo: "https://git.example.com/acme/apps.git"},
		AppName:           "web",
		ApplicationSource: source,
	}
	paths := utilio.NewRandomizedTempPaths(root)
	made, err := reposerver.GenerateManifests(ctx, directory, root, "main", request, false, git.NoopCredsStore{}, resource.MustParse("10M"), paths)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	for _, manifest := range made.Manifests {
		out.Objects = append(out.Objects, json.RawMessage(manifest))
	}
	return out
}
