//! minijinja, set up so that templates are valid YAML.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value as JinjaValue;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use super::analysis::Table;
use super::functions;
use super::parsed::Parsed;
use super::recorder::{self, CLOSE, OPEN, Ranges};
use crate::config::Limits;
use crate::diagnostic::Finding;
use crate::load::AppFile;
use crate::source::{FileId, Sources, Span};
use crate::yaml;

/// Template instructions that one template may take; a loop that never ends stops here.
const FUEL: u64 = 2_000_000;
/// Bytes that one template may write.
const OUTPUT: usize = 8 << 20;

/// The compiled templates of one app, or of `applicationsets/`.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) jinja: Environment<'static>,
    pub(super) ranges: Arc<Ranges>,
    /// Files by template name.
    pub(super) names: Arc<BTreeMap<String, FileId>>,
    /// How each template makes what it writes.
    pub(super) tables: BTreeMap<FileId, Table>,
    /// Every name that some template binds.
    pub(super) bound: BTreeSet<String>,
    /// What the templates gave, parsed.
    pub(super) parsed: Parsed,
    /// Templates that are there and cannot be read, with the reason.
    pub(super) unreadable: BTreeMap<String, Finding>,
    pub(super) output_limit: usize,
    /// Template instructions that one template and all fragments below it may take.
    pub(super) fuel: u64,
}

/// What templates may embed and reuse.
pub(super) struct Texts {
    /// Templates and fragments: name and file.
    pub(super) templates: Vec<(String, FileId)>,
    /// Everything that `file()` and `files()` may read.
    pub(super) files: BTreeMap<String, AppFile>,
    /// Templates and fragments that are there and cannot be read, with the reason.
    pub(super) unreadable: BTreeMap<String, Finding>,
}

impl Engine {
    /// Compiles templates; those that are broken become findings.
    pub(super) fn new(
        sources: &Sources,
        texts: Texts,
        limits: Option<&Limits>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut jinja = Environment::new();
        let syntax = syntax().unwrap_or_default();
        jinja.set_syntax(syntax.clone());
        jinja.set_debug(true);
        jinja.set_undefined_behavior(UndefinedBehavior::Strict);
        jinja.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        let fuel = limits.and_then(|limits| limits.fuel).unwrap_or(FUEL);
        jinja.set_fuel(Some(fuel));
        let names: Arc<BTreeMap<String, FileId>> = Arc::new(texts.templates.into_iter().collect());
        let mut tables = BTreeMap::new();
        for (name, &file) in &*names {
            match prepare(sources, name, file) {
                Ok(text) => {
                    tables.insert(file, Table::new(&text, &syntax));
                    if let Err(error) = jinja.add_template_owned(name.clone(), text) {
                        findings.push(super::error::compile(sources, file, &error));
                    }
                }
                Err(finding) => findings.push(*finding),
            }
        }
        let ranges = Ranges::new(jinja.templates().filter_map(|(name, template)| {
            let text = template.source();
            Some((text.as_ptr().addr(), text.len(), *names.get(name)?))
        }));
        let by_name = Arc::clone(&names);
        jinja.set_formatter(move |output, state, value| format(output, state, value, &by_name));
        let files = functions::Embedded::new(sources, texts.files);
        functions::add(&mut jinja, &Arc::new(files));
        Self {
            jinja,
            ranges: Arc::new(ranges),
            names,
            bound: tables.values().flat_map(|table| table.bound.iter().cloned()).collect(),
            tables,
            parsed: Parsed::default(),
            unreadable: texts.unreadable,
            fuel,
            output_limit: limits.and_then(|limits| limits.output).unwrap_or(OUTPUT),
        }
    }
}

fn syntax() -> Option<SyntaxConfig> {
    SyntaxConfig::builder()
        .variable_delimiters("${{", "}}")
        .block_delimiters("{%", "%}")
        // Never `{#`, which is shell's `${#array}`; nobody needs comments that YAML has already.
        .comment_delimiters("{%#", "#%}")
        .line_statement_prefix("#% ")
        .keep_trailing_newline(true)
        .build()
        .ok()
}

/// The text to compile: a template must be YAML as it stands, and its comments are blanked so
/// that nothing in them is evaluated. Offsets stay.
fn prepare(sources: &Sources, name: &str, file: FileId) -> Result<String, Box<Finding>> {
    let text = &sources.get(file).text;
    if let Some(at) = text.find([OPEN, CLOSE]) {
        return Err(Box::new(
            Finding::error("noncharacter", "U+FDD0 and U+FDD1 cannot be in a template")
                .at(Span::new(file, at..at + OPEN.len_utf8()), "here"),
        ));
    }
    let mut prepared = text.to_string();
    let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
    if !is_yaml {
        return Ok(prepared);
    }
    let comments = yaml::comments(file, text).map_err(|fault| {
        let mut finding = crate::load::yaml_finding(&fault);
        finding.id = "template-not-yaml";
        let line_start =
            text[..fault.span.range().start.min(text.len())].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        if line.contains("${{") {
            finding.help = Some(
                "quote the expression: in `{…}` and `[…]`, and where it holds `: ` or ` #`, YAML \
                 would take it apart; or name its value before with `#% set`"
                    .to_owned(),
            );
        } else if line.contains("{%") {
            finding.help =
                Some("write control flow as a comment line: `#% if …`, `#% for …`".to_owned());
        }
        Box::new(finding.note("a template must be YAML as it stands"))
    })?;
    for span in comments {
        let range = span.range();
        if prepared[range.clone()].starts_with("#% ") {
            continue;
        }
        // The `#` stays: blanks alone after a block scalar would become part of its text.
        let text = range.start + 1..range.end;
        let blank = " ".repeat(text.len());
        prepared.replace_range(text, &blank);
    }
    Ok(prepared)
}

/// Writes a value: a sentinel at the outermost level, plain text inside captures.
fn format(
    output: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &JinjaValue,
    names: &BTreeMap<String, FileId>,
) -> Result<(), Error> {
    if value.as_str().is_some_and(|text| text.contains([OPEN, CLOSE])) {
        return Err(Error::new(
            ErrorKind::InvalidOperation,
            "a value holds U+FDD0 or U+FDD1, which mark values in templates",
        ));
    }
    recorder::expect_probe();
    output.write_str("")?;
    let file = names.get(state.name()).copied();
    let sentinel = file.and_then(|file| recorder::capture(value, file, round(state)));
    match sentinel {
        Some(sentinel) => Ok(output.write_str(&sentinel)?),
        None => Ok(output.write_str(&plain_text(value)?)?),
    }
}

/// `loop.index0`, where a loop runs.
pub(super) fn round(state: &State<'_, '_>) -> Option<usize> {
    state.lookup("loop")?.get_attr("index0").ok()?.as_usize()
}

/// A value inside text.
pub(super) fn plain_text(value: &JinjaValue) -> Result<String, Error> {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::String | ValueKind::Number => Ok(value.to_string()),
        // minijinja writes `True`, as Python does; manifests are YAML.
        ValueKind::Bool => Ok(value.is_true().to_string()),
        ValueKind::None => Ok("null".to_owned()),
        kind => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("a {kind} cannot stand inside text; `tojson` makes text of it"),
        )),
    }
}
