//! The environments of containers.

use super::host_variable::{Holds, may_be_own, port_key};
use crate::model::Field;

/// The environment of a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variables {
    /// Its variables; of several with one name the last.
    variables: Box<[(Box<str>, Value)]>,
    /// What it takes whole, the last of which counts where several have a name.
    sources: Box<[Source]>,
}

/// A ConfigMap or a Secret that a container takes whole into its environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Which of the two it is.
    pub kind: &'static str,
    /// Its name.
    pub name: Box<str>,
    /// What stands before the names of its keys.
    pub prefix: Box<str>,
}

/// What a variable is.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    /// A key of a ConfigMap, behind the name of that.
    Key(Box<str>, Box<str>),
    /// A number that may be a port.
    Port(u16),
    /// Anything else.
    Other,
}

/// The port that a container has beside a host of a ConfigMap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortBeside {
    /// The port.
    pub port: u16,
    /// Whether both may be the program's own, by which it listens.
    pub may_be_own: bool,
}

impl Variables {
    pub(super) fn of(container: &Field<'_>) -> Self {
        let mut variables: Vec<(Box<str>, Value)> = Vec::new();
        let list = container.get("env");
        for variable in list.iter().flat_map(Field::items) {
            let name = variable.text("name");
            let reference = variable.node.pointer("/valueFrom/configMapKeyRef");
            let text = |key| Some(reference?.get(key)?.as_str()?.into());
            variables.retain(|(known, _)| **known != *name);
            let value = match (text("name"), text("key")) {
                (Some(map), Some(key)) => Value::Key(map, key),
                _ => variable.text("value").parse().map_or(Value::Other, Value::Port),
            };
            variables.push((name.into(), value));
        }
        let sources = container.get("envFrom");
        let sources = sources.iter().flat_map(Field::items).flat_map(|source| {
            let of = |(field, kind): (&str, &'static str)| {
                let name = source.node.get(field)?.get("name")?.as_str()?.into();
                Some(Source { kind, name, prefix: source.text("prefix").into() })
            };
            [("configMapRef", "ConfigMap"), ("secretRef", "Secret")].map(of)
        });
        Self { variables: variables.into(), sources: sources.flatten().collect() }
    }

    /// The names of the variables that are surely of a key of a ConfigMap, where `may_have` says what
    /// a source has. What `env` states goes before what `envFrom` brings, and of that the later before
    /// the earlier: `makeEnvironmentVariables` of `pkg/kubelet/kubelet_pods.go`.
    #[must_use]
    pub fn names_of(
        &self,
        map: &str,
        key: &str,
        may_have: impl Fn(&Source, &str) -> bool,
    ) -> Vec<Box<str>> {
        let is_it =
            |value: &Value| matches!(value, Value::Key(of, it) if **of == *map && **it == *key);
        let single = self.variables.iter().filter(|(_, value)| is_it(value));
        let mut names: Vec<Box<str>> = single.map(|(name, _)| name.clone()).collect();
        for (index, source) in self.sources.iter().enumerate() {
            let name = format!("{}{key}", source.prefix);
            if (source.kind, &*source.name) == ("ConfigMap", map)
                && !self.states(&name)
                && !brings(&self.sources[index + 1..], &name, &may_have)
            {
                names.push(name.into());
            }
        }
        names
    }

    /// Whether the port beside each variable that is of a key of a ConfigMap, a host, is of another key
    /// of the same: the names of the variables say what belongs together, and not those of the keys.
    #[must_use]
    pub fn has_pair(
        &self,
        map: &str,
        (host, port): (&str, &str),
        may_have: impl Fn(&Source, &str) -> bool,
    ) -> bool {
        let ports = self.names_of(map, port, &may_have);
        let is_beside = |name: &str| port_key(name).is_some_and(|it| ports.contains(&it.into()));
        self.names_of(map, host, &may_have).iter().all(|name| is_beside(name))
    }

    /// The port that is stated beside each variable that is of a key of a ConfigMap, a host, where it is
    /// one for all.
    #[must_use]
    pub fn port_beside(
        &self,
        map: &str,
        host: &str,
        may_have: impl Fn(&Source, &str) -> bool,
    ) -> Option<PortBeside> {
        let beside = |name: &str| {
            Holds::of(name)?;
            let port = port_key(name)?;
            let (_, value) = self.variables.iter().find(|(known, _)| **known == *port)?;
            let Value::Port(port) = *value else { return None };
            Some(PortBeside { port, may_be_own: may_be_own(name) })
        };
        let names = self.names_of(map, host, may_have);
        let (first, rest) = names.split_first()?;
        let found = beside(first)?;
        rest.iter().all(|name| beside(name) == Some(found)).then_some(found)
    }

    /// Whether a variable may be in it, from wherever.
    #[must_use]
    pub fn may_state(&self, name: &str, may_have: impl Fn(&Source, &str) -> bool) -> bool {
        self.states(name) || brings(&self.sources, name, &may_have)
    }

    fn states(&self, name: &str) -> bool {
        self.variables.iter().any(|(known, _)| **known == *name)
    }
}

/// Whether one of some sources may have a variable.
fn brings(sources: &[Source], name: &str, may_have: &impl Fn(&Source, &str) -> bool) -> bool {
    let has = |source: &Source| {
        name.strip_prefix(&*source.prefix).is_some_and(|key| may_have(source, key))
    };
    sources.iter().any(has)
}
