//! What takes part in answering requests: admission, flow control, aggregated servers.

pub(crate) mod api_service;
pub(crate) mod expression;
pub(crate) mod flow_control;
pub(crate) mod policy;
pub(crate) mod rule;
pub(crate) mod webhook;
