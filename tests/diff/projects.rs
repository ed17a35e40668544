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
            let urls: Vec<String> = urls.split(' ').map(|url| format!("{{url: '{url}'}}")).collect();
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
