// Evaluates ApplicationSets with Argo CD's own controller, over git repositories on disk and an API
// server in memory.
//
//	applicationset fields             the fields of an ApplicationSet and an Application, one a line
//	applicationset permissions TABLE  what projects permit, which patterns match, how URLs are compared
//	applicationset jq FILE OBJECTS    which lines can be jqPathExpressions, and what they leave of objects
//	applicationset directories TABLE  the objects of each source, as JSON, a case a line
//	applicationset WORLD CASES...     the Applications of each case, as JSON, a case a line
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	log "github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubefake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers"
	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	appsetmetrics "github.com/argoproj/argo-cd/v3/applicationset/metrics"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

const namespace = "argocd"

// cluster is what a Secret of Argo CD says about a cluster.
type cluster struct {
	Name        string            `json:"name"`
	Server      string            `json:"server"`
	Project     *string           `json:"project"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

type world struct {
	Repositories []repository `json:"repositories"`
	Clusters     []cluster    `json:"clusters"`
	Projects     []string     `json:"projects"`
}

type testCase struct {
	Name              string          `json:"name"`
	Metadata          json.RawMessage `json:"metadata"`
	Spec              json.RawMessage `json:"spec"`
	Clusters          *[]cluster      `json:"clusters"`
	NewGlobbing       bool            `json:"newGlobbing"`
	HiddenDirectories bool            `json:"hiddenDirectories"`
}

type result struct {
	Name string `json:"name"`
	// What the generators and templates made, before validation.
	Generated []map[string]any `json:"generated"`
	// Why nothing is applied.
	Error string `json:"error,omitempty"`
	// What is in the API server afterwards.
	Applied []map[string]any `json:"applied"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string, into any) {
	text, err := os.ReadFile(path)
	check(err)
	check(yaml.Unmarshal(text, into))
}

func main() {
	log.SetLevel(log.PanicLevel)
	switch os.Args[1] {
	case "fields":
		printFields()
		return
	case "permissions":
		printPermissions(os.Args[2])
		return
	case "jq":
		printJQ(os.Args[2], os.Args[3])
		return
	case "directories":
		printDirectories(os.Args[2])
		return
	}
	var where world
	read(os.Args[1], &where)
	scratch, err := os.MkdirTemp("", "applicationset")
	check(err)
	defer os.RemoveAll(scratch)
	repositories := build(scratch, where.Repositories)
	printer := json.NewEncoder(os.Stdout)
	for _, path := range os.Args[2:] {
		var table struct {
			Cases []testCase `json:"cases"`
		}
		read(path, &table)
		for _, one := range table.Cases {
			check(printer.Encode(run(one, where, repositories)))
		}
	}
}

func run(one testCase, where world, repositories *repositories) (out result) {
	out.Name = one.Name
	defer func() {
		if panicked := recover(); panicked != nil {
			out.Error = fmt.Sprintf("panic: %v", panicked)
		}
	}()
	set := v1alpha1.ApplicationSet{ObjectMeta: metav1.ObjectMeta{Name: "set", Namespace: namespace, UID: "set"}}
	if err := decode(one, &set); err != nil {
		out.Error = "refused: " + err.Error()
		return out
	}
	clusters := where.Clusters
	if one.Clusters != nil {
		clusters = *one.Clusters
	}
	ctx := context.Background()
	reconciler := newReconciler(ctx, set, clusters, where.Projects, repositories.as(one))
	generated, _, err := template.GenerateApplications(log.NewEntry(log.StandardLogger()), *set.DeepCopy(), reconciler.Generators, reconciler.Renderer, reconciler.Client)
	for _, application := range generated {
		// What it is compared with shows what is written.
		application.Spec = *argo.NormalizeApplicationSpec(&application.Spec)
		out.Generated = append(out.Generated, object(application))
	}
	if err != nil {
		out.Error = err.Error()
	}
	request := ctrl.Request{NamespacedName: types.NamespacedName{Namespace: set.Namespace, Name: set.Name}}
	if _, err := reconciler.Reconcile(ctx, request); err != nil && !apierrors.IsInvalid(err) && out.Error == "" {
		out.Error = "reconcile: " + err.Error()
	}
	var applied v1alpha1.ApplicationList
	check(reconciler.Client.List(ctx, &applied))
	for _, application := range applied.Items {
		// An API server refuses these; the one in memory does not look.
		if len(validation.ValidateObjectMeta(&application.ObjectMeta, true, validation.NameIsDNSSubdomain, field.NewPath("metadata"))) > 0 {
			continue
		}
		out.Applied = append(out.Applied, object(application))
	}
	return out
}

func decode(one testCase, set *v1alpha1.ApplicationSet) error {
	if one.Metadata != nil {
		if err := json.Unmarshal(one.Metadata, &set.ObjectMeta); err != nil {
			return err
		}
	}
	return json.Unmarshal(one.Spec, &set.Spec)
}

// object is an Application without what the API server and the controller add.
func object(application v1alpha1.Application) map[string]any {
	application.ResourceVersion = ""
	application.OwnerReferences = nil
	text, err := json.Marshal(application)
	check(err)
	var object map[string]any
	check(json.Unmarshal(text, &object))
	delete(object, "status")
	delete(object, "kind")
	delete(object, "apiVersion")
	return object
}

func owner(object client.Object) []string {
	if owner := metav1.GetControllerOf(object); owner != nil {
		return []string{owner.Name}
	}
	return nil
}

func newReconciler(ctx context.Context, set v1alpha1.ApplicationSet, clusters []cluster, projects []string, repositories served) *controllers.ApplicationSetReconciler {
	scheme := runtime.NewScheme()
	check(v1alpha1.AddToScheme(scheme))
	check(corev1.AddToScheme(scheme))
	objects := []client.Object{set.DeepCopy()}
	for _, name := range projects {
		project := v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
		objects = append(objects, &project)
	}
	var secrets []runtime.Object
	for index, one := range clusters {
		secret := secret(index, one)
		objects = append(objects, secret)
		secrets = append(secrets, secret)
	}
	secrets = append(secrets,
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDConfigMapName, Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDSecretName, Namespace: namespace, Labels: map[string]string{"app.kubernetes.io/part-of": "argocd"}}, Data: map[string][]byte{"admin.password": nil, "server.secretkey": nil}})
	kube := kubefake.NewClientset(secrets...)
	memory := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(&set).
		WithIndex(&v1alpha1.Application{}, ".metadata.controller", owner).Build()
	informer, err := settings.NewClusterInformer(kube, namespace)
	check(err)
	return &controllers.ApplicationSetReconciler{
		Client:          memory,
		Scheme:          scheme,
		Recorder:        record.NewFakeRecorder(1000),
		Generators:      generators.GetGenerators(ctx, memory, kube, namespace, repositories, nil, generators.SCMConfig{}, informer),
		ArgoDB:          db.NewDB(namespace, settings.NewSettingsManager(ctx, kube, namespace), kube),
		KubeClientset:   kube,
		Policy:          v1alpha1.ApplicationsSyncPolicySync,
		Renderer:        &utils.Render{},
		ArgoCDNamespace: namespace,
		Metrics:         appsetmetrics.NewFakeAppsetMetrics(),
		ClusterInformer: informer,
	}
}

func secret(index int, one cluster) *corev1.Secret {
	labels := map[string]string{common.LabelKeySecretType: common.LabelValueSecretTypeCluster}
	for key, value := range one.Labels {
		labels[key] = value
	}
	data := map[string][]byte{"name": []byte(one.Name), "server": []byte(one.Server), "config": []byte("{}")}
	if one.Project != nil {
		data["project"] = []byte(*one.Project)
	}
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("cluster-%d", index), Namespace: namespace, Labels: labels, Annotations: one.Annotations},
		Data:       data,
	}
}
