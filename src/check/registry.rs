//! Every check, with the page that explains it.
//!
//! The pages under `docs/checks/` are the one text of a check: `gitopsc explain` prints them, the
//! book links to them, reports quote them, and their examples are the check's tests.

use std::sync::LazyLock;

use crate::diagnostic::Severity;

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// One object alone.
    Object,
    /// All objects of a cluster together.
    Whole,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 2] = [Self::Object, Self::Whole];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Whole => "whole",
        }
    }
}

/// One named rule, or a family of rules that are broken and mended alike.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Names the fault in kebab-case and never changes its meaning.
    pub id: &'static str,
    /// What it looks at.
    pub group: Group,
    /// Its page, in Markdown.
    pub page: &'static str,
}

impl Check {
    /// The check of this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        CHECKS.binary_search_by(|check| check.id.cmp(id)).ok().map(|index| &CHECKS[index])
    }

    /// The headline: what is wrong where the check finds something.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.paragraph(1)
    }

    /// How grave it is where settings say nothing else.
    #[must_use]
    pub fn level(&self) -> Severity {
        match self.paragraph(2).split_whitespace().next() {
            Some("Error:" | "Error.") => Severity::Error,
            Some("Note:" | "Note.") => Severity::Note,
            _ => Severity::Warning,
        }
    }

    /// Why it is a fault and how to mend it: the page without headline, level and examples.
    #[must_use]
    pub fn text(&self) -> &'static str {
        let before = self.page.split("\n## ").next().unwrap_or_default();
        before.splitn(4, "\n\n").nth(3).unwrap_or_default().trim()
    }

    /// YAML in which it finds something.
    pub fn wrong(&self) -> impl Iterator<Item = &'static str> {
        self.examples("Wrong")
    }

    /// YAML in which nothing is wrong.
    pub fn right(&self) -> impl Iterator<Item = &'static str> {
        self.examples("Right")
    }

    fn paragraph(&self, index: usize) -> &'static str {
        self.page.split("\n\n").nth(index).unwrap_or_default().trim()
    }

    fn examples(&self, heading: &'static str) -> impl Iterator<Item = &'static str> {
        let sections = self.page.split("\n## ").skip(1);
        sections
            .filter(move |section| section.starts_with(heading))
            .flat_map(|section| section.split("```yaml\n").skip(1))
            .filter_map(|rest| rest.split("```").next())
    }
}

macro_rules! checks {
    ($($group:ident: $($id:literal)*;)*) => {
        &[$($(Check {
            id: $id,
            group: Group::$group,
            page: include_str!(concat!("../../docs/checks/", $id, ".md")),
        },)*)*]
    };
}

/// Every check, by id.
pub static CHECKS: LazyLock<Vec<Check>> = LazyLock::new(|| {
    let mut all = [OBJECT, WHOLE].concat();
    all.sort_by_key(|check| check.id);
    all
});

static WHOLE: &[Check] = checks! {
    Whole:
        "address-family-mismatch" "address-outside-pools" "address-pool-missing"
        "address-request-ignored" "address-request-invalid" "address-reserved" "address-taken"
        "address-unassigned" "address-unguarded"
        "buffer-exceeded"
        "claim-missing" "claim-of-several-pods" "claim-on-several-nodes"
        "cluster-ip-outside" "cluster-ip-taken" "cluster-network-overlap"
        "config-key-missing" "config-map-missing"
        "conversation-forbidden"
        "definition-missing"
        "dependency-less-important"
        "disruption-budget-blocks"
        "distribution-part-twice"
        "dns-forbidden"
        "entry-broken"
        "host-path-on-several-nodes" "host-port-taken" "host-unresolved"
        "ingress-class-missing" "ingress-controller-twice" "ingress-path-taken"
        "layer-exceeded"
        "limit-range-default-twice" "limit-range-violated"
        "limits-exceed-memory"
        "listener-missing"
        "load-balancer-twice"
        "local-image-pulled" "local-port-taken"
        "namespace-missing"
        "node-outside-network" "node-port-out-of-range" "node-port-taken"
        "nodes-overpromised"
        "pod-fits-no-node" "pod-security-violated"
        "policy-peer-selects-nothing" "policy-selects-nothing"
        "pool-address-invalid" "pool-exhausted" "pool-in-cluster-network" "pool-mismatch"
        "pool-overlap"
        "priority-class-default-twice" "priority-class-missing" "priority-class-of-layer-missing"
        "quota-exceeded" "quota-exceeded-in-rollout" "quota-exceeded-when-scaled"
        "quota-exceeded-when-scheduled" "quota-value-missing"
        "reference-missing" "reference-not-granted"
        "requests-exceed-nodes"
        "role-missing"
        "rollout-stuck" "rollout-waits-for-volume"
        "route-host-mismatch" "route-not-allowed"
        "runtime-class-missing"
        "scale-target-missing"
        "secret-in-git" "secret-missing"
        "selector-matches-nothing"
        "service-account-missing" "service-missing" "service-port-missing"
        "stateful-service-not-headless" "stateful-set-name-too-long"
        "storage-class-default-twice" "storage-class-missing"
        "target-port-missing" "target-port-undeclared"
        "volumes-exceed-disk";
};

static OBJECT: &[Check] = checks! {
    Object:
        "access-mode-invalid"
        "address-invalid"
        "address-missing"
        "address-not-canonical"
        "address-parent-invalid"
        "address-type-missing"
        "admission-rule-invalid"
        "admission-setting-invalid"
        "affinity-invalid"
        "amount-invalid"
        "annotation-deprecated"
        "annotation-invalid"
        "annotation-mismatch"
        "api-group-invalid"
        "api-priority-invalid"
        "api-service-name-mismatch"
        "api-service-target-invalid"
        "api-version-deprecated"
        "api-version-invalid"
        "api-version-unserved"
        "audit-annotation-invalid"
        "base64-invalid"
        "budget-ambiguous"
        "bytes-fractional"
        "class-parameters-invalid"
        "cluster-ip-invalid"
        "completion-mode-mismatch"
        "completions-missing"
        "container-missing"
        "container-name-invalid"
        "container-name-taken"
        "crd-approval-missing"
        "crd-conversion-invalid"
        "crd-name-invalid"
        "crd-schema-missing"
        "crd-scope-invalid"
        "crd-unknown-fields-kept"
        "crd-version-invalid"
        "csi-driver-invalid"
        "custom-rule-broken"
        "data-key-invalid"
        "data-source-invalid"
        "data-too-large"
        "device-class-invalid"
        "device-config-invalid"
        "device-constraint-invalid"
        "device-request-invalid"
        "dns-config-invalid"
        "embedded-object-invalid"
        "endpoint-slice-too-large"
        "env-name-invalid"
        "env-source-invalid"
        "ephemeral-container-refused"
        "event-invalid"
        "external-name-invalid"
        "field-dropped"
        "field-ignored"
        "field-path-invalid"
        "field-required"
        "field-type-mismatch"
        "field-unknown"
        "file-mode-invalid"
        "finalizer-invalid"
        "flow-precedence-invalid"
        "flow-queue-invalid"
        "flow-rule-invalid"
        "grace-period-negative"
        "handler-invalid"
        "hint-taken"
        "history-limit-negative"
        "host-alias-invalid"
        "host-sharing-conflict"
        "hostname-invalid"
        "hugepages-invalid"
        "image-invalid"
        "index-limit-missing"
        "ingress-backend-invalid"
        "ingress-host-invalid"
        "ingress-path-invalid"
        "init-container-handler"
        "ip-family-invalid"
        "job-selector-invalid"
        "label-invalid"
        "label-keys-invalid"
        "label-selector-missing"
        "limit-range-invalid"
        "list-item-taken"
        "list-key-repeated"
        "match-condition-invalid"
        "match-constraints-invalid"
        "mount-invalid"
        "mount-path-taken"
        "mount-without-volume"
        "name-invalid"
        "name-missing"
        "name-no-hostname"
        "network-peer-invalid"
        "node-label-deprecated"
        "node-port-unusual"
        "node-selector-invalid"
        "number-out-of-range"
        "os-missing"
        "other-system-field"
        "owner-invalid"
        "pod-annotation-invalid"
        "pod-blocks-invalid"
        "pod-deadline-refused"
        "pod-failure-policy-invalid"
        "pod-gate-invalid"
        "pod-overhead-refused"
        "pod-resources-invalid"
        "pod-security-label-invalid"
        "policy-binding-invalid"
        "policy-mutation-invalid"
        "policy-param-invalid"
        "policy-types-invalid"
        "policy-validation-invalid"
        "policy-variable-invalid"
        "port-invalid"
        "port-missing"
        "port-name-missing"
        "port-name-repeated"
        "port-overlapping"
        "port-taken"
        "printer-column-invalid"
        "priority-class-invalid"
        "priority-level-invalid"
        "probe-invalid"
        "provisioner-invalid"
        "quantity-invalid"
        "quota-scope-invalid"
        "quota-unreachable"
        "reference-invalid"
        "replicas-invalid"
        "request-limit-mismatch"
        "resize-policy-invalid"
        "resource-amount-invalid"
        "resource-claim-invalid"
        "resource-field-invalid"
        "resource-limit-missing"
        "resource-name-invalid"
        "restart-policy-invalid"
        "restart-rule-invalid"
        "revision-invalid"
        "role-aggregation-invalid"
        "role-ref-invalid"
        "role-rule-invalid"
        "runtime-class-invalid"
        "scaling-behavior-invalid"
        "scaling-metric-invalid"
        "schedule-invalid"
        "schema-default-invalid"
        "schema-format-unknown"
        "schema-keyword-forbidden"
        "schema-list-type-invalid"
        "schema-metadata-invalid"
        "schema-not-structural"
        "schema-pattern-invalid"
        "schema-rule-invalid"
        "schema-type-invalid"
        "secret-incomplete"
        "secret-json-invalid"
        "security-context-invalid"
        "security-profile-invalid"
        "selectable-field-invalid"
        "selector-invalid"
        "selector-mismatch"
        "selector-missing"
        "service-blocks-invalid"
        "service-type-mismatch"
        "spec-missing"
        "spread-constraint-invalid"
        "storage-capacity-invalid"
        "strategy-invalid"
        "subject-invalid"
        "subresource-invalid"
        "success-policy-invalid"
        "sysctl-invalid"
        "taint-invalid"
        "template-missing"
        "time-zone-unknown"
        "tls-pair-unreadable"
        "toleration-invalid"
        "topology-invalid"
        "traffic-policy-invalid"
        "value-deprecated"
        "value-refused"
        "value-unknown"
        "volume-affinity-invalid"
        "volume-attachment-invalid"
        "volume-capacity-invalid"
        "volume-claim-invalid"
        "volume-device-invalid"
        "volume-name-invalid"
        "volume-name-taken"
        "volume-path-invalid"
        "volume-paths-overlapping"
        "volume-plugin-gone"
        "volume-policy-invalid"
        "volume-source-invalid"
        "volume-sources-many"
        "webhook-client-invalid"
        "webhook-name-invalid"
        "webhook-timeout-invalid"
        "webhook-versions-invalid"
        "windows-options-invalid";
};
