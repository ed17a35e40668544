//! What programs in the cluster may make: roles let their ServiceAccounts do so.

use super::reference::each;
use super::{Body, Cluster, Object, Target};
use crate::model::{Field, GroupKind, Labels, Selector};
use crate::schema::{NEWEST, pack};
use crate::yaml::Node;

/// The group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// What a role lets its subjects create.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Group and plural of each resource; `*` is any.
    creates: Box<[(Box<str>, Box<str>)]>,
    /// The ClusterRoles whose rules it has too.
    aggregates: Vec<Selector>,
}

/// A binding of a role to some program of the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// `Role` or `ClusterRole`.
    kind: Box<str>,
    name: Box<str>,
    /// Whether all that it makes but pods is named by what asks for it.
    is_of_workflows: bool,
}

/// What is bound to a program.
#[derive(Debug)]
pub(super) struct Program {
    /// The number of the binding.
    binding: usize,
    is_of_workflows: bool,
    creates: Vec<(Box<str>, Box<str>)>,
}

/// ServiceAccounts of programs that make nothing but what other objects ask for, and these are read.
/// Names of releases stand before them.
const TOLD_BY_OBJECTS: [&str; 11] = [
    "argocd-application-controller",
    "argocd-applicationset-controller",
    "argocd-server",
    "cert-manager",
    "cert-manager-cainjector",
    "external-secrets",
    "helm-controller",
    "kustomize-controller",
    "sealed-secrets",
    "sealed-secrets-controller",
    "trust-manager",
];

/// ServiceAccounts of Argo Workflows: its pods have labels that no manifest shows, and its claims the
/// names of workflows. `argo` is of its own manifests, the others of its chart.
const OF_WORKFLOWS: [&str; 2] = ["argo-workflow-controller", "argo-workflows-workflow-controller"];

/// What `edit` and `admin` let somebody create: `clusterRoles` of
/// `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`.
const EDIT: [(&str, &[&str]); 6] = [
    (
        "",
        &[
            "configmaps",
            "persistentvolumeclaims",
            "pods",
            "replicationcontrollers",
            "secrets",
            "serviceaccounts",
            "services",
        ],
    ),
    ("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"]),
    ("autoscaling", &["horizontalpodautoscalers"]),
    ("batch", &["cronjobs", "jobs"]),
    ("networking.k8s.io", &["ingresses", "networkpolicies"]),
    ("policy", &["poddisruptionbudgets"]),
];

/// Resources that start pods.
const START_PODS: [(&str, &str); 8] = [
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
];

/// How many roles may be gathered into each other.
const MOST_ROLES_DEEP: usize = 4;

pub(super) fn role(root: &Field<'_>) -> Role {
    let mut creates = Vec::new();
    each(root, "rules[]", &mut |rule| {
        let texts = |list| {
            let items = rule.node.get(list).and_then(Node::as_seq).unwrap_or_default();
            items.iter().filter_map(Node::as_str)
        };
        // What is to be created has no name yet that a rule could be held to.
        let is_named = texts("resourceNames").next().is_some();
        if !is_named && texts("verbs").any(|verb| matches!(verb, "create" | "*")) {
            for group in texts("apiGroups") {
                creates.extend(texts("resources").map(|it| (group.into(), it.into())));
            }
        }
    });
    let mut aggregates = Vec::new();
    each(root, "aggregationRule.clusterRoleSelectors[]", &mut |selector| {
        aggregates.extend(Selector::of(selector));
    });
    Role { creates: creates.into(), aggregates }
}

pub(super) fn binding(root: &Field<'_>) -> Option<Binding> {
    let is_one_of = |name: &str, known: &[&str]| {
        let mut before = known.iter().filter_map(|known| name.strip_suffix(known));
        before.any(|before| before.is_empty() || before.ends_with('-'))
    };
    let (mut is_for_program, mut is_of_workflows) = (false, true);
    each(root, "subjects[]", &mut |subject| {
        let name = subject.text("name");
        let account = match subject.text("kind") {
            "ServiceAccount" => Some(name),
            "User" => account_of_user(name),
            _ => None,
        };
        let is_program = match account {
            Some(account) => !is_one_of(account, &TOLD_BY_OBJECTS),
            None => subject.text("kind") == "Group" && is_group_of_accounts(name),
        };
        is_for_program |= is_program;
        let is_workflows = |account| account == "argo" || is_one_of(account, &OF_WORKFLOWS);
        is_of_workflows &= !is_program || account.is_some_and(is_workflows);
    });
    let role = root.get("roleRef").filter(|_| is_for_program)?;
    let (kind, name) = (role.text("kind").into(), role.text("name").into());
    Some(Binding { kind, name, is_of_workflows })
}

/// The ServiceAccount whose name as a user this is: `appliesToUser` of
/// `pkg/registry/rbac/validation/rule.go` compares nothing but the names of users.
fn account_of_user(name: &str) -> Option<&str> {
    let (namespace, account) = name.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let is_account = !namespace.is_empty() && !account.is_empty() && !account.contains(':');
    is_account.then_some(account)
}

/// Whether ServiceAccounts are in a group without somebody else putting them there.
fn is_group_of_accounts(name: &str) -> bool {
    let namespace = name.strip_prefix("system:serviceaccounts:");
    matches!(name, "system:serviceaccounts" | "system:authenticated")
        || namespace.is_some_and(|namespace| !namespace.is_empty())
}

impl Cluster {
    /// Whether a program may make what a reference of an object names.
    pub(super) fn program_may_make(&self, from: &Object, target: &Target) -> bool {
        let GroupKind { group, kind } = &target.group_kind;
        let known = pack(NEWEST).versions(group, kind).next();
        let resource = known.map_or_else(|| plural(kind), |known| known.plural.to_string());
        let namespace = target.namespace.as_deref();
        self.programs().iter().filter(|program| !program.is_of_workflows).any(|program| {
            self.may_share(from, &self.objects[program.binding])
                && self.may_create(program, (group, &resource), namespace)
        })
    }

    /// Whether a program may start pods in a namespace whose labels no manifest shows.
    #[must_use]
    pub fn may_start_pods(&self, namespace: &str) -> bool {
        let starts = |program| {
            START_PODS.iter().any(|&what| self.may_create(program, what, Some(namespace)))
        };
        self.programs().iter().any(starts)
    }

    fn may_create(
        &self,
        program: &Program,
        (group, resource): (&str, &str),
        namespace: Option<&str>,
    ) -> bool {
        let binding = &self.objects[program.binding];
        // A RoleBinding gives nothing beyond its own namespace.
        let is_there = binding.is_cluster_wide
            || namespace.is_some_and(|namespace| binding.key.namespace == namespace);
        let is_it = |(of, what): &(Box<str>, Box<str>)| {
            matches!(&**of, it if it == "*" || it == group)
                && matches!(&**what, it if it == "*" || it == resource)
        };
        is_there && program.creates.iter().any(is_it)
    }

    fn programs(&self) -> &[Program] {
        self.programs.get_or_init(|| {
            let bindings = ["RoleBinding", "ClusterRoleBinding"];
            let bindings = bindings.map(|kind| self.numbers(&GroupKind::new(GROUP, kind)));
            let mut programs = Vec::new();
            for binding in bindings.into_iter().flatten() {
                let Body::Binding(bound) = &self.objects[binding].body else { continue };
                let creates = self.created_by(binding, bound);
                if !creates.is_empty() {
                    let is_of_workflows = bound.is_of_workflows;
                    programs.push(Program { binding, is_of_workflows, creates });
                }
            }
            programs
        })
    }

    fn created_by(&self, number: usize, bound: &Binding) -> Vec<(Box<str>, Box<str>)> {
        let binding = &self.objects[number];
        let mut creates = Vec::new();
        for object in self.named(&GroupKind::new(GROUP, &bound.kind), &bound.name) {
            let is_there = object.is_cluster_wide || object.key.namespace == binding.key.namespace;
            if is_there && self.may_share(binding, object) {
                self.gather(object, MOST_ROLES_DEEP, &mut creates);
            }
        }
        if &*bound.kind == "ClusterRole" {
            self.of_every_cluster(&bound.name, &mut creates);
        }
        creates
    }

    /// The rules of a role, and of those that it gathers.
    fn gather(&self, object: &Object, depth: usize, creates: &mut Vec<(Box<str>, Box<str>)>) {
        let Body::Role(role) = &object.body else { return };
        creates.extend(role.creates.iter().cloned());
        if !role.aggregates.is_empty() && depth > 0 {
            let has = |labels: &Labels| role.aggregates.iter().any(|it| it.matches(labels));
            for other in self.of_kind(&GroupKind::new(GROUP, "ClusterRole")) {
                if other.key != object.key && has(&other.labels) {
                    self.gather(other, depth - 1, creates);
                }
            }
        }
    }

    /// The rules of a role that every cluster has, and what others add to it by their labels.
    fn of_every_cluster(&self, name: &str, creates: &mut Vec<(Box<str>, Box<str>)>) {
        let added: &[&str] = match name {
            "cluster-admin" => {
                creates.push(("*".into(), "*".into()));
                return;
            }
            "admin" => &["admin", "edit", "view"],
            "edit" => &["edit", "view"],
            _ => return,
        };
        for (group, resources) in EDIT {
            creates.extend(resources.iter().map(|&it| (group.into(), it.into())));
        }
        if name == "admin" {
            creates.extend(["roles", "rolebindings"].map(|it| (GROUP.into(), it.into())));
        }
        for other in self.of_kind(&GroupKind::new(GROUP, "ClusterRole")) {
            let is_added = |to: &&str| {
                let key = format!("rbac.authorization.k8s.io/aggregate-to-{to}");
                other.labels.get(&key) == Some("true")
            };
            if added.iter().any(is_added) {
                self.gather(other, MOST_ROLES_DEEP, creates);
            }
        }
    }
}

/// The resource of a custom kind, as most are called.
fn plural(kind: &str) -> String {
    let lower = kind.to_ascii_lowercase();
    match lower.strip_suffix('y') {
        Some(start) if !start.ends_with(['a', 'e', 'o', 'u']) => format!("{start}ies"),
        _ if lower.ends_with(['s', 'x']) || lower.ends_with("ch") => format!("{lower}es"),
        _ => format!("{lower}s"),
    }
}
