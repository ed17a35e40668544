//! Clusters that cannot be asked, or not to the end: never an empty difference.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{NAME, Ran, Repository};
use crate::plane::{ControlPlane, free_ports};

/// Passes so many bytes of the server on, and cuts all connections then.
struct Proxy {
    port: u16,
    passed: Arc<AtomicUsize>,
}

impl Proxy {
    fn start(server: u16, most: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let passed = Arc::new(AtomicUsize::new(0));
        let count = passed.clone();
        // It ends with the process: nobody connects any more.
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                if count.load(Ordering::SeqCst) >= most {
                    continue;
                }
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let (up, down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || pass(client, server, &AtomicUsize::new(0), usize::MAX));
                let count = count.clone();
                thread::spawn(move || pass(down, up, &count, most));
            }
        });
        Self { port, passed }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: &AtomicUsize, most: usize) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if count.fetch_add(length, Ordering::SeqCst) + length > most
            || to.write_all(&buffer[..length]).is_err()
        {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// A kubeconfig like that of a control plane, with something in it replaced.
pub(super) fn variant(plane: &ControlPlane, name: &str, from: &str, to: &str) -> PathBuf {
    let text = fs::read_to_string(plane.folder().join("kubeconfig")).unwrap();
    assert!(text.contains(from));
    let path = plane.folder().join(name);
    fs::write(&path, text.replace(from, to)).unwrap();
    path
}

fn server_port(kubeconfig: &Path) -> u16 {
    let text = fs::read_to_string(kubeconfig).unwrap();
    let rest = text.split("https://127.0.0.1:").nth(1).unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

/// What is wrong.
pub(crate) fn run(plane: &ControlPlane, repository: &Repository) -> Vec<String> {
    let kubeconfig = plane.folder().join("kubeconfig");
    let port = server_port(&kubeconfig);
    let at = |port: u16| format!("https://127.0.0.1:{port}\"");
    let mut faults = Vec::new();
    let mut fails = |what: &str, ran: Ran, words: &str| {
        if ran.code != 2 || !ran.out.is_empty() || !ran.err.contains(words) {
            faults.push(format!("{what}: exit {}, {:.300}, {:.300}", ran.code, ran.out, ran.err));
        }
    };

    let [closed] = free_ports();
    let unreachable = variant(plane, "closed", &at(port), &at(closed));
    fails("a closed port", repository.diff(&unreachable, &[NAME]), "no answer from");
    let http = variant(plane, "http", "https://127.0.0.1", "http://127.0.0.1");
    fails("no TLS", repository.diff(&http, &[NAME]), "no answer from");
    let token = variant(plane, "unknown", "token: ", "token: x");
    fails("an unknown user", repository.diff(&token, &[NAME]), "does not know the user");
    let nobody = ["--context", "nobody", "--force-context"];
    let nobody = repository.diff(&kubeconfig, &[&[NAME][..], &nobody].concat());
    fails("a user without rights", nobody, "may read none of these objects");
    let missing = plane.folder().join("nowhere");
    fails("no kubeconfig", repository.diff(&missing, &[NAME]), "kubeconfig");
    let broken = plane.folder().join("broken");
    fs::write(&broken, "users: [{name: a, user: {token: sesame-open}\n").unwrap();
    let ran = repository.diff(&broken, &[NAME]);
    let tells = ran.err.contains("sesame");
    fails("a broken kubeconfig", ran, "cannot be read as YAML");
    let other = repository.diff(&kubeconfig, &[NAME, "--context", "reader"]);
    fails("another context", other, "not of `reader`");
    let renamed = variant(plane, "renamed", "name: live, context", "name: far, context");
    fails("a context that is not there", repository.diff(&renamed, &[NAME]), "no context `live`");

    let whole = Proxy::start(port, usize::MAX);
    let through = variant(plane, "whole", &at(port), &at(whole.port));
    let ran = repository.diff(&through, &[NAME]);
    let all = whole.passed.load(Ordering::SeqCst);
    for share in [1, 5, 20, 40, 60, 80, 95] {
        let proxy = Proxy::start(port, all * share / 100);
        let cut = variant(plane, "cut", &at(port), &at(proxy.port));
        let what = format!("cut off after {share} of 100 parts of {all} bytes");
        fails(&what, repository.diff(&cut, &[NAME]), "no answer from");
    }
    if ran.out.is_empty() {
        faults.push(format!("through a proxy: {}", ran.err));
    }
    if tells {
        faults.push("a broken kubeconfig is shown".to_owned());
    }
    faults
}
