#!/usr/bin/env python3
"""Write packs/v1.N.json.gz: what a kube-apiserver of each minor version serves.

Usage: pack.py DIRECTORY, a directory of `v1.N.json.gz` documents made from the
/openapi/v3 of a real server: {kubernetes, resources, schemas}. What only kubectl
and people need (patch strategies, descriptions) is left out.
"""
import glob
import gzip
import json
import os
import sys

KEPT = {
    "$ref", "type", "format", "enum", "required", "default",
    "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
}


def schema(document):
    """One schema in the form of the pack."""
    # A reference beside other keywords stands in an `allOf` of one.
    for part in document.get("allOf", []):
        document = {**document, **part}
    packed = {key: value for key, value in document.items() if key in KEPT}
    if "$ref" in packed:
        packed["$ref"] = packed["$ref"].rsplit("/", 1)[1]
    if packed.get("default") in ("", {}, 0, False):
        # Go's zero value: the same as nothing.
        del packed["default"]
    if "properties" in document:
        packed["properties"] = {k: schema(v) for k, v in document["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(document.get(key), dict):
            packed[key] = schema(document[key])
    return packed


def pack(document):
    """The pack of one version."""
    kinds = {}
    for name, body in document["schemas"].items():
        for gvk in body.get("x-kubernetes-group-version-kind", []):
            kinds[gvk["group"], gvk["version"], gvk["kind"]] = name
    resources = []
    for resource in document["resources"]:
        key = (resource["group"], resource["version"], resource["kind"])
        if key in kinds:
            resources.append({
                "group": key[0], "version": key[1], "kind": key[2],
                "plural": resource["plural"], "namespaced": resource["namespaced"],
                "schema": kinds[key],
            })
    return {
        "kubernetes": document["kubernetes"],
        "resources": resources,
        "schemas": {name: schema(body) for name, body in sorted(document["schemas"].items())},
    }


if __name__ == "__main__":
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "packs")
    os.makedirs(here, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "v1.*.json.gz"))):
        text = json.dumps(pack(json.load(gzip.open(path))), separators=(",", ":"), sort_keys=True)
        # No time and no name, so that the same content is the same file.
        with open(os.path.join(here, os.path.basename(path)), "wb") as out:
            out.write(gzip.compress(text.encode() + b"\n", 9, mtime=0))
