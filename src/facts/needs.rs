//! What a pod needs to be let in and to get a node.

use super::amounts::Amounts;
use super::company::{self, Company, HOSTNAME};
use super::{Claim, HostPath, Place, Reading, host_path, reference, run};
use crate::model::{Field, Labels};
use crate::yaml::Node;

/// Requests and limits, as they are written: the server rounds them later.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// What is requested.
    pub requests: Amounts,
    /// What is the most.
    pub limits: Amounts,
    /// Where that is written, or what should state it.
    pub place: Option<Place>,
}

/// What a pod as a whole needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Needs {
    /// Its own `resources`, beside those of its containers.
    pub whole: Option<Resources>,
    /// What its runtime takes, where the pod itself says so.
    pub overhead: Amounts,
    /// The name of its runtime class; empty where it has none.
    pub runtime_class: Box<str>,
    /// Its priority class and where that is named.
    pub priority_class: Option<(Box<str>, Place)>,
    /// Whether it ends itself: `activeDeadlineSeconds`.
    pub has_deadline: bool,
    /// Whether its affinity looks at pods of other namespaces.
    pub looks_at_others: bool,
    /// Whether it has run to its end.
    pub is_finished: bool,
    /// Whether they end one day: nobody starts their containers again when they are done.
    pub ends: bool,
    /// The claims that its volumes are, by name.
    pub claims: Vec<Box<str>>,
    /// Directories of its node that it writes to.
    pub host_paths: Box<[HostPath]>,
    /// Claims that are made for each pod and go with it: its ephemeral volumes, by their names.
    pub ephemeral: Vec<Claim>,
    /// Which nodes it may go to.
    pub placement: Placement,
}

/// Which nodes a pod may go to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Placement {
    /// The node that is named outright; empty where none is.
    pub node: Box<str>,
    /// Labels that the node must have.
    pub labels: Labels,
    /// What its required node affinity asks for: one of these must hold. Nothing where it has none.
    pub affinity: Option<Vec<NodeTerm>>,
    /// What it asks of where other pods are.
    pub company: Company,
    /// Whether it waits for gates or devices, or has another scheduler: nobody can tell then where
    /// it goes.
    pub is_held: bool,
    /// The taints that it stands.
    pub tolerations: Vec<Toleration>,
    /// Where all that is written.
    pub places: Asking,
}

/// Where a pod says which nodes it may go to, as far as it does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asking {
    /// The spec of the pod.
    pub spec: Option<Place>,
    /// The name of the node.
    pub node: Option<Place>,
    /// The labels of the node.
    pub selector: Option<Place>,
    /// Its required affinity to nodes.
    pub affinity: Option<Place>,
    /// Its tolerations.
    pub tolerations: Option<Place>,
}

impl Placement {
    /// The one node that it must go to, where it says so by name.
    #[must_use]
    pub fn pin(&self) -> Option<&str> {
        let named = Some(&*self.node).filter(|name| !name.is_empty());
        let labelled = named.or_else(|| self.labels.get(HOSTNAME));
        labelled.or_else(|| match self.affinity.as_deref() {
            Some([NodeTerm(all)]) => all.iter().find_map(Requirement::pin),
            _ => None,
        })
    }
}

impl Requirement {
    fn pin(&self) -> Option<&str> {
        let is_name = matches!(&*self.key, HOSTNAME | "metadata.name") && &*self.operator == "In";
        match self.values.as_slice() {
            [only] if is_name => Some(only),
            _ => None,
        }
    }
}

/// One term of a node affinity: all of its requirements must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct NodeTerm(pub Vec<Requirement>);

/// One requirement of a node affinity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// The key of the label; `metadata.name` is the node's own name.
    pub key: Box<str>,
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`.
    pub operator: Box<str>,
    /// The values.
    pub values: Vec<Box<str>>,
}

/// A toleration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Toleration {
    /// The key of the taint; empty for any.
    pub key: Box<str>,
    /// `Equal` or `Exists`; empty is `Equal`.
    pub operator: Box<str>,
    /// The value.
    pub value: Box<str>,
    /// The effect; empty for any.
    pub effect: Box<str>,
}

/// The `resources` of a container or a pod. `owner` is what should have them.
pub(super) fn resources(reading: &Reading<'_>, owner: &Field<'_>) -> Resources {
    match owner.get("resources") {
        Some(field) => Resources {
            requests: Amounts::exact(field.get("requests")),
            limits: Amounts::exact(field.get("limits")),
            place: Some(reading.place(&field)),
        },
        None => {
            let name = owner.get("name");
            let place = reading.place(name.as_ref().unwrap_or(owner));
            Resources { place: Some(place), ..Resources::default() }
        }
    }
}

/// Reads the `spec` of a pod with these labels; `root` is the object, which has the status of a pod.
pub(super) fn read(
    reading: &Reading<'_>,
    root: &Field<'_>,
    spec: &Field<'_>,
    labels: &Labels,
) -> Needs {
    let whole = spec.get("resources").map(|_| resources(reading, spec));
    let is_set = |whole: &Resources| !whole.requests.is_empty() || !whole.limits.is_empty();
    let class = spec.get("priorityClassName");
    let class = class.filter(|class| class.node.as_str().is_some_and(|name| !name.is_empty()));
    let phase = root.node.pointer("/status/phase").and_then(Node::as_str);
    let volumes = spec.get("volumes");
    let claims = volumes.iter().flat_map(Field::items).filter_map(|volume| {
        let name = volume.node.pointer("/persistentVolumeClaim/claimName")?.as_str()?;
        Some(Box::from(name))
    });
    let replaced = reference::claims_of_templates(root);
    let ephemeral = volumes.iter().flat_map(Field::items).filter_map(|volume| {
        let name = volume.text("name");
        let ephemeral = volume.get("ephemeral")?;
        let template = ephemeral.get("volumeClaimTemplate")?;
        let is_replaced = replaced.iter().any(|claim| **claim == *name);
        (!is_replaced).then(|| Claim { name: name.into(), ..run::claim(reading, &template) })
    });
    Needs {
        whole: whole.filter(is_set),
        overhead: Amounts::of(spec.get("overhead")),
        runtime_class: spec.text("runtimeClassName").into(),
        priority_class: class
            .map(|class| (class.node.as_str().unwrap_or_default().into(), reading.place(&class))),
        has_deadline: spec
            .get("activeDeadlineSeconds")
            .and_then(|seconds| seconds.node.as_int())
            .is_some_and(|seconds| seconds >= 0),
        looks_at_others: looks_at_others(spec),
        is_finished: matches!(phase, Some("Succeeded" | "Failed")),
        ends: matches!(spec.text("restartPolicy"), "Never" | "OnFailure"),
        claims: claims.collect(),
        host_paths: host_path::read(reading, spec),
        ephemeral: ephemeral.collect(),
        placement: placement(reading, root, spec, labels),
    }
}

/// `usesCrossNamespacePodAffinity` of `pkg/quota/v1/evaluator/core/pods.go`
fn looks_at_others(spec: &Field<'_>) -> bool {
    const RULES: &str = "DuringSchedulingIgnoredDuringExecution";
    let crosses = |term: &Node| {
        let names = term.get("namespaces").and_then(Node::as_seq);
        names.is_some_and(|names| !names.is_empty())
            || term.get("namespaceSelector").is_some_and(|selector| !selector.is_null())
    };
    ["podAffinity", "podAntiAffinity"].iter().any(|kind| {
        let terms = |rule: &str| {
            let list = spec.node.pointer(&format!("/affinity/{kind}/{rule}{RULES}"));
            list.and_then(Node::as_seq).unwrap_or_default()
        };
        terms("required").iter().any(crosses)
            || terms("preferred").iter().filter_map(|term| term.get("podAffinityTerm")).any(crosses)
    })
}

fn placement(
    reading: &Reading<'_>,
    root: &Field<'_>,
    spec: &Field<'_>,
    labels: &Labels,
) -> Placement {
    let selector = spec.get("nodeSelector");
    let affinity = spec.get("affinity");
    let affinity = affinity.as_ref().and_then(|it| it.get("nodeAffinity"));
    let affinity =
        affinity.as_ref().and_then(|it| it.get("requiredDuringSchedulingIgnoredDuringExecution"));
    let terms = affinity.and_then(|it| it.node.get("nodeSelectorTerms"));
    let tolerated = spec.get("tolerations");
    let place = |field: Option<Field<'_>>| field.map(|field| reading.place(&field));
    let places = Asking {
        spec: place(Some(*spec)),
        node: place(spec.get("nodeName")),
        selector: place(selector),
        affinity: place(affinity),
        tolerations: place(tolerated),
    };
    let tolerations = tolerated.iter().flat_map(Field::items).map(|one| Toleration {
        key: one.text("key").into(),
        operator: one.text("operator").into(),
        value: one.text("value").into(),
        effect: one.text("effect").into(),
    });
    Placement {
        node: spec.text("nodeName").into(),
        labels: Labels::of(selector.as_ref().map(|selector| selector.node)),
        affinity: terms.and_then(Node::as_seq).map(|terms| terms.iter().map(term).collect()),
        company: company::read(reading, root, spec, labels),
        is_held: is_held(spec.node),
        tolerations: tolerations.collect(),
        places,
    }
}

fn is_held(spec: &Node) -> bool {
    let has_any =
        |name: &str| spec.get(name).and_then(Node::as_seq).is_some_and(|items| !items.is_empty());
    let scheduler = spec.get("schedulerName").and_then(Node::as_str);
    has_any("schedulingGates")
        || has_any("resourceClaims")
        || !matches!(scheduler, None | Some("" | "default-scheduler"))
}

fn term(term: &Node) -> NodeTerm {
    let text = |node: &Node, name| node.get(name).and_then(Node::as_str).unwrap_or_default().into();
    let requirements = ["matchExpressions", "matchFields"].into_iter().flat_map(|name| {
        let list = term.get(name).and_then(Node::as_seq).unwrap_or_default();
        list.iter().map(move |one| {
            let values = one.get("values").and_then(Node::as_seq).unwrap_or_default();
            Requirement {
                key: text(one, "key"),
                operator: text(one, "operator"),
                values: values.iter().filter_map(Node::as_str).map(Into::into).collect(),
            }
        })
    });
    NodeTerm(requirements.collect())
}
