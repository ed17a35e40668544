//! What has two owners.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{at, by_root, title};
use crate::argocd::application::Destination;
use crate::argocd::{Followed, FollowedApplication, Member, Thing};
use crate::diagnostic::Finding;
use crate::load::manifest::is_placeholder;
use crate::model::ObjectKey;
use crate::source::FileId;

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told: Vec<(usize, usize)> = Vec::new();
    for applications in by_root(followed) {
        names(followed, &applications, &mut told, findings);
        objects(followed, &applications, &mut told, findings);
    }
    in_one_file(followed, &mut told, findings);
    for applications in by_file(followed) {
        objects(followed, &applications, &mut told, findings);
    }
    for at in 0..followed.applications.len() {
        repeated(followed, at, findings);
    }
}

/// The Applications below those of one file that no Application brings: one Argo CD has them all. Of two
/// with one name the last counts.
pub(super) fn by_file(followed: &Followed) -> Vec<Vec<usize>> {
    let mut files: BTreeMap<FileId, BTreeMap<(&str, &str), usize>> = BTreeMap::new();
    for root in &followed.roots {
        let Thing::Application(number) = *root else { continue };
        let one = &followed.applications[number];
        let Some(node) = one.application.stated_as() else { continue };
        let name = (one.namespace.as_str(), one.application.name());
        files.entry(node.span.file).or_default().insert(name, number);
    }
    let below = |file: &BTreeMap<(&str, &str), usize>| {
        let mut reached = Vec::new();
        for &number in file.values() {
            followed.reach(Thing::Application(number), &mut reached);
        }
        let all: BTreeSet<usize> = reached
            .into_iter()
            .filter_map(|thing| match thing {
                Thing::Application(at) => Some(at),
                _ => None,
            })
            .filter(|&at| !followed.applications[at].is_dropped)
            .collect();
        all.into_iter().collect()
    };
    files.values().filter(|file| file.len() > 1).map(below).collect()
}

/// Applications of one file that have the same name and that no Application brings: whoever applies the
/// file has the last of them.
fn in_one_file(followed: &Followed, told: &mut Vec<(usize, usize)>, findings: &mut Vec<Finding>) {
    let mut known: BTreeMap<(FileId, &str, &str), usize> = BTreeMap::new();
    let roots = followed.roots.iter().filter_map(|root| match root {
        Thing::Application(at) => Some(*at),
        _ => None,
    });
    for number in roots {
        let one = &followed.applications[number];
        let (Some(node), name) = (one.application.stated_as(), one.application.name()) else {
            continue;
        };
        if name.is_empty() || is_placeholder(name) || is_placeholder(&one.namespace) {
            continue;
        }
        let key = (node.span.file, one.namespace.as_str(), name);
        let Some(first) = known.insert(key, number) else { continue };
        let other = &followed.applications[first];
        if told.contains(&(first, number)) || is_same(one, other) {
            continue;
        }
        told.push((first, number));
        let message = format!("there are two Applications `{name}`");
        findings.push(
            at(Finding::error("application-name-taken", message), one, "/metadata/name")
                .at(other.application.place("/metadata/name"), "the other one")
                .note("whoever applies the file has the last of them alone")
                .help("give one of them another name"),
        );
    }
}

/// Applications of one namespace that have the same name: each of their sets, or what applies them,
/// changes the one object to and fro.
fn names(
    followed: &Followed,
    applications: &[usize],
    told: &mut Vec<(usize, usize)>,
    findings: &mut Vec<Finding>,
) {
    let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for &number in applications {
        let one = &followed.applications[number];
        let name = (one.namespace.as_str(), one.application.name());
        let Some(&first) = known.get(&name) else {
            known.insert(name, number);
            continue;
        };
        // Those of one set are dropped, and told there.
        let other = &followed.applications[first];
        if (one.set.is_some() && one.set == other.set) || told.contains(&(first, number)) {
            continue;
        }
        // Of two in one Application the last counts, as of all its objects.
        let are_together = followed.applications.iter().any(|above| {
            [first, number]
                .iter()
                .all(|&at| above.children().any(|it| it == Thing::Application(at)))
        });
        if are_together {
            continue;
        }
        told.push((first, number));
        let by_hand =
            [first, number].iter().any(|&at| followed.roots.contains(&Thing::Application(at)));
        if by_hand && is_same(one, other) {
            continue;
        }
        let message = format!("there are two Applications `{}`", name.1);
        let (finding, note, help) = if by_hand {
            let note = "what a person applies is changed into the one that Argo CD has";
            let help = "where it manages itself, write the same in both files, or apply only the one that Argo CD \
                        syncs; else give one of them another name";
            (Finding::warning("application-name-taken", message), note, help)
        } else {
            let note = "they are one object for Argo CD, which is changed to and fro";
            let finding = Finding::error("application-name-taken", message);
            (finding, note, "give one of them another name")
        };
        findings.push(
            at(finding, one, "/metadata/name")
                .at(other.application.place("/metadata/name"), "the other one")
                .note(note)
                .help(help),
        );
    }
}

/// Whether two Applications of one namespace say the same.
fn is_same(one: &FollowedApplication, other: &FollowedApplication) -> bool {
    let [one, other] = [one, other].map(|it| {
        let mut object = it.application.object.clone();
        if let Some(metadata) = object.get_mut("metadata").and_then(Json::as_object_mut) {
            metadata.remove("namespace");
        }
        object
    });
    one == other
}

type Owned<'f> = BTreeMap<(Destination, &'f ObjectKey), (usize, &'f Member)>;

/// Objects that two Applications apply to one cluster.
fn objects(
    followed: &Followed,
    applications: &[usize],
    told: &mut Vec<(usize, usize)>,
    findings: &mut Vec<Finding>,
) {
    let mut owners: Owned<'_> = BTreeMap::new();
    let mut shared: BTreeMap<(usize, usize), Vec<(&Member, &Member)>> = BTreeMap::new();
    for &number in applications {
        let one = &followed.applications[number];
        let Some(destination) = one.destination.clone() else { continue };
        for member in one.contents.iter().flat_map(|contents| contents.members()) {
            if member.key.name.is_empty() || !member.hooks.is_empty() {
                continue;
            }
            let (first, other) =
                *owners.entry((destination.clone(), &member.key)).or_insert((number, member));
            // Two files with one Application are told by its name.
            let is_named =
                matches!(member.thing, Some(Thing::Application(_))) && member.thing != other.thing;
            if first != number && !is_named {
                shared.entry((first, number)).or_default().push((member, other));
            }
        }
    }
    for ((first, second), objects) in shared {
        let (Some((member, other)), false) = (objects.first(), told.contains(&(first, second)))
        else {
            continue;
        };
        told.push((first, second));
        let [one, two] = [first, second].map(|at| &followed.applications[at]);
        let more = match objects.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let message = format!(
            "{}{more} belongs to two Applications, `{}` and `{}`",
            member.key,
            one.application.name(),
            two.application.name()
        );
        let finding = Finding::warning("object-in-two-applications", message);
        let [one, two_name] = [one, two].map(|it| it.application.name());
        let finding = if member.span() == other.span() {
            let pointer = two.application.sources().first().map(|source| source.pointer("path"));
            let place = two.application.place(&pointer.unwrap_or_default());
            let directory = format!("so does `{two_name}`, whose directory it lies in as well");
            finding.at(member.span(), format!("`{one}` applies it")).at(place, directory)
        } else {
            let finding = finding.at(member.span(), format!("`{two_name}` applies it"));
            finding.at(other.span(), format!("so does `{one}`"))
        };
        let finding = finding.about(member.key.to_string());
        findings.push(
            finding
                .note("each takes it over from the other at every sync, and the one that loses it may delete it")
                .help("let one of them have it"),
        );
    }
}

/// Objects that one Application has twice: the last counts.
fn repeated(followed: &Followed, number: usize, findings: &mut Vec<Finding>) {
    let one = &followed.applications[number];
    let mut known: BTreeMap<&ObjectKey, &Member> = BTreeMap::new();
    for member in one.contents.iter().flat_map(|contents| contents.members()) {
        if member.key.name.is_empty() {
            continue;
        }
        let Some(first) = known.insert(&member.key, member) else { continue };
        if first.span() == member.span() {
            continue;
        }
        let message = format!("{} is in {} twice", member.key, title(one));
        let finding = Finding::warning("object-twice-in-application", message)
            .at(first.span(), "this one counts for nothing")
            .at(member.span(), "Argo CD takes the last")
            .about(member.key.to_string())
            .help("take one of them out");
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
}
