//! Why a cluster cannot be asked, in words that hold nothing of credentials or objects.

use std::error::Error;

use kube::config::KubeconfigError;

use super::refusal::is_of_server;
use crate::model::secret::without_passwords;

/// Why a cluster cannot be asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub(super) String);

impl Failure {
    /// In these words, without the passwords of proxies and servers that they may repeat.
    pub(super) fn new(words: &str) -> Self {
        Self(without_passwords(words))
    }

    /// Why kubeconfig is of no use.
    pub(super) fn of_kubeconfig(error: &KubeconfigError) -> Self {
        Self::new(&match error {
            // Whoever parses it shows the lines around a fault, and with them tokens.
            KubeconfigError::Parse(_) => "the kubeconfig cannot be read as YAML".to_owned(),
            KubeconfigError::ReadConfig(why, path) => {
                format!("the kubeconfig `{}` cannot be read: {why}", path.display())
            }
            KubeconfigError::CurrentContextNotSet => {
                "the kubeconfig has no current context; name one with `--context`".to_owned()
            }
            KubeconfigError::LoadContext(name) => format!("the kubeconfig has no context `{name}`"),
            KubeconfigError::LoadClusterOfContext(name) => {
                format!("the kubeconfig has no cluster `{name}`, which the context names")
            }
            other => format!("the kubeconfig is of no use: {other}"),
        })
    }

    /// Why a server gave no answer.
    pub(super) fn of_server(server: &str, error: &kube::Error) -> Self {
        let why = match error {
            kube::Error::Api(status) if status.code == 401 => {
                "it does not know the user of the kubeconfig (401)".to_owned()
            }
            kube::Error::Api(status) if !is_of_server(status) => {
                format!("it answers {}, and not as an API server does", status.code)
            }
            kube::Error::Api(status) => format!("it answers {} {}", status.code, status.reason),
            // These hold what a program printed that was asked for a token.
            kube::Error::Auth(_) => "the credentials of the kubeconfig cannot be had".to_owned(),
            kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => {
                "its answer cannot be read".to_owned()
            }
            kube::Error::ProxyProtocolDisabled { .. }
            | kube::Error::ProxyProtocolUnsupported { .. } => {
                "its proxy is none of HTTP, and no other is used".to_owned()
            }
            kube::Error::Service(why) => innermost(why.as_ref()),
            other => innermost(other),
        };
        Self::new(&format!("no answer from `{server}`: {why}"))
    }
}

/// The cause at the bottom, which names what happened; what is above says that something did.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut causes = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next.filter(|_| causes.len() < 16) {
        let text = cause.to_string();
        // A cause that repeats the one above says nothing.
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    let last = causes.len().saturating_sub(2);
    causes.split_off(last).join(": ")
}
