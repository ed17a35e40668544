//! Clusters as a whole: small broken ones and their repaired twins, and the shipped environments with
//! the traps of their documents put back.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

#[path = "whole/budget.rs"]
mod budget;
#[path = "whole/budget_environments.rs"]
mod budget_environments;
#[path = "whole/budget_output.rs"]
mod budget_output;
#[path = "whole/budget_traps.rs"]
mod budget_traps;
