//! The way to a cluster: what kubeconfig says of it.

use std::path::Path;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

use super::kinds::Kinds;
use super::{Cluster, Failure};
use crate::model::secret::without_password;
use crate::world::kubeconfig::{listed, token};

/// A server that takes longer to greet is taken for one that is not there.
const GREETING: Duration = Duration::from_secs(10);
/// The same of an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The contexts that kubeconfig has.
#[derive(Debug)]
pub struct Contexts {
    /// Their names.
    pub names: Vec<String>,
    /// The current one.
    pub current: Option<String>,
}

/// Reads kubeconfig: the files that `KUBECONFIG` names, else the one in the home directory.
///
/// # Errors
///
/// Where there is none, or it cannot be read.
pub fn contexts() -> Result<Contexts, Failure> {
    let read = kubeconfig().map_err(|error| Failure::of_kubeconfig(&error))?;
    let names = read.contexts.into_iter().map(|context| context.name).collect();
    Ok(Contexts { names, current: read.current_context.filter(|name| !name.is_empty()) })
}

/// All of kubeconfig.
fn kubeconfig() -> Result<Kubeconfig, KubeconfigError> {
    let files = listed();
    if files.is_empty() {
        return Kubeconfig::read();
    }
    let start = Kubeconfig::default();
    files.iter().try_fold(start, |all, file| all.merge(Kubeconfig::read_from(file)?))
}

/// Takes tokens out of their files: these count more than those that are written out.
///
/// Source: `AuthInfo` in `tools/clientcmd/api/v1/types.go` of client-go.
fn read_tokens(kubeconfig: &mut Kubeconfig) {
    for user in kubeconfig.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        if let Some(token) = user.token_file.as_ref().and_then(|file| token(Path::new(file))) {
            user.token = Some(token.into());
        }
    }
}

impl Cluster {
    /// Reaches the cluster of a context, and asks it for its kinds.
    ///
    /// # Errors
    ///
    /// Where kubeconfig has no such context, the server gives no answer, or does not know the user.
    pub fn connect(context: &str) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|why| Failure::new(&format!("no request can be made: {why}")))?;
        let options = KubeConfigOptions { context: Some(context.to_owned()), ..Default::default() };
        let config = kubeconfig().and_then(|mut kubeconfig| {
            read_tokens(&mut kubeconfig);
            runtime.block_on(Config::from_custom_kubeconfig(kubeconfig, &options))
        });
        let mut config = config.map_err(|error| Failure::of_kubeconfig(&error))?;
        config.connect_timeout = Some(GREETING);
        config.read_timeout = Some(PATIENCE);
        config.reset_reader_on_write = true;
        // It would wait for minutes; how long is waited here, `patience` says.
        config.default_retry = false;
        let namespace = config.default_namespace.clone();
        let server = config.cluster_url.to_string();
        let server = without_password(server.trim_end_matches('/'));
        let failed = |error: &kube::Error| Failure::of_server(&server, error);
        // The client's own tasks need the runtime from the start.
        let (client, kinds) = runtime.block_on(async {
            let client = Client::try_from(config).map_err(|error| failed(&error))?;
            let kinds = Kinds::of(&client, &server).await?;
            Ok::<_, Failure>((client, kinds))
        })?;
        Ok(Self { runtime, client, server, namespace, kinds, listed: Default::default() })
    }
}
