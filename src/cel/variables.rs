//! The variables of expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::kind::{Kind, ObjectKind};
use super::program::Program;
use super::types::{Slot, Type};

/// The variables that an expression may read.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    pub(crate) kinds: Vec<(Box<str>, Kind)>,
    /// The types of those that data is bound to.
    pub(crate) slots: Vec<Option<Slot>>,
    pub(crate) patches: bool,
}

impl Variables {
    /// `self` and `oldSelf` of a rule in a schema (`x-kubernetes-validations`). With
    /// `optionalOldSelf`, `oldSelf` is an optional value.
    #[must_use]
    pub fn rule(ty: &Type, optional_old_self: bool) -> Self {
        let kind = Kind::of(ty, "self");
        let old = if optional_old_self { Kind::optional(kind.clone()) } else { kind.clone() };
        let slot = Slot::new(ty.clone());
        let old_slot = (!optional_old_self).then(|| slot.clone());
        Self {
            kinds: vec![("self".into(), kind), ("oldSelf".into(), old)],
            slots: vec![Some(slot), old_slot],
            patches: false,
        }
    }

    /// What admission policies and match conditions read: `object`, `oldObject`, `request` and
    /// `namespaceObject` (`k8s.io/apiserver/pkg/admission/plugin/cel/compile.go`).
    #[must_use]
    pub fn admission() -> Self {
        let mut variables = Self::default();
        for name in ["object", "oldObject"] {
            variables.bound(name, &Type::Dyn);
        }
        variables.declare("namespaceObject", namespace());
        variables.declare("request", request());
        variables
    }

    /// Also `params`.
    #[must_use]
    pub fn with_params(mut self) -> Self {
        self.bound("params", &Type::Dyn);
        self
    }

    /// Also `authorizer` and `authorizer.requestResource`.
    #[must_use]
    pub fn with_authorizer(mut self) -> Self {
        self.declare("authorizer", Kind::opaque("kubernetes.authorization.Authorizer"));
        let check = Kind::opaque("kubernetes.authorization.ResourceCheck");
        self.declare("authorizer.requestResource", check);
        self
    }

    /// Also the types of patches: `Object` and `JSONPatch`.
    #[must_use]
    pub fn with_patches(mut self) -> Self {
        self.patches = true;
        self
    }

    /// Also `variables`, whose fields are what these programs give; nothing for a program whose
    /// type is not known.
    #[must_use]
    pub fn with_variables<'p>(
        mut self,
        programs: impl IntoIterator<Item = (&'p str, Option<&'p Program>)>,
    ) -> Self {
        let fields = programs
            .into_iter()
            .map(|(name, program)| {
                (name.into(), program.map_or(Kind::Dyn, |program| declared(&program.kind)))
            })
            .collect();
        self.declare("variables", Kind::Object(ObjectKind::known("kubernetes.variables", fields)));
        self
    }

    fn bound(&mut self, name: &str, ty: &Type) {
        self.kinds.push((name.into(), Kind::of(ty, name)));
        self.slots.push(Some(Slot { ty: ty.clone(), nullable: true }));
    }

    fn declare(&mut self, name: &str, kind: Kind) {
        self.kinds.push((name.into(), kind));
        self.slots.push(None);
    }
}

/// The type of a variable whose expression has a type: objects and values of libraries are open
/// (`convertCelTypeToDeclType`).
fn declared(kind: &Kind) -> Kind {
    match kind {
        Kind::List(items) => Kind::list(declared(items)),
        Kind::Map(entry) => Kind::Map(Arc::new((declared(&entry.0), declared(&entry.1)))),
        Kind::Opaque(..) | Kind::Object(_) | Kind::Type(_) | Kind::Param(_) => Kind::Dyn,
        kind => kind.clone(),
    }
}

fn object<const N: usize>(name: &str, fields: [(&str, Kind); N]) -> Kind {
    let fields: BTreeMap<Box<str>, Kind> =
        fields.into_iter().map(|(name, kind)| (name.into(), kind)).collect();
    Kind::Object(ObjectKind::known(name, fields))
}

/// `BuildRequestType`
fn request() -> Kind {
    let of = |last: &str, name: &str| {
        object(name, [("group", Kind::String), ("version", Kind::String), (last, Kind::String)])
    };
    let texts = || Kind::list(Kind::String);
    let user = object(
        "kubernetes.UserInfo",
        [
            ("username", Kind::String),
            ("uid", Kind::String),
            ("groups", texts()),
            ("extra", Kind::map(Kind::String, texts())),
        ],
    );
    let kind = || of("kind", "kubernetes.GroupVersionKind");
    let resource = || of("resource", "kubernetes.GroupVersionResource");
    object(
        "kubernetes.AdmissionRequest",
        [
            ("kind", kind()),
            ("resource", resource()),
            ("subResource", Kind::String),
            ("requestKind", kind()),
            ("requestResource", resource()),
            ("requestSubResource", Kind::String),
            ("name", Kind::String),
            ("namespace", Kind::String),
            ("operation", Kind::String),
            ("userInfo", user),
            ("dryRun", Kind::Bool),
            ("options", Kind::Dyn),
        ],
    )
}

/// `BuildNamespaceType`
fn namespace() -> Kind {
    let texts = || Kind::list(Kind::String);
    let labels = || Kind::map(Kind::String, Kind::String);
    let metadata = object(
        "kubernetes.NamespaceMetadata",
        [
            ("name", Kind::String),
            ("generateName", Kind::String),
            ("namespace", Kind::String),
            ("labels", labels()),
            ("annotations", labels()),
            ("UID", Kind::String),
            ("creationTimestamp", Kind::Timestamp),
            ("deletionGracePeriodSeconds", Kind::Int),
            ("deletionTimestamp", Kind::Timestamp),
            ("generation", Kind::Int),
            ("resourceVersion", Kind::String),
            ("finalizers", texts()),
        ],
    );
    let condition = object(
        "kubernetes.NamespaceCondition",
        [
            ("status", Kind::String),
            ("type", Kind::String),
            ("lastTransitionTime", Kind::Timestamp),
            ("message", Kind::String),
            ("reason", Kind::String),
        ],
    );
    let status = object(
        "kubernetes.NamespaceStatus",
        [("conditions", Kind::list(condition)), ("phase", Kind::String)],
    );
    let spec = object("kubernetes.NamespaceSpec", [("finalizers", texts())]);
    object("kubernetes.Namespace", [("metadata", metadata), ("spec", spec), ("status", status)])
}
