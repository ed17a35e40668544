//! What a cluster has.

use futures::{StreamExt, TryStreamExt, stream};
use kube::Client;
use kube::api::{GetParams, ListParams};
use kube::core::Request;
use serde_json::{Value as Json, json};

use super::kinds::{Kind, Kinds, encoded};
use super::noise::Quiet;
use super::patience::patiently;
use super::refusal::is_of_server;
use super::{Cluster, Failure, IN_FLIGHT};
use crate::model::{GroupKind, ObjectKey};
use crate::source::Span;
use crate::yaml::Node;

/// So many objects come in one answer.
const PAGE: u32 = 1_000;

/// All that a cluster has of some kinds.
#[derive(Debug, Default)]
pub struct Listed {
    /// Who each object is and its `metadata`, without what the server keeps for itself; nothing of all
    /// else that it says.
    pub objects: Vec<(ObjectKey, Node)>,
    /// Kinds that the user may not list.
    pub closed: Vec<GroupKind>,
}

impl Cluster {
    /// Lists the objects of all kinds that last, but those that are not wanted.
    ///
    /// # Errors
    ///
    /// Where the server gives no answer.
    pub fn survey(
        &mut self,
        wanted: &dyn Fn(&GroupKind) -> bool,
        span: Span,
    ) -> Result<Listed, Failure> {
        let mut numbers = self.kinds.lasting();
        numbers.retain(|at| wanted(&self.kinds.all[*at].of));
        let mut listed = Listed::default();
        let mut rest = Vec::new();
        for at in numbers {
            let of = &self.kinds.all[at].of;
            // It may have been listed in another version.
            match self.kinds.versions(of).find_map(|version| self.listed.get(&version)) {
                Some(Some(objects)) => listed.add(objects, span),
                Some(None) => listed.closed.push(of.clone()),
                None => rest.push(at),
            }
        }
        let found = list(self, rest.iter().copied(), Extent::Metadata)?;
        for (at, objects) in rest.into_iter().zip(found) {
            match objects {
                Some(objects) => listed.add(&objects, span),
                None => listed.closed.push(self.kinds.all[at].of.clone()),
            }
        }
        Ok(listed)
    }

    /// All objects of a kind; none where there is no such kind, or the user may not list it.
    ///
    /// # Errors
    ///
    /// Where the server gives no answer.
    pub fn objects(&mut self, kind: &GroupKind, span: Span) -> Result<Vec<Node>, Failure> {
        let Some(at) = self.kinds.versions(kind).next() else { return Ok(Vec::new()) };
        if !self.listed.contains_key(&at) {
            let found = list(self, std::iter::once(at), Extent::Whole)?;
            self.listed.extend(found.into_iter().map(|objects| (at, objects)));
        }
        let objects = self.listed.get(&at).into_iter().flatten().flatten();
        Ok(objects.map(|object| Quiet::of(object.clone(), span).node).collect())
    }

    /// The CustomResourceDefinitions of kinds, as far as there are any that the user may read.
    ///
    /// # Errors
    ///
    /// Where the server gives no answer.
    pub fn definitions<'k>(
        &self,
        kinds: impl Iterator<Item = &'k GroupKind>,
        span: Span,
    ) -> Result<Vec<Node>, Failure> {
        let group_kind = GroupKind::new("apiextensions.k8s.io", "CustomResourceDefinition");
        let key =
            |name| ObjectKey { group_kind: group_kind.clone(), namespace: String::new(), name };
        let keys: Vec<ObjectKey> =
            kinds.filter_map(|kind| self.kinds.definition(kind)).map(key).collect();
        Ok(self.read(&keys, span)?.into_iter().flatten().collect())
    }

    /// Reads objects, each by itself; nothing where one is not there, or may not be read.
    ///
    /// # Errors
    ///
    /// Where the server gives no answer.
    pub fn read(&self, keys: &[ObjectKey], span: Span) -> Result<Vec<Option<Node>>, Failure> {
        let one = |key: &ObjectKey| {
            let kind = self.kinds.versions(&key.group_kind).next();
            let key = key.clone();
            async move {
                let Some(at) = kind else { return Ok(None) };
                match get(&self.client, &self.kinds.all[at], &key).await {
                    Ok(Got::Object(object)) => Ok(Some(Quiet::of(object, span).node)),
                    Ok(Got::Nothing | Got::Closed) => Ok(None),
                    Err(error) => Err(Failure::of_server(&self.server, &error)),
                }
            }
        };
        let requests = stream::iter(keys.iter().map(one)).buffered(IN_FLIGHT);
        self.runtime.block_on(requests.try_collect())
    }
}

impl Listed {
    fn add(&mut self, objects: &[Json], span: Span) {
        for object in objects {
            let part = json!({
                "apiVersion": object["apiVersion"],
                "kind": object["kind"],
                "metadata": object["metadata"],
            });
            let node = Quiet::of(part, span).node;
            self.objects.push((ObjectKey::of(&node), node));
        }
    }
}

/// How much of each object is listed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// Its metadata.
    Metadata,
}

/// Lists kinds in the whole cluster, each by its number; nothing for those that the user may not list.
pub(super) fn list(
    cluster: &Cluster,
    numbers: impl Iterator<Item = usize>,
    extent: Extent,
) -> Result<Vec<Option<Vec<Json>>>, Failure> {
    let Cluster { client, kinds, server, .. } = cluster;
    let one = |at: usize| async move {
        let found = objects(client, kinds, at, extent).await;
        match found {
            Ok(objects) => Ok(Some(objects)),
            Err(kube::Error::Api(status)) if [403, 404, 405].contains(&status.code) => Ok(None),
            Err(error) => Err(Failure::of_server(server, &error)),
        }
    };
    let requests = stream::iter(numbers.map(one)).buffered(IN_FLIGHT);
    cluster.runtime.block_on(requests.try_collect())
}

async fn objects(
    client: &Client,
    kinds: &Kinds,
    at: usize,
    extent: Extent,
) -> Result<Vec<Json>, kube::Error> {
    let kind = &kinds.all[at];
    let from = Request::new(kind.path(""));
    let mut found: Vec<Json> = Vec::new();
    let mut page = ListParams::default().limit(PAGE);
    loop {
        let request = || async {
            let request = match extent {
                Extent::Whole => from.list(&page),
                Extent::Metadata => from.list_metadata(&page),
            };
            client.request::<Json>(request.map_err(kube::Error::BuildRequest)?).await
        };
        let mut answer: Json = match patiently(request).await {
            // The rest of a list that took too long is gone: then all of it at once.
            Err(kube::Error::Api(status)) if status.code == 410 && page.limit.is_some() => {
                found.clear();
                page = ListParams::default();
                continue;
            }
            answer => answer?,
        };
        if let Some(items) = answer["items"].as_array_mut() {
            found.extend(items.iter_mut().map(|item| named(item.take(), kind)));
        }
        match answer["metadata"]["continue"].as_str() {
            Some(token) if !token.is_empty() => page = page.continue_token(token),
            _ => return Ok(found),
        }
    }
}

/// What came of the question for one object.
pub(super) enum Got {
    Object(Json),
    Nothing,
    Closed,
}

pub(super) async fn get(client: &Client, kind: &Kind, key: &ObjectKey) -> Result<Got, kube::Error> {
    let request = || async {
        let request = Request::new(kind.path(&key.namespace))
            .get(&encoded(&key.name), &GetParams::default())
            .map_err(kube::Error::BuildRequest)?;
        client.request::<Json>(request).await
    };
    match patiently(request).await {
        Ok(object) => Ok(Got::Object(named(object, kind))),
        Err(kube::Error::Api(status)) if is_of_server(&status) && status.code == 404 => {
            Ok(Got::Nothing)
        }
        Err(kube::Error::Api(status)) if is_of_server(&status) && status.code == 403 => {
            Ok(Got::Closed)
        }
        Err(error) => Err(error),
    }
}

/// Items of lists do not say what they are.
fn named(mut object: Json, kind: &Kind) -> Json {
    if let Some(map) = object.as_object_mut() {
        map.insert("apiVersion".to_owned(), json!(kind.api_version()));
        map.insert("kind".to_owned(), json!(kind.of.kind));
    }
    object
}
