//! The GitHub action and the GitLab template: their own scripts, run as a pipeline would.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::{fs, thread};

use gitopsc::source::Sources;
use gitopsc::yaml;
use serde_json::{Value, json};

use crate::process::git;
use crate::site::Site;
use crate::support::{files, root, write};

/// What a server was asked: method, path with query, body.
type Asked = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A server that has comments by their ids and gives them one to a page.
struct Server {
    address: String,
    asked: Asked,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Asked::default();
        let (own, seen) = (address.clone(), Arc::clone(&asked));
        thread::spawn(move || {
            let mut comments = vec![json!({"id": 7, "body": "looks good"})];
            for stream in listener.incoming() {
                answer(stream.unwrap(), &own, &mut comments, &seen);
            }
        });
        Self { address, asked }
    }

    /// Everything but questions for comments, since it was last asked.
    fn written(&self) -> Vec<(String, String, Value)> {
        let all = std::mem::take(&mut *self.asked.lock().unwrap());
        all.into_iter().filter(|(method, ..)| method != "GET").collect()
    }
}

fn answer(stream: TcpStream, own: &str, comments: &mut Vec<Value>, seen: &Asked) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(stated) = line.to_lowercase().strip_prefix("content-length:") {
            length = stated.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    seen.lock().unwrap().push((method.clone(), path.clone(), body.clone()));
    let (top, query) = path.split_once('?').unwrap_or((&path, ""));
    let (mut link, mut value) = (String::new(), json!({}));
    if method == "GET" {
        let page: usize = query
            .split('&')
            .find_map(|it| it.strip_prefix("page="))
            .map_or(0, |it| it.parse().unwrap());
        if page + 1 < comments.len() {
            link = format!("Link: <{own}{top}?page={}>; rel=\"next\"\r\n", page + 1);
        }
        value = json!([comments[page]]);
    } else if method == "POST" {
        comments.push(json!({"id": 40 + comments.len(), "body": body["body"]}));
    }
    let value = value.to_string();
    let head = format!("HTTP/1.1 200 OK\r\n{link}Content-Length: {}\r\n", value.len());
    write!(reader.get_mut(), "{head}Connection: close\r\n\r\n{value}").unwrap();
}

/// A branch with one change over its base, as a pipeline checks it out.
pub(crate) fn changed() -> Site {
    let site = Site::new();
    for file in ["rendered/one/NOTES.txt", "rendered/one/manifests/main/web/mine.yaml"] {
        site.remove(file);
    }
    let path = site.path();
    // The sets of this repository, which Argo CD could really evaluate.
    let sets = root().join("applicationsets");
    for (name, bytes) in files(&sets.join("_lib")) {
        write(path, &format!("applicationsets/_lib/{name}"), bytes);
    }
    for layer in ["cluster", "main", "side"] {
        let set = fs::read(sets.join("ingress.yaml")).unwrap();
        write(path, &format!("applicationsets/{layer}.yaml"), set);
    }
    assert_eq!(site.build().code, 0);
    write(path, ".gitignore", ".gitopsc-lock\n/gitopsc-reports\n");
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["add", "-A"]);
    git(path, &["commit", "-qm", "begin"]);
    site.replace("apps/web/app.yaml", "text: hello", "text: changed");
    assert_eq!(site.build().code, 0);
    git(path, &["commit", "-qam", "change"]);
    site
}

pub(crate) fn shell(site: &Site, script: &str, variables: &BTreeMap<String, String>) -> Output {
    let mut command = Command::new("sh");
    command.current_dir(site.path()).args(["-e", "-c", script]).envs(variables);
    command.env_remove("CI").output().unwrap()
}

pub(crate) fn read(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let mut sources = Sources::default();
    let file = sources.add(path, text.as_str());
    let read = yaml::read(file, &text);
    assert!(read.faults.is_empty(), "{path}: {:?}", read.faults);
    yaml::to_json(&read.documents.into_iter().find_map(|document| document.node).unwrap())
}

/// What GitHub puts in place of an expression of the action, in the pull request of these tests.
fn evaluated(text: &str) -> String {
    let values = [
        ("${{ inputs.reports }}", "gitopsc-reports"),
        ("${{ inputs.token }}", "secret"),
        (
            "${{ inputs.gitopsc || format('{0}/gitopsc/bin/gitopsc', runner.temp) }}",
            env!("CARGO_BIN_EXE_gitopsc"),
        ),
        ("${{ inputs.base }}", ""),
        (
            "${{ inputs.base || github.event.merge_group.base_sha || (github.event_name == 'pull_request' && 'HEAD^1') \
             || github.event.before }}",
            "HEAD^1",
        ),
    ];
    let found = values.iter().find(|(expression, _)| *expression == text);
    found.unwrap_or_else(|| panic!("no value for {text}")).1.to_owned()
}

/// Runs the steps of the action, but the one that compiles; the codes that they ended with.
fn run_action(site: &Site, server: &Server) -> Vec<(String, i32, String)> {
    let reports = site.path().join("gitopsc-reports");
    fs::create_dir_all(&reports).unwrap();
    let (event, summary) = (reports.join("event.json"), reports.join("summary.md"));
    fs::write(&event, json!({"pull_request": {"number": 12}}).to_string()).unwrap();
    let event = event.display().to_string();
    let given = BTreeMap::from([
        ("GITHUB_ACTION_PATH".to_owned(), root().display().to_string()),
        ("GITHUB_STEP_SUMMARY".to_owned(), summary.display().to_string()),
        ("GITHUB_EVENT_PATH".to_owned(), event),
        ("GITHUB_EVENT_NAME".to_owned(), "pull_request".to_owned()),
        ("GITHUB_API_URL".to_owned(), server.address.clone()),
        ("GITHUB_REPOSITORY".to_owned(), "acme/platform".to_owned()),
    ]);
    let action = read("action.yml");
    let steps = action["runs"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["name"] != "Compile gitopsc");
    steps
        .map(|step| {
            let mut variables = given.clone();
            for (name, text) in step["env"].as_object().unwrap() {
                variables.insert(name.clone(), evaluated(text.as_str().unwrap()));
            }
            let run = shell(site, step["run"].as_str().unwrap(), &variables);
            let said = [&run.stdout, &run.stderr].map(|it| String::from_utf8_lossy(it)).concat();
            (step["name"].as_str().unwrap().to_owned(), run.status.code().unwrap(), said)
        })
        .collect()
}

pub(crate) fn report(site: &Site, name: &str) -> String {
    fs::read_to_string(site.path().join("gitopsc-reports").join(name)).unwrap()
}

#[test]
fn a_pull_request_gets_one_comment_that_is_updated() {
    let (site, server) = (changed(), Server::start());
    for step in run_action(&site, &server) {
        assert_eq!(step.1, 0, "{}: {}", step.0, step.2);
    }
    let diff = report(&site, "diff.md");
    assert!(diff.starts_with("**1 object differs"), "{diff}");
    assert_eq!(report(&site, "summary.md"), diff);
    let sarif: Value = serde_json::from_str(&report(&site, "gitopsc.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let body = format!("<!-- gitopsc diff -->\n{diff}");
    let path = "/repos/acme/platform/issues/12/comments".to_owned();
    assert_eq!(server.written(), [("POST".to_owned(), path, json!({"body": body}))]);
    run_action(&site, &server);
    let path = "/repos/acme/platform/issues/comments/41".to_owned();
    assert_eq!(server.written(), [("PATCH".to_owned(), path, json!({"body": body}))]);
}

#[test]
fn each_question_is_asked_whatever_the_others_say() {
    let (site, server) = (changed(), Server::start());
    // A stale tree, an object that a server refuses, and a change all the same.
    let wrong = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Wrong}\n";
    site.write("apps/web/wrong.yaml", wrong);
    let steps = run_action(&site, &server);
    let (name, code, said) = &steps[0];
    assert_eq!((name.as_str(), *code), ("Build, check, compare", 1), "{said}");
    assert!(said.contains("::error file=apps/web/wrong.yaml,line=3"), "{said}");
    assert!(report(&site, "diff.md").starts_with("**1 object differs"));
    assert_eq!(server.written().len(), 1);
}

#[test]
fn a_merge_request_gets_one_note_that_is_updated() {
    let (site, server) = (changed(), Server::start());
    let script = read("ci/gitlab.yml")["gitopsc"]["script"][0].clone();
    let head = Command::new("git").current_dir(site.path()).args(["rev-parse", "HEAD^"]).output();
    let tool = Path::new(env!("CARGO_BIN_EXE_gitopsc")).parent().unwrap().display();
    let mut variables = BTreeMap::from([
        ("GITOPSC_CI".to_owned(), root().join("ci").display().to_string()),
        ("PATH".to_owned(), format!("{tool}:{}", std::env::var("PATH").unwrap())),
        ("CI_API_V4_URL".to_owned(), server.address.clone()),
        ("CI_PROJECT_ID".to_owned(), "3".to_owned()),
        ("CI_MERGE_REQUEST_IID".to_owned(), "12".to_owned()),
        (
            "CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(),
            String::from_utf8(head.unwrap().stdout).unwrap().trim().to_owned(),
        ),
    ]);
    // Without a token that may write there is no note, and nothing fails.
    let run = shell(&site, script.as_str().unwrap(), &variables);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(server.written().is_empty());
    variables.insert("GITOPSC_TOKEN".to_owned(), "secret".to_owned());
    for (method, path) in [
        ("POST", "/projects/3/merge_requests/12/notes"),
        ("PUT", "/projects/3/merge_requests/12/notes/41"),
    ] {
        let run = shell(&site, script.as_str().unwrap(), &variables);
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        let written = server.written();
        assert_eq!(
            (written[0].0.as_str(), written[0].1.as_str(), written.len()),
            (method, path, 1)
        );
    }
    let quality: Value = serde_json::from_str(&report(&site, "code-quality.json")).unwrap();
    assert!(quality.is_array(), "{quality}");
}

#[test]
fn the_pipeline_of_a_new_repository_shows_what_the_request_changes_alone() {
    let site = changed();
    let path = site.path();
    // A request, and a change of its target meanwhile; what is checked out is their merge.
    git(path, &["checkout", "-q", "-b", "request"]);
    site.replace("apps/web/app.yaml", "text: changed", "text: requested");
    assert_eq!(site.build().code, 0);
    git(path, &["commit", "-qam", "request"]);
    git(path, &["checkout", "-q", "main"]);
    let other =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: elsewhere}\ndata: {of: target}\n";
    site.write("apps/web/elsewhere.yaml", other);
    assert_eq!(site.build().code, 0);
    git(path, &["add", "-A"]);
    git(path, &["commit", "-qm", "target"]);
    git(path, &["merge", "-q", "--no-edit", "request"]);
    let commit = |name: &str| {
        let run = Command::new("git").current_dir(path).args(["rev-parse", name]).output();
        String::from_utf8(run.unwrap().stdout).unwrap().trim().to_owned()
    };
    let script = read("src/cli/init/starter/gitlab-ci.yml")["gitops"]["script"].clone();
    let script: Vec<&str> =
        script.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let tool = Path::new(env!("CARGO_BIN_EXE_gitopsc")).parent().unwrap().display();
    let mut variables = BTreeMap::from([
        ("PATH".to_owned(), format!("{tool}:{}", std::env::var("PATH").unwrap())),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA".to_owned(), commit("HEAD^1^1")),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA".to_owned(), commit("HEAD^1")),
    ]);
    let run = |variables: &BTreeMap<String, String>| {
        let run = shell(&site, &script.join("\n"), variables);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    let out = run(&variables);
    assert!(out.contains("1 object differs") && !out.contains("elsewhere"), "{out}");
    // Where the branch alone is checked out, GitLab leaves the target's commit empty.
    git(path, &["checkout", "-q", "request"]);
    variables.insert("CI_MERGE_REQUEST_TARGET_BRANCH_SHA".to_owned(), String::new());
    let out = run(&variables);
    assert!(out.contains("1 object differs") && !out.contains("elsewhere"), "{out}");
    // The branch's own pipeline has no base.
    variables.remove("CI_MERGE_REQUEST_DIFF_BASE_SHA");
    assert!(!run(&variables).contains("differs"));
}
