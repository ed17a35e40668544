//! `diff --live` against a server that answers as a test says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Ended;
use crate::support::write;

type Answers = Arc<dyn Fn(&str, &str, usize) -> Option<(u16, Value)> + Send + Sync>;

/// A server with two kinds and no objects.
struct Server {
    directory: TempDir,
    port: u16,
    /// How often what was asked.
    asked: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Server {
    /// Answers by method, path and how often it was asked before; as a real one where nothing is said.
    fn start(
        answers: impl Fn(&str, &str, usize) -> Option<(u16, Value)> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(BTreeMap::new()));
        let (counts, answers): (_, Answers) = (asked.clone(), Arc::new(answers));
        // It ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counts, answers) = (counts.clone(), answers.clone());
                thread::spawn(move || serve(stream, &counts, &answers));
            }
        });
        let directory = tempfile::tempdir().unwrap();
        let config = |namespace: &str| {
            format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n\
                 users: [{{name: u, user: {{token: none}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u{namespace}}}}}]\n"
            )
        };
        write(directory.path(), "kubeconfig", config(""));
        write(directory.path(), "kubeconfig-of-team", config(", namespace: team"));
        let map =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: hunter2-hunter2}\n";
        write(directory.path(), "tree/a.yaml", map);
        Self { directory, port, asked }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn diff(&self, kubeconfig: &str, environment: &[(&str, &str)]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
        command.current_dir(self.path()).args(["diff", "--live", "tree", "-o", "json"]);
        for name in
            ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"]
        {
            command.env_remove(name);
        }
        command.env("KUBECONFIG", kubeconfig).envs(environment.iter().copied());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Ended { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// What is said of the one object.
    fn said(&self) -> (i32, Vec<String>, String) {
        let run = self.diff("kubeconfig", &[]);
        let value: Value = serde_json::from_str(&run.out).unwrap_or_default();
        let consequences = value["changes"][0]["consequences"].as_array().cloned();
        let text = |one: &Value| {
            format!("{}: {}", one["effect"].as_str().unwrap(), one["text"].as_str().unwrap())
        };
        (run.code, consequences.unwrap_or_default().iter().map(text).collect(), run.err)
    }

    fn count(&self, question: &str) -> usize {
        self.asked.lock().unwrap().get(question).copied().unwrap_or_default()
    }
}

fn serve(stream: TcpStream, counts: &Mutex<BTreeMap<String, usize>>, answers: &Answers) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or_default() == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let mut parts = first.split_whitespace();
        let method = parts.next().unwrap().to_owned();
        let path = parts.next().unwrap().split('?').next().unwrap().to_owned();
        let before = {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(format!("{method} {path}")).or_default();
            *count += 1;
            *count - 1
        };
        let body = serde_json::from_slice(&body).unwrap_or_default();
        let (code, answer) =
            answers(&method, &path, before).unwrap_or_else(|| usual(&method, &path, body));
        let text = answer.to_string();
        let kind = match path.as_str() {
            "/api" | "/apis" => {
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            }
            _ => "application/json",
        };
        let head = format!(
            "HTTP/1.1 {code} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        if stream.write_all((head + &text).as_bytes()).is_err() {
            return;
        }
    }
}

fn usual(method: &str, path: &str, body: Value) -> (u16, Value) {
    let kind = |resource: &str, kind: &str| {
        json!({
            "resource": resource,
            "responseKind": {"group": "", "version": "v1", "kind": kind},
            "scope": "Namespaced",
            "verbs": ["get", "list", "patch", "delete"],
        })
    };
    let resources = json!([kind("configmaps", "ConfigMap"), kind("secrets", "Secret")]);
    let discovery = |items: Value| json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items});
    match (method, path) {
        (_, "/api") => {
            let version = json!({"version": "v1", "resources": resources});
            (200, discovery(json!([{"metadata": {"name": ""}, "versions": [version]}])))
        }
        (_, "/apis") => (200, discovery(json!([]))),
        ("PATCH", _) => (200, body),
        _ => (200, json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": []})),
    }
}

fn status(code: u16, reason: &str, message: &str) -> (u16, Value) {
    let value = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    (code, value)
}

const PATCH: &str = "PATCH /api/v1/namespaces/default/configmaps/a";

fn refusing(code: u16, reason: &'static str, message: &'static str) -> Server {
    Server::start(move |method, _, _| (method == "PATCH").then(|| status(code, reason, message)))
}

#[test]
fn a_fault_of_the_server_is_no_refusal_of_the_object() {
    let busy = |code: u16| {
        let server = refusing(code, "Busy", "come back later");
        let (exit, said, err) = server.said();
        assert!(exit == 2 && err.contains(&code.to_string()), "{code}: {said:?} {err}");
        assert_eq!(server.count(PATCH), 4, "{code}");
    };
    thread::scope(|scope| {
        for code in [408, 429, 503, 504] {
            scope.spawn(move || busy(code));
        }
    });
    let server = refusing(500, "InternalError", "failed calling webhook \"a.example.com\"");
    let (exit, said, err) = server.said();
    assert_eq!((exit, said.len()), (0, 1), "{err}");
    assert!(said[0].starts_with("untried: the server gave no answer: failed calling"), "{said:?}");
    assert_eq!(server.count(PATCH), 4);
}

#[test]
fn the_page_of_a_proxy_is_no_answer() {
    for code in [403, 404, 422, 502] {
        let page = json!("<html>no</html>");
        let server =
            Server::start(move |method, _, _| (method == "PATCH").then(|| (code, page.clone())));
        let (exit, said, err) = server.said();
        let words = format!("it answers {code}, and not as an API server does");
        assert!(exit == 2 && err.contains(&words), "{code}: {said:?} {err}");
    }
}

#[test]
fn one_that_was_busy_is_asked_again() {
    let server = Server::start(|method, path, before| {
        let is_busy = before == 0 && (method == "PATCH" || path.starts_with("/api"));
        is_busy.then(|| status(if method == "PATCH" { 500 } else { 429 }, "Busy", "later"))
    });
    let (exit, said, err) = server.said();
    assert_eq!((exit, said.len(), server.count(PATCH)), (0, 0, 2), "{said:?} {err}");
}

#[test]
fn other_answers_are_told_as_what_they_are() {
    for (code, reason, message, expected) in [
        (422, "Invalid", "data: Invalid value", "refused: data: Invalid value"),
        (400, "BadRequest", "strict decoding error", "refused: strict decoding error"),
        (409, "Conflict", "the object has been modified", "refused: the object has been modified"),
        (403, "Forbidden", "exceeded quota: q", "refused: exceeded quota: q"),
        (
            404,
            "NotFound",
            "the server could not find the requested resource",
            "untried: neither the cluster nor the tree has the kind `ConfigMap`",
        ),
        (
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
            "untried: the server does not allow this method on the requested resource",
        ),
    ] {
        let server = refusing(code, reason, message);
        let (exit, said, err) = server.said();
        assert_eq!((exit, said), (0, vec![expected.to_owned()]), "{code} {err}");
        assert_eq!(server.count(PATCH), 1, "{code}");
    }
    let rights = "configmaps \"a\" is forbidden: User \"u\" cannot patch resource \"configmaps\"";
    let server = Server::start(move |method, _, _| {
        (method == "PATCH").then(|| status(403, "Forbidden", rights))
    });
    let run = server.diff("kubeconfig", &[]);
    assert!(
        run.code == 0 && run.out.contains("read-only: the user may not try 1 object"),
        "{}",
        run.out
    );
}

#[test]
fn objects_without_a_namespace_are_where_the_context_says() {
    let server = Server::start(|_, _, _| None);
    for (kubeconfig, namespace) in [("kubeconfig", "default"), ("kubeconfig-of-team", "team")] {
        let run = server.diff(kubeconfig, &[]);
        assert_eq!(run.code, 0, "{}", run.err);
        let value: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(value["changes"][0]["object"]["namespace"], namespace);
        assert_eq!(server.count(&format!("PATCH /api/v1/namespaces/{namespace}/configmaps/a")), 1);
    }
}

#[test]
fn the_server_s_words_repeat_no_value_of_a_secret() {
    let server = refusing(422, "Invalid", "data[x]: \"hunter2-hunter2\" is no word");
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {x: hunter2-hunter2}\n";
    write(server.path(), "tree/secret.yaml", secret);
    let run = server.diff("kubeconfig", &[]);
    assert!(run.out.contains("\"data[x]: \\\"(hidden)\\\" is no word\""), "{}{}", run.out, run.err);
    assert!(!run.out.contains("hunter2"), "{}", run.out);
}

#[test]
fn no_message_has_the_password_of_a_proxy() {
    let server = Server::start(|_, _, _| None);
    let https = std::fs::read_to_string(server.path().join("kubeconfig")).unwrap();
    let text = https.replace("http://127.0.0.1", "https://localhost");
    write(server.path(), "https", text);
    let port = server.port;
    for proxy in [
        "http://user:hunter2-hunter2@127.0.0.1:1".to_owned(),
        format!("http://user:hunter2-hunter2@127.0.0.1:{port}"),
        "ftp://user:hunter2-hunter2@127.0.0.1:1".to_owned(),
        "user:hunter2-hunter2@127.0.0.1:1".to_owned(),
        "https://user:hunter2-hunter2@127.0.0.1:1".to_owned(),
        "socks5://user:hunter2-hunter2@127.0.0.1:1".to_owned(),
        "http://user:hunter2-hunter2@[::1".to_owned(),
        "http://user:hunter2-hunter2@a b".to_owned(),
    ] {
        let run = server.diff("https", &[("HTTPS_PROXY", &proxy)]);
        assert_eq!(run.code, 2, "{proxy}: {}", run.out);
        assert!(!run.err.contains("hunter2") && !run.err.contains("user:"), "{proxy}: {}", run.err);
    }
    write(
        server.path(),
        "in-file",
        https.replace("http://127.0.0.1", "https://localhost").replace(
            "}}]\nusers",
            ", proxy-url: 'ftp://user:hunter2-hunter2@127.0.0.1:1'}}]\nusers",
        ),
    );
    let run = server.diff("in-file", &[]);
    assert!(run.code == 2 && !run.err.contains("hunter2"), "{}", run.err);
}

/// What came of an object that was refused as long as fields are in it that were applied client-side.
fn taken_over(update: (u16, Value)) -> (Server, (i32, Vec<String>, String)) {
    let live = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "default", "resourceVersion": "7", "managedFields": [
            {"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "v1",
             "fieldsV1": {"f:data": {".": {}, "f:old": {}}}}]},
        "data": {"old": "x", "x": "y"},
    });
    let server = Server::start(move |method, path, _| match method {
        "GET" if path == "/api/v1/configmaps" => {
            Some((200, json!({"kind": "List", "metadata": {}, "items": [live]})))
        }
        "PATCH" => Some(status(422, "Invalid", "old and x exclude each other")),
        "PUT" => Some(update.clone()),
        _ => None,
    });
    let said = server.said();
    (server, said)
}

const PUT: &str = "PUT /api/v1/namespaces/default/configmaps/a";

#[test]
fn what_was_applied_client_side_is_taken_over_before_the_server_refuses() {
    let sound = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"},
        "data": {"x": "hunter2-hunter2"}});
    let (server, (exit, said, err)) = taken_over((200, sound));
    assert_eq!((exit, said.len(), server.count(PUT)), (0, 0, 1), "{said:?} {err}");
    let (_, (exit, said, err)) = taken_over(status(422, "Invalid", "x is wrong"));
    assert_eq!((exit, said), (0, vec!["refused: x is wrong".to_owned()]), "{err}");
    let rights = "configmaps \"a\" is forbidden: User \"u\" cannot update resource \"configmaps\"";
    let (_, (exit, said, err)) = taken_over(status(403, "Forbidden", rights));
    assert_eq!((exit, said.len()), (0, 1), "{err}");
    assert!(said[0].starts_with("untried: what was applied client-side is taken over"), "{said:?}");
    assert!(said[0].ends_with("refused: old and x exclude each other"), "{said:?}");
    // Who applied nothing client-side takes nothing over.
    let server = refusing(422, "Invalid", "no");
    assert_eq!((server.said().1, server.count(PUT)), (vec!["refused: no".to_owned()], 0));
}

/// What is said of the object of a tree that has the definition of its kind as well, where the server has it
/// with one field.
fn defined(fields: &str, version: &str) -> Vec<String> {
    let definition = |fields: &str, versions: &[&str]| {
        let properties: serde_json::Map<String, Value> =
            fields.split(' ').map(|name| (name.to_owned(), json!({"type": "string"}))).collect();
        let schema = json!({"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}});
        let versions: Vec<Value> = versions
            .iter()
            .map(|name| json!({"name": name, "served": true, "storage": *name == "v1", "schema": schema}))
            .collect();
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "foos.acme.io"},
            "spec": {"group": "acme.io", "scope": "Namespaced", "names": {"kind": "Foo", "plural": "foos"}, "versions": versions},
        })
    };
    let there = definition("a", &["v1"]);
    let group = |group: &str, resource: &str, kind: &str, scope: &str| {
        json!({"metadata": {"name": group}, "versions": [{"version": "v1", "resources": [{
            "resource": resource, "responseKind": {"group": group, "version": "v1", "kind": kind},
            "scope": scope, "verbs": ["get", "list", "patch", "delete"]}]}]})
    };
    let groups = json!([
        group("acme.io", "foos", "Foo", "Namespaced"),
        group(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            "CustomResourceDefinition",
            "Cluster"
        ),
    ]);
    let server = Server::start(move |method, path, _| match (method, path) {
        (_, "/apis") => Some((
            200,
            json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": groups}),
        )),
        ("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/foos.acme.io") => {
            Some((200, there.clone()))
        }
        ("PATCH", path) if path.contains("/foos/") => Some(status(
            500,
            "",
            "failed to create typed patch object: .spec.b: field not declared in schema",
        )),
        _ => None,
    });
    let versions: &[&str] = if version == "v1" { &["v1"] } else { &["v1", version] };
    let objects = format!(
        "{}\n---\napiVersion: acme.io/{version}\nkind: Foo\nmetadata: {{name: one}}\nspec: {{b: x}}\n",
        definition(fields, versions)
    );
    write(server.path(), "tree/foo.yaml", objects);
    let run = server.diff("kubeconfig", &[]);
    let value: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let changes = value["changes"].as_array().unwrap().iter();
    let objects = changes.filter(|change| change["object"]["kind"] == "Foo");
    let said = objects.flat_map(|change| change["consequences"].as_array().unwrap().clone());
    said.map(|one| {
        format!("{}: {}", one["effect"].as_str().unwrap(), one["text"].as_str().unwrap())
    })
    .collect()
}

#[test]
fn a_kind_that_the_tree_changes_is_not_refused_as_it_was() {
    let words = "failed to create typed patch object: .spec.b: field not declared in schema";
    assert_eq!(defined("a", "v1"), [format!("refused: {words}")]);
    let changed = "the tree changes the kind `acme.io/Foo`; as it is";
    assert_eq!(defined("a b", "v1"), [format!("untried: {changed}: {words}")]);
    let version =
        "untried: the tree makes the version `acme.io/v2`, which the cluster does not have yet";
    assert_eq!(defined("a b", "v2"), [version]);
}

#[test]
fn a_name_that_no_path_can_have_is_refused_as_that() {
    let server = Server::start(|_, _, _| None);
    write(server.path(), "tree/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a/b}\n");
    let (exit, said, err) = server.said();
    assert_eq!(
        (exit, said),
        (0, vec!["refused: metadata.name: `a/b` may not contain `/`".to_owned()]),
        "{err}"
    );
}

#[test]
fn a_secret_that_cannot_be_read_is_refused_with_a_reason() {
    for (message, expected) in [
        (
            "failed to convert new object: illegal base64 data at input byte 3",
            "500 a value of `data` is not base64",
        ),
        (
            "failed to convert new object: x: hunter2",
            "500 for a reason that is not shown, since it may hold values",
        ),
    ] {
        let server = refusing(500, "", message);
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {x: '!!!'}\n";
        write(server.path(), "tree/a.yaml", secret);
        let (exit, said, err) = server.said();
        assert_eq!((exit, said), (0, vec![format!("refused: {expected}")]), "{err}");
    }
}

#[test]
fn a_kubeconfig_that_is_not_there_is_left_out_and_a_file_has_the_token() {
    let server = Server::start(|_, _, _| None);
    let run = server.diff("nowhere:kubeconfig", &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = server.diff("nowhere", &[]);
    assert!(run.code == 2 && run.err.contains("`nowhere` cannot be read"), "{}", run.err);
    let text = std::fs::read_to_string(server.path().join("kubeconfig")).unwrap();
    write(server.path(), "token", "fresh\n");
    write(
        server.path(),
        "in-file",
        text.replace("token: none", "token: \"a\\nb\", tokenFile: token"),
    );
    let run = server.diff("in-file", &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let proxy = "cluster: {proxy-url: 'socks5://127.0.0.1:1', server: 'https:";
    write(server.path(), "socks", text.replace("cluster: {server: 'http:", proxy));
    let run = server.diff("socks", &[]);
    assert!(run.code == 2 && run.err.contains("its proxy is none of HTTP"), "{}", run.err);
}
