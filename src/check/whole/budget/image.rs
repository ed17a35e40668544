//! Images that are on the node alone, and are asked of a registry all the same.

use super::at_amount;
use crate::diagnostic::Finding;
use crate::facts::budget::Budget;
use crate::facts::{Cluster, Container, Extent};

/// What Docker Hub has under a single name: its official images.
const OFFICIAL: &str = include_str!("official-images.txt");

pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    // Names in files are often replaced on their way into a cluster.
    if cluster.extent() < Extent::Whole {
        return;
    }
    for load in budget.loads.iter().filter(|load| !load.pod.is_borrowed) {
        let local = |container: &&Container| {
            container.image.as_ref().is_some_and(|(image, _)| is_local(image))
        };
        for container in load.pod.containers.iter().filter(local) {
            let Some((image, place)) = &container.image else { continue };
            let mut place = place.clone();
            let why = match (&container.pull_policy, is_latest(image)) {
                (Some((policy, at)), _) if &**policy == "Always" => {
                    place = at.clone();
                    "its `imagePullPolicy` is `Always`"
                }
                (None, true) => {
                    // The tag is what was filled in last.
                    place.origins.reverse();
                    "the tag `latest` means `imagePullPolicy: Always`"
                }
                _ => continue,
            };
            let message =
                format!("`{image}` is in no registry, and the kubelet pulls it at each start");
            let finding = Finding::warning("local-image-pulled", message);
            findings.push(
                at_amount(finding, load.object, &place)
                    .note(why)
                    .note("no image of Docker Hub has this name: it must be on the node")
                    .help("give it a tag other than `latest`, and `imagePullPolicy: IfNotPresent`"),
            );
        }
    }
}

/// Whether an image can only be on the node: one name without a registry that none has.
fn is_local(image: &str) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or_default();
    let is_official = || OFFICIAL.lines().any(|known| known == name);
    !name.is_empty() && !image.contains('/') && !is_official()
}

fn is_latest(image: &str) -> bool {
    !image.contains('@') && image.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
