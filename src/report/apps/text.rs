//! The tree of Argo CD for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{destination, made, name, outcome, place, rank, sourceless, sources, unusable};
use crate::argocd::application_set::Effect;
use crate::argocd::{Followed, FollowedApplication, Member, State, Thing, kind_rank};
use crate::model::ObjectKey;
use crate::report::plural;
use crate::source::Sources;

/// How long a line may get before the names on it go on in the next.
const WIDTH: usize = 100;

/// Everything from the roots down.
#[must_use]
pub fn text(followed: &Followed, sources: &Sources) -> String {
    let mut tree = Drawing { followed, sources, shown: BTreeSet::new(), text: String::new() };
    for root in &followed.roots {
        tree.thing(*root, "", "", None);
    }
    tree.text
}

struct Drawing<'d> {
    followed: &'d Followed,
    sources: &'d Sources,
    shown: BTreeSet<Thing>,
    text: String,
}

impl Drawing<'_> {
    fn line(&mut self, head: &str, line: &str) {
        let _ = writeln!(self.text, "{head}{line}");
    }

    fn thing(&mut self, thing: Thing, head: &str, below: &str, member: Option<&Member>) {
        let wave = member.filter(|member| member.wave != 0);
        let wave = wave.map(|member| format!(", wave {}", member.wave)).unwrap_or_default();
        let is_new = self.shown.insert(thing);
        match thing {
            Thing::Project(at) => {
                let name = ObjectKey::of(&self.followed.projects[at].node).name;
                self.line(head, &format!("{name} (AppProject{wave})"));
            }
            Thing::Set(at) => {
                let set = &self.followed.sets[at];
                let name = ObjectKey::of(&set.stated.node).name;
                if !is_new {
                    return self.line(head, &format!("{name} (ApplicationSet, see above)"));
                }
                self.line(head, &format!("{name} (ApplicationSet{wave}): {}", made(set)));
                self.faults(at, below);
                let all = set.applications.iter().map(|&at| Thing::Application(at));
                self.children(all.map(|one| (one, None)).collect(), below);
            }
            Thing::Application(at) => {
                let one = &self.followed.applications[at];
                let name = name(self.followed, one);
                if !is_new {
                    return self.line(head, &format!("{name} (Application, see above)"));
                }
                let dropped = if one.is_dropped { ", dropped by Argo CD" } else { "" };
                let root = if head.is_empty() { " (Application)" } else { "" };
                let to = destination(one);
                self.line(head, &format!("{name}{root} → {to}{wave}{dropped}"));
                self.application(one, below);
            }
        }
    }

    fn faults(&mut self, set: usize, below: &str) {
        for fault in &self.followed.sets[set].evaluation.faults {
            let mark = if fault.effect == Effect::Unknown { "?" } else { "!" };
            let place = self.sources.place(fault.span);
            self.line(below, &format!("{mark} {place}: {}", fault.message));
        }
    }

    fn application(&mut self, one: &FollowedApplication, below: &str) {
        let mut children: Vec<(Thing, Option<&Member>)> = Vec::new();
        if let Some(why) = sourceless(one) {
            self.line(below, &format!("! {why}"));
        }
        for (source, contents) in sources(one) {
            let of = place(&source);
            let Some(contents) = contents else { continue };
            let members: Vec<&Member> = contents.members().collect();
            let found = match outcome(&source, contents) {
                Some(outcome) => outcome,
                None => plural(members.len(), "object"),
            };
            let mark = match &contents.state {
                _ if unusable(contents).is_some() => "! ",
                State::NotAtHand => "? ",
                _ => "  ",
            };
            self.line(below, &format!("{mark}{of}: {found}"));
            self.objects(&members, below);
            let things = members.iter().filter_map(|member| Some((member.thing?, Some(*member))));
            children.extend(things);
        }
        self.children(children, below);
    }

    /// The objects that are not of Argo CD, a line for each wave.
    fn objects(&mut self, members: &[&Member], below: &str) {
        let mut waves: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        let mut members: Vec<&Member> =
            members.iter().filter(|member| member.thing.is_none()).copied().collect();
        members.sort_by_key(|one| (kind_rank(&one.key.group_kind.kind), &one.key));
        for member in members {
            let mut name = format!("{}/{}", member.key.group_kind.kind, member.name());
            if !member.hooks.is_empty() {
                let _ = write!(name, " ({})", member.hooks.join(", "));
            }
            waves.entry(member.wave).or_default().push(name);
        }
        for (wave, names) in waves {
            let mut line = format!("    {wave:>3} ");
            let start = line.chars().count();
            for (at, name) in names.iter().enumerate() {
                let comma = if at + 1 < names.len() { ", " } else { "" };
                let width = below.chars().count() + line.chars().count() + name.chars().count();
                if width > WIDTH && line.chars().count() > start {
                    self.line(below, line.trim_end());
                    line = " ".repeat(start);
                }
                line.push_str(name);
                line.push_str(comma);
            }
            self.line(below, line.trim_end());
        }
    }

    fn children(&mut self, mut children: Vec<(Thing, Option<&Member>)>, below: &str) {
        children.sort_by_key(|(thing, member)| (rank(*thing), member.map_or(0, |one| one.wave)));
        let last = children.len().saturating_sub(1);
        for (at, (thing, member)) in children.into_iter().enumerate() {
            let (branch, rest) = if at == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.thing(thing, &format!("{below}{branch}"), &format!("{below}{rest}"), member);
        }
    }
}
