//! Who reads the hosts that ConfigMaps name.

use std::collections::HashMap;

use crate::facts::{Body, Cluster, Host, Object, Part, Target};

/// What reads ConfigMaps, by namespace and name of these.
pub(super) struct Readers<'c>(HashMap<(&'c str, &'c str), Vec<Reader<'c>>>);

/// What reads one.
struct Reader<'c> {
    of: &'c Object,
    how: How<'c>,
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
                of.push(Reader { of: object, how });
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
        let of = self.0.get(&(&*object.key.namespace, &*object.key.name));
        let all = of.into_iter().flatten().filter(|reader| {
            let is_read = match (&reader.how, &host.variable) {
                (How::Environment(None), Some(_)) => true,
                (How::Environment(Some(key)), Some(variable)) => *key == &**variable,
                (How::Files, None) => true,
                _ => false,
            };
            is_read && cluster.may_share(object, reader.of)
        });
        let mut speakers: Vec<&Object> = Vec::new();
        for reader in all {
            if !speakers.iter().any(|known| std::ptr::eq(*known, reader.of)) {
                speakers.push(reader.of);
            }
        }
        speakers
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
