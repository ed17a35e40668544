//! `docs/templates.md`: its blocks are rendered, and what stands below each must come out.

use gitopsc::world::Memory;
use gitopsc::yaml;

use crate::page;
use crate::support::{Stages, describe, errors};

const ENVIRONMENT: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: \"1.34\"}
gitops: {repoURL: https://git.example.com/acme/platform.git, revision: main}
pools: {lan: {addresses: [192.0.2.10-192.0.2.20], assigned: {demo: 192.0.2.10}}}
layers: {applications: {}}
namespaces: {demo: {layer: applications}}
apps: {demo: {}}
";

const APP: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: App
version: \"1.4.0\"
layer: applications
namespace: demo
ports: {http: 80}
values:
";

const OBJECT: &str = "\
# The part of an object that every example shares.
apiVersion: example.com/v1
kind: Example
metadata:
  name: demo
  namespace: demo
";

/// A fenced block: the line that it begins at, what it is, and its text.
struct Block {
    line: usize,
    kind: String,
    text: String,
}

#[test]
fn template_examples_render_to_what_stands_below_them() {
    let page = page("templates.md");
    let blocks = blocks(&page);
    let one = |kind: &str| {
        let block = blocks.iter().find(|block| block.kind == kind).unwrap();
        block.text.clone()
    };
    let values: String = one("values").lines().map(|line| format!("  {line}\n")).collect();
    let app = format!("{APP}{values}");
    let fragment = one("fragment");
    let mut faults = Vec::new();
    let mut rendered = 0;
    for (index, block) in blocks.iter().enumerate() {
        let place = format!("docs/templates.md:{}", block.line);
        let template = format!("{OBJECT}{}", block.text);
        match block.kind.as_str() {
            "template" => {
                let expected = blocks.get(index + 1).filter(|next| next.kind == "result");
                let Some(expected) = expected else {
                    faults.push(format!("{place} has no result"));
                    continue;
                };
                match render(&app, &fragment, &template) {
                    Ok(text) if text == expected.text => rendered += 1,
                    Ok(text) => faults.push(format!("{place} gives\n{text}")),
                    Err(findings) => faults.push(format!("{place} is refused: {findings:#?}")),
                }
            }
            "refused" => match render(&app, &fragment, &template) {
                Ok(text) => faults.push(format!("{place} is not refused and gives\n{text}")),
                Err(_) => rendered += 1,
            },
            _ => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(rendered > 15, "only {rendered} examples");
}

/// What an object holds besides the part that all share.
fn render(app: &str, fragment: &str, template: &str) -> Result<String, Vec<String>> {
    let world = Memory::new([
        ("environments/dev/environment.yaml", ENVIRONMENT),
        ("apps/demo/app.yaml", app),
        ("apps/demo/fragments/probe.yaml", fragment),
        ("apps/demo/object.yaml", template),
    ]);
    let stages = Stages::new(&world);
    let planned = errors(&stages.plan.findings, &stages.repo.sources);
    assert!(planned.is_empty(), "{planned:#?}");
    let releases = &stages.environment("dev").releases;
    let at = releases.iter().position(|release| release.name == "demo").unwrap();
    let output = stages.rendered("dev").swap_remove(at);
    if !output.findings.is_empty() {
        let sources = &stages.repo.sources;
        return Err(output.findings.iter().map(|finding| describe(finding, sources)).collect());
    }
    let mut object = (*output.manifests[0].node).clone();
    let map = object.as_map_mut().unwrap();
    for shared in ["apiVersion", "kind", "metadata"] {
        map.remove(shared);
    }
    Ok(yaml::emit(&object))
}

/// The fenced blocks that begin with `yaml` and a word.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let text: String = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .flat_map(|line| [line, "\n"])
            .collect();
        if let Some(kind) = info.strip_prefix("yaml ") {
            blocks.push(Block { line: index + 1, kind: kind.to_owned(), text });
        }
    }
    blocks
}
