//! What makes pods.

pub(crate) mod autoscaling;
pub(crate) mod controller;
pub(crate) mod cron_job;
pub(crate) mod disruption;
pub(crate) mod job;
pub(crate) mod job_policy;
pub(crate) mod metric;
pub(crate) mod stateful_set;
