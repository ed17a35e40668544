//! Which autoscalers may have one target, as KEDA sees it: `verifyHpas`, `verifyScaledObjects` and
//! `getHpaName` of its `apis/keda/v1alpha1/scaledobject_webhook.go`.

use super::autoscaler::annotation;
use super::{Place, Reading};
use crate::load::manifest::{is_open, is_placeholder};
use crate::model::Field;

/// What an autoscaler says of the pods that it scales the number of.
#[derive(Debug, Clone, PartialEq)]
pub struct Ownership {
    /// Where the name of its target is written.
    pub place: Place,
    /// The HorizontalPodAutoscaler that a ScaledObject makes, and where it is named.
    pub made: Option<(Box<str>, Place)>,
    /// Whether a HorizontalPodAutoscaler stands beside ScaledObjects, or a ScaledObject takes over the
    /// HorizontalPodAutoscaler that it names.
    pub yields: bool,
}

impl Ownership {
    /// Whether an autoscaler of a name may have the same target as another one. Those of one kind may
    /// never.
    #[must_use]
    pub fn may_share(&self, name: &str, other: &Self, name_of_other: &str) -> bool {
        match (&self.made, &other.made) {
            (None, Some((made, _))) => self.yields || other.takes(made, name),
            (Some((made, _)), None) => other.yields || self.takes(made, name_of_other),
            _ => false,
        }
    }

    fn takes(&self, made: &str, name: &str) -> bool {
        self.yields && (*made == *name || is_placeholder(made))
    }
}

/// Of what changes numbers of pods; nothing where its target is filled in later, or another object
/// made it.
pub(super) fn read(
    reading: &Reading<'_>,
    kind: &str,
    root: &Field<'_>,
    spec: &Field<'_>,
) -> Option<Ownership> {
    if root.node.pointer("/metadata/ownerReferences").is_some() {
        return None;
    }
    let target = spec.get("scaleTargetRef").filter(|target| !is_open(target.node))?;
    let place = reading.place(&target.get("name")?);
    let says =
        |key, value| annotation(root, key).is_some_and(|it| it == value || is_placeholder(it));
    if kind != "ScaledObject" {
        let yields = says("validations.keda.sh/hpa-ownership", "false");
        return Some(Ownership { place, made: None, yields });
    }
    let advanced = spec.get("advanced");
    let config = advanced.as_ref().and_then(|it| it.get("horizontalPodAutoscalerConfig"));
    let stated = config.as_ref().and_then(|config| config.get("name"));
    let stated = stated.filter(|name| name.node.as_str().is_some_and(|name| !name.is_empty()));
    let is_stated = stated.is_some();
    let made = match stated {
        Some(name) => (name.node.as_str()?.into(), reading.place(&name)),
        None => {
            let metadata = root.get("metadata")?;
            let name = metadata.get("name")?;
            (format!("keda-hpa-{}", name.node.as_str()?).into(), reading.place(&name))
        }
    };
    let yields = is_stated && says("scaledobject.keda.sh/transfer-hpa-ownership", "true");
    Some(Ownership { place, made: Some(made), yields })
}
