//! Whom bindings speak of.
//!
//! Source: `appliesToUser` in `pkg/registry/rbac/validation/rule.go` of Kubernetes, and
//! `k8s.io/apiserver/pkg/authentication/serviceaccount/util.go`: a ServiceAccount is a user, and in
//! groups, by its name.

use std::collections::BTreeSet;
use std::fmt;

use crate::diff::snapshot::Object;
use crate::yaml::Node;

/// A subject of a binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// A ServiceAccount, however it is written.
    Account { namespace: String, name: String },
    /// All ServiceAccounts of a namespace; of all where it is empty.
    Accounts(String),
    /// A user or a group.
    Other { kind: String, name: String },
}

const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";

impl Holder {
    /// A subject of a binding in a namespace.
    fn of(item: &Node, namespace: &str) -> Option<Self> {
        let text = |name: &str| item.get(name).and_then(Node::as_str).unwrap_or_default();
        let (kind, name) = (text("kind"), text("name"));
        let account = |namespace: &str, name: &str| Self::Account {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        Some(match kind {
            _ if kind.is_empty() || name.is_empty() => return None,
            "ServiceAccount" if text("namespace").is_empty() => account(namespace, name),
            "ServiceAccount" => account(text("namespace"), name),
            "User"
                if let Some((namespace, name)) = name
                    .strip_prefix("system:serviceaccount:")
                    .and_then(|rest| rest.split_once(':')) =>
            {
                account(namespace, name)
            }
            "Group" if name == "system:serviceaccounts" => Self::Accounts(String::new()),
            "Group" if let Some(namespace) = name.strip_prefix("system:serviceaccounts:") => {
                Self::Accounts(namespace.to_owned())
            }
            _ => Self::Other { kind: kind.to_owned(), name: name.to_owned() },
        })
    }

    /// The subjects of a binding.
    pub(super) fn all(binding: &Object) -> BTreeSet<Self> {
        let items = binding.node.get("subjects").and_then(Node::as_seq).unwrap_or_default();
        items.iter().filter_map(|item| Self::of(item, &binding.key.namespace)).collect()
    }

    /// Whether what is bound to it is bound to another, too.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let is_all = |name: &str| matches!(self, Self::Other { kind, name: own } if kind == "Group" && own == name);
        self == other
            || match other {
                Self::Account { namespace, .. } | Self::Accounts(namespace) => {
                    matches!(self, Self::Accounts(own) if own.is_empty() || own == namespace)
                        || is_all(AUTHENTICATED)
                }
                Self::Other { kind, name } => {
                    let is_anonymous = match &**kind {
                        "User" => name == "system:anonymous",
                        _ => name == UNAUTHENTICATED,
                    };
                    !is_anonymous && is_all(AUTHENTICATED)
                }
            }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { namespace, name } if namespace.is_empty() => {
                write!(f, "ServiceAccount `{name}`")
            }
            Self::Account { namespace, name } => {
                write!(f, "ServiceAccount `{name}` in {namespace}")
            }
            Self::Accounts(namespace) if namespace.is_empty() => {
                f.write_str("every ServiceAccount (`system:serviceaccounts`)")
            }
            Self::Accounts(namespace) => write!(
                f,
                "every ServiceAccount in {namespace} (`system:serviceaccounts:{namespace}`)"
            ),
            Self::Other { kind, name } => match (&**kind, &**name) {
                ("Group", AUTHENTICATED) => {
                    write!(f, "everybody who is logged in (`{AUTHENTICATED}`)")
                }
                ("Group", UNAUTHENTICATED) => {
                    write!(f, "everybody without logging in (`{UNAUTHENTICATED}`)")
                }
                _ => write!(f, "{kind} `{name}`"),
            },
        }
    }
}

/// Some of them in a sentence; nothing where there is none.
pub(super) fn listed(holders: &BTreeSet<Holder>) -> String {
    super::words::joined(holders.iter().map(Holder::to_string).collect(), holders.len())
}
