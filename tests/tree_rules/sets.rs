//! What ApplicationSets say in vain.

use super::{URL, config, file, told};

/// A set of two Applications, with fields of its generator, of its template and of its patch.
fn set(generator: &str, metadata: &str, patch: &str) -> Vec<String> {
    let set = format!(
        "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: apps, namespace: argocd}}
spec:
  goTemplate: true
  generators: [{{list: {{elements: [{{name: web}}, {{name: api, extra: true}}]{generator}}}}}]
  template:
    metadata: {{name: '{{{{.name}}}}'{metadata}}}
    spec:
      project: default
      source: {{repoURL: 'https://git.example.com/acme/apps.git', path: 'apps/{{{{.name}}}}'}}
      destination: {{name: in-cluster, namespace: '{{{{.name}}}}'}}
  templatePatch: |
    {patch}"
    );
    let configs = ["web", "api"].map(|name| config(&format!("apps/{name}/config.yaml"), name));
    [&[file("set.yaml", &set)][..], &configs].concat()
}

#[test]
fn waves_count_for_nothing_wherever_a_set_gives_them() {
    let waves = |generator: &str, metadata: &str, patch: &str| {
        told(&set(generator, metadata, patch), "application-set-wave-ignored").len()
    };
    let annotated = "metadata: {annotations: {argocd.argoproj.io/sync-wave: '3'}}";
    let own = ", annotations: {argocd.argoproj.io/sync-wave: '3'}";
    let of_generator =
        format!(", template: {{{annotated}, spec: {{project: default, destination: {{}}}}}}");
    let of_one = format!("{{{{- if .extra }}}}\n    {annotated}\n    {{{{- end }}}}");
    let of_none = of_one.replace(".extra", "eq .name `shop`");
    assert_eq!(waves("", own, "{}"), 1);
    assert_eq!(waves(&of_generator, "", "{}"), 1);
    assert_eq!(waves("", "", annotated), 1);
    assert_eq!(waves("", "", &of_one), 1);
    assert_eq!(waves("", own, annotated), 1);
    assert_eq!(waves("", "", "{}"), 0);
    assert_eq!(waves("", "", &of_none), 0);
}

#[test]
fn a_patch_says_what_an_application_has() {
    let vain = |metadata: &str, patch: &str| {
        told(&set("", metadata, patch), "application-set-part-ignored")
    };
    assert_eq!(
        vain("", "spec: {retry: {limit: 3}}"),
        ["in `templatePatch`, `spec.retry` is no field, so it counts for nothing"]
    );
    assert_eq!(
        vain("", "spec: {project: other}"),
        ["in `templatePatch`, `spec.project` counts for nothing: a patch cannot change it"]
    );
    assert_eq!(
        vain(", namespace: team", "{}"),
        [
            "`metadata.namespace` of Applications counts for nothing: they are in that of their set, `argocd`"
        ]
    );
    let rights = [
        "spec: {syncPolicy: {retry: {limit: 3}}}",
        "spec: {project: default, info: [{name: a, value: b}]}",
        "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {labels: {a: b}}}",
        "spec: {syncPolicy: {$patch: delete}, source: {helm: {valuesObject: {any: thing}}}}",
        "operation: {sync: {}}",
    ];
    for right in rights {
        assert_eq!(vain(", namespace: argocd", right), Vec::<String>::new(), "{right}");
    }
}

/// A set over what lies in the repository.
fn over(generator: &str) -> Vec<String> {
    let set = format!(
        "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: apps, namespace: argocd}}
spec:
  goTemplate: true
  generators: [{generator}]
  template:
    metadata: {{name: '{{{{.path.basename}}}}'}}
    spec:
      project: default
      source: {{repoURL: '{URL}', path: '{{{{.path.path}}}}'}}
      destination: {{name: in-cluster, namespace: web}}"
    );
    let files = [file("set.yaml", &set), config("apps/web/config.yaml", "web")];
    told(&files, "application-set-part-ignored application-source-unusable")
}

#[test]
fn a_git_generator_finds_something() {
    let git = |items: &str| format!("{{git: {{repoURL: '{URL}', revision: main, {items}}}}}");
    let no_directory = "no directory of the repository matches, so this generator gives nothing";
    for wrong in ["app/*", "apps/*/", "/apps/*", "./apps/*", "apps/**/x", "*/*/*"] {
        assert_eq!(over(&git(&format!("directories: [{{path: '{wrong}'}}]"))), [no_directory]);
    }
    assert_eq!(
        over(&git("files: [{path: 'apps/*/config.json'}]")),
        ["no file of the repository matches, so this generator gives nothing"]
    );
    let several = "directories: [{path: app/*}, {path: nope}, {path: apps/web, exclude: true}]";
    assert_eq!(over(&git(several)), [no_directory]);
    let all = "all patterns exclude, so this generator gives nothing";
    let each = "each pattern that includes excludes as well, so this generator gives nothing";
    for (items, why) in [
        ("directories: [{path: apps/*, exclude: true}]", all),
        ("files: [{path: '**/config.yaml', exclude: true}]", all),
        ("directories: [{path: apps/*}, {path: apps/*, exclude: true}]", each),
        ("files: [{path: '**/config.yaml'}, {path: '**/config.yaml', exclude: true}]", each),
    ] {
        assert_eq!(over(&git(items)), [why], "{items}");
    }
    for right in [
        "directories: [{path: apps/*}]",
        "directories: [{path: apps/*}, {path: 'more/*'}]",
        "directories: [{path: apps/*}, {path: apps/web, exclude: true}]",
        "directories: [{path: '.git'}]",
        "files: [{path: '**/config.yaml'}]",
        "files: [{path: 'apps/*.yaml'}]",
        "files: [{path: '{apps,infra}/*/config.yaml'}]",
    ] {
        assert_eq!(over(&git(right)), [""; 0], "{right}");
    }
    // Another set of parameters may lead to something.
    let matrix = |path: &str| {
        let list = "{list: {elements: [{dir: apps}, {dir: infra}]}}";
        let git = git(&format!("directories: [{{path: '{path}'}}]"));
        over(&format!("{{matrix: {{generators: [{list}, {git}]}}}}"))
    };
    assert_eq!(matrix("{{.dir}}/*"), [""; 0]);
}

#[test]
fn a_git_generator_names_no_expression_of_git() {
    let of = |revision: &str| {
        let body = format!("repoURL: '{URL}', directories: [{{path: apps/*}}]");
        over(&format!("{{git: {{{body}, revision: '{revision}'}}}}"))
    };
    assert_eq!(of("HEAD~1"), ["Argo CD does not resolve the revision `HEAD~1`"]);
    assert_eq!(of("HEAD"), [""; 0]);
}

#[test]
fn a_git_generator_names_what_another_fills_in() {
    let of = |elements: &str, revision: &str| {
        let git = format!(
            "{{git: {{repoURL: '{URL}', directories: [{{path: apps/*}}], revision: '{revision}'}}}}"
        );
        over(&format!("{{matrix: {{generators: [{{list: {{elements: {elements}}}}}, {git}]}}}}"))
    };
    let wrong = |revision: &str| [format!("Argo CD does not resolve the revision `{revision}`")];
    assert_eq!(of("[{branch: main}, {branch: main~1}]", "{{.branch}}"), wrong("main~1"));
    assert_eq!(of("[{branch: main}]", "{{.branch}}~2"), wrong("main~2"));
    assert_eq!(of("[{branch: main}, {branch: v1}]", "{{.branch}}"), [""; 0]);
    assert_eq!(of("[{branch: '${BRANCH}~1'}]", "{{.branch}}"), [""; 0]);
    assert_eq!(of("[]", "{{.branch}}~1"), [""; 0]);
}

#[test]
fn a_tool_that_a_set_names_needs_its_file() {
    let of = |patch: &str, more: &[String]| {
        told(&[set("", "", patch), more.to_vec()].concat(), "application-source-unusable")
    };
    let chart = |name: &str| file(&format!("apps/{name}/Chart.yaml"), "apiVersion: v2\nname: x");
    let lacks = |name: &str| format!("`apps/{name}` has no `Chart.yaml`");
    let helm = "spec: {source: {helm: {releaseName: x}}}";
    assert_eq!(of(helm, &[]), [lacks("web"), lacks("api")]);
    assert_eq!(of(helm, &[chart("web")]), [lacks("api")]);
    assert_eq!(of(helm, &[chart("web"), chart("api")]), [""; 0]);
}

#[test]
fn what_a_set_makes_is_judged_as_what_is_written() {
    const IDS: &str = "application-source-invalid application-source-ignored argocd-key-unknown \
        sync-option-invalid compare-option-invalid ignore-difference-invalid \
        application-source-missing retry-duration-invalid";
    let of =
        |generator: &str, metadata: &str, patch: &str| told(&set(generator, metadata, patch), IDS);
    let sound = [
        "spec: {syncPolicy: {syncOptions: [Prune=false]}}",
        "metadata: {annotations: {argocd.argoproj.io/compare-options: ServerSideDiff=true}}",
        "spec: {source: {kustomize: {namePrefix: web-}}}",
        "spec: {source: null, sources: [{repoURL: 'https://git.example.com/a.git', path: apps/web}]}",
        "spec: {syncPolicy: {retry: {limit: 2, backoff: {duration: '5', maxDuration: 1h}}}}",
        "spec: {syncPolicy: {retry: {limit: 0, backoff: {duration: 5 minutes}}}}",
        "spec: {syncPolicy: {syncOptions: ['${OPTION}', '{{ .option }}']}}",
        "{{ if eq .name `shop` }}spec: {syncPolicy: {syncOptions: [Prune=flase]}}{{ end }}",
    ];
    for patch in sound {
        assert_eq!(of("", "", patch), Vec::<String>::new(), "{patch}");
    }
    let broken = [
        (
            "spec: {syncPolicy: {syncOptions: ['{{ .name }}=true']}}",
            "Argo CD has no sync option `web`",
        ),
        (
            "metadata: {annotations: {argocd.argoproj.io/compare-option: IgnoreExtraneous}}",
            "Argo CD does not know `argocd.argoproj.io/compare-option`",
        ),
        (
            "spec: {source: {helm: {releaseName: web}, kustomize: {namePrefix: web-}}}",
            "a source is of one kind, not both `kustomize` and `helm`",
        ),
        ("spec: {source: {path: '', chart: web}}", "a source with `chart` needs `targetRevision`"),
        ("spec: {source: {repoURL: ''}}", "a source needs `repoURL`"),
        ("spec: {source: null}", "the Application has no source"),
        (
            "spec: {syncPolicy: {retry: {limit: 2, backoff: {duration: 5 minutes}}}}",
            "`5 minutes` is no duration",
        ),
        (
            "spec: {sources: [{repoURL: 'https://git.example.com/acme/apps.git', path: apps/web}]}",
            "beside `sources`, `source` counts for nothing",
        ),
    ];
    for (patch, expected) in broken {
        assert_eq!(of("", "", patch), [expected], "{patch}");
    }
    // A parameter of the template is judged by what it becomes.
    let given = |option: &str| {
        let of_set = set("", "", "{}");
        let text = of_set[0].replace(
            "      source:",
            &format!("      syncPolicy: {{syncOptions: ['{{{{.{option}}}}}']}}\n      source:"),
        );
        told(
            &[
                &[text
                    .replace("{name: web}", "{name: web, right: Prune=false}")
                    .replace("{name: api, extra", "{name: api, right: Prune=false, extra")][..],
                &of_set[1..],
            ]
            .concat(),
            IDS,
        )
    };
    assert_eq!(given("name"), ["Argo CD has no sync option `web`"]);
    assert_eq!(given("right"), Vec::<String>::new());
    // What the template says is told there, by the check of the object.
    let own = ", annotations: {argocd.argoproj.io/compare-option: IgnoreExtraneous}";
    assert_eq!(of("", own, "{}").len(), 0);
    assert_eq!(of("", own, broken[1].0).len(), 0);
}
