//! Looking through files for the custom kinds that they define, before any object is judged: an
//! object may come before its definition, and in another file.

use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::judges::Defined;
use crate::load::manifest::{self, File, PIECE_BYTES, Piece, Pieces};
use crate::model::items;
use crate::source::Sources;
use crate::world::named;
use crate::yaml::Node;

/// How much of what was read is kept, so that a small tree is read once.
const KEPT_BYTES: usize = 24 << 20;

/// How much of standard input is looked through; definitions must stand before it ends, or before
/// the objects.
const STREAM_BYTES: u64 = 24 << 20;

/// What a definition holds in any form.
const MARK: &[u8] = b"CustomResourceDefinition";

/// What a look through a file has left.
pub(super) enum Content {
    /// All of it.
    Kept(Vec<u8>),
    /// The rest of a stream, which can be read once.
    Stream(Box<dyn Read + Send>),
    /// Nothing: it is to be read again.
    Dropped,
}

/// Looks through the files in their order, and hands over what each has left and the definitions
/// in it.
pub(super) fn look(files: &[File]) -> (Vec<Content>, Vec<Defined>) {
    let room = AtomicUsize::new(KEPT_BYTES);
    let looks: Vec<_> = files.par_iter().map(|file| one(file, &room)).collect();
    let mut definitions = Vec::new();
    let contents = looks.into_iter().zip(files).map(|((content, found), file)| {
        definitions.extend(found.into_iter().map(|crd| (file.shown.clone(), crd)));
        content
    });
    (contents.collect(), definitions)
}

fn one(file: &File, room: &AtomicUsize) -> (Content, Vec<Node>) {
    // A definition that kustomize is to patch may not be what a cluster gets.
    if file.skip.is_some() {
        return (Content::Dropped, Vec::new());
    }
    // What goes wrong here goes wrong again when it is judged.
    let read = match &file.path {
        None => stream(named::standard_input()),
        Some(path) => match named::examine(path) {
            Ok(named::Named::File) => named::open(path).and_then(regular),
            Ok(named::Named::Stream) => named::open(path).and_then(stream),
            _ => return (Content::Dropped, Vec::new()),
        },
    };
    let Ok((content, found)) = read else { return (Content::Dropped, Vec::new()) };
    let content = match content {
        Content::Kept(bytes) => {
            let take = |room: usize| room.checked_sub(bytes.len());
            let fits = room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
            if fits { Content::Kept(bytes) } else { Content::Dropped }
        }
        other => other,
    };
    (content, found)
}

/// A file that can be read again.
fn regular(mut reader: Box<dyn Read + Send>) -> io::Result<(Content, Vec<Node>)> {
    let mut bytes = Vec::new();
    let limit = PIECE_BYTES as u64 + 1;
    (&mut reader).take(limit).read_to_end(&mut bytes)?;
    if bytes.len() <= PIECE_BYTES {
        let found = definitions(&mut Pieces::new(Cursor::new(&bytes)))?;
        return Ok((Content::Kept(bytes), found));
    }
    let found = definitions(&mut Pieces::new(Cursor::new(bytes).chain(reader)))?;
    Ok((Content::Dropped, found))
}

/// What can be read once.
fn stream(mut reader: Box<dyn Read + Send>) -> io::Result<(Content, Vec<Node>)> {
    let mut bytes = Vec::new();
    (&mut reader).take(STREAM_BYTES).read_to_end(&mut bytes)?;
    let found = definitions(&mut Pieces::new(Cursor::new(&bytes)))?;
    Ok((Content::Stream(Box::new(Cursor::new(bytes).chain(reader))), found))
}

/// The definitions among some documents.
fn definitions<R: Read>(pieces: &mut Pieces<R>) -> io::Result<Vec<Node>> {
    let mut found = Vec::new();
    while let Some(piece) = pieces.read()? {
        if memchr::memmem::find(piece.text.as_bytes(), MARK).is_some() {
            of_piece(&piece, &mut found);
        }
    }
    Ok(found)
}

fn of_piece(piece: &Piece, found: &mut Vec<Node>) {
    let file = Sources::default().add("", "");
    manifest::read_each(file, &piece.text, |_, read| {
        let nodes = read.documents.into_iter().filter_map(|document| document.node);
        found.extend(nodes.flat_map(items).filter(is_definition));
    });
}

/// Whether a node is a whole definition: a patch of one has no versions.
fn is_definition(node: &Node) -> bool {
    let versions = node.pointer("/spec/versions").and_then(Node::as_seq);
    node.get("kind").and_then(Node::as_str) == Some("CustomResourceDefinition")
        && versions.is_some_and(|versions| !versions.is_empty())
}
