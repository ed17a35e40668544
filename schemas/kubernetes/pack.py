#!/usr/bin/env python3
"""Write packs/v1.N.json.gz: what a kube-apiserver of each minor version serves.

Usage: pack.py DIRECTORY, a directory of `v1.N.json.gz` documents made from the
/openapi/v3 of a real server: {kubernetes, resources, schemas}. What only kubectl
and people need (patch strategies, descriptions) is left out.

pack.py --compare SOCKET asks a server behind `kubectl proxy --unix-socket=SOCKET`
and says where the pack of its minor version is another than the server's own; its
exit status is 1 then.
"""
import glob
import gzip
import http.client
import json
import os
import socket
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "packs")

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


class Proxy(http.client.HTTPConnection):
    """A connection to `kubectl proxy` over its socket."""

    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def json(self, path):
        self.request("GET", path, headers={"Accept": "application/json"})
        answer = self.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")
        return json.loads(body)


def serve(proxy):
    """The document of a running server, in the form of those in DIRECTORY."""
    resources, schemas = [], {}
    for path in sorted(proxy.json("/openapi/v3")["paths"]):
        parts = path.split("/")
        if parts[0] not in ("api", "apis") or len(parts) != (2 if parts[0] == "api" else 3):
            continue
        group = parts[1] if parts[0] == "apis" else ""
        served = proxy.json("/" + path)["resources"]
        resources += [
            {"group": group, "version": parts[-1], "kind": r["kind"],
             "plural": r["name"], "namespaced": r["namespaced"]}
            for r in served if "/" not in r["name"]
        ]
        schemas.update(proxy.json("/openapi/v3/" + path).get("components", {}).get("schemas", {}))
    version = proxy.json("/version")["gitVersion"]
    return {"kubernetes": version, "resources": resources, "schemas": schemas}


def differences(ours, theirs, path=""):
    """Where two documents differ, in words."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            inner = f"{path}/{key}"
            if key not in ours or key not in theirs:
                yield f"{inner}: only {'the pack' if key in ours else 'the server'} has it"
            else:
                yield from differences(ours[key], theirs[key], inner)
    elif ours != theirs:
        yield f"{path}: {json.dumps(ours)} in the pack, {json.dumps(theirs)} of the server"


def by_kind(document):
    """The pack with its kinds by name: their order says nothing."""
    kinds = {f"{r['group']}/{r['version']} {r['kind']}": r for r in document["resources"]}
    return {"resources": kinds, "schemas": document["schemas"]}


def compare(path):
    """Says where a server and the pack of its minor version differ."""
    theirs = pack(serve(Proxy(path)))
    minor = theirs["kubernetes"].split(".")[1]
    with gzip.open(os.path.join(HERE, f"v1.{minor}.json.gz")) as file:
        ours = json.load(file)
    found = list(differences(by_kind(ours), by_kind(theirs)))
    print(f"the pack is that of {ours['kubernetes']}, the server {theirs['kubernetes']}: "
          f"{len(theirs['resources'])} kinds, {len(theirs['schemas'])} schemas, "
          f"{len(found)} differences")
    print("\n".join(found))
    sys.exit(bool(found))


def write(directory):
    """Writes every pack anew."""
    os.makedirs(HERE, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(directory, "v1.*.json.gz"))):
        text = json.dumps(pack(json.load(gzip.open(path))), separators=(",", ":"), sort_keys=True)
        # No time and no name, so that the same content is the same file.
        with open(os.path.join(HERE, os.path.basename(path)), "wb") as out:
            out.write(gzip.compress(text.encode() + b"\n", 9, mtime=0))


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        compare(sys.argv[2])
    else:
        write(sys.argv[1])
