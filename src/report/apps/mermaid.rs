//! The tree of Argo CD as a diagram of Mermaid.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{made, name, outcome, place, sourceless, sources};
use crate::argocd::{Followed, Thing};
use crate::model::ObjectKey;
use crate::report::plural;

/// A flow chart from the roots down; objects that are not of Argo CD are counted by their source.
#[must_use]
pub fn mermaid(followed: &Followed) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let mut pending: Vec<Thing> = followed.roots.iter().rev().copied().collect();
    let mut shown = BTreeSet::new();
    while let Some(thing) = pending.pop() {
        if !shown.insert(thing) {
            continue;
        }
        let id = id(thing);
        let mut children: Vec<Thing> = Vec::new();
        match thing {
            Thing::Project(at) => {
                let project = ObjectKey::of(&followed.projects[at].node).name;
                let _ = writeln!(text, "  {id}[/\"{}\"/]", quoted(&project));
            }
            Thing::Set(at) => {
                let set = &followed.sets[at];
                let of_set = ObjectKey::of(&set.stated.node).name;
                let label = match set.applications.len() {
                    0 => format!("{}<br/>{}", quoted(&of_set), quoted(&made(set))),
                    _ => quoted(&of_set),
                };
                let _ = writeln!(text, "  {id}{{{{\"{label}\"}}}}");
                children.extend(set.applications.iter().map(|&at| Thing::Application(at)));
            }
            Thing::Application(at) => {
                let one = &followed.applications[at];
                let dropped = one.is_dropped.then_some("dropped by Argo CD");
                let mut label = quoted(&name(followed, one));
                for why in dropped.into_iter().chain(sourceless(one)) {
                    let _ = write!(label, "<br/>{why}");
                }
                let _ = writeln!(text, "  {id}[\"{label}\"]");
                for (number, (source, contents)) in sources(one).enumerate() {
                    let Some(contents) = contents else { continue };
                    let objects = contents.members().filter(|one| one.thing.is_none()).count();
                    children.extend(contents.members().filter_map(|member| member.thing));
                    let label = match outcome(&source, contents) {
                        None if objects == 0 => continue,
                        None => plural(objects, "object"),
                        Some(outcome) => outcome,
                    };
                    let label = format!("{}<br/>{}", quoted(&place(&source)), quoted(&label));
                    let _ = writeln!(text, "  {id} --> {id}s{number}(\"{label}\")");
                }
            }
        }
        for child in &children {
            let _ = writeln!(text, "  {id} --> {}", self::id(*child));
        }
        pending.extend(children.into_iter().rev());
    }
    text
}

fn id(thing: Thing) -> String {
    match thing {
        Thing::Application(at) => format!("app{at}"),
        Thing::Set(at) => format!("set{at}"),
        Thing::Project(at) => format!("project{at}"),
    }
}

/// Text within quotes of Mermaid, which knows the entities of HTML.
fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
