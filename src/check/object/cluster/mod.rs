//! What a cluster shares out: classes, quotas, devices, configuration, rights.

pub(crate) mod config;
pub(crate) mod device_claim;
pub(crate) mod event;
pub(crate) mod limit_range;
pub(crate) mod node;
pub(crate) mod quota;
pub(crate) mod rbac;
pub(crate) mod small;
