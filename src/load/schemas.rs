//! Directories of schemas of custom kinds.

use std::io;
use std::path::Path;

use anyhow::{Context, bail};

use super::config_file::yaml_finding;
use crate::diagnostic::Finding;
use crate::schema::{Definitions, directory};
use crate::source::{Sources, Span};
use crate::world::named::{self, Listed};
use crate::world::{EntryKind, World};
use crate::yaml::{self, Document};

/// The files of directories of schemas, read.
#[derive(Debug, Default)]
pub struct Schemas {
    files: Vec<(String, Span, Vec<Document>)>,
    /// What cannot be read in them.
    pub findings: Vec<Finding>,
}

impl Schemas {
    /// Reads a directory that was named for its schemas: whatever lies in it should be one.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be listed.
    pub fn add(&mut self, top: &Path, sources: &mut Sources) -> anyhow::Result<()> {
        self.walk(top, sources)
            .with_context(|| format!("cannot read the schemas in `{}`", top.display()))
    }

    /// Reads the `schemas/` of a repository, in which other things may lie: only definitions, and
    /// JSON files below the name of a group. `above` is how people read where the repository is.
    ///
    /// # Errors
    ///
    /// Where a directory cannot be listed.
    pub fn add_own(
        &mut self,
        world: &dyn World,
        above: &str,
        sources: &mut Sources,
    ) -> anyhow::Result<()> {
        let shown = |path: &str| format!("{above}{path}");
        let failed = |path: &str| format!("cannot read the schemas in `{}`", shown(path));
        for entry in world.walk("schemas").with_context(|| failed("schemas"))? {
            let path = entry.path.as_str();
            let (directory, _) = path.rsplit_once('/').unwrap_or_default();
            if !is_schema_name(path) || directory.split('/').any(|part| part.starts_with('.')) {
                continue;
            }
            let read = match entry.kind {
                EntryKind::File => world.read(path),
                // One that leads to a file elsewhere is as good here.
                EntryKind::BadLink => world.read(path).or_else(|_| Ok(Vec::new())),
                EntryKind::Closed => bail!(failed(path)),
                EntryKind::Other => continue,
            };
            self.file(read, shown(path), sources, &|path, text| {
                let above = path.rsplit('/').nth(1).unwrap_or_default();
                let is_json = path.ends_with(".json");
                if is_json {
                    above.contains('.')
                } else {
                    text.contains("CustomResourceDefinition")
                }
            });
        }
        Ok(())
    }

    fn walk(&mut self, directory: &Path, sources: &mut Sources) -> anyhow::Result<()> {
        for (name, listed) in named::list(directory)? {
            let path = directory.join(&name);
            let shown = path.to_string_lossy().replace('\\', "/");
            match listed {
                Listed::Directory if !name.to_string_lossy().starts_with('.') => {
                    self.walk(&path, sources)?;
                }
                Listed::File | Listed::FileLink(_) if is_schema_name(&shown) => {
                    self.file(named::read(&path), shown, sources, &|_, _| true);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn file(
        &mut self,
        read: io::Result<Vec<u8>>,
        shown: String,
        sources: &mut Sources,
        is_schema: &dyn Fn(&str, &str) -> bool,
    ) {
        let text = match read.map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return,
            Err(error) => {
                self.findings.push(
                    Finding::error("file-unreadable", format!("`{shown}` cannot be read"))
                        .in_file(shown)
                        .note(error.to_string()),
                );
                return;
            }
        };
        if !is_schema(&shown, &text) {
            return;
        }
        let file = sources.add(shown.as_str(), text);
        let read = yaml::read(file, &sources.get(file).text);
        let is_broken = read.faults.iter().any(|fault| fault.kind.is_fatal());
        self.findings.extend(read.faults.iter().map(yaml_finding));
        if !is_broken {
            self.files.push((shown, Span::new(file, 0..0), read.documents));
        }
    }

    /// What the files define, and what is wrong with those that define nothing.
    #[must_use]
    pub fn definitions(&self) -> (Definitions, Vec<Finding>) {
        let mut definitions = Definitions::default();
        let found = self.files.iter().filter_map(|(path, place, documents)| {
            directory(&mut definitions, path, *place, documents)
        });
        let findings = found.collect();
        (definitions, findings)
    }
}

fn is_schema_name(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end))
}
