//! The functions and filters that manifests need.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::{Kwargs, Value as JinjaValue};
use minijinja::{Environment, Error, ErrorKind, State};
use sha2::{Digest, Sha256};

use super::convert;
use super::finish::label_value;
use crate::load::AppFile;
use crate::model::Quantity;
use crate::source::Sources;
use crate::yaml;

/// The files of an app that templates may embed.
#[derive(Debug)]
pub(super) struct Embedded {
    texts: BTreeMap<String, Arc<str>>,
    binaries: BTreeMap<String, Arc<[u8]>>,
}

impl Embedded {
    pub(super) fn new(sources: &Sources, files: BTreeMap<String, AppFile>) -> Self {
        let mut embedded = Self { texts: BTreeMap::new(), binaries: BTreeMap::new() };
        for (path, file) in files {
            match file {
                AppFile::Text(id) => {
                    embedded.texts.insert(path, Arc::clone(&sources.get(id).text));
                }
                AppFile::Binary(bytes) => {
                    embedded.binaries.insert(path, bytes);
                }
            }
        }
        embedded
    }

    fn missing(&self, path: &str) -> Error {
        let known = self.texts.keys().chain(self.binaries.keys()).map(String::as_str);
        let hint = crate::diagnostic::suggest(path, known).unwrap_or_default();
        wrong(format!("the app has no file `{path}`; {hint}"))
    }

    fn text(&self, path: &str) -> Result<&Arc<str>, Error> {
        check_path(path)?;
        if self.binaries.contains_key(path) {
            return Err(not_text(path));
        }
        self.texts.get(path).ok_or_else(|| self.missing(path))
    }
}

pub(super) fn check_path(path: &str) -> Result<(), Error> {
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Err(wrong(format!("`{path}` leaves the app's folder")));
    }
    Ok(())
}

fn not_text(path: &str) -> Error {
    wrong(format!("`{path}` is not UTF-8; `file_base64` embeds it"))
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// Adds everything to an engine.
pub(super) fn add(jinja: &mut Environment<'static>, files: &Arc<Embedded>) {
    add_files(jinja, files);
    jinja.add_function("fragment", |state: &State, name: &str, arguments: Kwargs| {
        super::template::fragment(state, name, &arguments)
    });
    jinja.add_function("fail", |message: &str| -> Result<JinjaValue, Error> {
        Err(wrong(message.to_owned()))
    });
    jinja.add_function("labels", |state: &State, arguments: Kwargs| {
        let mut labels = selector(state, &arguments)?;
        for (label, key) in
            [("app.kubernetes.io/version", "version"), ("app.kubernetes.io/part-of", "layer")]
        {
            let field = release(state)?.get_attr(key)?;
            let text = field.as_str().map(label_value).filter(|text| !text.is_empty());
            labels.extend(text.map(|text| (label.to_owned(), text.into())));
        }
        labels.insert("app.kubernetes.io/managed-by".to_owned(), "gitopsc".into());
        Ok::<_, Error>(super::object(labels))
    });
    jinja.add_function("selector", |state: &State, arguments: Kwargs| {
        Ok::<_, Error>(super::object(selector(state, &arguments)?))
    });
    jinja.add_function("address", address);
    jinja.add_function("runs", |state: &State, name: &str| {
        let releases = root(state, "releases")?;
        Ok::<_, Error>(!releases.get_item(&name.into())?.is_undefined())
    });
    jinja.add_function("release_namespace", |state: &State, name: &str| {
        let found = root(state, "releases")?.get_item(&name.into())?;
        if found.is_undefined() {
            return Err(wrong(format!("this environment runs no `{name}`")));
        }
        found.get_attr("namespace")
    });
    add_filters(jinja);
}

fn add_files(jinja: &mut Environment<'static>, files: &Arc<Embedded>) {
    let embedded = Arc::clone(files);
    jinja.add_function("file", move |path: &str| {
        embedded.text(path).map(|text| JinjaValue::from(&**text))
    });
    let embedded = Arc::clone(files);
    jinja.add_function("file_base64", move |path: &str| {
        check_path(path)?;
        if let Some(bytes) = embedded.binaries.get(path) {
            return Ok(STANDARD.encode(bytes));
        }
        embedded.text(path).map(|text| STANDARD.encode(text.as_bytes()))
    });
    let embedded = Arc::clone(files);
    jinja.add_function("files", move |pattern: &str| {
        check_path(pattern)?;
        let matcher =
            crate::load::glob(pattern).map_err(|error| wrong(format!("no glob: {error}")))?;
        if let Some(path) = embedded.binaries.keys().find(|path| matcher.is_match(path)) {
            return Err(not_text(path));
        }
        let mut found: BTreeMap<&str, (&String, &Arc<str>)> = BTreeMap::new();
        for (path, text) in embedded.texts.iter().filter(|(path, _)| matcher.is_match(path)) {
            let name = path.rsplit('/').next().unwrap_or(path);
            if let Some((first, _)) = found.insert(name, (path, text)) {
                return Err(wrong(format!("`{first}` and `{path}` have one name")));
            }
        }
        if found.is_empty() {
            return Err(embedded.missing(pattern));
        }
        let texts = found.into_iter().map(|(name, (_, text))| (name, JinjaValue::from(&**text)));
        Ok(super::object(texts))
    });
}

fn add_filters(jinja: &mut Environment<'static>) {
    jinja.add_filter("b64encode", |text: &str| STANDARD.encode(text));
    jinja.add_filter("b64decode", |text: &str| {
        let bytes = STANDARD.decode(text).map_err(|error| wrong(format!("no base64: {error}")))?;
        String::from_utf8(bytes).map_err(|_| wrong("what the base64 holds is not UTF-8"))
    });
    jinja.add_filter("sha256", |text: &str| {
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    });
    jinja.add_filter("tojson", |value: JinjaValue| {
        convert::to_plain_node(&value).map(|node| yaml::to_json_string(&node))
    });
    jinja.add_filter("toyaml", |value: JinjaValue| {
        convert::to_plain_node(&value).map(|node| yaml::emit(&node))
    });
    jinja.add_filter("quantity", |value: JinjaValue| quantity(&value).map(|q| q.to_string()));
    jinja.add_filter("quantity_mul", |value: JinjaValue, factor: f64| {
        let product = quantity(&value)?.checked_mul(factor);
        product.map(|q| q.to_string()).ok_or_else(|| wrong("the product is too large"))
    });
    jinja.add_filter("quantity_add", |value: JinjaValue, other: JinjaValue| {
        let sum = quantity(&value)?.checked_add(quantity(&other)?);
        sum.map(|q| q.to_string()).ok_or_else(|| wrong("the sum is too large"))
    });
    jinja.add_filter("quantity_sub", |value: JinjaValue, other: JinjaValue| {
        let difference = quantity(&value)?.checked_sub(quantity(&other)?);
        difference.map(|q| q.to_string()).ok_or_else(|| wrong("the difference is too large"))
    });
    jinja.add_filter("bytes", |value: JinjaValue| whole(quantity(&value)?.value()));
    jinja.add_filter("mebibytes", |value: JinjaValue| {
        whole(quantity(&value)?.value().div_euclid(1 << 20))
    });
    jinja.add_filter("millicores", |value: JinjaValue| whole(quantity(&value)?.milli_value()));
}

fn whole(number: i128) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| wrong("the quantity is too large"))
}

fn quantity(value: &JinjaValue) -> Result<Quantity, Error> {
    value.to_string().parse().map_err(|error: crate::model::QuantityError| wrong(error.to_string()))
}

fn root(state: &State, name: &str) -> Result<JinjaValue, Error> {
    state.lookup(name).ok_or_else(|| wrong(format!("`{name}` is not known here")))
}

fn release(state: &State) -> Result<JinjaValue, Error> {
    root(state, "release")
}

/// The labels that never change over a release's life, and so may select its pods.
fn selector(state: &State, arguments: &Kwargs) -> Result<BTreeMap<String, JinjaValue>, Error> {
    let component: Option<String> = arguments.get("component")?;
    arguments.assert_all_used()?;
    let release = release(state)?;
    let mut labels = BTreeMap::from([
        ("app.kubernetes.io/name".to_owned(), release.get_attr("app")?),
        ("app.kubernetes.io/instance".to_owned(), release.get_attr("name")?),
    ]);
    if let Some(component) = component {
        labels.insert("app.kubernetes.io/component".to_owned(), component.into());
    }
    Ok(labels)
}

/// The address that a pool assigns to a name.
fn address(state: &State, name: &str) -> Result<JinjaValue, Error> {
    let pools = root(state, "env")?.get_attr("pools")?;
    let mut known = Vec::new();
    if !pools.is_undefined() {
        for pool in pools.try_iter()? {
            let assigned = pools.get_item(&pool)?.get_attr("assigned")?;
            if assigned.is_undefined() {
                continue;
            }
            let found = assigned.get_item(&name.into())?;
            if !found.is_undefined() {
                return Ok(found);
            }
            known.extend(assigned.try_iter()?.map(|name| name.to_string()));
        }
    }
    let hint = crate::diagnostic::suggest(name, known.iter().map(String::as_str));
    Err(wrong(format!("no pool assigns an address to `{name}`; {}", hint.unwrap_or_default())))
}
