//! What AppProjects permit newly.

use std::path::Path;

use serde_json::Value;

use crate::consequences::told;
use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

const NONE: [&str; 0] = [];

fn project(namespace: &str, spec: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: shop, namespace: {namespace}}}\nspec: {{{spec}}}\n"
    )
}

#[test]
fn a_new_project_permits_what_it_lists() {
    let new = project(
        "argocd",
        "sourceRepos: ['*'], destinations: [{server: '*', namespace: shop}], sourceNamespaces: [shop, argocd]",
    );
    assert_eq!(
        told("", &new),
        [
            "permission: its Applications may newly come from `*`",
            "permission: its Applications may newly go to namespace `shop of *`",
            "permission: its Applications may newly stand in namespace `shop`",
        ]
    );
    assert_eq!(told("", &new.replace("name: shop,", "name: default,")), NONE);
    assert_eq!(told("", &project("argocd", "description: a")), NONE);
    assert_eq!(told("", &project("argocd", "sourceRepos: ['${REPO}']")), NONE);
}

#[test]
fn roles_of_projects_allow_more() {
    let roles = |policies: &str, groups: &str| {
        project(
            "argocd",
            &format!("roles: [{{name: ci, policies: [{policies}], groups: [{groups}]}}]"),
        )
    };
    let policy = |action: &str, object: &str, effect: &str| {
        format!("'p, proj:shop:ci, applications, {action}, {object}, {effect}'")
    };
    let (get, sync) = (policy("get", "shop/*", "allow"), policy("sync", "shop/web", "allow"));
    let old = roles(&get, "");
    assert_eq!(
        told(&old, &roles(&format!("{get}, {sync}"), "team")),
        [
            "permission: its role `ci` newly allows `applications, sync, shop/web`",
            "permission: its role `ci` is newly that of group `team`",
        ]
    );
    assert_eq!(told(&roles(&format!("{get}, {sync}"), "team"), &old), NONE);
    let all = policy("*", "shop/*", "allow");
    assert_eq!(told(&roles(&all, ""), &roles(&format!("{all}, {sync}"), "")), NONE);
    let denied = policy("sync", "shop/*", "deny");
    assert_eq!(told(&old, &roles(&format!("{get}, {sync}, {denied}"), "")), NONE);
    assert_eq!(
        told(&roles(&format!("{all}, {denied}"), ""), &roles(&all, "")),
        ["permission: its role `ci` denies no longer `applications, sync, shop/*`"]
    );
    assert_eq!(told(&roles(&format!("{get}, {denied}"), ""), &old), NONE);
}

#[test]
fn projects_deny_no_longer() {
    let of = |sources: &str, destinations: &str| {
        project("argocd", &format!("sourceRepos: [{sources}], destinations: [{destinations}]"))
    };
    let all = "{server: '*', namespace: '*'}";
    let system = "{server: '*', namespace: '!kube-system'}";
    let evil = "'!https://evil.example.com/*'";
    let old = of(&format!("'*', {evil}"), &format!("{all}, {system}"));
    assert_eq!(
        told(&old, &of("'*'", all)),
        [
            "permission: its Applications may newly come from `https://evil.example.com/*`",
            "permission: its Applications may newly go to namespace `kube-system of *`"
        ]
    );
    assert_eq!(told(&of("'*'", all), &old), NONE);
    // It denies a part of that, or more, or permits no more than some names.
    let other = "'!https://evil.example.com/a*'";
    assert_eq!(told(&of(&format!("'*', {evil}"), all), &of(&format!("'*', {other}"), all)), NONE);
    let wide = "'!https://evil.example.*/**'";
    assert_eq!(told(&of(&format!("'*', {evil}"), all), &of(&format!("'*', {wide}"), all)), NONE);
    let narrow = "{server: '*', namespace: shop}";
    assert_eq!(told(&of("'*'", &format!("{all}, {system}")), &of("'*'", narrow)), NONE);
}

#[test]
fn projects_take_commits_of_others() {
    let asking = |rest: &str| project("argocd", &format!("sourceRepos: ['*']{rest}"));
    let keys = |keys: &[&str]| {
        let items: Vec<String> = keys.iter().map(|key| format!("{{keyID: {key}}}")).collect();
        asking(&format!(", signatureKeys: [{}]", items.join(", ")))
    };
    let policies = |items: &[(&str, &str, &str)]| {
        let item = |(urls, mode, keys): &(&str, &str, &str)| {
            let urls: Vec<String> =
                urls.split(' ').map(|url| format!("{{url: '{url}'}}")).collect();
            format!("{{repos: [{}], gpg: {{mode: {mode}, keys: [{keys}]}}}}", urls.join(", "))
        };
        let items: Vec<String> = items.iter().map(item).collect();
        asking(&format!(", sourceIntegrity: {{git: {{policies: [{}]}}}}", items.join(", ")))
    };
    let newly = |what: &str| format!("permission: its Applications may newly have {what}");
    let (one, other) = ("ABCDEF0123456789", "1234567890ABCDEF");
    let long = format!("111111112222222233333333{one}");
    let nobody = newly("commits that nobody signed, from `*`");
    assert_eq!(told(&keys(&[one]), &asking("")), [nobody.as_str()]);
    assert_eq!(told(&asking(""), &keys(&[one])), NONE);
    // One key more, and the same under its long name.
    assert_eq!(
        told(&keys(&[one]), &keys(&[one, other])),
        [newly(&format!("commits that are signed with key `{other}`, from `*`"))]
    );
    assert_eq!(told(&keys(&[one, other]), &keys(&[one])), NONE);
    assert_eq!(told(&keys(&[one]), &keys(&[&long])), NONE);
    assert_eq!(told(&keys(&[one]), &keys(&[one, "nonsense"])), NONE);
    // The newer field says the same, more, or less.
    let all = policies(&[("*", "head", one)]);
    assert_eq!(told(&keys(&[one]), &all), NONE);
    assert_eq!(told(&all, &policies(&[("*", "none", one)])), [nobody.as_str()]);
    assert_eq!(told(&keys(&[one]), &policies(&[])), [nobody.as_str()]);
    let strict = policies(&[("*", "strict", one)]);
    assert_eq!(
        told(&strict, &all),
        [newly("commits that nobody signed before the newest one, from `*`")]
    );
    assert_eq!(told(&all, &strict), NONE);
    assert_eq!(
        told(&all, &policies(&[("* !https://b.example.com/*", "head", one)])),
        [newly("commits that nobody signed, from `https://b.example.com/*`")]
    );
    assert_eq!(told(&policies(&[("* !https://b.example.com/*", "head", one)]), &all), NONE);
    // Where two policies are for a repository, nothing of it is taken.
    let both = policies(&[("*", "head", one), ("https://b.example.com/*", "head", other)]);
    assert_eq!(told(&all, &both), NONE);
    // What cannot be read is refused, or not known.
    let unread = asking(", sourceIntegrity: {git: {policies: [{repos: [{url: '*'}]}]}}");
    assert_eq!(told(&keys(&[one]), &unread), NONE);
    assert_eq!(told(&keys(&[one]), &policies(&[("*", "'${MODE}'", one)])), NONE);
    // What may not be a source is not told.
    let narrow = |text: String| text.replace("sourceRepos: ['*']", "sourceRepos: ['https://a/*']");
    assert_eq!(
        told(&narrow(all.clone()), &narrow(policies(&[("https://a/*", "head", one)]))),
        NONE
    );
}

#[test]
fn projects_apply_as_other_accounts() {
    let accounts =
        |items: &str| project("argocd", &format!("destinationServiceAccounts: [{items}]"));
    let item = |namespace: &str, account: &str| {
        format!("{{server: '*', namespace: '{namespace}', defaultServiceAccount: {account}}}")
    };
    let old = accounts(&item("shop", "narrow"));
    assert_eq!(
        told(&old, &accounts(&item("shop", "wide"))),
        [
            "permission: where Argo CD impersonates, it newly applies to namespace `shop of *` as ServiceAccount `wide` instead \
             of `narrow`"
        ]
    );
    assert_eq!(
        told(&old, &accounts(&format!("{}, {}", item("shop", "narrow"), item("web", "wide")))),
        [
            "permission: where Argo CD impersonates, it newly applies to namespace `web of *` as ServiceAccount `wide`"
        ]
    );
    assert_eq!(told(&old, &old.replace("[{server", "[ {server")), NONE);
    // The first that fits counts.
    let first = item("*", "narrow");
    assert_eq!(
        told(&accounts(&first), &accounts(&format!("{first}, {}", item("web", "wide")))),
        NONE
    );
}

const URL: &str = "https://git.example.com/a.git";

fn application(name: &str, url: &str, path: &str, destination: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  project: shop\n  \
         source: {{repoURL: '{url}', targetRevision: HEAD, path: {path}}}\n  destination: {{{destination}}}\n---\n"
    )
}

const HERE: &str = "name: in-cluster, namespace: shop";

/// What is told of the project in the work tree of a repository, or of its directory.
fn barred(directory: &Path, arguments: &[&str]) -> Vec<String> {
    let found = run(directory, &[&["-o", "json"], arguments].concat());
    let value: Value = serde_json::from_str(&found.out).unwrap();
    let changes = value["changes"].as_array().unwrap().iter();
    let projects = changes.filter(|change| change["object"]["kind"] == "AppProject");
    let all = projects.flat_map(|one| one["consequences"].as_array().unwrap());
    all.map(|one| one["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn applications_are_permitted_no_longer() {
    let permitting = |sources: &str, destinations: &str, rest: &str| {
        let spec = format!("sourceRepos: [{sources}], destinations: [{destinations}]{rest}");
        project("argocd", &spec)
    };
    let here = "{server: 'https://kubernetes.default.svc', namespace: shop}";
    let there = "{server: 'https://10.0.0.1', namespace: shop}";
    let both = format!("{here}, {there}");
    let kinds = |names: &str| format!(", namespaceResourceWhitelist: [{names}]");
    let (config, service) = ("{group: '', kind: ConfigMap}", "{group: '', kind: Service}");
    let wide = permitting("'*'", &both, &kinds(&format!("{config}, {service}")));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let applications = |url: &str| application("web", url, "web", HERE);
    let other = application(
        "far",
        "https://git.example.com/b.git",
        "b",
        "server: 'https://10.0.0.1', namespace: shop",
    );
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let all = applications(URL) + &other;
    let files = [("web/a.yaml", object), ("argocd/project.yaml", &wide), ("argocd/all.yaml", &all)];
    files.iter().for_each(|(name, text)| write(path, name, *text));
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["remote", "add", "origin", URL]);
    commit(path, "all");
    let told = |project: &str| {
        write(path, "argocd/project.yaml", project);
        barred(path, &[])
    };
    let invalid = "Argo CD syncs no more (`InvalidSpecError`), and deletes nothing";
    let one = format!("'{URL}'");
    assert_eq!(
        told(&permitting(&one, &both, "")),
        [
            "its Applications may newly have every kind of a namespace that no list forbids"
                .to_owned(),
            format!(
                "Application `far` may no longer come from `https://git.example.com/b.git`: {invalid}"
            ),
        ]
    );
    let all_kinds = kinds(&format!("{config}, {service}"));
    assert_eq!(
        told(&permitting("'*'", here, &all_kinds)),
        [format!(
            "Application `far` may no longer go to namespace `shop` of `https://10.0.0.1`: {invalid}"
        )]
    );
    assert_eq!(
        told(&permitting("'*'", there, &all_kinds)),
        [format!(
            "Application `web` may no longer go to namespace `shop` of `in-cluster`: {invalid}"
        )]
    );
    for names in ["", service] {
        assert_eq!(
            told(&permitting("'*'", &both, &kinds(names))),
            [
                "Application `web` may no longer have `ConfigMap`: each sync fails, and deletes nothing"
            ]
        );
    }
    // What no Application needs is taken from none.
    assert_eq!(told(&permitting("'*'", &both, &kinds(config))), NONE);
    assert_eq!(told(&permitting("'https://git.example.com/*'", &both, &all_kinds)), NONE);
    // One that was never permitted is no matter of the change.
    write(path, "argocd/project.yaml", permitting("'https://c/*'", &both, &all_kinds));
    commit(path, "narrow");
    assert_eq!(told(&permitting("'https://d/*'", &both, &all_kinds)).len(), 1);
    // In directories nobody knows where the repository is, but what Applications say.
    let sides = tempfile::tempdir().unwrap();
    let path = sides.path();
    for (side, project) in [("old", &wide), ("new", &permitting(&one, &both, &kinds("")))] {
        write(path, &format!("{side}/all.yaml"), all.as_str());
        write(path, &format!("{side}/project.yaml"), project.as_str());
    }
    assert_eq!(
        barred(path, &["old", "new"]),
        [format!(
            "Application `far` may no longer come from `https://git.example.com/b.git`: {invalid}"
        )]
    );
}
