//! What the server would see of a difference, and how it is told.

use gitopsc::diff::{Edit, What, compare, path};
use gitopsc::schema::{Definitions, NEWEST, Shape, pack};
use gitopsc::source::Sources;
use gitopsc::yaml::{self, Node, to_json_string};

pub(crate) fn node(text: &str) -> Node {
    let file = Sources::default().add("object.yaml", text);
    let read = yaml::read(file, text);
    assert!(read.faults.is_empty(), "{:?} in {text}", read.faults);
    read.documents.into_iter().find_map(|document| document.node).unwrap()
}

/// The differences as short lines.
pub(crate) fn told(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (node(before), node(after));
    let definitions = Definitions::default();
    let shape = Shape::of(&after, pack(NEWEST), &definitions);
    compare(&before, &after, shape).into_iter().map(line).collect()
}

/// A difference as a short line.
pub(crate) fn line(edit: Edit) -> String {
    let at = path(&edit.at);
    match edit.what {
        What::Added(new) => format!("+ {at} {}", to_json_string(&new)),
        What::Removed(old) => format!("- {at} {}", to_json_string(&old)),
        What::Replaced(old, new) => {
            format!("~ {at} {} {}", to_json_string(&old), to_json_string(&new))
        }
        What::Reordered(order) => format!("^ {at} {order:?}"),
    }
}

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.0
        args: [serve, --level=info, --port=80]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
        env: [{name: A, value: '1'}, {name: B, value: '2'}, {name: C, value: '3'}]
        resources: {requests: {cpu: 1, memory: 1Gi}}
        readinessProbe: {httpGet: {port: 80}}
      tolerations: [{key: a, operator: Exists}, {key: b, operator: Exists}]
      volumes: [{name: files, configMap: {name: files}}]
";

/// A part, what stands in its place, and what is told.
const CASES: &[(&str, &str, &[&str])] = &[
    // What means the same.
    ("cpu: 1,", "cpu: 1000m,", &[]),
    ("memory: 1Gi", "memory: 1073741824", &[]),
    ("memory: 1Gi", "memory: '1073741824'", &[]),
    ("replicas: 1\n", "replicas: 1\n  revisionHistoryLimit: 10\n", &[]),
    ("  replicas: 1\n", "", &[]),
    (
        "replicas: 1\n",
        "replicas: 1\n  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%}}\n",
        &[],
    ),
    ("{containerPort: 80}", "{containerPort: 80, protocol: TCP}", &[]),
    ("web:1.0\n", "web:1.0\n        imagePullPolicy: IfNotPresent\n", &[]),
    ("{port: 80}}", "{port: 80, scheme: HTTP, path: /}, periodSeconds: 10}", &[]),
    ("{name: files}}]", "{name: files, defaultMode: 0644}}]", &[]),
    ("replicas: 1\n", "replicas: 1\n  paused: null\n", &[]),
    // What does not.
    ("replicas: 1\n", "replicas: 2\n", &["~ spec.replicas 1 2"]),
    ("  replicas: 1\n", "  replicas: 0\n", &["~ spec.replicas 1 0"]),
    (
        "replicas: 1\n",
        "replicas: 1\n  strategy: {type: Recreate}\n",
        &["+ spec.strategy {\"type\":\"Recreate\"}"],
    ),
    (
        "web:1.0\n",
        "web:1.0\n        imagePullPolicy: Always\n",
        &["+ spec.template.spec.containers[name=web].imagePullPolicy \"Always\""],
    ),
    (
        "{port: 80}}",
        "{port: http}}",
        &["~ spec.template.spec.containers[name=web].readinessProbe.httpGet.port 80 \"http\""],
    ),
    // The number is an index of a mode, and no text is one.
    (
        "value: '1'",
        "value: one",
        &["~ spec.template.spec.containers[name=web].env[name=A].value \"1\" \"one\""],
    ),
    // Lists by what tells their items apart.
    (
        "{name: A, value: '1'}, {name: B, value: '2'}",
        "{name: B, value: '2'}",
        &["- spec.template.spec.containers[name=web].env[name=A] {\"name\":\"A\",\"value\":\"1\"}"],
    ),
    (
        "{name: A, value: '1'}, {name: B, value: '2'}",
        "{name: B, value: '2'}, {name: A, value: '1'}",
        &["^ spec.template.spec.containers[name=web].env [1, 0, 2]"],
    ),
    (
        "{containerPort: 53, protocol: UDP}",
        "{containerPort: 53, protocol: UDP, name: dns}",
        &[
            "+ spec.template.spec.containers[name=web].ports[containerPort=53,protocol=UDP].name \"dns\"",
        ],
    ),
    (
        "--level=info",
        "--level=debug",
        &["~ spec.template.spec.containers[name=web].args[1] \"--level=info\" \"--level=debug\""],
    ),
    (
        "serve, --level=info",
        "serve, --verbose, --level=info",
        &["+ spec.template.spec.containers[name=web].args[1] \"--verbose\""],
    ),
    (
        "{key: a, operator: Exists}, ",
        "",
        &["- spec.template.spec.tolerations[0] {\"key\":\"a\",\"operator\":\"Exists\"}"],
    ),
    (
        "{key: b, operator: Exists}",
        "{key: b, operator: Equal}",
        &["~ spec.template.spec.tolerations[1].operator \"Exists\" \"Equal\""],
    ),
];

#[test]
fn differences_are_those_that_the_server_sees() {
    let mut wrong = Vec::new();
    for (part, other, expected) in CASES {
        assert!(DEPLOYMENT.contains(part), "`{part}`");
        let changed = DEPLOYMENT.replacen(part, other, 1);
        let found = told(DEPLOYMENT, &changed);
        if found != *expected {
            wrong.push(format!("{part} → {other}\n  {found:?}\n  {expected:?}"));
        }
        // What is no difference one way is none the other way.
        if expected.is_empty() != told(&changed, DEPLOYMENT).is_empty() {
            wrong.push(format!("{other} → {part}: {:?}", told(&changed, DEPLOYMENT)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn a_field_under_its_other_name_is_the_same() {
    let pod = |fields: &str| {
        let account = format!("    spec:\n{fields}");
        DEPLOYMENT.replace("    spec:\n", &account)
    };
    let (old, new) = (pod("      serviceAccount: a\n"), pod("      serviceAccountName: a\n"));
    let both = pod("      serviceAccount: a\n      serviceAccountName: a\n");
    for (before, after) in [(&old, &new), (&new, &old), (&both, &new), (&old, &both)] {
        assert_eq!(told(before, after), Vec::<String>::new());
    }
    // The newer name wins.
    let beside =
        |name: &str| pod(&format!("      serviceAccount: {name}\n      serviceAccountName: a\n"));
    for before in [&beside("b"), &beside("c")] {
        assert_eq!(told(before, &new), Vec::<String>::new());
        assert_eq!(told(before, &beside("d")), Vec::<String>::new());
    }
    let other = pod("      serviceAccountName: b\n");
    assert!(!told(&old, &other).is_empty());
    assert!(!told(&old, DEPLOYMENT).is_empty());
}

#[test]
fn of_kinds_without_a_schema_every_spelling_counts() {
    let of = |spec: &str| format!("apiVersion: example.com/v1\nkind: Thing\nspec: {spec}\n");
    assert_eq!(told(&of("{cpu: 1}"), &of("{cpu: 1000m}")), ["~ spec.cpu 1 \"1000m\""]);
    assert_eq!(told(&of("{a: null}"), &of("{}")), ["- spec.a null"]);
    assert_eq!(
        told(&of("{l: [{name: a, x: 1}, {name: b}]}"), &of("{l: [{name: a, x: 2}, {name: b}]}")),
        ["~ spec.l[name=a].x 1 2"]
    );
    assert_eq!(told(&of("{b: 1, a: 2}"), &of("{a: 2, b: 1}")), Vec::<String>::new());
}

#[test]
fn a_switch_that_is_stated_on_both_sides_is_no_field_that_came_or_went() {
    let of = |spec: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{{spec}}}\n")
    };
    let [on, off, none] = ["hostPID: true", "hostPID: false", "restartPolicy: Always"].map(of);
    assert_eq!(told(&on, &off), ["~ spec.hostPID true false"]);
    assert_eq!(told(&off, &on), ["~ spec.hostPID false true"]);
    assert_eq!(told(&on, &none), ["- spec.hostPID true"]);
    assert_eq!(told(&none, &on), ["+ spec.hostPID true"]);
    assert_eq!(told(&off, &none), [""; 0]);
}
