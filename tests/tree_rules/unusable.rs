//! Sources that Argo CD cannot render, and namespaces in which it does nothing.

use super::{HERE, URL, application, config, file, root, told};

const ID: &str = "application-source-unusable";

fn of(source: &str, more: &[String]) -> Vec<String> {
    let web = file("argocd/web.yaml", &application("web", "web", source, HERE));
    told(&[&[root(""), web, config("apps/web/config.yaml", "web")][..], more].concat(), ID)
}

#[test]
fn a_tool_needs_its_file() {
    let kustomization = file("apps/web/kustomization.yaml", "resources: [config.yaml]");
    let chart = file("apps/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0");
    let kustomize = "path: apps/web, kustomize: {namePrefix: x-}";
    let helm = "path: apps/web, helm: {releaseName: x}";
    assert_eq!(of(kustomize, &[]), ["`apps/web` has no `kustomization.yaml`"]);
    let chartless = ["`apps/web` has no `Chart.yaml`"];
    assert_eq!(of(helm, &[]), chartless);
    assert_eq!(of("path: apps/web, helm: {valueFiles: [gone.yaml]}", &[]), chartless);
    let none = Vec::<String>::new();
    assert_eq!(of(kustomize, std::slice::from_ref(&kustomization)), none);
    assert_eq!(of(helm, &[chart]), none);
    assert_eq!(of("path: apps/web, kustomize: {}", &[]), none, "a block that says nothing");
    let setting = file(
        "argocd/cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {kustomize.enable: 'false'}",
    );
    assert_eq!(of(kustomize, &[setting]), none, "the tool is switched off");
}

#[test]
fn a_chart_needs_its_value_files() {
    let chart = file("apps/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0");
    let values = file("apps/web/prod.yaml", "replicas: 2");
    let of =
        |helm: &str| of(&format!("path: apps/web, helm: {helm}"), &[chart.clone(), values.clone()]);
    let missing = |path| [format!("the value file `{path}` is not in the repository")];
    assert_eq!(of("{valueFiles: [prod.yaml, test.yaml]}"), missing("apps/web/test.yaml"));
    assert_eq!(of("{valueFiles: [../nope.yaml]}"), missing("apps/nope.yaml"));
    assert_eq!(of("{valueFiles: [/nope.yaml]}"), missing("nope.yaml"));
    let text = "the file `apps/web/test.txt` is not in the repository".to_owned();
    let files = "ignoreMissingValueFiles: true, fileParameters: [{name: a, path: test.txt}]";
    assert_eq!(of(&format!("{{{files}}}")), [text]);
    let outside = |file: &str| [format!("the value file `{file}` leads out of the repository")];
    assert_eq!(of("{valueFiles: [../../../x.yaml]}"), outside("../../../x.yaml"));
    let lax = "{valueFiles: [/../x.yaml], ignoreMissingValueFiles: true}";
    assert_eq!(of(lax), outside("/../x.yaml"));
    for right in [
        "{valueFiles: ['../../../$ARGOCD_APP_NAME.yaml', '../../${dir}/../x.yaml']}",
        "{fileParameters: [{name: a, path: prod.yaml}, {name: b, path: 'https://example.com/a.txt'}]}",
        "{valueFiles: [prod.yaml, /apps/web/prod.yaml, ../web/prod.yaml]}",
        "{valueFiles: [test.yaml], ignoreMissingValueFiles: true}",
        "{valueFiles: ['https://example.com/values.yaml', 'env-$ARGOCD_APP_NAME.yaml', 'envs/*.yaml']}",
    ] {
        assert_eq!(of(right), Vec::<String>::new(), "{right}");
    }
}

fn several(sources: &str) -> Vec<String> {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web, namespace: argocd}}\n\
         spec:\n  project: default\n  {HERE}\n  sources: [{sources}]"
    );
    told(&[root(""), file("argocd/web.yaml", &text), config("values/web.yaml", "web")], ID)
}

#[test]
fn what_is_referred_to_must_be_there() {
    let chart = |file: &str| {
        format!(
            "{{repoURL: 'https://charts.example.com', chart: web, targetRevision: 1.0.0, helm: {{valueFiles: [{file}]}}}}"
        )
    };
    let lender = |name: &str| format!("{{repoURL: '{URL}', ref: '{name}'}}");
    let of = |file: &str, name: &str| several(&format!("{}, {}", chart(file), lender(name)));
    assert_eq!(of("$vals/values/web.yaml", "values"), ["no source has the `ref` `vals`"]);
    assert_eq!(
        of("$values/values/gone.yaml", "values"),
        ["the value file `values/gone.yaml` is not in the repository"]
    );
    assert_eq!(
        of("$values/../web.yaml", "values"),
        ["the value file `$values/../web.yaml` leads out of the repository"]
    );
    let charts = "{repoURL: 'https://charts.example.com', chart: x, targetRevision: 1.0.0, ref: c}";
    assert_eq!(
        several(&format!("{}, {charts}", chart("$c/values.yaml"))),
        ["`$c` refers to a chart, which lends no files"]
    );
    assert_eq!(of("web.yaml", "a b"), ["`a b` cannot be a `ref`"]);
    let twice = several(&format!("{}, {}", lender("values"), lender("values")));
    assert_eq!(twice, ["two sources have the `ref` `values`"]);
    assert_eq!(of("$values/values/web.yaml", "values"), Vec::<String>::new());
    assert_eq!(of("${NAME}/web.yaml", "values"), Vec::<String>::new());
    // Among several sources all that begins with `$` is a reference.
    let variable = "no source has the `ref` `ARGOCD_APP_NAME`";
    assert_eq!(of("$ARGOCD_APP_NAME/web.yaml", "values"), [variable]);
}

#[test]
fn an_only_source_has_no_references() {
    let chart = file("apps/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0");
    let values = file("values/web.yaml", "replicas: 2");
    let own = |path: &str| {
        let source = format!("path: apps/web, helm: {{valueFiles: ['{path}']}}");
        of(&source, &[chart.clone(), values.clone()])
    };
    let wrong = ["`$values` refers to no source: there is only one"];
    assert_eq!(own("$values/prod/web.yaml"), wrong);
    let remote = |path: &str| {
        of(&format!("chart: web, targetRevision: 1.0.0, helm: {{valueFiles: ['{path}']}}"), &[])
    };
    assert_eq!(remote("$values/prod/web.yaml"), wrong);
    let none = Vec::<String>::new();
    for right in ["/values/web.yaml", "$ARGOCD_APP_NAME.yaml", "${values}/web.yaml"] {
        assert_eq!(remote(right), none, "{right}");
    }
    // The variable is empty, so that the path begins at the top of the repository.
    assert_eq!(own("$values/values/web.yaml"), none);
}

#[test]
fn a_revision_is_a_name_or_a_range() {
    let at = |revision: &str| of(&format!("path: apps/web, targetRevision: '{revision}'"), &[]);
    for wrong in
        ["HEAD~1", "main^", "HEAD^{commit}", "main@{1}", "@", "main..dev", ":/fix", "v1.*.x y"]
    {
        assert_eq!(at(wrong), [format!("Argo CD does not resolve the revision `{wrong}`")]);
    }
    for right in [
        "HEAD",
        "main",
        "~1.2",
        "^1.0",
        ">=1.0 <2.0",
        "1.0 - 2.0",
        "*",
        "v1.*",
        "1.x || 3.x",
        "feature/a@b",
        "[[ .rev ]]",
        "#{rev}# ~",
        "${REV}~1",
    ] {
        assert_eq!(at(right), Vec::<String>::new(), "{right}");
    }
    let chart = "chart: web, targetRevision: '^1.0 oops'";
    assert_eq!(of(chart, &[]), Vec::<String>::new());
}

#[test]
fn a_template_below_a_source_that_recurses_keeps_all_from_being_read() {
    let of = |directory: &str| {
        let source = format!("path: apps, directory: {directory}");
        let web = file("argocd/web.yaml", &application("web", "web", &source, HERE));
        let template =
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-web";
        let template = file("apps/web/templates/config.yaml", template);
        told(&[root(""), web, config("apps/config.yaml", "web"), template], "manifests-unreadable")
    };
    let [found] = &of("{recurse: true}")[..] else { panic!("one finding") };
    assert!(found.starts_with("`apps/web/templates/config.yaml` is no YAML: "), "{found}");
    for right in ["{recurse: false}", "{recurse: true, exclude: '**/templates/**'}"] {
        assert_eq!(of(right), Vec::<String>::new(), "{right}");
    }
}

#[test]
fn an_application_counts_only_where_argo_cd_looks() {
    let of = |list: &str, config: &str| {
        let project = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: web, namespace: argocd}}\n\
             spec: {{sourceRepos: ['*'], destinations: [{{server: '*', namespace: '*'}}]{list}}}"
        );
        let config = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cmd-params-cm}}\ndata: {{{config}}}"
        );
        let web = application("web", "web", "path: apps/web", HERE);
        let web = web.replace("namespace: argocd", "namespace: team-a");
        let files = [
            root(""),
            file("argocd/project.yaml", &project),
            file("argocd/params.yaml", &config),
            file("argocd/web.yaml", &web),
            super::config("apps/web/config.yaml", "web"),
        ];
        told(&files, "application-namespace-forbidden")
    };
    let lists = |name: &str| format!(", sourceNamespaces: [{name}]");
    assert_eq!(
        of(&lists("team-x"), ""),
        ["the AppProject `web` does not permit Applications in the namespace `team-a`"]
    );
    assert_eq!(
        of(&lists("team-a"), "application.namespaces: 'team-x, team-b'"),
        ["Argo CD looks at no Application in the namespace `team-a`"]
    );
    let none = Vec::<String>::new();
    assert_eq!(of(&lists("'team-*'"), "application.namespaces: 'team-x, team-*'"), none);
    assert_eq!(of(&lists("/team-[ab]/"), ""), none);
    assert_eq!(of("", ""), none, "another Argo CD may be there");
}
