//! Rendering: the two engines, and their use on whole trees.

use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value};

use super::fault::{Fault, FaultKind};
use super::parameter::Parameters;

/// Renders Go templates with the functions of Argo CD.
pub trait GoTemplate {
    /// The text that a template makes of parameters.
    ///
    /// # Errors
    ///
    /// Where the template cannot be read or rendered.
    fn render(
        &self,
        text: &str,
        parameters: &Parameters,
        missing_key: MissingKey,
    ) -> Result<String, GoTemplateError>;
}

/// The option `missingkey` of Go templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// Prints `<no value>`: `default` and `invalid`.
    #[default]
    Default,
    /// The zero value, which for parameters prints the same.
    Zero,
    /// Fails.
    Error,
}

/// Why a Go template was not rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoTemplateError {
    /// What is wrong.
    pub message: String,
    /// Whether Go itself would fail; otherwise nobody knows.
    pub is_wrong: bool,
    /// Whether a key or field is missing, and nothing else.
    pub is_missing_key: bool,
}

/// How the templates of one set are rendered.
pub(super) struct Renderer<'r> {
    /// Nothing for the older engine, which replaces `{{name}}`.
    go: Option<Go<'r>>,
}

struct Go<'r> {
    engine: &'r dyn GoTemplate,
    /// What the options say, or why the controller fails when it sees them.
    missing_key: Result<MissingKey, Fault>,
}

impl<'r> Renderer<'r> {
    /// Reads `goTemplate` and `goTemplateOptions` of a decoded set.
    pub(super) fn new(spec: &Node, engine: &'r dyn GoTemplate) -> Self {
        if !spec.get("goTemplate").is_some_and(Node::is_true) {
            return Self { go: None };
        }
        let options = spec.get("goTemplateOptions").and_then(Node::as_seq).unwrap_or_default();
        let mut missing_key = Ok(MissingKey::default());
        for option in options {
            missing_key = match option.as_str().unwrap_or_default() {
                "missingkey=default" | "missingkey=invalid" => Ok(MissingKey::Default),
                "missingkey=zero" => Ok(MissingKey::Zero),
                "missingkey=error" => Ok(MissingKey::Error),
                other => {
                    let message = format!(
                        "`{other}` is no option of Go templates, and Argo CD's controller fails over it"
                    );
                    let kind = FaultKind::InvalidTemplateOption;
                    missing_key = Err(Fault::stops(kind, option.span, message));
                    break;
                }
            };
        }
        Self { go: Some(Go { engine, missing_key }) }
    }

    /// Whether Go templates are used.
    pub(super) fn is_go(&self) -> bool {
        self.go.is_some()
    }

    /// `Replace` in `utils/utils.go`.
    pub(super) fn text(
        &self,
        text: &str,
        span: Span,
        parameters: &Parameters,
    ) -> Result<String, Fault> {
        let Some(go) = &self.go else { return fasttemplate(text, span, parameters) };
        let missing_key = go.missing_key.clone()?;
        go.render(text, span, parameters, missing_key).map_err(|(_, fault)| fault)
    }

    /// Renders what parameters are there for and leaves the text alone if one is missing: the rule for
    /// `values` of the second child of a matrix, which are rendered again with that child's own
    /// parameters (`RenderGeneratorParams` in `utils/utils.go`, argo-cd#25342).
    pub(super) fn early_node(&self, value: &Node, parameters: &Parameters) -> Result<Node, Fault> {
        let (Some(go), Some(text)) = (&self.go, value.as_str()) else {
            return self.node(value, parameters);
        };
        go.missing_key.clone()?;
        match go.render(text, value.span, parameters, MissingKey::Error) {
            Ok(text) => Ok(Node::string(text, value.span)),
            Err((true, _)) => Ok(value.clone()),
            Err((false, fault)) => Err(fault),
        }
    }

    /// Renders each text of a tree, and each key of a map. What is null under a key vanishes, and
    /// whole numbers lose what a float cannot hold.
    ///
    /// Source: `deeplyReplaceWithFilter` in `utils/utils.go`.
    pub(super) fn node(&self, node: &Node, parameters: &Parameters) -> Result<Node, Fault> {
        let value = match &node.value {
            Value::String(text) => Value::String(self.text(text, node.span, parameters)?.into()),
            Value::Seq(items) => {
                let rendered = items.iter().map(|item| self.node(item, parameters));
                Value::Seq(rendered.collect::<Result<_, _>>()?)
            }
            Value::Map(map) => {
                let mut rendered = Map::default();
                for (key, item) in map.iter().filter(|(_, item)| !item.is_null()) {
                    let name = self.text(&key.name, key.span, parameters)?;
                    let key = Key { name: name.into(), span: key.span };
                    rendered.insert(key, self.node(item, parameters)?);
                }
                Value::Map(rendered)
            }
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "as in Go"
            )]
            Value::Int(number) => Value::Int(*number as f64 as i64),
            #[expect(clippy::cast_precision_loss, reason = "as in Go")]
            Value::UInt(number) => Value::Float(*number as f64),
            other => other.clone(),
        };
        Ok(Node { value, span: node.span, origins: node.origins.clone() })
    }
}

impl Go<'_> {
    /// The error comes with whether it is a missing key.
    fn render(
        &self,
        text: &str,
        span: Span,
        parameters: &Parameters,
        missing_key: MissingKey,
    ) -> Result<String, (bool, Fault)> {
        if !text.contains("{{") {
            return Ok(text.to_owned());
        }
        self.engine.render(text, parameters, missing_key).map_err(|error| {
            let message = format!("the template cannot be rendered: {}", error.message);
            let fault = match error.is_wrong {
                true => Fault::stops(FaultKind::InvalidTemplate, span, message),
                false => Fault::unknown(span, message),
            };
            (error.is_missing_key, fault)
        })
    }
}

/// Puts parameters in the place of `{{name}}`. A name that is not known, or whose parameter is not
/// text, stays as it is written. Whether there is something to replace is asked of each line, so a
/// tag that spans lines is only seen where another is whole; then one without an end is an error.
///
/// Source: `Replace` in `utils/utils.go`, `TestRenderTemplateParams`.
fn fasttemplate(text: &str, span: Span, parameters: &Parameters) -> Result<String, Fault> {
    let whole = |line: &str| line.find("{{").is_some_and(|at| line[at + 2..].contains("}}"));
    if !text.lines().any(whole) {
        return Ok(text.to_owned());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        out.push_str(&rest[..start]);
        let after = &rest[start + 2..];
        let Some(end) = after.find("}}") else {
            let message = format!(
                "`}}}}` is missing after `{{{{{}`",
                after.lines().next().unwrap_or_default()
            );
            return Err(Fault::stops(FaultKind::InvalidTemplate, span, message));
        };
        let tag = &after[..end];
        match parameters.get(tag.trim()).and_then(|value| value.as_str()) {
            Some(value) if !tag.trim().is_empty() => out.push_str(value),
            _ => out.push_str(&rest[start..start + end + 4]),
        }
        rest = &after[end + 2..];
    }
    out.push_str(rest);
    Ok(out)
}
