//! What objects refer to by name.

use std::fmt;

use super::gateway::is_listener_set;
use super::kind_rules;
use super::rules::{self, Namespace, PartRule, Refers, Rule};
use super::{Place, Reading, pod, sub_path};
use crate::load::manifest::is_placeholder;
use crate::model::{Field, GroupKind, ObjectKey, Scope};
use crate::schema::known_scope;

/// A name that an object states of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Where it is stated.
    pub place: Place,
    /// Where the name is, where it may be of another namespace and `place` is that of a part.
    pub named: Option<Box<Place>>,
    /// What it names.
    pub target: Target,
    /// Whether its author said that it need not be there.
    pub is_optional: bool,
    /// What happens where it is not there, without a final period.
    pub otherwise: &'static str,
    /// Whether things go on without it all the same.
    pub is_mild: bool,
}

impl Reference {
    /// Whether it names a file of a volume, whose object another reference names.
    #[must_use]
    pub fn is_of_file(&self) -> bool {
        self.place.field.ends_with(".subPath")
    }

    /// Whether what it names goes into the environment of a container.
    #[must_use]
    pub fn is_of_environment(&self) -> bool {
        self.place.field.contains("].envFrom[") || self.place.field.contains("].valueFrom.")
    }
}

/// What a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Group and kind.
    pub group_kind: GroupKind,
    /// The namespace that it is looked for in; nothing for what lives in the cluster as a whole,
    /// empty where the namespace is not known.
    pub namespace: Option<Box<str>>,
    /// Its name.
    pub name: Box<str>,
    /// The part of it that is meant.
    pub part: Option<Part>,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.group_kind.kind, self.name)
    }
}

/// A part of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A key of a ConfigMap or Secret.
    Key(Box<str>),
    /// A port of a Service by its number.
    PortNumber(i64),
    /// A port of a Service by its name.
    PortName(Box<str>),
    /// A listener of a Gateway by its name, its port, or both.
    Listener(Option<Box<str>>, Option<i64>),
}

impl Part {
    /// Whether it is filled in later.
    pub(super) fn is_filled_in(&self) -> bool {
        match self {
            Self::Key(name) | Self::PortName(name) | Self::Listener(Some(name), _) => {
                is_placeholder(name)
            }
            Self::PortNumber(_) | Self::Listener(None, _) => false,
        }
    }
}

/// Every reference of an object, in the order of the rules.
pub(super) fn all(reading: &Reading<'_>, key: &ObjectKey, root: &Field<'_>) -> Vec<Reference> {
    let kind = (key.group_kind.group.as_str(), key.group_kind.kind.as_str());
    let mut collected = Collected { reading, namespace: &key.namespace, found: Vec::new() };
    pod::with_template(kind, root, |template| {
        let Some(spec) = template.get("spec") else { return };
        collected.follow(rules::POD, &spec);
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            let Some(list) = spec.get(list) else { continue };
            list.items().for_each(|container| collected.follow(rules::CONTAINER, &container));
        }
        let claims = claims_of_templates(root);
        let volumes = spec.get("volumes");
        for volume in volumes.iter().flat_map(Field::items) {
            if !claims.iter().any(|claim| **claim == *volume.text("name")) {
                collected.follow(rules::VOLUME, &volume);
            }
        }
        sub_path::all(reading, &key.namespace, &spec, &claims, &mut collected.found);
    });
    for (_, rules) in kind_rules::KINDS.iter().filter(|(of, _)| *of == kind) {
        collected.follow(rules, root);
    }
    collected.found
}

/// The names of the claims of a StatefulSet, which it puts in place of volumes of these names.
pub(super) fn claims_of_templates(root: &Field<'_>) -> Vec<Box<str>> {
    let mut claims = Vec::new();
    each(root, "spec.volumeClaimTemplates[].metadata", &mut |template| {
        claims.push(template.text("name").into());
    });
    claims
}

struct Collected<'a> {
    reading: &'a Reading<'a>,
    namespace: &'a str,
    found: Vec<Reference>,
}

impl Collected<'_> {
    fn follow(&mut self, rules: &[Rule], from: &Field<'_>) {
        for rule in rules {
            each(from, rule.at, &mut |holder| self.one(rule, holder));
        }
    }

    fn one(&mut self, rule: &Rule, holder: &Field<'_>) {
        // A list of names has the name as its item.
        let named = if rule.name.is_empty() { Some(*holder) } else { holder.get(rule.name) };
        let Some(named) = named else { return };
        // `auth@file` is of another provider than the cluster.
        let is_name = |name: &&str| !name.is_empty() && !name.contains('@');
        let Some(name) = named.node.as_str().filter(is_name) else { return };
        let Some(group_kind) = refers(rule.to, holder) else { return };
        let target = Target {
            namespace: self.namespace_of(rule.namespace, &group_kind, holder),
            group_kind,
            name: name.into(),
            part: None,
        };
        let is_optional = holder.node.get("optional").is_some_and(crate::yaml::Node::is_true);
        let may_be_elsewhere = matches!(rule.namespace, Namespace::Stated(_));
        let mut add = |field: &Field<'_>, part| {
            self.found.push(Reference {
                place: self.reading.place(field),
                named: (may_be_elsewhere && field.node.span != named.node.span)
                    .then(|| Box::new(self.reading.place(&named))),
                target: Target { part, ..target.clone() },
                is_optional,
                otherwise: rule.otherwise,
                is_mild: rule.is_mild,
            });
        };
        match rule.part {
            PartRule::Whole => add(&named, None),
            PartRule::Always(key) => {
                add(&named, (target.group_kind.kind == "ConfigMap").then(|| Part::Key(key.into())));
            }
            PartRule::Key(key) => match holder.get(key) {
                Some(key) => add(&key, key.node.as_str().map(|key| Part::Key(key.into()))),
                None => add(&named, None),
            },
            PartRule::Items => {
                add(&named, None);
                let items = holder.get("items");
                for item in items.iter().flat_map(Field::items) {
                    if let Some(key) = item.get("key") {
                        add(&key, key.node.as_str().map(|key| Part::Key(key.into())));
                    }
                }
            }
            PartRule::Listener => {
                let (name, port) = (holder.get("sectionName"), holder.get("port"));
                let stated = name.as_ref().or(port.as_ref()).unwrap_or(&named);
                let text = name.as_ref().and_then(|name| name.node.as_str());
                let number = port.as_ref().and_then(|port| port.node.as_int());
                let GroupKind { group, kind } = &target.group_kind;
                let is_gateway = kind == "Gateway" || is_listener_set((group, kind));
                let part = Part::Listener(text.map(Into::into), number);
                add(stated, (is_gateway && part != Part::Listener(None, None)).then_some(part));
            }
            PartRule::PortOr(port, usual) => match holder.get(port) {
                Some(port) => add(&port, part_of_port(&port)),
                None => add(&named, Some(Part::PortNumber(usual))),
            },
            PartRule::Port(port) => {
                let port = holder.get(port);
                let part = port.as_ref().and_then(part_of_port);
                // Says that an annotation has an action instead of a Service.
                if part == Some(Part::PortName("use-annotation".into())) {
                    return;
                }
                match (&port, part) {
                    (Some(port), Some(part)) => add(port, Some(part)),
                    _ => add(&named, None),
                }
            }
        }
    }

    fn namespace_of(
        &self,
        rule: Namespace,
        group_kind: &GroupKind,
        holder: &Field<'_>,
    ) -> Option<Box<str>> {
        let GroupKind { group, kind } = group_kind;
        if known_scope(group, kind) == Some(Scope::Cluster) {
            return None;
        }
        let stated = match rule {
            Namespace::Own => "",
            Namespace::Stated(field) => holder.text(field),
        };
        Some(if stated.is_empty() { self.namespace } else { stated }.into())
    }
}

/// A number, a name, or a map with one of both: as Ingresses and others write it.
fn part_of_port(port: &Field<'_>) -> Option<Part> {
    if let Some(number) = port.node.as_int() {
        return Some(Part::PortNumber(number));
    }
    if let Some(name) = port.node.as_str() {
        let number = name.parse().ok().map(Part::PortNumber);
        return number.or_else(|| Some(Part::PortName(name.into())));
    }
    let number = port.node.get("number").and_then(|number| number.as_int());
    match port.text("name") {
        "" => number.map(Part::PortNumber),
        name => Some(Part::PortName(name.into())),
    }
}

/// The group and kind that a reference is to.
fn refers(rule: Refers, holder: &Field<'_>) -> Option<GroupKind> {
    match rule {
        Refers::To(group, kind) => Some(GroupKind::new(group, kind)),
        Refers::Subject => {
            (holder.text("kind") == "ServiceAccount").then(|| GroupKind::new("", "ServiceAccount"))
        }
        Refers::Stated(default_group, default_kind) => {
            let kind = holder.text("kind");
            if kind.is_empty() {
                return (!default_kind.is_empty())
                    .then(|| GroupKind::new(default_group, default_kind));
            }
            let group = ["group", "apiGroup"].into_iter().find_map(|name| holder.get(name));
            let stated = group.and_then(|group| group.node.as_str());
            let version = holder.get("apiVersion").and_then(|version| version.node.as_str());
            let of_version = version.map(|it| it.rsplit_once('/').map_or("", |(group, _)| group));
            Some(GroupKind::new(stated.or(of_version).unwrap_or(default_group), kind))
        }
    }
}

/// Calls with every field at a path of names; `[]` after a name stands for all items of a list.
pub(super) fn each(field: &Field<'_>, path: &str, then: &mut dyn FnMut(&Field<'_>)) {
    if path.is_empty() {
        return then(field);
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match first.strip_suffix("[]") {
        Some(name) => {
            if let Some(list) = field.get(name) {
                list.items().for_each(|item| each(&item, rest, then));
            }
        }
        None => {
            if let Some(child) = field.get(first) {
                each(&child, rest, then);
            }
        }
    }
}
