//! Applications with a source hydrator: what it reads, and how that is shown.

use crate::process::{git, run};
use crate::repositories::{clone, told};
use crate::*;

/// An Application whose hydrator has these further fields in its `drySource`.
pub(crate) fn hydrated(name: &str, dry: &str) -> String {
    let source = format!(
        "sourceHydrator:\n    drySource: {{repoURL: '{URL}', {dry}}}\n    \
         syncSource: {{targetBranch: env/prod, path: wet/{name}}}"
    );
    application(name, &source)
}

#[test]
fn a_hydrator_is_told_by_its_branch() {
    let repository = repository(&[
        ("argocd/web.yaml", &hydrated("web", "path: dry/web")),
        ("dry/web/c.yaml", &config("c")),
    ]);
    let shown = run(repository.path(), &["apps", "argocd"]).out;
    let line = "wet/web: the hydrator writes it to the branch `env/prod` from `dry/web`: not rendered here";
    assert!(shown.contains(line), "{shown}");
    let found = apps(repository.path(), &["argocd"]);
    let source = &find(&found, "web")["sources"][0];
    assert_eq!((&source["repoURL"], &source["targetRevision"]), (&URL.into(), &"env/prod".into()));
}

#[test]
fn what_a_hydrator_cannot_use_is_marked() {
    let of = |dry: &str| {
        let web = hydrated("web", &format!("{dry}, targetRevision: HEAD"));
        let here = repository(&[("argocd/web.yaml", &web), ("web/c.yaml", &config("c"))]);
        let shown = run(here.path(), &["apps", "argocd"]).out;
        let source = find(&apps(here.path(), &["argocd"]), "web")["sources"][0].clone();
        let line = shown.lines().find(|line| line.contains("wet/web:")).unwrap().to_owned();
        (line, source["state"].clone(), source["problem"].clone())
    };
    let unusable = |why: &str| format!("! wet/web: the hydrator cannot use {why}");
    let why = unusable("`wbe`: there is nothing at its path; `web` is there");
    assert_eq!(of("path: wbe"), (why, "wrong".into(), "missing".into()));
    let why = unusable("`web`: it has blocks of several tools: helm, directory");
    let two = "path: web, helm: {releaseName: x}, directory: {}";
    assert_eq!(of(two), (why, "wrong".into(), "several-tools".into()));
    let (line, state, problem) = of("path: web");
    assert!(line.starts_with("  wet/web: the hydrator writes it to the branch"), "{line}");
    assert_eq!((state, problem), ("not-rendered".into(), Value::Null));
}

#[test]
fn what_a_missing_path_costs_is_nothing_that_was_hydrated_before() {
    let of = |path: &str| {
        let web = hydrated("web", &format!("path: {path}, targetRevision: HEAD"));
        let here = repository(&[("argocd/web.yaml", &web), ("web/c.yaml", &config("c"))]);
        run(here.path(), &["check", ".", "--select", "application-path-invalid"]).out
    };
    let found = of("wbe");
    assert!(found.contains("; nothing is hydrated then") && !found.contains("compare"), "{found}");
    assert!(!of("web").contains("application-path-invalid"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_told_once() {
    let dry = |name: &str| hydrated(name, "path: web, targetRevision: HEAD");
    let own = application("own", &source("path: web, targetRevision: HEAD"));
    let here = repository(&[
        ("argocd/one.yaml", &dry("one")),
        ("argocd/two.yaml", &dry("two")),
        ("argocd/own.yaml", &own),
        ("web/c.yaml", &config("c")),
    ]);
    assert_eq!(told(here.path(), "application-path-invalid"), [""; 0]);
    std::os::unix::fs::symlink("../../etc/hosts", here.path().join("web/out")).unwrap();
    let link = ["error: the symbolic link `web/out` leads out of the repository"];
    assert_eq!(told(here.path(), "application-path-invalid"), link);
}

#[test]
fn the_tool_of_what_it_reads_is_held_against_the_directory() {
    let of = |id: &str, tool: &str, file: &str| {
        let web = hydrated("web", &format!("path: web, targetRevision: HEAD{tool}"));
        let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
        let own = config("c");
        let files =
            [("argocd/web.yaml", web.as_str()), ("web/c.yaml", own.as_str()), (file, chart)];
        told(repository(&files).path(), id)
    };
    let (unusable, invalid) = ("application-source-unusable", "application-source-invalid");
    let (helm, chart) = (", helm: {releaseName: x}", "web/Chart.yaml");
    assert_eq!(of(unusable, helm, "api/Chart.yaml"), ["error: `web` has no `Chart.yaml`"]);
    assert_eq!(of(unusable, helm, chart), [""; 0]);
    let values = ", helm: {valueFiles: [prod.yaml]}";
    let missing = ["error: the value file `web/prod.yaml` is not in the repository"];
    assert_eq!(of(unusable, values, chart), missing);
    assert_eq!(of(unusable, ", helm: {valueFiles: [c.yaml]}", chart), [""; 0]);
    // Argo CD takes no block out of it.
    for other in ["{namePrefix: a}", "{}"] {
        let tools = format!("{helm}, kustomize: {other}");
        let two = ["error: a source is of one kind, not both `kustomize` and `helm`"];
        assert_eq!(of(invalid, &tools, chart), two, "{other}");
    }
    assert_eq!(of(invalid, &format!("{helm}, kustomize: null"), chart), [""; 0]);
}

#[test]
fn a_hydrator_names_its_branches() {
    let of = |part: &str, with: &str| {
        let web = hydrated("web", "path: web, targetRevision: HEAD");
        let here = repository(&[("argocd/web.yaml", &web.replacen(part, with, 1))]);
        told(here.path(), "application-source-invalid")
    };
    let branch = ["warning: `syncSource` needs `targetBranch`"];
    assert_eq!(of("targetBranch: env/prod", "targetBranch: ''"), branch);
    assert_eq!(of("targetBranch: env/prod", "targetBranch: '{{branch}}'"), [""; 0]);
    let repository = ["warning: `drySource` needs `repoURL`"];
    assert_eq!(of(&format!("repoURL: '{URL}'"), "repoURL: ''"), repository);
    let staged = |branch: &str| format!("hydrateTo: {{targetBranch: {branch}}}\n    syncSource:");
    let stage = ["warning: `hydrateTo` needs `targetBranch`"];
    assert_eq!(of("syncSource:", &staged("''")), stage);
    assert_eq!(of("syncSource:", &staged("env/next")), [""; 0]);
}

#[test]
fn what_a_hydrator_reads_is_there() {
    let of = |dry: &str| {
        let dry = format!("drySource: {{repoURL: '{URL}', {dry}}}");
        let synced = "syncSource: {targetBranch: env/prod, path: wet}";
        application("web", &format!("sourceHydrator: {{{dry}, {synced}}}"))
    };
    let sound = of("path: web, targetRevision: main");
    let origin = repository(&[("web.yaml", &sound), ("web/c.yaml", &config("c"))]);
    git(origin.path(), &["add", "-A"]);
    git(origin.path(), &["commit", "-q", "-m", "one"]);
    let clone = clone(origin.path(), &[]);
    let told = |dry: &str| {
        write(clone.path(), "web.yaml", of(dry));
        let ids = ["application-source-unusable", "application-path-invalid"];
        ids.map(|id| told(clone.path(), id)).concat()
    };
    for right in ["main", "HEAD", "v1.x", "${BRANCH}", ""] {
        assert_eq!(told(&format!("path: web, targetRevision: '{right}'")), [""; 0], "{right}");
    }
    for right in ["'${DIR}'", "., targetRevision: main", "./web, targetRevision: main"] {
        assert_eq!(told(&format!("path: {right}")), [""; 0], "{right}");
    }
    let absent = ["warning: no branch and no tag of the repository is `release`"];
    assert_eq!(told("path: web, targetRevision: release"), absent);
    let expression = ["error: Argo CD does not resolve the revision `main~1`"];
    assert_eq!(told("path: web, targetRevision: main~1"), expression);
    let missing = ["error: `site` is not in the repository"];
    assert_eq!(told("path: site, targetRevision: main"), missing);
    let absolute = ["error: the path `/web` begins with `/`"];
    assert_eq!(told("path: /web, targetRevision: main"), absolute);
}
