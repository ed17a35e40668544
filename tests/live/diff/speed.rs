//! How long many objects take over a link with a delay, beside `kubectl diff`, and how many requests it takes.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::PathBuf,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Repository, reach::variant};
use crate::{plane::ControlPlane, say};

/// How much later each answer comes.
const DELAY: Duration = Duration::from_millis(20);
const OBJECTS: usize = 500;
/// `kubectl` is asked of so many, since it takes long.
const BY_KUBECTL: usize = 50;

/// Starts a proxy that passes all on, answers later.
fn slow(server: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            for stream in [&client, &server] {
                stream.set_nodelay(true).unwrap();
            }
            let (up, down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            pass(client, server, Duration::ZERO);
            pass(down, up, DELAY);
        }
    });
    port
}

fn pass(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, receiver) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if sender.send((Instant::now() + delay, buffer[..length].to_vec())).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, bytes) in receiver {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn object(number: usize) -> Value {
    let metadata = json!({"name": format!("many-{number}"), "namespace": "speed"});
    match number % 3 {
        0 => {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}})
        }
        1 => json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]}}),
        _ => json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {
            "replicas": 0, "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}}}),
    }
}

/// Requests that the server has answered, by verb, for the kinds of these objects and all that says which kinds there are.
fn requests(plane: &ControlPlane) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let metrics = plane.must(["get", "--raw=/metrics"]);
    for line in metrics.lines().filter(|line| line.starts_with("apiserver_request_total{")) {
        let label = |name: &str| {
            line.split(&format!("{name}=\""))
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default()
        };
        let ours = ["configmaps", "services", "deployments"].contains(&label("resource"));
        if ours && ["GET", "LIST", "PATCH", "APPLY"].contains(&label("verb")) {
            let count = line.rsplit(' ').next().unwrap().parse::<f64>().unwrap();
            *found.entry(label("verb").to_owned()).or_default() += count as u64;
        }
    }
    found
}

pub(crate) fn run(plane: &ControlPlane, repository: &Repository) -> Vec<String> {
    let kubeconfig = plane.folder().join("kubeconfig");
    let folder = plane.folder().join("many");
    let put = |name: &str, objects: &[Value]| -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(&path).unwrap();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        fs::write(path.join("all.json"), list.to_string()).unwrap();
        path
    };
    plane.must(["create", "namespace", "speed"]);
    let mut objects: Vec<Value> = (0..OBJECTS).map(object).collect();
    let all = put("all", &objects);
    let apply = ["apply", "--server-side", "--field-manager=argocd-controller", "-f"];
    plane.must([&apply[..], &[all.to_str().unwrap()]].concat());
    objects[0]["data"]["a"] = json!("2");
    let (all, some) = (put("all", &objects), put("some", &objects[..BY_KUBECTL]));
    let text = fs::read_to_string(&kubeconfig).unwrap();
    let server = text.split("https://127.0.0.1:").nth(1).unwrap().split('"').next().unwrap();
    let port = slow(server.parse().unwrap());
    let through = variant(plane, "slow", &format!(":{server}\""), &format!(":{port}\""));

    let before = requests(plane);
    let start = Instant::now();
    let ran =
        repository.diff(&through, &[all.to_str().unwrap(), "--context", "live", "-o", "json"]);
    let ours = start.elapsed();
    let after = requests(plane);
    let made: Vec<String> = after
        .iter()
        .map(|(verb, count)| format!("{} {verb}", count - before.get(verb).unwrap_or(&0)))
        .collect();
    let start = Instant::now();
    let flags = ["diff", "--server-side", "--force-conflicts", "--field-manager=argocd-controller"];
    let through = format!("--kubeconfig={}", through.display());
    let answer = plane.kubectl([&flags[..], &[&through, "-f", some.to_str().unwrap()]].concat());
    let theirs = start.elapsed();
    let each = theirs.as_secs_f64() / BY_KUBECTL as f64;
    say(format_args!(
        "{OBJECTS} objects over a link with {} ms: {:.2} s ({}); kubectl diff of {BY_KUBECTL}: {:.2} s, so {:.1} s for all",
        DELAY.as_millis(),
        ours.as_secs_f64(),
        made.join(", "),
        theirs.as_secs_f64(),
        each * OBJECTS as f64,
    ));
    let found: Value = serde_json::from_str(&ran.out).unwrap_or_default();
    let mut faults = Vec::new();
    if found["summary"] != json!({"added": 0, "removed": 0, "changed": 1})
        || !answer.out.contains("many-0")
    {
        faults.push(format!(
            "many objects: {} {:.300} {:.300}",
            found["summary"], ran.err, answer.err
        ));
    }
    // Most of it is the work of a tool that is built for debugging.
    if ours.as_secs_f64() > each * OBJECTS as f64 / 4.0 {
        faults.push(format!("{OBJECTS} objects take {ours:?}, and kubectl {each} s each"));
    }
    faults
}
