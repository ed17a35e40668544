//! The environments of containers.

use super::host_variable::port_key;
use crate::model::Field;

/// The environment of a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variables {
    /// Its variables with the ConfigMap and the key that they are of; of several with one name the last.
    variables: Box<[Variable]>,
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

/// The name of a variable, and the ConfigMap and the key that it is of.
type Variable = (Box<str>, Option<(Box<str>, Box<str>)>);

impl Variables {
    pub(super) fn of(container: &Field<'_>) -> Self {
        let mut variables: Vec<Variable> = Vec::new();
        let list = container.get("env");
        for variable in list.iter().flat_map(Field::items) {
            let name = variable.text("name");
            let reference = variable.node.pointer("/valueFrom/configMapKeyRef");
            let text = |key| Some(reference?.get(key)?.as_str()?.into());
            variables.retain(|(known, _)| **known != *name);
            variables.push((name.into(), text("name").zip(text("key"))));
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
        let is_it = |(of, name): &(Box<str>, Box<str>)| **of == *map && **name == *key;
        let single = self.variables.iter().filter(|(_, from)| from.as_ref().is_some_and(is_it));
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
