//! What the API server of each Kubernetes version serves: kinds, and the types of their fields.
//!
//! The packs are made from the `/openapi/v3` of real servers by `schemas/kubernetes/pack.py` and
//! opened when a version is first asked for.

mod custom_pack;
mod custom_packs;
mod definition;
mod lifecycle;
mod native_default;
mod pack;
mod pattern;
mod plain;
mod seen;
mod shape;
mod structural;

pub use custom_pack::kinds as pack_kinds;
pub use definition::{Definition, Definitions, Found, Known, Scale, Version, directory};
pub use lifecycle::{Lifecycle, lifecycle, was_served};
pub use pack::{NEWEST, OLDEST, Pack, Resource, pack};
pub use pattern::Pattern;
pub use plain::{Plain, Way, Wrong};
pub use shape::{Items, Shape};
pub use structural::{Kind, Limits, ListKind, Others, Rule, Structural};

use std::collections::HashMap;

use serde::Deserialize;

use crate::model::{self, Scope};

/// Where objects of a kind live, where Kubernetes has the kind or it is widely known.
#[must_use]
pub fn known_scope(group: &str, kind: &str) -> Option<Scope> {
    model::known_scope(group, kind).or_else(|| {
        let definition = custom_pack::definition(group, kind)?;
        Some(if definition.namespaced { Scope::Namespaced } else { Scope::Cluster })
    })
}

/// The schema of a value, in the terms of OpenAPI as Kubernetes uses it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// The name of the schema that says it all, in the same pack.
    #[serde(rename = "$ref")]
    pub reference: Option<Box<str>>,
    /// `object`, `array`, `string`, `integer`, `number` or `boolean`.
    #[serde(rename = "type")]
    pub kind: Option<Box<str>>,
    /// What the type alone does not say: `int32`, `byte`, `date-time`, …
    pub format: Option<Box<str>>,
    /// The fields of an object.
    pub properties: HashMap<Box<str>, Schema>,
    /// The items of an array.
    pub items: Option<Box<Schema>>,
    /// The values of a map with free keys.
    #[serde(rename = "additionalProperties")]
    pub values: Option<Box<Schema>>,
    /// What the server puts where the field is not there; zero values are left out.
    pub default: Option<Box<serde_json::Value>>,
    /// The values that a text may have.
    #[serde(rename = "enum")]
    pub choices: Vec<Box<str>>,
    /// Fields that must be there.
    pub required: Vec<Box<str>>,
    /// `map`, `set` or `atomic`.
    #[serde(rename = "x-kubernetes-list-type")]
    pub list_type: Option<Box<str>>,
    /// `atomic` where the fields of an object belong together.
    #[serde(rename = "x-kubernetes-map-type")]
    pub map_type: Option<Box<str>>,
    /// The fields that tell the items of a `map` list apart.
    #[serde(rename = "x-kubernetes-list-map-keys")]
    pub list_keys: Vec<Box<str>>,
}
