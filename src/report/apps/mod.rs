//! What Argo CD makes of a repository, in the forms that people and programs read.

mod json;
mod mermaid;
mod text;

pub use json::json;
pub use mermaid::mermaid;
pub use text::text;

use crate::argocd::application::Destination;
use crate::argocd::application_set::Effect;
use crate::argocd::source::{Source, Tool};
use crate::argocd::{Contents, Followed, FollowedApplication, FollowedSet, Problem, State, Thing};
use crate::report::plural;

/// A source and what it holds; one that was not read has nothing.
fn sources(one: &FollowedApplication) -> impl Iterator<Item = (Source<'_>, Option<&Contents>)> {
    let contents = one.contents.iter().map(Some).chain(std::iter::repeat(None));
    one.application.sources().into_iter().zip(contents)
}

/// Where a source lies, in words.
fn place(source: &Source<'_>) -> String {
    match (source.chart(), source.path()) {
        ("", "") => source.repo_url().to_owned(),
        ("", path) => path.to_owned(),
        (chart, _) => {
            let version = source.revision();
            let version = if version.is_empty() { "any version" } else { version };
            format!("chart {chart} {version}")
        }
    }
}

/// What came of a source, in words; nothing where its objects are known.
fn outcome(source: &Source<'_>, contents: &Contents) -> Option<String> {
    if let Some(why) = unusable(contents) {
        let dry = source.dry_path().map(|dry| format!("the hydrator cannot use `{dry}`: {why}"));
        return Some(dry.unwrap_or(why));
    }
    match &contents.state {
        State::Read(_) | State::Wrong(_) => None,
        State::NotRendered => Some(match contents.tool {
            Tool::Values => "lends its files to other sources".to_owned(),
            Tool::Hydrator => {
                let (dry, branch) = (source.dry_path().unwrap_or_default(), source.revision());
                format!(
                    "the hydrator writes it to the branch `{branch}` from `{dry}`: not rendered here"
                )
            }
            tool => format!("{}: not rendered here", tool.as_str()),
        }),
        State::NotAtHand => {
            let revision = source.revision();
            let revision = if revision.is_empty() { "HEAD" } else { revision };
            Some(format!("`{revision}` of {} is not at hand", source.repo_url()))
        }
    }
}

/// Why Argo CD cannot use a source, or what its hydrator reads.
fn unusable(contents: &Contents) -> Option<String> {
    match &contents.dry.as_deref().unwrap_or(contents).state {
        State::Read(manifests) => {
            manifests.failures.first().map(|one| format!("{}: {}", one.path, one.message))
        }
        State::Wrong(problem) => Some(problem_text(problem)),
        State::NotRendered | State::NotAtHand => None,
    }
}

/// Why an Application leads to nothing, where it does not even say from where.
fn sourceless(one: &FollowedApplication) -> Option<&'static str> {
    let is_it = one.application.sources().is_empty();
    is_it.then_some("it has no source, so Argo CD compares nothing")
}

/// How many Applications a set makes, or why it makes none.
fn made(set: &FollowedSet) -> String {
    let has = |effect| set.evaluation.faults.iter().any(|fault| fault.effect == effect);
    match set.applications.len() {
        0 if has(Effect::SetStops) => "nothing is applied".to_owned(),
        0 if has(Effect::Unknown) => "not known here".to_owned(),
        0 => "no Application, since its generators give nothing".to_owned(),
        count => plural(count, "Application"),
    }
}

fn problem_text(problem: &Problem) -> String {
    match problem {
        Problem::NoPath => "it has neither a path nor a chart".to_owned(),
        Problem::Absolute => "its path begins with `/`".to_owned(),
        Problem::Outside => "its path leads out of the repository".to_owned(),
        Problem::Missing(None) => "there is nothing at its path".to_owned(),
        Problem::Missing(Some(near)) => {
            format!("there is nothing at its path; `{near}` is there")
        }
        Problem::File => "there is a file at its path".to_owned(),
        Problem::Link => "its path is a link, in which Argo CD finds nothing".to_owned(),
        Problem::SeveralTools(tools) => {
            let tools: Vec<_> = tools.iter().map(|tool| tool.as_str()).collect();
            format!("it has blocks of several tools: {}", tools.join(", "))
        }
        Problem::LinkOutside(link) => format!("`{link}` is a link out of the repository"),
        Problem::LinkInCircle(link) => format!("`{link}` is a link in a circle"),
        Problem::Override(file, why) => format!("`{file}` cannot be used: {why}"),
    }
}

fn problem_id(problem: &Problem) -> &'static str {
    match problem {
        Problem::NoPath => "no-path",
        Problem::Absolute => "absolute",
        Problem::Outside => "outside",
        Problem::Missing(_) => "missing",
        Problem::File => "file",
        Problem::Link => "link",
        Problem::SeveralTools(_) => "several-tools",
        Problem::LinkOutside(_) => "link-outside",
        Problem::LinkInCircle(_) => "link-in-circle",
        Problem::Override(..) => "override",
    }
}

/// The name of an Application, with its namespace where another one has the name, too.
fn name(followed: &Followed, one: &FollowedApplication) -> String {
    let name = one.application.name();
    let is_other =
        |it: &&FollowedApplication| it.application.name() == name && it.namespace != one.namespace;
    match &*one.namespace {
        "" => name.to_owned(),
        _ if !followed.applications.iter().any(|it| is_other(&it)) => name.to_owned(),
        namespace => format!("{name} in {namespace}"),
    }
}

/// A cluster and a namespace in words.
fn destination(one: &FollowedApplication) -> String {
    let cluster = match one.application.destination() {
        Some(Destination::InCluster) => "in-cluster".to_owned(),
        Some(Destination::Name(name)) => name,
        Some(Destination::Server(server)) => server,
        None => "no cluster".to_owned(),
    };
    match one.application.target_namespace() {
        "" => cluster,
        namespace => format!("{cluster}/{namespace}"),
    }
}

/// Children in the order in which they are shown: projects, sets, Applications.
fn rank(thing: Thing) -> u8 {
    match thing {
        Thing::Project(_) => 0,
        Thing::Set(_) => 1,
        Thing::Application(_) => 2,
    }
}
