//! What an AppProject permits and nothing uses.

use gitopsc::diagnostic::Severity;

use super::{HERE, URL, application, config, file, root, told};

const ID: &str = "project-permission-unused";

fn project(lists: &str) -> String {
    named("web", lists)
}

fn named(name: &str, lists: &str) -> String {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: {name}, namespace: argocd}}\n\
         spec: {{{lists}}}"
    );
    file(&format!("argocd/project-{name}.yaml"), &text)
}

fn web() -> [String; 2] {
    [
        file("argocd/web.yaml", &application("web", "web", "path: apps/web", HERE)),
        config("apps/web/config.yaml", "web"),
    ]
}

fn of(lists: &str, more: &[String]) -> Vec<String> {
    let files = [&[root(""), project(lists)][..], &web(), more].concat();
    told(&files, ID)
}

#[test]
fn each_list_is_held_against_what_uses_it() {
    let own = format!("sourceRepos: ['{URL}', 'https://charts.example.com']");
    let cases = [
        (&*own, "the source `https://charts.example.com`, which the AppProject `web` permits"),
        (
            "destinations: [{name: in-cluster, namespace: web}, {name: in-cluster, namespace: data}]",
            "the namespace `data` of `in-cluster`, which the AppProject `web` permits",
        ),
        (
            "destinations: [{name: in-cluster, namespace: web}, {name: edge-1, namespace: web}]",
            "the namespace `web` of `edge-1`, which the AppProject `web` permits",
        ),
        (
            "clusterResourceWhitelist: [{group: '', kind: Namespace}, {group: '', kind: PersistentVolume}]",
            "the kind Namespace and 1 more that the AppProject `web` permits in `clusterResourceWhitelist`",
        ),
        (
            "namespaceResourceWhitelist: [{group: '', kind: ConfigMap}, {group: apps, kind: Deployment}]",
            "the kind apps/Deployment, which the AppProject `web` permits",
        ),
        (
            "sourceNamespaces: [team-web]",
            "the source namespace `team-web`, which the AppProject `web` permits",
        ),
    ];
    for (lists, expected) in cases {
        assert_eq!(of(lists, &[]), [format!("nothing uses {expected}")], "{lists}");
    }
}

#[test]
fn open_entries_and_what_may_be_used_are_left_alone() {
    let cases = [
        "sourceRepos: ['*']",
        "sourceRepos: ['!https://charts.example.com', '*']",
        "destinations: [{name: '*', namespace: data}, {server: '*', namespace: '*'}]",
        // The Application says the name of its cluster, and the entry the address.
        "destinations: [{server: 'https://kubernetes.default.svc', namespace: web}]",
        "clusterResourceWhitelist: [{group: '*', kind: '*'}]",
        "clusterResourceWhitelist: [{group: example.com, kind: Fleet}]",
        "namespaceResourceWhitelist: [{group: '', kind: ConfigMap}, {group: apps, kind: ReplicaSet}]",
        "namespaceResourceBlacklist: [{group: '', kind: ResourceQuota}]",
    ];
    for lists in cases {
        assert_eq!(of(lists, &[]), Vec::<String>::new(), "{lists}");
    }
}

#[test]
fn what_is_not_seen_may_use_it() {
    const KINDS: &str = "sourceRepos: ['https://git.example.com/acme/apps.git'], \
        namespaceResourceWhitelist: [{group: apps, kind: Deployment}]";
    let beside = |name: &str, source: &str, text: &str| {
        [
            file(&format!("argocd/{name}.yaml"), &application(name, "web", source, HERE)),
            file(&format!("apps/{name}/file.yaml"), text),
        ]
    };
    assert_eq!(of(KINDS, &[]).len(), 1);
    let chart = application("db", "web", "chart: db, targetRevision: 1.0.0", HERE);
    assert!(of(KINDS, &[file("argocd/db.yaml", &chart)]).is_empty(), "a chart");
    let kustomized = beside("db", "path: apps/db, kustomize: {namePrefix: x-}", "a: b");
    assert!(of(KINDS, &kustomized).is_empty(), "a kustomization");
    let elsewhere = application("db", "web", "path: apps/gone", HERE);
    assert!(of(KINDS, &[file("argocd/db.yaml", &elsewhere)]).is_empty(), "a path that is missing");
    let custom = "apiVersion: example.com/v1\nkind: Database\nmetadata: {name: db}";
    assert!(of(KINDS, &beside("db", "path: apps/db", custom)).is_empty(), "an operator");
    let comment = "# all of it is about to go";
    assert!(of(KINDS, &beside("db", "path: apps/db", comment)).is_empty(), "nothing left");
}

#[test]
fn what_is_not_seen_may_bring_applications() {
    const LISTS: &str = "clusterResourceWhitelist: [{group: '', kind: Namespace}]";
    let chart = |project: &str| {
        let text = application("more", project, "chart: more, targetRevision: 1.0.0", HERE);
        file("argocd/more.yaml", &text)
    };
    assert!(of(LISTS, &[chart("default")]).is_empty());
    let closed = named("charts", "namespaceResourceWhitelist: [{group: '', kind: Service}]");
    assert_eq!(of(LISTS, &[chart("charts"), closed]).len(), 1);
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: more, namespace: argocd}\n\
         spec:\n  generators: [{clusters: {}}]\n  template: {metadata: {name: '{{name}}'}, spec: {project: web}}";
    assert!(of(LISTS, &[file("argocd/more-set.yaml", set)]).is_empty());
}

#[test]
fn only_a_project_that_comes_with_its_applications_counts() {
    const LISTS: &str = "clusterResourceWhitelist: [{group: '', kind: Namespace}]";
    let by_hand = project(LISTS).replace("argocd/", "by-hand/");
    let files = [&[root(""), by_hand][..], &web()].concat();
    assert!(told(&files, ID).is_empty());
    let files = [root(""), project(LISTS)];
    assert!(told(&files, ID).is_empty(), "no Application");
    let other = root("").replace("path: argocd", "path: others").replace("root", "other");
    let moved = web().map(|text| text.replace("argocd/web", "others/web"));
    let files = [&[root(""), project(LISTS), other][..], &moved].concat();
    assert!(told(&files, ID).is_empty(), "Applications of another root");
    let ours = project(LISTS).replace(
        "namespace: argocd",
        "labels: {app.kubernetes.io/managed-by: gitopsc}, namespace: argocd",
    );
    let files = [&[root(""), ours][..], &web()].concat();
    assert!(told(&files, ID).is_empty(), "declared in an environment");
}

#[test]
fn a_namespace_that_argocd_makes_needs_its_permission() {
    let lists = "clusterResourceWhitelist: [{group: '', kind: Namespace}]";
    let more = format!("{HERE}\n  syncPolicy: {{syncOptions: [CreateNamespace=true]}}");
    let text = application("two", "web", "path: apps/web", &more);
    assert_eq!(of(lists, &[]).len(), 1);
    assert!(of(lists, &[file("argocd/two.yaml", &text)]).is_empty());
}

#[test]
fn a_namespace_that_argocd_makes_is_permitted() {
    let of = |lists: &str, policy: &str, more: &[String]| {
        let policy = format!("{HERE}\n  syncPolicy: {{{policy}}}");
        let web = application("web", "web", "path: apps/web", &policy);
        let lists = format!("destinations: [{{name: in-cluster, namespace: '*'}}]{lists}");
        let files = [root(""), project(&lists), file("argocd/web.yaml", &web)];
        let files = [&files[..], &[config("apps/web/config.yaml", "web")], more].concat();
        let all = super::tree::faults(&files.join("---\n"));
        let of_it = all.into_iter().filter(|it| it.id == "project-kind-forbidden");
        of_it.map(|it| it.severity).collect::<Vec<_>>()
    };
    let makes = "syncOptions: [CreateNamespace=true]";
    let manages = &*format!("{makes}, managedNamespaceMetadata: {{labels: {{a: b}}}}");
    let permits = ", clusterResourceWhitelist: [{group: '', kind: Namespace}]";
    assert_eq!(of("", makes, &[]), [Severity::Warning]);
    assert_eq!(of("", manages, &[]), [Severity::Error]);
    for right in [of(permits, manages, &[]), of(permits, makes, &[]), of("", "", &[])] {
        assert!(right.is_empty());
    }
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}";
    let brings = [file("argocd/namespace.yaml", namespace)];
    assert!(of("", makes, &brings).is_empty(), "the root brings it");
    assert_eq!(of("", manages, &brings), [Severity::Error]);
    let own = [file("apps/web/namespace.yaml", namespace)];
    assert_eq!(of("", makes, &own), [Severity::Error], "told once, of the object");
}

#[test]
fn a_hydrator_has_the_repository_of_its_dry_source() {
    let of = |repositories: &str| {
        let source = format!(
            "sourceHydrator: {{drySource: {{repoURL: '{URL}', path: dry, targetRevision: main}}, \
             syncSource: {{targetBranch: prod, path: wet}}}}"
        );
        let web = application("web", "web", "path: none", HERE);
        let web = web.replace(&format!("source: {{repoURL: \"{URL}\", path: none}}"), &source);
        let lists = format!("destinations: [{{name: in-cluster, namespace: web}}], {repositories}");
        let files = [root(""), project(&lists), file("argocd/web.yaml", &web)];
        told(&files, "project-source-forbidden project-permission-unused")
    };
    assert_eq!(of(&format!("sourceRepos: ['{URL}']")), Vec::<String>::new());
    let found = of("sourceRepos: ['https://git.example.com/other.git']");
    let message = format!("the AppProject `web` does not permit the source {URL}");
    assert!(found.contains(&message), "{found:?}");
}

#[test]
fn a_hydrator_asks_for_the_repository_that_it_reads_and_the_one_that_it_writes() {
    let wet = "https://git.example.com/acme/hydrated.git";
    let of = |repositories: &str| {
        let source = format!(
            "sourceHydrator: {{drySource: {{repoURL: '{URL}', path: dry, targetRevision: main}}, \
             syncSource: {{repoURL: '{wet}', targetBranch: prod, path: wet}}}}"
        );
        let web = application("web", "web", "path: none", HERE);
        let web = web.replace(&format!("source: {{repoURL: \"{URL}\", path: none}}"), &source);
        let lists = format!(
            "destinations: [{{name: in-cluster, namespace: web}}], sourceRepos: [{repositories}]"
        );
        let dry = config("dry/config.yaml", "web");
        let files = [root(""), project(&lists), file("argocd/web.yaml", &web), dry];
        told(&files, "project-source-forbidden project-permission-unused")
    };
    let forbidden = |url| [format!("the AppProject `web` does not permit the source {url}")];
    assert_eq!(of(&format!("'{wet}'")), forbidden(URL));
    assert_eq!(of(&format!("'{URL}'")), forbidden(wet));
    assert_eq!(of(&format!("'{URL}', '{wet}'")), [""; 0]);
}

#[test]
fn a_project_may_come_from_what_is_not_seen() {
    let missing = |namespace: &str| {
        let chart = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: chart, namespace: argocd}}\n\
             spec:\n  project: web\n  source: {{repoURL: 'https://charts.example.com', chart: some, \
             targetRevision: 1.0.0}}\n  destination: {{name: in-cluster, namespace: {namespace}}}"
        );
        let other = application("other", "other", "path: apps/web", HERE);
        let files = [root(""), project(""), file("argocd/chart.yaml", &chart)];
        let files = [&files[..], &web(), &[file("argocd/other.yaml", &other)]].concat();
        told(&files, "application-project-missing")
    };
    assert!(missing("argocd").is_empty());
    assert_eq!(missing("some"), ["there is no AppProject `other`"]);
}

#[test]
fn a_server_may_end_in_a_slash() {
    let server = |server: &str| {
        let here = format!("destination: {{server: '{server}', namespace: web}}");
        let web = application("web", "web", "path: apps/web", &here);
        let lists = "destinations: [{server: 'https://kubernetes.default.svc', namespace: web}]";
        let files = [root(""), project(lists), file("argocd/web.yaml", &web)];
        let files = [&files[..], &[config("apps/web/config.yaml", "web")]].concat();
        told(&files, ID)
    };
    assert!(server("https://kubernetes.default.svc/").is_empty());
    assert_eq!(server("https://10.0.0.1:6443/").len(), 1);
}
