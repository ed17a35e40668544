package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/cache"
	"github.com/argoproj/argo-cd/v3/reposerver/metrics"
	reposerver "github.com/argoproj/argo-cd/v3/reposerver/repository"
	cacheutil "github.com/argoproj/argo-cd/v3/util/cache"
	"github.com/argoproj/argo-cd/v3/util/git"
)

// repository is the tree of one revision.
type repository struct {
	URL      string            `json:"url"`
	Revision string            `json:"revision"`
	Files    map[string]string `json:"files"`
	Links    map[string]string `json:"links"`
}

// repositories are git repositories on disk, behind Argo CD's repo-server.
type repositories struct {
	paths map[string]string
	// By hidden directories and by new globbing: what one repo-server has listed, it keeps.
	services map[[2]bool]*reposerver.Service
}

// served are the repositories as one case sees them.
type served struct {
	*repositories
	newGlobbing bool
	service     *reposerver.Service
}

func build(scratch string, list []repository) *repositories {
	paths := map[string]string{}
	for _, one := range list {
		path, known := paths[one.URL]
		if !known {
			path = filepath.Join(scratch, fmt.Sprintf("repository-%d", len(paths)))
			paths[one.URL] = path
			check(os.MkdirAll(path, 0o755))
			runGit(path, "init", "-q", "-b", one.Revision)
		} else {
			runGit(path, "checkout", "-q", "--orphan", one.Revision)
			runGit(path, "rm", "-qrf", ".")
		}
		for name, text := range one.Files {
			check(os.MkdirAll(filepath.Dir(filepath.Join(path, name)), 0o755))
			check(os.WriteFile(filepath.Join(path, name), []byte(text), 0o644))
		}
		for name, target := range one.Links {
			check(os.MkdirAll(filepath.Dir(filepath.Join(path, name)), 0o755))
			check(os.Symlink(target, filepath.Join(path, name)))
		}
		runGit(path, "add", "-A", "-f")
		runGit(path, "commit", "-q", "--allow-empty", "-m", one.Revision)
	}
	for _, one := range list {
		// HEAD is the revision that is named first.
		if path := paths[one.URL]; path != "" {
			runGit(path, "checkout", "-q", list[first(list, one.URL)].Revision)
		}
	}
	services := map[[2]bool]*reposerver.Service{}
	for _, key := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
		memory := cacheutil.NewCache(cacheutil.NewInMemoryCache(time.Hour))
		folder, err := os.MkdirTemp(scratch, "repo-server")
		check(err)
		settings := reposerver.RepoServerInitConstants{ParallelismLimit: 1, IncludeHiddenDirectories: key[0]}
		services[key] = reposerver.NewService(metrics.NewMetricsServer(), cache.NewCache(memory, time.Hour, time.Hour, time.Second), settings, git.NoopCredsStore{}, folder)
	}
	return &repositories{paths: paths, services: services}
}

func first(list []repository, url string) int {
	for index, one := range list {
		if one.URL == url {
			return index
		}
	}
	return -1
}

func runGit(path string, arguments ...string) {
	command := exec.Command("git", arguments...)
	command.Dir = path
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	if text, err := command.CombinedOutput(); err != nil {
		check(fmt.Errorf("git %v: %w: %s", arguments, err, text))
	}
}

func (r *repositories) as(one testCase) served {
	service := r.services[[2]bool{one.HiddenDirectories, one.NewGlobbing}]
	return served{repositories: r, newGlobbing: one.NewGlobbing, service: service}
}

func (s served) repository(url string) (*v1alpha1.Repository, error) {
	path, known := s.paths[url]
	if !known {
		return nil, fmt.Errorf("repository not found: %s", url)
	}
	return &v1alpha1.Repository{Repo: "file://" + path}, nil
}

func (s served) GetFiles(ctx context.Context, url, revision, _, pattern string, noCache bool, _ *v1alpha1.SourceIntegrity) (map[string][]byte, error) {
	repo, err := s.repository(url)
	if err != nil {
		return nil, err
	}
	response, err := s.service.GetGitFiles(ctx, &apiclient.GitFilesRequest{Repo: repo, Revision: revision, Path: pattern, NewGitFileGlobbingEnabled: s.newGlobbing, NoRevisionCache: noCache})
	if err != nil {
		return nil, fmt.Errorf("error retrieving Git files: %w", err)
	}
	return response.GetMap(), nil
}

func (s served) GetDirectories(ctx context.Context, url, revision, _ string, noCache bool, _ *v1alpha1.SourceIntegrity) ([]string, error) {
	repo, err := s.repository(url)
	if err != nil {
		return nil, err
	}
	response, err := s.service.GetGitDirectories(ctx, &apiclient.GitDirectoriesRequest{Repo: repo, Revision: revision, NoRevisionCache: noCache})
	if err != nil {
		return nil, fmt.Errorf("error retrieving Git Directories: %w", err)
	}
	return response.GetPaths(), nil
}
