//! How pods are reached.

pub(crate) mod address_object;
pub(crate) mod endpoint;
pub(crate) mod endpoint_slice;
pub(crate) mod ingress;
pub(crate) mod network_policy;
pub(crate) mod service;
pub(crate) mod service_address;
pub(crate) mod service_port;
