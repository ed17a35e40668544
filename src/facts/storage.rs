//! Where the volumes of claims are.

use super::{Body, Claim, Cluster, Object, Unseen};
use crate::config::{Distribution, EnvironmentSpec};
use crate::model::GroupKind;

/// Parts of the names of provisioners, and of classes, whose volumes are directories of one node, which
/// the scheduler sends all pods to, or file systems that any number of nodes mount, whatever mode a
/// claim states.
const NOT_ATTACHED: [&str; 16] = [
    "cephfs",
    "cifs",
    "efs",
    "file",
    "gluster",
    "host-path",
    "hostpath",
    "juicefs",
    "local",
    "lvm",
    "manual",
    "nfs",
    "no-provisioner",
    "seaweedfs",
    "smb",
    "topolvm",
];

impl Cluster {
    /// Whether the volume of a claim is attached to one node at a time, and that may be any of them:
    /// its modes say so, and nothing tells of another kind of volume. The attach/detach controller
    /// refuses a second node: `IsMultiAttachAllowed` of `pkg/volume/util/util.go`.
    #[must_use]
    pub fn is_attached_to_one(&self, object: &Object, claim: &Claim) -> bool {
        let is_once = !claim.modes.is_empty()
            && claim.modes.iter().all(|it| matches!(&**it, "ReadWriteOnce" | "ReadWriteOncePod"));
        if !is_once || claim.is_bound {
            return false;
        }
        let class = claim.class.as_deref().or_else(|| self.default_class(object));
        let provisioner = class.and_then(|class| self.provisioner(object, class));
        // What no provisioner is known to serve may find a volume that somebody made beside it.
        let kind = GroupKind::new("", "PersistentVolume");
        if provisioner.is_none() && self.of_kind(&kind).any(|volume| volume.unit == object.unit) {
            return false;
        }
        let name = provisioner.or(class).unwrap_or_default();
        !NOT_ATTACHED.iter().any(|part| name.contains(part))
    }

    /// Whether a claim that names no class gets none for sure: no class is the default one, and no
    /// volume is there that it may find without.
    #[must_use]
    pub fn lacks_default_class(&self, claim: &Object) -> bool {
        let class = GroupKind::new("storage.k8s.io", "StorageClass");
        let volume = GroupKind::new("", "PersistentVolume");
        // Of a class that somebody brings it is not known whether it is the default one.
        self.default_class(claim).is_none()
            && !self.may_make_any(&class)
            && self.of_kind(&volume).next().is_none()
            && !self.may_hold(Unseen::Unread(&claim.unit))
    }

    /// The class of claims that name none, where it is known.
    fn default_class(&self, claim: &Object) -> Option<&str> {
        let surroundings = self.surroundings();
        let planned = surroundings.plan.iter().flat_map(|plan| &plan.default_classes);
        let kind = GroupKind::new("storage.k8s.io", "StorageClass");
        let mut stated = self.of_kind(&kind).filter(|class| {
            matches!(class.body, Body::StorageClass(_, Some(_))) && self.surely_share(class, claim)
        });
        let stated = stated.next().map(|class| class.key.name.as_str());
        stated.or_else(|| planned.map(|(name, _)| &**name).next())
    }

    fn provisioner(&self, claim: &Object, class: &str) -> Option<&str> {
        let kind = GroupKind::new("storage.k8s.io", "StorageClass");
        let mut objects = self.named(&kind, class);
        let object = objects.find_map(|object| match &object.body {
            Body::StorageClass(provisioner, _) if self.may_share(object, claim) => {
                Some(&**provisioner)
            }
            _ => None,
        });
        object.or_else(|| {
            let all = &self.surroundings().provisioners;
            all.iter().find(|(name, _)| **name == *class).map(|(_, provisioner)| &**provisioner)
        })
    }
}

/// The classes that an environment states, and those of its distribution.
pub(super) fn provisioners(spec: &EnvironmentSpec) -> Vec<(Box<str>, Box<str>)> {
    let stated = spec.storage_classes.iter().flatten().filter_map(|(name, class)| {
        let provisioner = class.as_ref()?.provisioner.as_deref()?;
        Some((name.as_str(), provisioner))
    });
    let distribution = spec.kubernetes.as_ref().and_then(|kubernetes| kubernetes.distribution);
    let kubernetes = spec.kubernetes.as_ref();
    let disabled = kubernetes.and_then(|kubernetes| kubernetes.disabled.as_deref());
    let is_on = |part: &str| !disabled.unwrap_or_default().iter().any(|known| known == part);
    let brought = match distribution {
        Some(Distribution::K3s) => Some(("local-storage", "local-path", "rancher.io/local-path")),
        Some(Distribution::Minikube) => {
            Some(("default-storageclass", "standard", "k8s.io/minikube-hostpath"))
        }
        Some(Distribution::Kind) => Some(("-", "standard", "rancher.io/local-path")),
        Some(Distribution::Kubernetes) | None => None,
    };
    let brought = brought.filter(|(part, ..)| is_on(part));
    let brought = brought.map(|(_, name, provisioner)| (name, provisioner));
    stated.chain(brought).map(|(name, provisioner)| (name.into(), provisioner.into())).collect()
}
