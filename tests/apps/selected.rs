//! What `--select` leaves of what `check` says of Applications.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::process::run;
use crate::{application, config, repository, source};

/// The headlines of findings, by id.
fn found(directory: &Path, more: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let run = run(directory, &[&["check", ".", "-o", "json"], more].concat());
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in json["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        found.entry(text("id")).or_default().insert(text("message"));
    }
    found
}

const SET: &str = "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: apps, namespace: argocd}
spec:
  goTemplate: true
  generators:
    - list:
        elements:
          - {name: web, option: Prune=flase, time: 1d, key: argocd.argoproj.io/refresh}
          - {name: api, option: Force=true, time: 1h, key: argocd.argoproj.io/compare-option}
  template:
    metadata: {name: '{{.name}}'}
    spec:
      project: default
      source: {repoURL: 'git@git.example.com:acme/apps.git', path: 'apps/{{.name}}'}
      destination: {name: in-cluster, namespace: '{{.name}}'}
  templatePatch: |
    metadata:
      annotations: {'{{.key}}': hard, argocd.argoproj.io/compare-options: '{{.name}}=true'}
    spec:
      source: {kustomize: {namePrefix: a-}, helm: {releaseName: web}}
      sources: []
      ignoreDifferences: [{kind: Service, jsonPointers: ['{{.name}}']}]
      syncPolicy:
        syncOptions: ['{{.option}}', Replace=true, Replace=false]
        retry: {limit: 2, backoff: {duration: '{{.time}}'}}
";

#[test]
fn each_check_finds_alone_what_it_finds_with_others() {
    let wave = "waved, annotations: {argocd.argoproj.io/sync-wave: a}";
    let repository = repository(&[
        ("set.yaml", SET),
        ("gone.yaml", &application("gone", &source("path: nowhere, targetRevision: a~1"))),
        ("plain.yaml", &application("plain", &source("path: apps/web"))),
        ("again.yaml", &application("again", &source("path: apps/web"))),
        ("apps/web/config.yaml", &config("web")),
        ("apps/api/config.yaml", &config(wave)),
        ("apps/api/Chart.yaml", "apiVersion: v2\nname: api\nversion: 1.0.0\n"),
        ("other/lost.yaml", &config("lost")),
    ]);
    let all = found(repository.path(), &[]);
    let of_set = ["sync-option-invalid", "retry-duration-invalid", "compare-option-invalid"];
    for id in of_set.into_iter().chain(["application-source-invalid", "argocd-key-unknown"]) {
        assert!(all.contains_key(id), "{id}: {all:#?}");
    }
    assert!(all.len() >= 9, "{all:#?}");
    for (id, messages) in &all {
        let alone = found(repository.path(), &["--select", id]);
        assert_eq!(alone.get(id), Some(messages), "{id}");
    }
}

#[test]
fn a_silencer_of_what_a_set_makes_is_needed() {
    let option = "        syncOptions: ['{{.option}}', Replace=true, Replace=false]";
    let comment = " # gitopsc: ignore[sync-option-invalid] meant so";
    let patch = SET.replace(option, "        {}").replace(
        "  templatePatch",
        &format!("      syncPolicy:\n        syncOptions:\n          - '{{{{.option}}}}'{comment}\n  templatePatch"),
    );
    let repository = repository(&[("set.yaml", &patch), ("apps/web/config.yaml", &config("web"))]);
    let all = found(repository.path(), &[]);
    let is_there = |id: &str| all.contains_key(id);
    assert!(!is_there("sync-option-invalid") && !is_there("silencer-unused"), "{all:#?}");
}
