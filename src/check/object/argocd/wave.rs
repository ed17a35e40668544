//! Sync waves: `pkg/sync/syncwaves/waves.go` and `pkg/sync/hook/helm/weight.go` of gitops-engine.

use super::annotation::{HELM_WEIGHT, SYNC_WAVE, find};
use crate::check::object::fault::Faults;
use crate::model::Field;

const ID: &str = "sync-wave-invalid";

/// Checks that waves are numbers. Those that are none count for nothing: then the weight of a Helm
/// hook is taken, else 0.
pub(super) fn check(annotations: &Field<'_>, faults: &mut Faults) {
    // `strconv.Atoi` takes what `parse` does.
    let number =
        |name: &str| find(annotations, name).and_then(|(text, _)| text.parse::<i64>().ok());
    for (name, instead) in [(SYNC_WAVE, number(HELM_WEIGHT)), (HELM_WEIGHT, None)] {
        let Some((text, field)) = find(annotations, name).filter(|_| number(name).is_none()) else {
            continue;
        };
        let instead = instead.unwrap_or(0);
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_whole = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
        let why = if is_whole { "is too large a number" } else { "is no whole number" };
        let message = format!("`{name}: {text}` {why}, so Argo CD takes wave {instead}");
        faults.warn(ID, &field, message).help("write a whole number in quotes, such as `\"5\"`");
    }
}
