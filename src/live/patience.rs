//! Questions that are asked again where the server is busy, or its answer says nothing of what was
//! asked.

use std::future::Future;
use std::time::Duration;

use super::refusal::is_of_object;

/// How long to wait before each further attempt.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(600), Duration::from_millis(1_800)];
/// A server that asks for more time than this does not get it.
const LONGEST: Duration = Duration::from_secs(5);

/// Asks until there is an answer, a few times.
pub(super) async fn patiently<T, F>(ask: impl Fn() -> F) -> Result<T, kube::Error>
where
    F: Future<Output = Result<T, kube::Error>>,
{
    for pause in PAUSES {
        let status = match ask().await {
            Err(kube::Error::Api(status)) if is_busy(status.code) && !is_of_object(&status) => {
                status
            }
            answer => return answer,
        };
        let wanted = status.details.map_or(0, |details| details.retry_after_seconds);
        tokio::time::sleep(Duration::from_secs(wanted.into()).clamp(pause, LONGEST)).await;
    }
    ask().await
}

/// Whether a later attempt may be answered otherwise. What a server or a webhook does not have (501) it
/// does not have later either.
fn is_busy(code: u16) -> bool {
    matches!(code, 408 | 429 | 500 | 502..=504)
}
