//! From a template and parameters to an Application.

use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value};

use super::fault::{Fault, FaultKind};
use super::fields::{self, APPLICATION};
use super::generator::ParameterSet;
use super::patch;
use super::template::Renderer;

/// Without it, deleting an Application leaves its objects alone.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// An Application that the set makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// `metadata`, `spec` and, where a patch sets it, `operation`, in full.
    pub object: serde_json::Value,
    /// What made it: the elements and generators that gave its parameters, the first child of a
    /// combination first.
    pub origins: Vec<Span>,
    /// The template that it was made from.
    pub template: Span,
}

impl Application {
    /// `metadata.name`
    #[must_use]
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// A text in the object; empty where there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.object.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default()
    }
}

/// What of the set goes into each Application.
pub(super) struct Rules<'r> {
    pub(super) renderer: &'r Renderer<'r>,
    /// The namespace of the set, which is that of its Applications.
    pub(super) namespace: Option<&'r str>,
    pub(super) preserve_resources: bool,
    pub(super) patch: Option<&'r Node>,
}

impl Rules<'_> {
    /// Renders a template, patches it, and puts it into the namespace of the set. Without parameters
    /// the template is taken as it is, without a finalizer, but the patch is applied. What counts for
    /// nothing is added to `ignored`.
    ///
    /// Source: `GenerateApplications` in `controllers/template/template.go`, `RenderTemplateParams` in
    /// `utils/utils.go`; `TestRenderTemplateParamsFinalizers`.
    pub(super) fn application(
        &self,
        template: &Node,
        set: &ParameterSet,
        ignored: &mut Vec<Fault>,
    ) -> Result<Application, Fault> {
        let mut node = match set.parameters.is_empty() {
            true => template.clone(),
            false => self.rendered(template, set)?,
        };
        if let Some(written) = self.patch {
            let text = self.renderer.text(
                written.as_str().unwrap_or_default(),
                written.span,
                &set.parameters,
            )?;
            node = patch::apply(&node, &Node::string(text, written.span), ignored)?;
        }
        if let (Some(stated), Some(own)) = (node.pointer("/metadata/namespace"), self.namespace)
            && stated.as_str().is_some_and(|stated| !["", own].contains(&stated))
        {
            let message = format!(
                "`metadata.namespace` of Applications counts for nothing: they are in that of their set, `{own}`"
            );
            ignored.push(Fault::ignored(FaultKind::InvalidMetadata, stated.span, message));
        }
        change(&mut node, "metadata", |metadata| {
            metadata.remove("namespace");
            if let Some(namespace) = self.namespace {
                put(metadata, "namespace", Node::string(namespace, template.span));
            }
        });
        let object = fields::encode(&node, APPLICATION);
        Ok(Application { object, origins: set.origins.clone(), template: template.span })
    }

    fn rendered(&self, template: &Node, set: &ParameterSet) -> Result<Node, Fault> {
        let mut node = self.renderer.node(template, &set.parameters)?;
        change(&mut node, "metadata", |metadata| {
            let finalizers = metadata.get("finalizers").and_then(Node::as_seq);
            if !self.preserve_resources && finalizers.is_none_or(<[Node]>::is_empty) {
                let list = Value::Seq(vec![Node::string(FINALIZER, template.span)]);
                put(metadata, "finalizers", Node::new(list, template.span));
            }
        });
        Ok(node)
    }
}

/// Changes the map under a key, which is made where it is missing.
fn change(node: &mut Node, name: &str, how: impl FnOnce(&mut Map)) {
    let span = node.span;
    let Some(map) = node.as_map_mut() else { return };
    if !map.contains_key(name) {
        put(map, name, Node::new(Value::Map(Map::default()), span));
    }
    if let Some(section) = map.get_mut(name).and_then(Node::as_map_mut) {
        how(section);
    }
}

fn put(map: &mut Map, name: &str, node: Node) {
    map.insert(Key { name: name.into(), span: node.span }, node);
}

/// What the controller changes in a spec before it writes it: an empty project is `default`, and
/// blocks that say nothing vanish.
///
/// Source: `NormalizeApplicationSpec` and `NormalizeSource` in `util/argo/argo.go`,
/// `TestNormalizeApplicationSpec`.
pub(super) fn normalize(object: &mut serde_json::Value) {
    let Some(spec) = object.get_mut("spec").and_then(serde_json::Value::as_object_mut) else {
        return;
    };
    if spec.get("project").is_none_or(|project| project == "") {
        spec.insert("project".into(), "default".into());
    }
    let policy = spec.get("syncPolicy").and_then(serde_json::Value::as_object);
    if policy.is_some_and(serde_json::Map::is_empty) {
        spec.remove("syncPolicy");
    }
    if let Some(serde_json::Value::Array(sources)) = spec.get_mut("sources") {
        sources.iter_mut().for_each(normalize_source);
    } else if let Some(source) = spec.get_mut("source") {
        normalize_source(source);
    }
}

/// Fields of `kustomize` and `directory` that do not make the block count as one that says something.
const SILENT_KUSTOMIZE: [&str; 5] = [
    "forceCommonLabels",
    "forceCommonAnnotations",
    "commonAnnotationsEnvsubst",
    "labelWithoutSelector",
    "labelIncludeTemplates",
];

fn normalize_source(source: &mut serde_json::Value) {
    let Some(source) = source.as_object_mut() else { return };
    for (block, silent) in [("helm", &[][..]), ("kustomize", &SILENT_KUSTOMIZE), ("directory", &[])]
    {
        let says_nothing = |block: &serde_json::Value| {
            block
                .as_object()
                .is_some_and(|map| map.keys().all(|key| silent.contains(&key.as_str())))
        };
        if source.get(block).is_some_and(says_nothing) {
            source.remove(block);
        }
    }
}
