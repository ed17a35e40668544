//! Go templates by the module [`crate::gotemplate`].

use std::rc::Rc;

use crate::gotemplate::{self, Element, ErrorKind, Functions, List, Map, Settings, Template};

use super::parameter::{Items, Parameter, Parameters};
use super::template::{GoTemplate, GoTemplateError, MissingKey};

/// Renders with the functions that Argo CD gives to ApplicationSets.
#[derive(Debug, Clone, Copy, Default)]
pub struct ArgoCdTemplates;

impl GoTemplate for ArgoCdTemplates {
    fn render(
        &self,
        text: &str,
        parameters: &Parameters,
        missing_key: MissingKey,
    ) -> Result<String, GoTemplateError> {
        let missing_key = match missing_key {
            MissingKey::Default => gotemplate::MissingKey::Invalid,
            MissingKey::Zero => gotemplate::MissingKey::Zero,
            MissingKey::Error => gotemplate::MissingKey::Error,
        };
        let settings = Settings { missing_key, ..Settings::default() };
        Template::parse("base", text, Functions::argocd())
            .and_then(|template| template.render(&map(Items::Any, parameters), &settings))
            .map_err(|error| GoTemplateError {
                is_wrong: matches!(error.kind, ErrorKind::Parse | ErrorKind::Evaluate),
                // `isMissingKeyError` in `utils/utils.go` goes by the words, too.
                is_missing_key: ["map has no entry for key", "can't evaluate field"]
                    .iter()
                    .any(|words| error.message.contains(words)),
                message: error.to_string(),
            })
    }
}

fn value(parameter: &Parameter) -> gotemplate::Value {
    match parameter {
        Parameter::Null => gotemplate::Value::Nil,
        Parameter::Bool(value) => gotemplate::Value::Bool(*value),
        Parameter::Number(value) => gotemplate::Value::Float(*value),
        Parameter::Text(text) => gotemplate::Value::String(text.as_str().into()),
        Parameter::List(of, items) => {
            gotemplate::Value::List(List::new(element(*of), items.iter().map(value).collect()))
        }
        Parameter::Map(of, entries) => map(*of, entries),
    }
}

fn map(of: Items, entries: &Parameters) -> gotemplate::Value {
    let entry = |(key, item): (&String, &Parameter)| (Rc::from(key.as_str()), value(item));
    gotemplate::Value::Map(Map::new(element(of), entries.iter().map(entry).collect()))
}

/// Lists of maps are lists of anything there: templates that range over them see no difference.
fn element(of: Items) -> Element {
    match of {
        Items::Text => Element::String,
        Items::Any | Items::Maps => Element::Any,
    }
}
