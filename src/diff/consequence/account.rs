//! Pods that act as another ServiceAccount.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use super::access::{GROUP, all_permitted};
use super::grant::{Grant, beyond, grave, shown};
use super::holder::Holder;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::facts::template_of;
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// What is permitted in a namespace; in the whole cluster where it is empty.
type Permitted = BTreeMap<String, BTreeSet<Grant>>;

/// What is permitted to pods newly, since they act as another ServiceAccount than before. All that is
/// permitted to the first must be known: it is in the files, and so are the roles that it is bound to.
pub(super) fn of(subject: &Subject<'_, '_>) -> Option<String> {
    let (before, after) = subject.was().zip(subject.is())?;
    let (old, new) = (account(before)?, account(after)?);
    let namespace = &after.key.namespace;
    if old == new || namespace.is_empty() || *namespace != before.key.namespace {
        return None;
    }
    let side = &subject.whole.before;
    let is_known = old == "default"
        || side.beside(before, "", "ServiceAccount").any(|one| one.key.name == old);
    let holder =
        |name: &str| Holder::Account { namespace: namespace.clone(), name: name.to_owned() };
    let had = permitted(side, before, &holder(old)).filter(|_| is_known)?;
    let has = at_least(&subject.whole.after, after, &holder(new));
    let everywhere = had.get("");
    let mut told = Vec::new();
    let (mut all, mut known) = (BTreeSet::new(), BTreeSet::new());
    for (scope, grants) in &has {
        let mut other = had.get(scope).cloned().unwrap_or_default();
        other.extend(everywhere.into_iter().flatten().cloned());
        let more = beyond(grants, &other);
        if more.is_empty() {
            continue;
        }
        let within = match scope.as_str() {
            "" => "in the whole cluster".to_owned(),
            scope => format!("in {scope}"),
        };
        told.push(format!("{} {within}", shown(&more)));
        all.extend(grants.iter().cloned());
        known.extend(other);
    }
    let grave = grave(&all, &known);
    (!told.is_empty()).then(|| {
        format!(
            "its pods act as ServiceAccount `{new}` instead of `{old}`, which newly permits {}{grave}",
            told.join(", ")
        )
    })
}

/// The ServiceAccount of pods.
///
/// Source: `plugin/pkg/admission/serviceaccount/admission.go` of Kubernetes.
pub(in crate::diff) fn account(workload: &Object) -> Option<&str> {
    let spec = template_of(&workload.node)?.get("spec")?;
    let text = |name| spec.get(name).and_then(Node::as_str).filter(|text| !text.is_empty());
    Some(text("serviceAccountName").or_else(|| text("serviceAccount")).unwrap_or("default"))
}

fn bindings<'s>(side: &Side<'s>, with: &Object) -> Vec<&'s Object> {
    let all = side.of_kind(with, GROUP, "ClusterRoleBinding");
    all.chain(side.of_kind(with, GROUP, "RoleBinding")).collect()
}

fn is_bound(binding: &Object, holder: &Holder) -> bool {
    Holder::all(binding).iter().any(|it| it.includes(holder))
}

/// All that is permitted to somebody; nothing where a role or a binding is not known.
fn permitted(side: &Side<'_>, with: &Object, holder: &Holder) -> Option<Permitted> {
    let mut all = Permitted::new();
    for binding in bindings(side, with) {
        if is_open(&binding.node) {
            return None;
        }
        if is_bound(binding, holder) {
            let grants = all_permitted(binding, side)?;
            all.entry(binding.key.namespace.clone()).or_default().extend(grants);
        }
    }
    Some(all)
}

/// What is permitted to somebody as far as it is known.
fn at_least(side: &Side<'_>, with: &Object, holder: &Holder) -> Permitted {
    let mut all = Permitted::new();
    for binding in bindings(side, with) {
        if is_open(&binding.node) || !is_bound(binding, holder) {
            continue;
        }
        if let Some(grants) = all_permitted(binding, side) {
            all.entry(binding.key.namespace.clone()).or_default().extend(grants);
        }
    }
    all
}
