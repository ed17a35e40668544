//! What containers and pods ask of nodes: amounts of resources, and claims of devices.

use std::collections::{BTreeMap, HashSet};

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::mount::FEW;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::check::object::value::text;
use crate::diagnostic::suggest;
use crate::model::Field;
use crate::model::Quantity;
use crate::yaml::{Node, Value};

const NAME: &str = "resource-name-invalid";
const AMOUNT: &str = "resource-amount-invalid";
const MISMATCH: &str = "request-limit-mismatch";
const LIMIT: &str = "resource-limit-missing";
const HUGE: &str = "hugepages-invalid";
const CLAIM: &str = "resource-claim-invalid";
const POD: &str = "pod-resources-invalid";

/// Beginning of the names of huge pages.
const HUGE_PAGES: &str = "hugepages-";

/// Whether the server knows a name of a resource there.
type Known = fn(&str) -> Option<&'static str>;

/// The amount that the server reads. Nothing where it is too large for us.
pub(crate) fn amount(node: &Node) -> Option<Quantity> {
    match &node.value {
        Value::Null => Some(Quantity::ZERO),
        Value::Int(number) => Some(Quantity::units(*number)),
        Value::UInt(number) => number.to_string().parse().ok(),
        Value::Float(number) => number.to_string().parse().ok(),
        Value::String(said) => {
            let said = said.trim();
            // The server needs no digits.
            let digits = said.bytes().any(|byte| byte.is_ascii_digit());
            if !digits && text::is_quantity(said) {
                return Some(Quantity::ZERO);
            }
            said.parse().ok()
        }
        _ => None,
    }
}

/// Whether an amount is below zero.
pub(crate) fn is_negative(node: &Node) -> bool {
    amount(node).is_some_and(|amount| amount < Quantity::ZERO)
}

/// `ValidateContainerResourceRequirements` of `pkg/apis/core/validation/validation.go`
pub(crate) fn of_container(resources: &Field<'_>, claims: &HashSet<&str>, faults: &mut Faults) {
    requirements(resources, container_name, faults);
    if let Some(used) = resources.get("claims") {
        used_claims(&used, claims, faults);
    }
}

/// `validateOverhead`
pub(crate) fn overhead(overhead: &Field<'_>, faults: &mut Faults) {
    amounts(overhead, container_name, faults);
    huge_pages_alone(overhead, &[Some(overhead)], faults);
}

/// `validateResourceRequirements`
fn requirements(resources: &Field<'_>, known: Known, faults: &mut Faults) {
    let limits = resources.get("limits");
    let requests = resources.get("requests");
    for list in [&limits, &requests].into_iter().flatten() {
        amounts(list, known, faults);
    }
    if let Some(requests) = &requests {
        for (name, request) in requests.entries() {
            let limit = limits.as_ref().and_then(|limits| limits.node.get(name));
            against_limit(name, &request, limit, resources, requests, faults);
        }
    }
    huge_pages_alone(resources, &[limits.as_ref(), requests.as_ref()], faults);
}

/// Huge pages are backed by memory, and asked for beside it or beside a CPU.
fn huge_pages_alone(owner: &Field<'_>, lists: &[Option<&Field<'_>>], faults: &mut Faults) {
    let any = |is: fn(&str) -> bool| {
        lists.iter().flatten().any(|list| list.entries().any(|(name, _)| is(name)))
    };
    if any(|name| name.starts_with(HUGE_PAGES)) && !any(|name| ["cpu", "memory"].contains(&name)) {
        let message = "huge pages need an amount of `cpu` or `memory` beside them";
        faults.at_key(HUGE, Reason::Forbidden, owner, message);
    }
}

/// Names and amounts of one list: `ValidateResourceQuantityValue` and
/// `validateResourceQuantityHugePageValue`.
fn amounts(list: &Field<'_>, known: Known, faults: &mut Faults) {
    for (name, field) in list.entries() {
        if let Some(wrong) = known(name) {
            let message = format!("resource `{name}` {wrong}");
            let fault = faults.at_key(NAME, Reason::Invalid, &field, message);
            fault.help = suggest(name, ["cpu", "memory", "ephemeral-storage"]);
        }
        let Some(amount) = amount(field.node) else { continue };
        if amount < Quantity::ZERO {
            let message = format!("`{name}: {amount}` must not be below 0");
            faults.at(AMOUNT, Reason::Invalid, &field, message);
        } else if is_extended(name) && amount.milli_value() % 1000 != 0 {
            let message = format!("`{name}: {amount}` must be a whole number");
            faults.at(AMOUNT, Reason::Invalid, &field, message);
        }
        if let (Some(size), false) = (name.strip_prefix(HUGE_PAGES), divides(name, amount)) {
            let message = format!("`{name}: {amount}` is no multiple of {size}");
            faults.at(HUGE, Reason::Invalid, &field, message);
        }
    }
}

/// `IsHugePageResourceValueDivisible`
fn divides(name: &str, amount: Quantity) -> bool {
    let size = name.strip_prefix(HUGE_PAGES).and_then(|size| size.parse::<Quantity>().ok());
    size.is_some_and(|size| {
        size > Quantity::ZERO
            && size.milli_value() % 1000 == 0
            && amount.value() % size.value() == 0
    })
}

fn against_limit(
    name: &str,
    request: &Field<'_>,
    limit: Option<&Node>,
    resources: &Field<'_>,
    requests: &Field<'_>,
    faults: &mut Faults,
) {
    let shared = is_native(name) && !name.starts_with(HUGE_PAGES);
    let Some(limit) = limit else {
        if !shared {
            let message = format!("resource `{name}` is requested without a limit");
            faults
                .missing(LIMIT, resources, "limits", message)
                .help("give it a limit of the same amount");
        }
        return;
    };
    let (Some(asked), Some(most)) = (amount(request.node), amount(limit)) else { return };
    // The server rounds up before it compares.
    let (asked_milli, most_milli) = (asked.milli_value(), most.milli_value());
    if asked_milli > most_milli || (!shared && asked_milli != most_milli) {
        let (relation, help) = match shared {
            true => ("above", "lower the request, or raise the limit"),
            false => ("not equal to", "write the limit alone: the request is then the same"),
        };
        let message = format!("request `{name}: {asked}` is {relation} its limit of {most}");
        faults.entry(MISMATCH, Reason::Invalid, requests, request, message).help(help);
    }
}

/// `IsNativeResource` of `pkg/apis/core/helper/helpers.go`
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// `IsExtendedResourceName`: whole things that somebody's plug-in offers.
fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && name::qualified_name(&format!("requests.{name}")).is_none()
}

/// `validateContainerResourceName`
fn container_name(name: &str) -> Option<&'static str> {
    name::qualified_name(name).or_else(|| {
        if !name.contains('/') {
            let known = ["cpu", "memory", "ephemeral-storage"].contains(&name);
            return (!known && !name.starts_with(HUGE_PAGES))
                .then_some("is none that a container can ask for");
        }
        (!is_native(name) && !is_extended(name)).then_some("is no name of a resource")
    })
}

/// `validatePodResourceName`
fn pod_name(name: &str) -> Option<&'static str> {
    let known = ["cpu", "memory"].contains(&name) || name.starts_with(HUGE_PAGES);
    (!known).then_some("is none that a pod as a whole can ask for")
}

/// `validateResourceClaimNames`
fn used_claims(used: &Field<'_>, claims: &HashSet<&str>, faults: &mut Faults) {
    let mut seen: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for claim in used.items() {
        let (name, request) = (claim.text("name"), claim.text("request"));
        if name.is_empty() {
            value::missing(CLAIM, &claim, "name", faults);
            continue;
        }
        value::form(CLAIM, &claim, "request", name::dns_label, faults);
        // Without `request` it is all of the claim.
        let others = seen.entry(name).or_default();
        let whole = request.is_empty() && !others.is_empty();
        if whole || others.contains(request) || others.contains("") {
            let message = format!("the container uses claim `{name}` twice");
            faults.at(CLAIM, Reason::Duplicate, &claim, message);
        }
        others.insert(request);
        if !claims.contains(name) {
            let message = format!("the pod has no claim `{name}` in `resourceClaims`");
            let fault = faults.at(CLAIM, Reason::NotFound, &claim, message);
            let few = claims.len() <= FEW;
            let mut known: Vec<&str> = claims.iter().copied().filter(|_| few).collect();
            known.sort_unstable();
            fault.help = suggest(name, known);
        }
    }
}

/// `validatePodResourceClaims`
pub(crate) fn pod_claims(claims: &Field<'_>, faults: &mut Faults) {
    let mut names = HashSet::new();
    for claim in claims.items() {
        value::text_of_form(CLAIM, &claim, "name", name::dns_label, faults);
        let name = claim.text("name");
        if let (false, Some(field)) = (name.is_empty() || names.insert(name), claim.get("name")) {
            let message = format!("two claims of the pod are named `{name}`");
            faults.at(CLAIM, Reason::Duplicate, &field, message);
        }
        let sources = ["resourceClaimName", "resourceClaimTemplateName"];
        let given = sources.iter().filter(|source| value::has(&claim, source)).count();
        if given != 1 {
            let message = match given {
                0 => format!("claim `{name}` names no ResourceClaim and no template of one"),
                _ => format!("claim `{name}` names both a ResourceClaim and a template of one"),
            };
            faults
                .at(CLAIM, Reason::Invalid, &claim, message)
                .help("write one of `resourceClaimName` and `resourceClaimTemplateName`");
        }
        for source in sources {
            if value::has(&claim, source) {
                value::form_needed(CLAIM, &claim, source, name::dns_subdomain, faults);
            }
        }
    }
}

/// `validatePodResources` and `validatePodResourceConsistency`. `itself` is whether the spec is
/// that of a pod, whose containers request what they are limited to (`SetDefaults_Pod`).
pub(crate) fn of_pod(spec: &Field<'_>, itself: bool, faults: &mut Faults) {
    let Some(resources) = spec.get("resources") else { return };
    if let Some(claims) = resources.get("claims")
        && claims.items().next().is_some()
    {
        let message = "a pod as a whole uses no claims";
        faults
            .at_key(POD, Reason::Forbidden, &claims, message)
            .help("write them under `resources` of the containers");
    }
    requirements(&resources, pod_name, faults);
    let mut asked = aggregate(spec, |container, sums| {
        let of = |list: &str| container.get("resources").and_then(|node| node.get(list));
        let (requests, limits) = (of("requests"), of("limits").filter(|_| itself));
        add(requests, None, sums);
        add(limits, requests, sums);
    });
    let requests = resources.get("requests");
    if let Some(requests) = &requests {
        below(requests, "request", &asked, faults);
    }
    let Some(limits) = resources.get("limits") else { return };
    // What a pod does not request, it is taken to request for its containers (`SetDefaults_Pod`).
    asked.retain(|name, _| {
        let said = requests.as_ref().is_some_and(|requests| requests.node.get(name).is_some());
        itself && !said && ["cpu", "memory"].contains(name)
    });
    below(&limits, "request", &asked, faults);
    let mut most = aggregate(spec, |container, sums| {
        add(container.pointer("/resources/limits"), None, sums);
    });
    most.retain(|name, _| name.starts_with(HUGE_PAGES));
    below(&limits, "limit", &most, faults);
    each_limit(spec, &limits, faults);
}

/// Amounts by the name of the resource, in thousandths.
type Sums<'a> = BTreeMap<&'a str, i128>;

fn add<'a>(list: Option<&'a Node>, but: Option<&Node>, sums: &mut Sums<'a>) {
    let Some(map) = list.and_then(Node::as_map) else { return };
    for (key, node) in map.iter() {
        if but.is_none_or(|but| but.get(&key.name).is_none())
            && let Some(amount) = amount(node)
        {
            *sums.entry(&key.name).or_default() += amount.milli_value();
        }
    }
}

/// What all containers take together: `AggregateContainerRequests` of
/// `k8s.io/component-helpers/resource`. Init containers run one by one, beside the sidecars that
/// were started before them.
fn aggregate<'a>(spec: &Field<'a>, take: impl Fn(&'a Node, &mut Sums<'a>)) -> Sums<'a> {
    let mut sums = Sums::new();
    for container in value::list(spec, "containers") {
        take(container, &mut sums);
    }
    let (mut beside, mut most) = (Sums::new(), Sums::new());
    for container in value::list(spec, "initContainers") {
        let mut own = Sums::new();
        take(container, &mut own);
        if container.get("restartPolicy").and_then(Node::as_str) == Some("Always") {
            take(container, &mut sums);
            take(container, &mut beside);
            own.clone_from(&beside);
        } else {
            beside.iter().for_each(|(name, sum)| *own.entry(name).or_default() += sum);
        }
        raise(&mut most, own);
    }
    raise(&mut sums, most);
    sums
}

/// Takes the greater of each two.
fn raise<'a>(sums: &mut Sums<'a>, others: Sums<'a>) {
    for (name, other) in others {
        let sum = sums.entry(name).or_insert(other);
        *sum = (*sum).max(other);
    }
}

/// What containers ask for must fit into what the pod asks for.
fn below(list: &Field<'_>, what: &str, sums: &Sums<'_>, faults: &mut Faults) {
    for (name, field) in list.entries() {
        let (Some(sum), Some(amount)) = (sums.get(name), amount(field.node)) else { continue };
        if *sum > amount.milli_value() {
            let message =
                format!("the containers' {what}s of `{name}` are more than the pod's {amount}");
            faults
                .at(POD, Reason::Invalid, &field, message)
                .help(format!("raise the {what} of the pod"));
        }
    }
}

/// No container may have a higher limit than its pod.
fn each_limit(spec: &Field<'_>, limits: &Field<'_>, faults: &mut Faults) {
    let Some(containers) = spec.get("containers") else { return };
    for container in containers.items() {
        let Some(resources) = container.get("resources") else { continue };
        let Some(own) = resources.get("limits") else { continue };
        for (name, field) in own.entries() {
            let pod = limits.node.get(name).and_then(amount);
            let (Some(pod), Some(own)) = (pod, amount(field.node)) else { continue };
            if own.milli_value() > pod.milli_value() {
                let message = format!("limit `{name}: {own}` is above that of the pod, {pod}");
                faults
                    .at(POD, Reason::Invalid, &field, message)
                    .help("lower it, or raise the limit of the pod");
            }
        }
    }
}
