//! Properties of merging and of quantities, held against simple models.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use gitopsc::model::Quantity;
use gitopsc::resolve::merge;
use gitopsc::source::{Sources, Span};
use gitopsc::world::Memory;
use gitopsc::yaml::{self, Node};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn node(value: &Value) -> Node {
    let span = Span::new(Sources::default().add("", ""), 0..0);
    yaml::from_json(value, span)
}

fn merged(base: &Value, over: &Value) -> Value {
    let mut result = node(base);
    merge(&mut result, &node(over));
    yaml::to_json(&result)
}

/// Trees in which anything may stand under any key.
fn any_tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_i64..4).prop_map(Value::from),
        "[ab]".prop_map(Value::from),
        prop::collection::vec(0_i64..3, 0..3).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop::collection::btree_map("[a-d]", inner, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    })
}

/// A map at the top, as every configuration file is.
fn any_map() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-d]", any_tree(), 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// A map of few keys, so that several of them meet, as maps and as what replaces a map.
fn clashing_map() -> impl Strategy<Value = Value> {
    let leaf = || prop_oneof![Just(Value::Null), (0_i64..4).prop_map(Value::from)];
    let map = |inner| {
        prop::collection::btree_map("[ab]", inner, 0..3)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
            .boxed()
    };
    let inner = map(leaf().boxed());
    map(prop_oneof![leaf(), inner.clone(), map(prop_oneof![leaf(), inner].boxed())].boxed())
}

/// Trees without `null`, in which `m…` always holds a map and `s…` never does.
fn shaped_map() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![(0_i64..4).prop_map(Value::from), "[xy]".prop_map(Value::from)];
    let empty = Just(Value::Object(Map::new()));
    empty.prop_recursive(4, 24, 4, move |inner| {
        let scalars = prop::collection::btree_map("s[a-c]", leaf.clone(), 0..3);
        let maps = prop::collection::btree_map("m[a-c]", inner, 0..3);
        (scalars, maps)
            .prop_map(|(scalars, maps)| Value::Object(scalars.into_iter().chain(maps).collect()))
    })
}

/// Takes every key with `null` out of maps.
fn pruned(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(_, child)| !child.is_null())
                .map(|(key, child)| (key.clone(), pruned(child)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// JSON Merge Patch (RFC 7396), which says the same in other words.
fn patched(base: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut result = base.as_object().cloned().unwrap_or_default();
    for (key, value) in patch {
        if value.is_null() {
            result.remove(key);
        } else {
            let known = result.get(key).unwrap_or(&Value::Null).clone();
            result.insert(key.clone(), patched(&known, value));
        }
    }
    Value::Object(result)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_is_json_merge_patch(base in any_map(), over in any_map()) {
        let base = pruned(&base);
        prop_assert_eq!(merged(&base, &over), patched(&base, &over));
    }

    #[test]
    fn merging_the_same_again_changes_nothing(base in any_map(), over in any_map()) {
        let base = pruned(&base);
        let once = merged(&base, &over);
        prop_assert_eq!(merged(&once, &over), once);
    }

    #[test]
    fn nothing_changes_nothing(base in any_map()) {
        let base = pruned(&base);
        prop_assert_eq!(merged(&base, &json!({})), base.clone());
        prop_assert_eq!(merged(&json!({}), &base), base.clone());
        prop_assert_eq!(merged(&base, &base), base);
    }

    #[test]
    fn a_null_removes(base in any_map(), key in "[a-d]") {
        let over = json!({key.as_str(): null});
        let result = merged(&pruned(&base), &over);
        prop_assert!(result.get(&key).is_none());
        // And a layer above may set it again.
        prop_assert_eq!(merged(&result, &json!({key.as_str(): 1}))[&key].clone(), json!(1));
    }

    #[test]
    fn grouping_does_not_matter_where_shapes_agree(
        a in shaped_map(), b in shaped_map(), c in shaped_map()
    ) {
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
    }

    #[test]
    fn places_follow_the_file_that_counts(base in shaped_map(), over in shaped_map()) {
        let mut sources = Sources::default();
        let (weak, strong) = (sources.add("weak", "weak"), sources.add("strong", "strong"));
        let mut result = yaml::from_json(&base, Span::new(weak, 0..1));
        let over = yaml::from_json(&over, Span::new(strong, 0..1));
        merge(&mut result, &over);
        let mut leaves = Vec::new();
        collect(&result, "", &mut leaves);
        for (pointer, leaf) in leaves {
            let expected = if over.pointer(&pointer).is_some() { strong } else { weak };
            prop_assert_eq!(leaf.span.file, expected, "{}", pointer);
        }
    }
}

/// A repository in which the environment `child` extends `base`, and both change one App.
fn resolved(app: &Value, base: &Value, child: &Value) -> Value {
    let environment = json!({
        "apiVersion": "gitopsc.dev/v1alpha1",
        "kind": "Environment",
        "kubernetes": {"version": "1.34"},
        "gitops": {"repoURL": "https://git.test/platform.git", "revision": "main"},
        "layers": {"main": {}},
        "namespaces": {"web": {"layer": "main"}},
        "apps": {"web": {"values": base}},
    });
    let over = json!({
        "apiVersion": "gitopsc.dev/v1alpha1",
        "kind": "Environment",
        "extends": "base",
        "apps": {"web": {"values": child}},
    });
    let web = json!({
        "apiVersion": "gitopsc.dev/v1alpha1",
        "kind": "App",
        "layer": "main",
        "namespace": "web",
        "values": app,
    });
    let stages = support::Stages::new(&Memory::new([
        ("environments/base/environment.yaml", environment.to_string()),
        ("environments/child/environment.yaml", over.to_string()),
        ("apps/web/app.yaml", web.to_string()),
    ]));
    let releases = &stages.environment("child").releases;
    let web = releases.iter().find(|release| release.name == "web").expect("it is listed");
    yaml::to_json(&web.values)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn app_base_and_child_are_three_patches(
        app in clashing_map(), base in clashing_map(), child in clashing_map()
    ) {
        let app = pruned(&app);
        prop_assert_eq!(resolved(&app, &base, &child), patched(&patched(&app, &base), &child));
    }
}

#[test]
fn what_a_base_removes_stays_removed() {
    let app = json!({"a": {"c": 2}});
    for removed in [json!(null), json!(5), json!([1])] {
        let child = json!({"a": {"b": 1}});
        assert_eq!(resolved(&app, &json!({"a": removed}), &child), child);
    }
    let child = json!({"a": {"b": 1}});
    assert_eq!(resolved(&app, &json!(null), &child), json!({"a": {"c": 2, "b": 1}}));
    assert_eq!(resolved(&app, &child, &json!(null)), app);
}

fn collect<'n>(node: &'n Node, pointer: &str, leaves: &mut Vec<(String, &'n Node)>) {
    match node.as_map() {
        Some(map) => {
            for (key, child) in map.iter() {
                collect(child, &format!("{pointer}/{}", key.name), leaves);
            }
        }
        None => leaves.push((pointer.to_owned(), node)),
    }
}

/// Suffixes and the billionths of a unit that each stands for.
const SUFFIXES: [(&str, i128); 19] = [
    ("n", 1),
    ("u", 1_000),
    ("m", 1_000_000),
    ("", 1_000_000_000),
    ("k", 1_000_000_000_000),
    ("M", 1_000_000_000_000_000),
    ("G", 1_000_000_000_000_000_000),
    ("T", 1_000_000_000_000_000_000_000),
    ("Ki", 1_000_000_000 << 10),
    ("Mi", 1_000_000_000 << 20),
    ("Gi", 1_000_000_000 << 30),
    ("Ti", 1_000_000_000 << 40),
    ("e0", 1_000_000_000),
    ("e3", 1_000_000_000_000),
    ("E3", 1_000_000_000_000),
    ("e-3", 1_000_000),
    ("e+6", 1_000_000_000_000_000),
    ("E6", 1_000_000_000_000_000),
    ("e-9", 1),
];

/// A quantity as text, and its billionths counted apart.
fn quantity() -> impl Strategy<Value = (String, i128)> {
    let number = (0_i64..1_000_000, 0_u32..4, any::<bool>());
    (number, prop::sample::select(&SUFFIXES[..])).prop_map(
        |((digits, places, negative), (suffix, unit))| {
            let scale = 10_i64.pow(places);
            let sign = if negative { "-" } else { "" };
            let text = match places {
                0 => format!("{sign}{digits}{suffix}"),
                _ => {
                    let width = places as usize;
                    format!("{sign}{}.{:0width$}{suffix}", digits / scale, digits % scale)
                }
            };
            // Below a billionth, Kubernetes rounds away from zero.
            let product = i128::from(digits) * unit;
            let whole = product / i128::from(scale) + i128::from(product % i128::from(scale) != 0);
            (text, if negative { -whole } else { whole })
        },
    )
}

/// A whole number of billionths, written out.
fn exactly(nanos: i128) -> String {
    format!("{nanos}n")
}

fn ceil(value: i128, by: i128) -> i128 {
    value.div_euclid(by) + i128::from(value.rem_euclid(by) != 0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quantities_are_exact((text, nanos) in quantity()) {
        let quantity: Quantity = text.parse().unwrap();
        let exact: Quantity = exactly(nanos).parse().unwrap();
        prop_assert_eq!(quantity, exact);
        prop_assert_eq!(quantity.value(), ceil(nanos, 1_000_000_000));
        prop_assert_eq!(quantity.milli_value(), ceil(nanos, 1_000_000));
    }

    #[test]
    fn what_is_written_reads_as_the_same((text, _) in quantity()) {
        let quantity: Quantity = text.parse().unwrap();
        let written = quantity.to_string();
        let again: Quantity = written.parse().unwrap();
        prop_assert_eq!(again, quantity, "{}", written);
        // `1000.5Ki` is written in bytes, which have no `i` any more: one more turn settles it.
        let settled = again.to_string();
        let last: Quantity = settled.parse().unwrap();
        prop_assert_eq!((last, last.to_string()), (quantity, settled));
    }

    #[test]
    fn sums_are_sums_of_whole_numbers((a, x) in quantity(), (b, y) in quantity()) {
        let (a, b): (Quantity, Quantity) = (a.parse().unwrap(), b.parse().unwrap());
        let sum = a.checked_add(b).unwrap();
        prop_assert_eq!(sum.value(), ceil(x + y, 1_000_000_000));
        prop_assert_eq!(sum.milli_value(), ceil(x + y, 1_000_000));
        let back = sum.checked_sub(b).unwrap();
        prop_assert_eq!(back.value(), a.value());
        prop_assert_eq!(b.checked_add(a).unwrap().milli_value(), sum.milli_value());
        prop_assert_eq!((a < b, a == b, a > b), (x < y, x == y, x > y));
    }

    #[test]
    fn products_round_up((a, x) in quantity(), quarters in 0_u32..40) {
        let a: Quantity = a.parse().unwrap();
        let product = a.checked_mul(f64::from(quarters) / 4.0).unwrap();
        let exact = x * i128::from(quarters);
        // Rounded up to whole units for `Ki` and its kin, to thousandths otherwise.
        let lowest = ceil(exact, 4_000_000);
        let highest = ceil(exact, 4_000_000_000) * 1000;
        let found = product.milli_value();
        prop_assert!(found == lowest || found == highest, "{found} is not {lowest} or {highest}");
    }

    #[test]
    fn nothing_else_is_a_quantity(text in "[0-9.eEkKmMiGn+ -]{0,6}") {
        let grammar = {
            let body = text.strip_prefix(['+', '-']).unwrap_or(&text);
            let end = body.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(body.len());
            let (number, suffix) = body.split_at(end);
            let digits = number.chars().filter(char::is_ascii_digit).count();
            let known = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
            let exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|rest| {
                let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
                !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())
            });
            digits > 0 && number.matches('.').count() <= 1 && (known.contains(&suffix) || exponent)
        };
        let read = text.parse::<Quantity>().is_ok();
        if read {
            prop_assert!(grammar, "{:?} was read", text);
        } else if grammar {
            // Only what is beyond every number that a cluster has may be refused.
            let exponent: i32 = text.to_lowercase().split('e').nth(1).and_then(|e| e.parse().ok()).unwrap_or(0);
            prop_assert!(exponent.abs() > 18, "{:?} was refused", text);
        }
    }
}

#[test]
fn too_large_is_refused_and_never_wraps() {
    for text in ["170141183460469231731687303715884105727", "99999999999999999999999Ei"] {
        assert!(text.parse::<Quantity>().is_err(), "{text}");
    }
    let large: Quantity = "9000000000000000E".parse().unwrap_or(Quantity::ZERO);
    assert!(large.checked_mul(1e9).is_none() || large == Quantity::ZERO);
    assert!(Quantity::units(1).checked_mul(f64::NAN).is_none());
    assert!(Quantity::units(1).checked_mul(f64::INFINITY).is_none());
}
