//! The configuration kinds and their JSON Schemas.
//!
//! The Rust types are the one statement of what a file may say. Their schemas serve editors and
//! give the findings; what passes them is then read into the types.

mod app;
mod entry;
mod environment;
mod release;
mod settings;
mod validate;

pub use app::{
    AppSpec, Chart, Footprint, FootprintService, Peer, PortRef, Scalar, SecretNeed, Workload,
};
pub use entry::Entry;
pub use environment::{
    ArgoCd, Distribution, EnvironmentSpec, Layer, LimitRange, Namespace, Network, NodeSpec,
    OneOrMany, Permissions, PodSecurity, Pool, PreemptionPolicy, PriorityClass, Reserved,
    SecretProvider, Taint,
};
pub use release::{ReleaseSpec, State};
pub use settings::{Checks, Level, Limits, Settings};
pub use validate::{Validator, decode, pointer_span};

use std::sync::LazyLock;

use indexmap::IndexMap;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// A map whose entries can be removed by `null` in an environment that extends another.
pub type Named<T> = IndexMap<String, Option<T>>;

/// The API version of all our kinds.
pub const API_VERSION: &str = "gitopsc.dev/v1alpha1";

/// Our kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigKind {
    /// `environments/<env>/environment.yaml`
    Environment,
    /// `apps/<app>/app.yaml`
    App,
    /// `environments/<env>/apps/<release>.yaml`
    Release,
    /// `gitopsc.yaml`
    Settings,
}

impl ConfigKind {
    /// All kinds, by name.
    pub const ALL: [Self; 4] = [Self::App, Self::Environment, Self::Release, Self::Settings];

    /// The `kind` that a file states.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Environment => "Environment",
            Self::App => "App",
            Self::Release => "Release",
            Self::Settings => "Settings",
        }
    }

    /// The JSON Schema of the kind, as `schemas/<kind>.json` holds it.
    #[must_use]
    pub fn schema(self) -> Value {
        match self {
            Self::Environment => schema::<EnvironmentSpec>(self),
            Self::App => schema::<AppSpec>(self),
            Self::Release => schema::<ReleaseSpec>(self),
            Self::Settings => schema::<Settings>(self),
        }
    }

    /// The validator of the kind, made once.
    #[must_use]
    pub fn validator(self) -> &'static Validator {
        static VALIDATORS: [LazyLock<Validator>; 4] = [
            LazyLock::new(|| Validator::built_in(&ConfigKind::App.schema())),
            LazyLock::new(|| Validator::built_in(&ConfigKind::Environment.schema())),
            LazyLock::new(|| Validator::built_in(&ConfigKind::Release.schema())),
            LazyLock::new(|| Validator::built_in(&ConfigKind::Settings.schema())),
        ];
        let index = match self {
            Self::App => 0,
            Self::Environment => 1,
            Self::Release => 2,
            Self::Settings => 3,
        };
        &VALIDATORS[index]
    }
}

fn schema<T: JsonSchema>(kind: ConfigKind) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    drop_null_defaults(&mut schema);
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), json!(format!("gitopsc {}", kind.name())));
        object.insert("required".to_owned(), json!(["apiVersion", "kind"]));
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            let fixed = |text: &str| json!({"const": text, "description": format!("`{text}`.")});
            properties.insert("apiVersion".to_owned(), fixed(API_VERSION));
            properties.insert("kind".to_owned(), fixed(kind.name()));
        }
    }
    schema
}

/// `default: null` says nothing that a reader could use.
fn drop_null_defaults(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            object.values_mut().for_each(drop_null_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null_defaults),
        _ => {}
    }
}
