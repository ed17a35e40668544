//! Files for directories without manifests.
//!
//! Git keeps no empty directory, and without one the Application would be in error instead of in
//! sync with nothing, or of pruning what it still runs.

use super::root;
use crate::config::State;
use crate::diagnostic::Severity;
use crate::render::Rendered;
use crate::resolve::{Environment, Release};

/// Name and text of what a person finds there, where the Application would else find nothing.
pub(super) fn of(
    environment: &Environment,
    release: &Release,
    output: &Rendered,
) -> Option<(&'static str, String)> {
    let name = &release.name;
    if release.state == State::Absent {
        let application = format!("{}-{name}", environment.name);
        let text = format!(
            "`{name}` is being taken away: Argo CD prunes its objects. Where one of them holds \
             data, or a chart made them, it prunes nothing until a person approves:\n\n\
             ```console\n$ {}\n```\n\n\
             CustomResourceDefinitions stay; Argo CD does not track them. When the objects are \
             gone, the entry under `apps:` can go.\n",
            root::approval(environment, &application)
        );
        return Some(("ABSENT.md", text));
    }
    is_empty(output).then(|| {
        let text = format!(
            "`{name}` has no object in this environment. This file keeps the directory in git, so \
             that Argo CD finds it and has nothing to do.\n"
        );
        ("EMPTY.md", text)
    })
}

/// Whether a release has no object at all, and not only because it could not be rendered.
pub(super) fn is_empty(output: &Rendered) -> bool {
    let failed = output.findings.iter().any(|finding| finding.severity == Severity::Error);
    output.manifests.is_empty() && output.chart.is_none() && !failed
}
