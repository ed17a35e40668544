//! The way into an environment from outside, and what lies beyond it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Named;

/// The way in from outside, hop by hop.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Entry {
    /// The address that the world sees, or `dynamic`.
    pub external_address: Option<String>,
    /// The domain that public names end in.
    pub domain: Option<String>,
    /// Addresses of machines outside the cluster by name.
    pub hosts: Option<Named<String>>,
    /// The router.
    pub router: Option<Router>,
    /// The reverse proxy.
    pub reverse_proxy: Option<ReverseProxy>,
    /// Ports that a person forwards with kubectl, by name.
    pub port_forwards: Option<Named<PortForward>>,
}

/// The router of a home network.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Router {
    /// Forwarded ports.
    pub forwards: Option<Vec<Forward>>,
}

/// One port that a router forwards.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Forward {
    /// Port on the external address.
    pub port: u16,
    /// Name of the machine among `hosts`.
    pub host: String,
    /// Port on that machine; the same if not set.
    pub target_port: Option<u16>,
}

/// A reverse proxy that passes public host names on.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReverseProxy {
    /// Name of the machine among `hosts`.
    pub host: Option<String>,
    /// Rules by release name.
    pub rules: Option<Named<ProxyRule>>,
}

/// One rule of a reverse proxy.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProxyRule {
    /// Public host name.
    pub host: Option<String>,
    /// Address or name of a pool's assignment that it passes on to.
    pub address: Option<String>,
    /// Port that it passes on to.
    pub port: Option<u16>,
}

/// A port that a person forwards.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PortForward {
    /// Namespace of the Service.
    pub namespace: Option<String>,
    /// The Service.
    pub service: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// The port on the person's machine.
    pub local_port: Option<u16>,
}

/// A service outside this environment.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct External {
    /// What it is.
    pub description: Option<String>,
    /// Host name or address.
    pub address: Option<String>,
    /// Port.
    pub port: Option<u16>,
}
