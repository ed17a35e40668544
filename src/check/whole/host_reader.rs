//! Who reads the hosts that ConfigMaps name.

use std::collections::HashMap;

use crate::facts::{
    Answer, Body, Cluster, Host, Object, Part, PortBeside, Source, Target, Variables,
};
use crate::model::GroupKind;

/// What reads ConfigMaps, by namespace and name of these.
pub(super) struct Readers<'c>(HashMap<(&'c str, &'c str), Vec<Reader<'c>>>);

/// What reads one.
struct Reader<'c> {
    of: &'c Object,
    how: How<'c>,
    /// The environment that it is read into, where that is known.
    environment: Option<&'c Variables>,
}

impl Reader<'_> {
    /// Whether a source of its environment may have a key: only of what is seen it is known.
    fn may_get(&self, cluster: &Cluster, source: &Source, key: &str) -> bool {
        let target = Target {
            group_kind: GroupKind::new("", source.kind),
            namespace: Some(self.of.key.namespace.as_str().into()),
            name: source.name.clone(),
            part: Some(Part::Key(key.into())),
        };
        let answer = cluster.follow(self.of, &target);
        !matches!(answer, Answer::PartMissing(..) | Answer::KeyMissing(_))
    }

    /// Whether the environment of one of its containers may have a variable.
    fn may_state(&self, cluster: &Cluster, name: &str) -> bool {
        let Body::Workload(pod) = &self.of.body else { return true };
        pod.containers.iter().any(|container| {
            container.environment.may_state(name, |it, key| self.may_get(cluster, it, key))
        })
    }
}

/// How it is read.
enum How<'c> {
    /// Into the environment of a container: one key, or all of them.
    Environment(Option<&'c str>),
    /// As files.
    Files,
}

impl<'c> Readers<'c> {
    /// Of a cluster.
    pub(super) fn of(cluster: &'c Cluster) -> Self {
        let mut readers = HashMap::<_, Vec<Reader<'_>>>::new();
        for object in cluster.objects() {
            for reference in &object.references {
                let Target { group_kind, name, part, .. } = &reference.target;
                if !group_kind.group.is_empty() || group_kind.kind != "ConfigMap" {
                    continue;
                }
                let how = match part {
                    Some(Part::Key(key)) if reference.is_of_environment() => {
                        How::Environment(Some(&**key))
                    }
                    _ if reference.is_of_environment() => How::Environment(None),
                    None if reference.place.field.contains("volumes[") => How::Files,
                    _ => continue,
                };
                let of = readers.entry((&*object.key.namespace, &**name)).or_default();
                let environment = match &object.body {
                    Body::Workload(pod) => pod.container_of(&reference.place.field),
                    _ => None,
                };
                let environment = environment.map(|container| &container.environment);
                of.push(Reader { of: object, how, environment });
            }
        }
        Self(readers)
    }

    /// What connects to a host that the texts of an object name: a workload itself, or those that read
    /// a ConfigMap.
    pub(super) fn speakers(
        &self,
        cluster: &Cluster,
        object: &'c Object,
        host: &Host,
    ) -> Vec<&'c Object> {
        if !host.is_of_file && host.variable.is_none() {
            return vec![object];
        }
        let mut speakers: Vec<&Object> = Vec::new();
        for reader in self.all(cluster, object, host) {
            if !speakers.iter().any(|known| std::ptr::eq(*known, reader.of)) {
                speakers.push(reader.of);
            }
        }
        speakers
    }

    /// Whether all that have a file have another value than the one of its line in their environment.
    pub(super) fn have_another(&self, cluster: &Cluster, object: &'c Object, host: &Host) -> bool {
        let of = self.0.get(&(&*object.key.namespace, &*object.key.name));
        let is_read = of.into_iter().flatten().any(|it| matches!(it.how, How::Files));
        let is_line = host.is_of_file && host.variable.is_some();
        is_line && is_read && self.all(cluster, object, host).next().is_none()
    }

    /// Whether all that read a host have its port from where it is read, too.
    pub(super) fn have_port(&self, cluster: &Cluster, object: &'c Object, host: &Host) -> bool {
        let keys = host.variable.as_deref().zip(host.port_variable.as_deref());
        let Some(keys) = keys.filter(|_| !host.is_of_file) else {
            return true;
        };
        let has_pair = |reader: &Reader<'_>, environment: &Variables| {
            environment.has_pair(&object.key.name, keys, |it, key| reader.may_get(cluster, it, key))
        };
        let mut all = self.all(cluster, object, host);
        all.all(|reader| reader.environment.is_some_and(|it| has_pair(reader, it)))
    }

    /// The port that all that read a host have beside it in their environment, where it is one.
    pub(super) fn port_beside(
        &self,
        cluster: &Cluster,
        object: &'c Object,
        host: &Host,
    ) -> Option<PortBeside> {
        let key = host.variable.as_deref().filter(|_| host.takes_port && !host.is_of_file)?;
        let of = |reader: &Reader<'_>| {
            let may_get = |it: &Source, key: &str| reader.may_get(cluster, it, key);
            reader.environment?.port_beside(&object.key.name, key, may_get)
        };
        let mut all = self.all(cluster, object, host).map(of);
        let found = all.next()??;
        all.all(|other| other == Some(found)).then_some(found)
    }

    /// Those that read a host of a ConfigMap.
    fn all<'s>(
        &'s self,
        cluster: &'s Cluster,
        object: &'s Object,
        host: &'s Host,
    ) -> impl Iterator<Item = &'s Reader<'c>> {
        let of = self.0.get(&(&*object.key.namespace, &*object.key.name));
        of.into_iter().flatten().filter(move |reader| {
            let is_read = match (&reader.how, &host.variable) {
                (How::Environment(key), Some(variable)) if !host.is_of_file => {
                    let may_get = |it: &Source, key: &str| reader.may_get(cluster, it, key);
                    let has_key = |it: &Variables| {
                        !it.names_of(&object.key.name, variable, may_get).is_empty()
                    };
                    key.is_none_or(|key| *key == **variable)
                        && reader.environment.is_none_or(has_key)
                }
                (How::Files, None) => true,
                // Programs that read such a file leave alone what their environment has.
                (How::Files, Some(variable)) if host.is_of_file => {
                    let mut names = [Some(variable), host.port_variable.as_ref()].into_iter();
                    !names.any(|it| it.is_some_and(|name| reader.may_state(cluster, name)))
                }
                _ => false,
            };
            is_read && cluster.may_share(object, reader.of)
        })
    }
}

/// Whether a name is one that somebody asks the DNS of the cluster for, in the namespace of the object
/// that states it. What says itself that it is a Service's is judged in a file that nobody is seen to
/// read, too.
pub(super) fn is_asked(host: &Host, speakers: &[&Object]) -> bool {
    let is_meant = |object: &&Object| match &object.body {
        Body::Workload(pod) => {
            let is_own = pod.aliases.contains(&host.name);
            !is_own && (host.is_service_name() || pod.searches_namespace)
        }
        // A Service by the name that it stands for.
        _ => true,
    };
    let is_stated = host.is_of_file && host.is_service_name();
    (is_stated || !speakers.is_empty()) && speakers.iter().all(is_meant)
}
