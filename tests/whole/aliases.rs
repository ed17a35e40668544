//! Services that are other names of something.

use std::collections::BTreeSet;

use crate::cluster::told_apart;
use crate::followed::{by_alias, findings, ids};

#[test]
fn names_that_stand_for_each_other_lead_nowhere() {
    let text = by_alias("http://alias:8080").replace("api.shop.svc", "alias.shop.svc");
    assert_eq!(ids(&text), BTreeSet::from(["host-unresolved"]));
    assert_eq!(findings(&text).len(), 1);
}

#[test]
fn a_name_that_stands_for_another_is_a_whole_one() {
    let text = by_alias("http://alias:80");
    assert_eq!(ids(&text), BTreeSet::new());
    let two = "apiVersion: v1\nkind: Service\nmetadata: {name: other, namespace: shop}\n\
               spec: {type: ExternalName, externalName: alias.shop.svc.cluster.local}\n---\n";
    assert_eq!(ids(&(text.clone() + two)), BTreeSet::new());
    let cases = [
        ("api.shop.svc.cluster.local", "api.shop.svc", 1),
        ("api.shop.svc.cluster.local", "api.shop", 1),
        // Anybody's domain.
        ("api.shop.svc.cluster.local", "aip.shop", 0),
        ("api.shop.svc.cluster.local", "other.shop.svc.cluster.local", 1),
    ];
    for (whole, name, count) in cases {
        let text = text.replacen(whole, name, 1) + two;
        let found = findings(&text);
        assert_eq!(found.len(), count, "{name}: {found:?}");
        assert!(found.iter().all(|it| it.id == "host-unresolved"), "{name}: {found:?}");
    }
    told_apart(3);
}
