//! Roles, privileges and ServiceAccounts that permit more.

use crate::consequences::told;
use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

const NONE: [&str; 0] = [];
const GROUP: &str = "apiVersion: rbac.authorization.k8s.io/v1\n";

fn role(name: &str, metadata: &str, rules: &str) -> String {
    format!("{GROUP}kind: ClusterRole\nmetadata: {{name: {name}{metadata}}}\n{rules}\n---\n")
}

fn rules(resource: &str) -> String {
    format!("rules: [{{apiGroups: [''], resources: [{resource}], verbs: [get]}}]")
}

fn binding(kind: &str, role: &str, subject: &str) -> String {
    let namespace = if kind == "RoleBinding" { ", namespace: build" } else { "" };
    format!(
        "{GROUP}kind: {kind}\nmetadata: {{name: ci-{role}{namespace}}}\nroleRef: {{apiGroup: rbac.authorization.k8s.io, kind: \
         ClusterRole, name: {role}}}\nsubjects: [{subject}]\n---\n"
    )
}

const CI: &str = "{kind: ServiceAccount, name: ci, namespace: build}";

#[test]
fn a_new_role_is_that_of_those_who_are_bound_already() {
    let (secrets, bound) =
        (role("ci", "", &rules("secrets")), binding("ClusterRoleBinding", "ci", CI));
    assert_eq!(
        told(&bound, &(bound.clone() + &secrets)),
        ["permission: it newly permits `get` on `secrets` (ServiceAccount `ci` in build is \
             bound to it already): Secrets can be read"]
    );
    assert_eq!(
        told(&(bound.clone() + &secrets), &bound),
        ["permission: it permits no longer `get` on `secrets` (ServiceAccount `ci` in build is \
             bound to it)"]
    );
    // Who is bound newly is told beside the binding, and nobody has a role that nobody is bound to.
    assert_eq!(
        told("", &(bound.clone() + &secrets)),
        [
            "permission: it binds newly ServiceAccount `ci` in build to ClusterRole `ci`: Secrets can be read"
        ]
    );
    assert_eq!(told("", &secrets), NONE);
    let other = binding("ClusterRoleBinding", "other", CI);
    assert_eq!(told(&other, &(other.clone() + &secrets)), NONE);
    assert_eq!(told(&bound, &(bound.clone() + &role("ci", "", "rules: []"))), NONE);
    assert_eq!(told(&bound, &(bound.clone() + &role("ci", "", &rules("'${WHAT}'")))), NONE);
}

#[test]
fn roles_take_in_others_by_their_labels() {
    let label =
        |to: &str| format!(", labels: {{rbac.authorization.k8s.io/aggregate-to-{to}: 'true'}}");
    let foos = rules("foos");
    assert_eq!(
        told("", &role("a", &label("view"), &foos)),
        [
            "permission: ClusterRoles `admin`, `edit`, `view` newly take in what it permits: `get` on `foos`"
        ]
    );
    let secrets = |to: &str| told("", &role("a", &label(to), &rules("secrets"))).join("");
    assert!(secrets("view").ends_with(": Secrets can be read"), "{}", secrets("view"));
    // These may anyhow.
    assert!(!secrets("edit").contains("can be read"), "{}", secrets("edit"));
    assert_eq!(
        told(
            "",
            &role("a", ", labels: {rbac.authorization.k8s.io/aggregate-to-view: 'false'}", &foos)
        ),
        NONE
    );
    assert_eq!(
        told(&role("a", &label("admin"), &foos), &role("a", "", &foos)),
        ["permission: ClusterRole `admin` takes in no longer what it permits: `get` on `foos`"]
    );
    assert_eq!(
        told(&role("a", &label("admin"), &foos), &role("a", &label("admin"), &rules("bars, foos"))),
        ["permission: it newly permits `get` on `bars` (ClusterRole `admin` takes it in)"]
    );
    // One of the files' own, which is taken in itself.
    let taker = |labels: &str| {
        role(
            "all",
            &label("edit"),
            &format!("aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{{labels}}}}}]}}"),
        )
    };
    let part = |labels: &str| role("part", &format!(", labels: {{{labels}}}"), &foos);
    assert_eq!(
        told(&taker("all: a"), &(taker("all: a") + &part("all: a"))),
        [
            "permission: ClusterRoles `admin`, `all`, `edit` newly take in what it permits: `get` on `foos`"
        ]
    );
    assert_eq!(told(&taker("all: a"), &(taker("all: a") + &part("all: b"))), NONE);
    let both = |labels: &str| taker(labels) + &part("all: b");
    assert_eq!(
        told(&both("all: a"), &both("all: b")),
        ["permission: it newly takes in what ClusterRole `part` permits: `get` on `foos`"]
    );
    // What it takes in at least is known of one that is bound newly.
    let known = taker("all: a") + &role("part", ", labels: {all: a}", &rules("secrets"));
    assert_eq!(
        told(&known, &(known.clone() + &binding("ClusterRoleBinding", "all", CI))),
        [
            "permission: it binds newly ServiceAccount `ci` in build to ClusterRole `all`: Secrets can be read"
        ]
    );
}

#[test]
fn one_subject_may_be_written_in_several_ways() {
    let cluster = |subject: &str| binding("ClusterRoleBinding", "edit", subject);
    let user = "{kind: User, name: 'system:serviceaccount:build:ci'}";
    let group = |rest: &str| format!("{{kind: Group, name: 'system:serviceaccounts{rest}'}}");
    let all = "{kind: Group, name: 'system:authenticated'}";
    for (one, other) in [(CI.to_owned(), user.to_owned()), (user.to_owned(), CI.to_owned())] {
        assert_eq!(told(&cluster(&one), &cluster(&other)), NONE, "{one} {other}");
    }
    for (wide, narrow) in [
        (group(":build"), CI.to_owned()),
        (group(""), user.to_owned()),
        (group(""), group(":build")),
        (all.to_owned(), group("")),
        (all.to_owned(), "{kind: User, name: jane}".to_owned()),
    ] {
        let both = cluster(&format!("{wide}, {narrow}"));
        assert_eq!(told(&cluster(&wide), &both), NONE, "{wide} {narrow}");
        assert_eq!(told(&cluster(&narrow), &both).len(), 1, "{wide} {narrow}");
    }
    let told_of =
        |subject: &str| told(&cluster(CI), &cluster(&format!("{CI}, {subject}"))).join("; ");
    assert_eq!(
        told_of(&group(":build")),
        "permission: it binds newly every ServiceAccount in build (`system:serviceaccounts:build`) to ClusterRole `edit`"
    );
    assert!(told_of(&group(":web")).contains("every ServiceAccount in web"));
    assert!(
        !told(&cluster(all), &cluster(&format!("{all}, {{kind: User, name: 'system:anonymous'}}")))
            .is_empty()
    );
    // Without a namespace it is that of the binding; the whole cluster has each namespace in it.
    let within = |subject: &str| binding("RoleBinding", "edit", subject).replace("ci-edit", "in");
    assert_eq!(told(&within(CI), &within("{kind: ServiceAccount, name: ci}")), NONE);
    assert_eq!(told(&cluster(CI), &(cluster(CI) + &within(CI))), NONE);
    assert_eq!(told(&within(CI), &(cluster(CI) + &within(CI))).len(), 1);
}

/// A DaemonSet, with what its pods have beside its container, and this one.
fn set(spec: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: web, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: \
         web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {{{spec}containers: [{{name: web, image: 'web:1'\
         {container}}}]}}\n"
    )
}

#[test]
fn pods_write_to_directories_of_the_node() {
    let mounts = |volume: &str, mounts: &str| {
        set(&format!("volumes: [{{name: v, {volume}}}], "), &format!(", volumeMounts: [{mounts}]"))
    };
    let mount = |read_only: &str| format!("{{name: v, mountPath: /v, readOnly: {read_only}}}");
    let permission = |before: &str, after: &str| {
        let mut told = told(before, after);
        told.retain(|one| one.starts_with("permission"));
        told.join("; ")
    };
    let of = |volume: &str| {
        let [read, write] = ["true", "false"].map(|it| mounts(volume, &mount(it)));
        permission(&read, &write)
    };
    let newly = "permission: its pods may newly write to";
    assert_eq!(of("hostPath: {path: /var/log}"), format!("{newly} `/var/log` of the node"));
    assert_eq!(
        of("hostPath: {path: /}"),
        format!("{newly} `/` of the node: all files of the node")
    );
    let log = "hostPath: {path: /var/log, type: Directory}";
    let [read, write] = ["true", "false"].map(|it| mounts(log, &mount(it)));
    let left_out = mounts(log, "{name: v, mountPath: /v}");
    assert_eq!(permission(&read, &left_out), format!("{newly} `/var/log` of the node"));
    let part = read.replace("/var/log", "/var");
    assert_eq!(permission(&part, &write), format!("{newly} `/var/log` of the node"));
    // It was so, or becomes less; it is of no node, or no file.
    assert_eq!(permission(&write, &left_out), "");
    assert_eq!(permission(&write, &read), "");
    assert_eq!(permission(&write.replace("/var/log", "/var"), &write), "");
    assert_eq!(of("emptyDir: {}"), "");
    assert_eq!(of("hostPath: {path: /run/containerd/containerd.sock}"), "");
    assert_eq!(of("hostPath: {path: /run/a, type: Socket}"), "");
    assert_eq!(of("hostPath: {path: '${DIRECTORY}'}"), "");
    let beside = |it: &str| mounts(log, &format!("{}, {{name: v, mountPath: /w}}", mount(it)));
    assert_eq!(permission(&beside("true"), &beside("false")), "");
    let mighty = |text: &str| text.replace("image:", "securityContext: {privileged: true}, image:");
    assert_eq!(permission(&mighty(&read), &mighty(&write)), "");
    // What is mounted newly is told as that.
    let new = permission(&set("", ""), &write);
    assert!(new.ends_with("forbids: `hostPath /var/log`"), "{new}");
}

#[test]
fn pods_get_privileges() {
    let forbids = "permission: its pods newly have what level `baseline` forbids:";
    let path = |path: &str| {
        set(
            &format!("volumes: [{{name: v, hostPath: {{path: {path}}}}}], "),
            ", volumeMounts: [{name: v, mountPath: /v}]",
        )
    };
    let add =
        |names: &str| set("", &format!(", securityContext: {{capabilities: {{add: [{names}]}}}}"));
    for (new, expected) in [
        (
            set("hostPID: true, ", ", securityContext: {privileged: true}"),
            "`hostPID`, `privileged`",
        ),
        (path("/"), "`hostPath /`: all files of the node"),
        (
            path("/var/run/docker.sock"),
            "`hostPath /var/run/docker.sock`: whatever is asked for there runs on the node",
        ),
        (path("/data/"), "`hostPath /data`"),
        (add("SYS_ADMIN, CHOWN"), "`SYS_ADMIN`"),
    ] {
        assert_eq!(told("", &new), [format!("{forbids} {expected}")], "{new}");
    }
    for sound in [
        set("", ""),
        add("CHOWN"),
        path("'${PATH}'"),
        // No container mounts it.
        set("volumes: [{name: v, hostPath: {path: /}}], ", ""),
    ] {
        assert_eq!(told("", &sound), NONE, "{sound}");
    }
    let permission = |before: &str, after: &str| {
        let mut told = told(before, after);
        told.retain(|one| one.starts_with("permission"));
        told.join("; ")
    };
    assert_eq!(
        permission(&path("/data"), &path("/")),
        format!("{forbids} `hostPath /`: all files of the node")
    );
    assert_eq!(permission(&path("/data"), &path("/other")), format!("{forbids} `hostPath /other`"));
    assert_eq!(permission(&path("/data"), &path("/data/a")), "");
    assert_eq!(permission(&path("/"), &path("/data")), "");
    assert_eq!(permission(&path("/data"), &path("//data/./")), "");
    assert_eq!(
        permission(&add("NET_ADMIN"), &add("NET_ADMIN, SYS_ADMIN")),
        format!("{forbids} `SYS_ADMIN`")
    );
    assert_eq!(permission(&add("NET_ADMIN, SYS_ADMIN"), &add("NET_ADMIN")), "");
    assert_eq!(permission(&add("ALL"), &add("NET_ADMIN")), "");
    assert_eq!(permission(&add("NET_ADMIN"), &add("ALL")), format!("{forbids} `ALL`"));
    let privileged = set("", ", securityContext: {privileged: true}");
    assert_eq!(permission(&privileged, &add("NET_ADMIN")), "");
    assert_eq!(
        permission(&privileged, &set("hostPID: true, ", "")),
        format!("{forbids} `hostPID`")
    );
    assert_eq!(permission(&add("ALL"), &privileged), format!("{forbids} `privileged`"));
    // Another container beside it, and one instead of it.
    let other = "}, {name: b, image: b, securityContext: {privileged: true}";
    assert_eq!(
        permission(
            &privileged,
            &set("", &format!(", securityContext: {{privileged: true}}{other}"))
        ),
        format!("{forbids} `privileged b`")
    );
    assert_eq!(permission(&privileged, &set("", other)), "");
    let ports = |ports: &str| set("", &format!(", ports: [{ports}]"));
    let (one, two) =
        ("{containerPort: 80, hostPort: 80}", "{containerPort: 53, hostPort: 53, protocol: UDP}");
    let both = ports(&format!("{one}, {two}"));
    assert_eq!(permission(&ports(one), &both), format!("{forbids} `hostPort 53/UDP`"));
    assert_eq!(permission(&both, &ports(one)), "");
    assert_eq!(permission(&set("hostNetwork: true, ", ""), &both), "");
    let kernel = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|it| format!("{{name: {it}, value: '1'}}")).collect();
        set(&format!("securityContext: {{sysctls: [{}]}}, ", names.join(", ")), "")
    };
    let (safe, one, two) = ("net.ipv4.tcp_rmem", "kernel.msgmax", "net.core.somaxconn");
    assert_eq!(
        permission(&kernel(&[one]), &kernel(&[one, two])),
        format!("{forbids} `sysctl {two}`")
    );
    assert_eq!(permission(&kernel(&[one, two]), &kernel(&[two, safe])), "");
}

#[test]
fn pods_act_as_somebody_who_may_more() {
    let account = |name: &str| {
        format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: shop}}\n---\n"
        )
    };
    let subject = |name: &str| format!("{{kind: ServiceAccount, name: {name}, namespace: shop}}");
    let acts = |name: &str| set(&format!("serviceAccountName: {name}, "), "");
    let around = account("narrow")
        + &account("wide")
        + &role("reader", "", &rules("pods"))
        + &role("all", "", &rules("pods, secrets"))
        + &binding("ClusterRoleBinding", "reader", &subject("narrow"))
        + &binding("ClusterRoleBinding", "all", &subject("wide"));
    let permission = |around: &str, from: &str, to: &str| {
        let of = |name: &str| format!("{around}{}", acts(name));
        let mut told = told(&of(from), &of(to));
        told.retain(|one| one.starts_with("permission"));
        told.join("; ")
    };
    assert_eq!(
        permission(&around, "narrow", "wide"),
        "permission: its pods act as ServiceAccount `wide` instead of `narrow`, which newly permits `get` on `secrets` in the whole cluster: Secrets can be read"
    );
    assert_eq!(permission(&around, "wide", "narrow"), "");
    assert!(permission(&around, "default", "narrow").contains("`get` on `pods`"));
    // What the first may is not known.
    assert_eq!(permission(&around, "other", "wide"), "");
    let unknown = around.clone() + &binding("ClusterRoleBinding", "edit", &subject("narrow"));
    assert_eq!(permission(&unknown, "narrow", "wide"), "");
    // All are in this group.
    let everybody = around.clone()
        + &binding("ClusterRoleBinding", "all", "{kind: Group, name: 'system:serviceaccounts'}")
            .replace("ci-all", "everybody");
    assert_eq!(permission(&everybody, "narrow", "wide"), "");
}

#[test]
fn roles_of_namespaces_are_bound_there() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: ci, namespace: build}\nrules: [{apiGroups: \
                [''], resources: [pods], verbs: [get]}]\n---\n";
    let bound = binding("RoleBinding", "ci", "{kind: ServiceAccount, name: ci}")
        .replace("kind: ClusterRole,", "kind: Role,");
    assert_eq!(
        told(&bound, &(bound.clone() + role)),
        [
            "permission: it newly permits `get` on `pods` (ServiceAccount `ci` in build is bound to it already)"
        ]
    );
    let elsewhere = role.replace("namespace: build", "namespace: shop");
    assert_eq!(told(&bound, &(bound.clone() + &elsewhere)), NONE);
}

#[test]
fn files_that_are_the_same_say_who_is_bound() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    write(path, "environments/lab/.keep", "");
    let top = "rendered/lab/manifests/web";
    let accounts =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: narrow, namespace: shop}\n";
    let wide = "{kind: ServiceAccount, name: wide, namespace: shop}";
    let taker = "aggregationRule: {clusterRoleSelectors: [{matchLabels: {all: a}}]}";
    let acts = |name: &str| set(&format!("serviceAccountName: {name}, "), "");
    for (name, text) in [
        ("accounts", accounts.to_owned()),
        ("all", role("all", "", &rules("secrets"))),
        ("binding", binding("ClusterRoleBinding", "all", wide)),
        ("new-binding", binding("ClusterRoleBinding", "new", wide)),
        ("taker", role("taker", "", taker)),
        ("set", acts("narrow")),
    ] {
        write(path, &format!("{top}/{name}.yaml"), text);
    }
    commit(path, "all");
    write(path, &format!("{top}/new.yaml"), role("new", ", labels: {all: a}", &rules("pods")));
    write(path, &format!("{top}/set.yaml"), acts("wide"));
    let found = run(path, &[]).out;
    for expected in [
        "it newly permits `get` on `pods` (ServiceAccount `wide` in shop is bound to it already)",
        "ClusterRole `taker` newly takes in what it permits: `get` on `pods`",
        "its pods act as ServiceAccount `wide` instead of `narrow`, which newly permits `get` on `pods`, `get` on `secrets` in the whole \
         cluster: Secrets can be read",
    ] {
        assert!(found.contains(expected), "{expected}\n{found}");
    }
}
