package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/gobwas/glob"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubefake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	listers "github.com/argoproj/argo-cd/v3/pkg/client/listers/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

// question is what a project is asked; one of the fields is set.
type question struct {
	Source      *string `json:"source"`
	Destination *struct {
		Server    string `json:"server"`
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"destination"`
	Kind *struct {
		Group      string `json:"group"`
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		Namespaced bool   `json:"namespaced"`
	} `json:"kind"`
	SourceNamespace *string `json:"sourceNamespace"`
}

type permissionCase struct {
	Name    string              `json:"name"`
	Project v1alpha1.AppProject `json:"project"`
	// Other projects, and the setting that makes some of them global.
	Others         []v1alpha1.AppProject `json:"others"`
	GlobalProjects string                `json:"globalProjects"`
	Ask            []question            `json:"ask"`
}

type permissionTable struct {
	Cases []permissionCase `json:"cases"`
	Globs []struct {
		Pattern   string `json:"pattern"`
		Text      string `json:"text"`
		Separator string `json:"separator"`
	} `json:"globs"`
	URLs []string `json:"urls"`
}

type permissionVerdicts struct {
	// One digit for each question: 1 where it is permitted.
	Cases map[string]string `json:"cases"`
	// One character for each: 1 where it matches, e where the pattern is refused, p where the library
	// fails.
	Globs string   `json:"globs"`
	URLs  []string `json:"urls"`
}

func printPermissions(path string) {
	var table permissionTable
	read(path, &table)
	verdicts := permissionVerdicts{Cases: map[string]string{}}
	for _, one := range table.Cases {
		project := one.virtualProject()
		digits := ""
		for _, asked := range one.Ask {
			digits += digit(asked.permitted(project))
		}
		verdicts.Cases[one.Name] = digits
	}
	for _, one := range table.Globs {
		verdicts.Globs += match(one.Pattern, one.Text, []rune(one.Separator))
	}
	for _, one := range table.URLs {
		verdicts.URLs = append(verdicts.URLs, git.NormalizeGitURL(one))
	}
	check(json.NewEncoder(os.Stdout).Encode(verdicts))
}

func match(pattern, text string, separators []rune) (verdict string) {
	defer func() {
		if recover() != nil {
			verdict = "p"
		}
	}()
	compiled, err := glob.Compile(pattern, separators...)
	if err != nil {
		return "e"
	}
	return digit(compiled.Match(text))
}

func digit(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

func (asked question) permitted(project *v1alpha1.AppProject) bool {
	switch {
	case asked.Source != nil:
		return project.IsSourcePermitted(v1alpha1.ApplicationSource{RepoURL: *asked.Source})
	case asked.Destination != nil:
		cluster := &v1alpha1.Cluster{Server: asked.Destination.Server, Name: asked.Destination.Name}
		is, err := project.IsDestinationPermitted(cluster, asked.Destination.Namespace, nil)
		check(err)
		return is
	case asked.Kind != nil:
		kind := schema.GroupKind{Group: asked.Kind.Group, Kind: asked.Kind.Kind}
		return project.IsGroupKindNamePermitted(kind, asked.Kind.Name, asked.Kind.Namespaced)
	default:
		application := &v1alpha1.Application{ObjectMeta: metav1.ObjectMeta{Namespace: *asked.SourceNamespace}}
		return project.IsAppNamespacePermitted(application, namespace)
	}
}

// virtualProject is the project with all that its global projects add.
func (one permissionCase) virtualProject() *v1alpha1.AppProject {
	if one.GlobalProjects == "" {
		return &one.Project
	}
	ctx := context.Background()
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for _, project := range append([]v1alpha1.AppProject{one.Project}, one.Others...) {
		project.Namespace = namespace
		check(indexer.Add(&project))
	}
	labels := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	kube := kubefake.NewClientset(
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDConfigMapName, Namespace: namespace, Labels: labels}, Data: map[string]string{"globalProjects": one.GlobalProjects}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDSecretName, Namespace: namespace, Labels: labels}, Data: map[string][]byte{"admin.password": nil, "server.secretkey": nil}})
	one.Project.Namespace = namespace
	project, err := argo.GetAppVirtualProject(&one.Project, listers.NewAppProjectLister(indexer), settings.NewSettingsManager(ctx, kube, namespace))
	check(err)
	return project
}
