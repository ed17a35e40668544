//! `gitopsc resolve`: trees that git could not merge, rendered anew from the merged sources.

use std::collections::BTreeSet;

use anyhow::{Context, bail};

use super::Streams;
use super::args::Args;
use super::build::{self, Built, Goal, account, not_staged, summary, trees};
use super::output::{exit_code, listed, settle, write_report};
use super::progress::Progress;
use super::session::{Session, inputs_on_disk};
use crate::diagnostic::{Severity, fold};
use crate::report::{Report, plural};
use crate::resolve::Request;
use crate::tree;
use crate::world::git::{GitRepository, lies_at};
use crate::world::git_stage::Conflict;
use crate::world::{Disk, Memory, Stopwatch, World};

/// The directory of the trees, with `/` at its end.
const RENDERED: &str = "rendered/";

/// Renders every environment, writes the trees and stages them.
pub(super) fn run(world: Disk, args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let watch = Stopwatch::start();
    let root = world.root().to_owned();
    let repository = GitRepository::needed(&root)?;
    let top = repository.path_of(&root);
    let rendered = format!("{top}{RENDERED}");
    let conflicts = repository.conflicts().context("the index of git cannot be read")?;
    let (trees_of, others): (Vec<Conflict>, Vec<Conflict>) =
        conflicts.into_iter().partition(|conflict| conflict.path.starts_with(&rendered));
    let inputs = inputs_on_disk(&repository, &top);
    let schemas = [format!("{top}schemas")];
    let is_source = |it: &&Conflict| lies_at(&it.path, &inputs) || lies_at(&it.path, &schemas);
    let sources: Vec<&Conflict> = others.iter().filter(is_source).collect();
    if !sources.is_empty() {
        bail!("{}", in_conflict(&sources));
    }
    let ours: Vec<(String, Option<Vec<u8>>)> = trees_of
        .into_iter()
        .filter_map(|conflict| {
            let path = &conflict.path[rendered.len()..];
            let sides = conflict.sides.iter().map(|bytes| own(path, bytes));
            let sides = sides.collect::<Option<Vec<_>>>()?;
            let first = sides.into_iter().next();
            Some((conflict.path, first))
        })
        .collect();
    let lock = build::lock(&world, "rendered", streams)?;
    tree::recover(&world, "rendered").context("an interrupted build cannot be finished")?;
    let progress = Progress::begin(args, streams);
    progress.stage("reading the repository", 0);
    // What is committed in the end is what is staged, and git merges over edits that are not.
    let staged = repository.staged_below(&inputs).context("what is staged cannot be read")?;
    let (session, left_out) = Session::staged(world, &repository, &staged)?;
    let request = Request::default();
    // Nothing is touched before it is known that all of it can be rendered.
    let nothing = Memory::default();
    let rehearsal = Goal { world: &nothing, base: Some("rendered"), check: true };
    let (mut built, mut findings) = trees(&session, &request, &rehearsal, &progress)?;
    let sound = !findings.iter().any(|finding| finding.severity == Severity::Error);
    if sound {
        // What bears the marks of a conflict may not look like the tool's own any more.
        for (path, side) in &ours {
            if let Some(side) = side {
                session.world.write(&path[top.len()..], side)?;
            }
        }
        let goal = Goal { world: &session.world, base: Some("rendered"), check: false };
        (built, findings) = trees(&session, &request, &goal, &progress)?;
        build::stage(&repository, &top, &built)?;
    }
    drop((lock, progress));
    let sources = &session.repo.sources;
    let findings = settle(args, fold(findings), sources);
    let mut closing = Vec::new();
    if sound {
        account(args, &built, &findings, watch.elapsed_milliseconds(), &mut closing)?;
    }
    let mut closing = String::from_utf8_lossy(&closing).into_owned();
    let left = repository.conflicts().context("the index of git cannot be read")?;
    let left: BTreeSet<&str> = left.iter().map(|conflict| conflict.path.as_str()).collect();
    let settled = ours.iter().filter(|(path, _)| !left.contains(&**path)).count();
    if !sound {
        closing.push_str("nothing was written or staged: the sources have errors\n");
    } else if !args.quiet {
        let wrote = built.iter().any(Built::has_changed);
        closing.push_str(&match settled {
            0 if !wrote && left.is_empty() => {
                "nothing was in conflict, and no tree was stale\n".to_owned()
            }
            0 if !wrote => "no conflict was settled, and no tree was stale\n".to_owned(),
            0 => "no conflict was settled; the trees that were written are staged\n".to_owned(),
            some => format!(
                "{} settled; the trees that were written are staged\n",
                plural(some, "conflict")
            ),
        });
        if !left_out.is_empty() {
            closing.push_str(&not_staged(&left_out));
        }
        match (left.len(), repository.next_step()) {
            (0, Some(step)) => closing.push_str(&format!("go on with `{step}`\n")),
            (0, None) => {}
            _ => {
                closing.push_str("still in conflict, for a person to settle:\n");
                left.iter().for_each(|path| closing.push_str(&format!("  {path}\n")));
            }
        }
    }
    let environments: Vec<_> = built.iter().map(summary).collect();
    let mut report = Report::new(sources, &findings);
    report.environments = &environments;
    report.closing = &closing;
    write_report(args, streams, report)?;
    Ok(exit_code(&findings).max(u8::from(!left.is_empty())))
}

/// Which sources a person has to merge, and how that is done.
fn in_conflict(sources: &[&Conflict]) -> String {
    let paths: Vec<String> = sources.iter().map(|it| it.path.clone()).collect();
    let verb = if sources.len() == 1 { "is" } else { "are" };
    // Git tells a file that both sides renamed by three paths, each of which one side has, or none.
    let hint = match sources.iter().any(|it| it.sides.len() < 2) {
        true => "; what one side alone has, the other removed or renamed: choose one name",
        false => "",
    };
    format!(
        "{} {verb} in conflict{hint}; merge the sources, `git add` what stays and `git rm` what goes, \
         then run this again",
        listed(&paths)
    )
}

/// What makes a side of a conflict the tool's own, if it is: all of it, or the line that says so. Where
/// both sides renamed a file, git merged even that line.
fn own(path: &str, side: &[u8]) -> Option<Vec<u8>> {
    if tree::is_ours(path, side) {
        return Some(side.to_vec());
    }
    let mut lines = side.split(|&byte| byte == b'\n');
    lines.next().filter(|line| line.starts_with(b"<<<<<<<"))?;
    let first = lines.next()?;
    let second = lines.skip_while(|line| !line.starts_with(b"=======")).nth(1)?;
    // Each is the tool's own where it was written.
    let is_rendered = |line: &&[u8]| line.starts_with(format!("# {}", tree::OWNER).as_bytes());
    let both = [first, second];
    let own = both.iter().find(|line| tree::is_ours(path, line))?;
    both.iter().all(is_rendered).then(|| [*own, &b"\n"[..]].concat())
}
