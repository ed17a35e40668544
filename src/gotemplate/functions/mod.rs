//! The functions of templates, by name.

mod builtin;
mod callable;
mod dates;
mod defaults;
mod dicts;
mod encoding;
mod lists;
mod names;
mod numbers;
mod passwords;
mod paths;
mod patterns;
mod strings;
mod urls;
mod versions;
mod words;

use std::collections::HashMap;
use std::sync::LazyLock;

use callable::Callable;
pub(super) use callable::{Function, Type};
pub(super) use dates::method as time_method;
pub(super) use versions::method as version_method;
pub use versions::{VersionRange, is_version};

/// A table of functions.
#[derive(Debug)]
pub struct Functions(HashMap<&'static str, Function>);

static ARGOCD: LazyLock<Functions> = LazyLock::new(|| {
    let mut functions = Functions(HashMap::new());
    // Those of sprig hide those of the language: `slice`.
    builtin::add(&mut functions);
    numbers::add(&mut functions);
    strings::add(&mut functions);
    words::add(&mut functions);
    lists::add(&mut functions);
    dicts::add(&mut functions);
    defaults::add(&mut functions);
    encoding::add(&mut functions);
    paths::add(&mut functions);
    urls::add(&mut functions);
    patterns::add(&mut functions);
    versions::add(&mut functions);
    dates::add(&mut functions);
    passwords::add(&mut functions);
    names::add(&mut functions);
    functions
});

impl Functions {
    /// Those that Argo CD gives to the templates of ApplicationSets: the language's own, sprig's
    /// without `env`, `expandenv` and `getHostByName`, and five more.
    #[must_use]
    pub fn argocd() -> &'static Self {
        &ARGOCD
    }

    /// The names, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.0.keys().copied().collect();
        names.sort_unstable();
        names
    }

    pub(super) fn get(&self, name: &str) -> Option<&Function> {
        self.0.get(name)
    }

    fn define<M>(&mut self, name: &'static str, function: impl Callable<M>) {
        self.0.insert(name, function.function());
    }

    /// Another name for a function that takes the same.
    fn define_both<M>(&mut self, names: [&'static str; 2], function: impl Callable<M> + Copy) {
        for name in names {
            self.define(name, function);
        }
    }

    /// Functions whose results cannot be known.
    fn refuse(&mut self, names: &[&'static str], why: &'static str) {
        for name in names {
            self.0.insert(name, Function::refused(why));
        }
    }
}
