//! The cases: what a tree and a cluster begin with, and what becomes of both.

use gitopsc::{
    source::Sources,
    yaml::{self, to_json},
};
use serde_json::{Value, json};

/// One case, in a namespace of its own.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) namespace: String,
    /// The objects of the tree that is applied.
    pub(crate) base: Vec<Value>,
    /// The objects of the tree that is compared.
    pub(crate) tree: Vec<Value>,
    /// What happens in the cluster in between.
    pub(crate) cluster: Vec<Value>,
    /// Objects that are in the cluster and in neither tree.
    pub(crate) loose: Vec<Value>,
    pub(crate) expect: Vec<Value>,
    /// The only fields whose edits count.
    pub(crate) only: Vec<String>,
    pub(crate) unowned: Vec<String>,
    pub(crate) by_kubectl: bool,
    pub(crate) ignored: bool,
    /// Whether the base is applied client-side.
    pub(crate) client: bool,
    /// Whether a controller must act first.
    pub(crate) settles: bool,
}

fn read(text: &str) -> Value {
    let file = Sources::default().add("cases", text);
    let mut read = yaml::read(file, text);
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    to_json(&read.documents.remove(0).node.unwrap())
}

/// All of `cases.yaml`.
pub(crate) fn all() -> Vec<Case> {
    let (bases, cases) = (include_str!("bases.yaml"), include_str!("cases.yaml"));
    let count = read(cases).as_array().unwrap().len();
    let numbers = 0..count;
    numbers
        .map(|number| {
            let namespace = format!("case{number:02}x");
            let text = |text: &str| text.replace("CASE", &namespace);
            case(&read(&text(bases)), &read(&text(cases))[number], namespace)
        })
        .collect()
}

fn case(bases: &Value, case: &Value, namespace: String) -> Case {
    let list = |name: &str| case[name].as_array().cloned().unwrap_or_default();
    let texts = |name: &str| -> Vec<String> {
        list(name).iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    let mut base =
        vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})];
    for kind in texts("with") {
        let mut object = bases[&kind].clone();
        assert!(object.is_object(), "no base for {kind}");
        merge(&mut object, &case["base"][&kind]);
        base.push(object);
    }
    let mut tree = Vec::new();
    for object in &base {
        let kind = object["kind"].as_str().unwrap();
        let patches = case["tree"].as_object();
        match patches.and_then(|patches| patches.get(kind)) {
            Some(Value::Null) => {}
            Some(patch) => {
                let mut object = object.clone();
                merge(&mut object, patch);
                tree.push(object);
            }
            None => tree.push(object.clone()),
        }
    }
    tree.extend(list("new"));
    Case {
        name: case["name"].as_str().unwrap().to_owned(),
        namespace,
        base,
        tree,
        cluster: list("cluster"),
        loose: list("loose"),
        expect: list("expect"),
        only: texts("only"),
        unowned: texts("unowned"),
        by_kubectl: case["kubectl"] != json!(false),
        ignored: case["named"] == json!("ignored"),
        client: case["client"] == json!(true),
        settles: case["settles"] == json!(true),
    }
}

/// RFC 7386: what is null goes.
fn merge(into: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        if !patch.is_null() {
            *into = patch.clone();
        }
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (name, value) in patch {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(name);
        } else {
            merge(&mut into[name.as_str()], value);
        }
    }
}
