//! Made-up namespaces with quotas, limit ranges and pods, and made-up nodes with pods; the same for the same seed.

mod apart;
mod namespaces;
mod nodes;
mod workloads;

use serde_json::{Value, json};

pub(crate) use apart::apart;
pub(crate) use namespaces::namespace;
pub(crate) use nodes::nodes;
pub(crate) use workloads::{workbench, workload};

/// A small generator of numbers that look random.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.roll()).unwrap() % count
    }

    /// Whether something that happens in so many of a hundred cases happens.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// One scenario: what is there first, and what is created then, in order.
pub(crate) struct Scenario {
    pub(crate) namespace: String,
    pub(crate) first: Vec<Value>,
    pub(crate) then: Vec<Value>,
}

/// What all scenarios share and lives in the cluster as a whole.
pub(crate) fn shared() -> Vec<Value> {
    let class = |name: &str, value: i64| json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value});
    vec![
        class("high", 1000),
        class("low", 10),
        json!({
            "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "boxed"},
            "handler": "boxed", "overhead": {"podFixed": {"cpu": "100m", "memory": "64Mi"}},
        }),
        json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": {"name": "usual", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "example.com/disk",
        }),
    ]
}

const CPU: [&str; 8] = ["0", "50m", "100m", "0.25", "500m", "1", "1500m", "0.0005"];
const MEMORY: [&str; 7] = ["0", "64Mi", "128Mi", "256M", "512Mi", "1Gi", "1.5Gi"];
const DISK: [&str; 3] = ["100Mi", "1Gi", "2Gi"];

/// A scenario's namespace: a scenario that is tried once more is another namespace of the same content.
fn title(kind: char, number: u64, attempt: u64) -> String {
    format!("{kind}{}", number + attempt * 100_000)
}
