//! `gitopsc diff --live`: a tree against the cluster that it is for.

mod answers;
mod beyond;
mod members;
mod target;

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::bail;

use crate::argocd::ignored::of_settings;
use crate::argocd::key::SETTINGS;
use crate::argocd::tracking::Tracking;
use crate::check::Judge;
use crate::cli::Streams;
use crate::cli::args::{Args, DiffArgs};
use crate::cli::check::schemas;
use crate::cli::diff::Shown;
use crate::cli::progress::Progress;
use crate::diff::{
    Asked as AskedCluster, Beside, Fates, Object, Plain, Snapshot, changes, migrated,
};
use crate::live::{Applying, Asked, Cluster};
use crate::model::{GroupKind, ObjectKey, is_native};
use crate::report::plural;
use crate::schema::{Found, NEWEST, Shape, pack};
use crate::source::{Sources, Span};
use crate::yaml::Node;
use answers::{Made, Reading};
use members::Owners;
use target::{Target, context, target};

/// Asks the cluster, and shows what differs.
pub(super) fn run(args: &Args, wanted: &DiffArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let mut sources = Sources::default();
    let schemas = schemas(args, &[], &mut sources)?;
    let target = target(args, wanted, &mut sources)?;
    let context = context(&target, wanted)?;
    let (tree, plain) = Snapshot::read_plain(&target.files);
    if tree.objects.is_empty() {
        bail!("there is no object to compare");
    }
    let (mut definitions, _) = schemas.definitions();
    for object in &tree.objects {
        definitions.add_crd(&object.node, Found::Checked);
    }
    let span = Span::new(sources.add_name(format!("cluster {context}")), 0..0);
    let mut cluster = Cluster::connect(&context)?;
    // Not earlier: what gets the credentials may ask for a password.
    let progress = Progress::begin(args, streams);
    progress.stage("reading what the cluster is", 0);
    let custom: BTreeSet<&GroupKind> = tree.objects.iter().map(|it| &it.key.group_kind).collect();
    let custom = custom.into_iter().filter(|kind| !is_native(kind));
    let mut made = Made::of(&tree.objects);
    for definition in cluster.definitions(custom, span)? {
        // What the tree says of it counts more, and is there already.
        let is_it = |object: &&Object| object.key == ObjectKey::of(&definition);
        match tree.objects.iter().find(is_it) {
            Some(object) => {
                let shape = Shape::of(&object.node, pack(NEWEST), &definitions);
                made.hold(&definition, &object.node, shape);
            }
            None => drop(definitions.add_crd(&definition, Found::Checked)),
        }
    }
    let judge = Judge::new(NEWEST, &definitions);
    let environment: Arc<str> = target.environment.as_ref().map_or("", |it| &it.name).into();
    let own = target.environment.as_ref().map_or("argocd", |it| it.argocd_namespace());
    let settings = settings(&cluster, &target, own, span)?;
    let tracking = Tracking::of_settings(settings.as_ref());
    let followed = match &target.environment {
        Some(environment) if !target.is_remote => {
            Some(members::tree(&target.files, environment, &judge, &mut sources)?)
        }
        _ => None,
    };
    let owners = followed.as_ref().zip(target.environment.as_ref());
    let owners = owners.map(|(followed, environment)| Owners::of(followed, environment, own));
    let mut notes = Vec::new();
    let (objects, asked) =
        questions(tree.objects, plain, owners.as_ref(), &environment, &mut notes);
    let labels: Vec<&str> = tracking.label().into_iter().collect();
    let is_tracked = target.environment.is_some();
    let applying = Applying {
        manager: &wanted.live.field_manager,
        annotations: if is_tracked { tracking.annotations() } else { &[] },
        labels: if is_tracked { &labels } else { &[] },
        // Argo CD reads no kubeconfig: what its Application says is in the keys already.
        namespace: is_tracked.then_some("default"),
    };
    let mut kept: BTreeSet<ObjectKey> = BTreeSet::new();
    let mut reading = Reading {
        pack: pack(NEWEST),
        definitions: &definitions,
        tracking: &tracking,
        applying,
        made,
        shared: settings.as_ref().map(of_settings).unwrap_or_default(),
        before: Snapshot::default(),
        after: Snapshot::default(),
        ignored: 0,
        seen: 0,
        unseen: 0,
        read_only: 0,
        unread_rules: BTreeSet::new(),
    };
    progress.stage("asking the cluster for objects", asked.len());
    let taken_over = |live: &Node, stated: &Node, managed: &Node| {
        let shape = Shape::of(stated, pack(NEWEST), &definitions);
        migrated(live, stated, shape, managed, applying.manager)
    };
    let answers = cluster.ask(&asked, applying, span, &taken_over, &|| progress.step())?;
    progress.stage("reading what else the cluster has", 0);
    for (object, (key, answer)) in objects.into_iter().zip(answers) {
        kept.insert(key.clone());
        let owner = owners.as_ref().and_then(|owners| owners.find(&object.path, &object.key));
        reading.add(object, key, answer, owner.map(|(owner, _)| owner));
    }
    if reading.seen == 0 && reading.unseen > 0 {
        bail!("the user may read none of these objects in the cluster of `{context}`");
    }
    notes.extend(reading.notes());
    let Reading { mut before, mut after, ignored, .. } = reading;
    let mut fates = Fates::default();
    let mut unowned = Vec::new();
    let is_whole = tree.unread.is_empty();
    if let Some(followed) = followed.as_ref().filter(|_| is_whole) {
        let found =
            beyond::beyond(&mut cluster, followed, &tracking, own, &kept, &environment, span)?;
        before.objects.extend(found.objects);
        fates = found.fates;
        if !found.listed.closed.is_empty() {
            notes.push(format!(
                "the user may not list {}: what the cluster has of them beyond the tree is not known",
                plural(found.listed.closed.len(), "kind")
            ));
        }
        if wanted.live.unowned {
            unowned = beyond::unowned(&found.listed, &tracking, &namespaces(&kept), &kept);
        }
    } else if is_whole {
        notes.push("what the cluster has beyond these objects is not looked for".to_owned());
    } else {
        notes.push(
            "what the cluster has beyond the tree is not told, since not all files are read"
                .to_owned(),
        );
    }
    drop(progress);
    before.unread.clone_from(&tree.unread);
    let mut secrets = tree.secrets;
    secrets.extend(cluster.secrets(span));
    before.hide(&secrets);
    after.hide(&secrets);
    let beside = Beside { fates, ..Beside::default() };
    let mut changes = changes(&before, &after, pack(NEWEST), &definitions, &beside);
    let server = cluster.server().to_owned();
    changes.cluster = Some(AskedCluster { context, server, ignored, notes, unowned });
    let shown = Shown { changes: &changes, sources: &sources, secrets: &secrets };
    super::show(args, wanted, streams, shown, tree.faults.iter(), BTreeSet::new())
}

/// The objects of a tree that a sync keeps, and what they are asked for.
fn questions(
    objects: Vec<Object>,
    plain: Vec<Plain>,
    owners: Option<&Owners<'_>>,
    environment: &Arc<str>,
    notes: &mut Vec<String>,
) -> (Vec<Object>, Vec<Asked>) {
    let mut hooks = 0;
    let mut kept = Vec::new();
    let mut asked = Vec::new();
    for (mut object, Plain(node)) in objects.into_iter().zip(plain) {
        let owner = owners.and_then(|owners| owners.find(&object.path, &object.key));
        if owner.as_ref().is_some_and(|(owner, _)| owner.is_hook) {
            hooks += 1;
            continue;
        }
        let key = owner.map_or_else(|| object.key.clone(), |(_, key)| key);
        object.environment = environment.clone();
        asked.push(Asked { key, node });
        kept.push(object);
    }
    if hooks > 0 {
        let hooks = plural(hooks, "hook");
        notes.push(format!("{hooks} not compared: a sync makes and deletes them"));
    }
    (kept, asked)
}

/// The settings of Argo CD in the cluster.
fn settings(
    cluster: &Cluster,
    target: &Target,
    own: &str,
    span: Span,
) -> anyhow::Result<Option<Node>> {
    if target.environment.is_none() || target.is_remote {
        return Ok(None);
    }
    let key = ObjectKey {
        group_kind: GroupKind::new("", "ConfigMap"),
        namespace: own.to_owned(),
        name: SETTINGS.to_owned(),
    };
    Ok(cluster.read(&[key], span)?.pop().flatten())
}

/// The namespaces that objects are in, or are.
fn namespaces(keys: &BTreeSet<ObjectKey>) -> BTreeSet<String> {
    let namespace = GroupKind::new("", "Namespace");
    let name = |key: &ObjectKey| match key.group_kind == namespace {
        true => key.name.clone(),
        false => key.namespace.clone(),
    };
    keys.iter().map(name).filter(|name| !name.is_empty()).collect()
}
