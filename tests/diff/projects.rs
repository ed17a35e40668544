//! What AppProjects permit newly.

use crate::consequences::told;

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
    // Commits need no signature.
    let keys = |rest: &str| project("argocd", &format!("sourceRepos: ['*']{rest}"));
    let signed = keys(", signatureKeys: [{keyID: ABCDEF0123456789}]");
    assert_eq!(
        told(&signed, &keys("")),
        [
            "permission: its Applications may newly have commits that nobody signed: `signatureKeys` are gone"
        ]
    );
    assert_eq!(told(&keys(""), &signed), NONE);
    let modern = keys(", sourceIntegrity: {git: {policies: [{repos: [{url: '*'}]}]}}");
    assert_eq!(told(&signed, &modern), NONE);
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
