#!/usr/bin/env python3
"""Write packs/GROUP.json.gz: the custom kinds of projects that platform repositories use most.

Usage: pack.py [PROJECT...]

Fetches the Go module of each release in RELEASES through the `go` command, reads the
CustomResourceDefinitions in it, and writes one pack an API group, the table of packs in
src/schema/custom_packs.rs, and the table of origins in README.md. What only people need
(descriptions, examples, printer columns) is left out; what comes several times is written once, in
`shared`, in which `{"$ref": N}` stands for the schema at N. Needs Go, PyYAML and the network.
"""
import collections
import fnmatch
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

import yaml

# Name, module, version, files in the module, licence.
RELEASES = [
    ("Argo CD", "github.com/argoproj/argo-cd/v3", "v3.5.7", ["manifests/crds/*-crd.yaml"], "Apache-2.0"),
    ("Argo Rollouts", "github.com/argoproj/argo-rollouts", "v1.10.2", ["manifests/crds/*-crd.yaml"], "Apache-2.0"),
    ("cert-manager", "github.com/cert-manager/cert-manager", "v1.21.2", ["deploy/crds/*.yaml"], "Apache-2.0"),
    ("Cilium", "github.com/cilium/cilium", "v1.20.2", ["pkg/k8s/apis/cilium.io/client/crds/v2*/*.yaml"], "Apache-2.0"),
    ("external-dns", "sigs.k8s.io/external-dns", "v0.23.0", ["config/crd/*.yaml", "config/crd/standard/*.yaml"], "Apache-2.0"),
    ("External Secrets Operator", "github.com/external-secrets/external-secrets", "v1.3.2", ["config/crds/bases/*.yaml"], "Apache-2.0"),
    ("Flux kustomize-controller", "github.com/fluxcd/kustomize-controller", "v1.10.1", ["config/crd/bases/*.yaml"], "Apache-2.0"),
    ("Flux source-controller", "github.com/fluxcd/source-controller", "v1.10.1", ["config/crd/bases/*.yaml"], "Apache-2.0"),
    ("Gateway API (experimental channel)", "sigs.k8s.io/gateway-api", "v1.7.0", ["config/crd/experimental/*.yaml"], "Apache-2.0"),
    ("Istio", "istio.io/api", "v1.31.1", ["kubernetes/customresourcedefinitions.gen.yaml"], "Apache-2.0"),
    ("k3s helm-controller", "github.com/k3s-io/helm-controller", "v0.17.9", ["pkg/crds/yaml/generated/*.yaml"], "Apache-2.0"),
    ("KEDA", "github.com/kedacore/keda/v2", "v2.21.0", ["config/crd/bases/*.yaml"], "Apache-2.0"),
    ("Knative Serving", "knative.dev/serving", "v0.51.0", ["config/core/300-resources/*.yaml"], "Apache-2.0"),
    ("Kyverno", "github.com/kyverno/kyverno", "v1.19.1", ["config/crds/*/*.yaml"], "Apache-2.0"),
    ("MetalLB", "go.universe.tf/metallb", "v0.16.2", ["config/crd/bases/*.yaml"], "Apache-2.0"),
    ("Prometheus operator", "github.com/prometheus-operator/prometheus-operator", "v0.85.0", ["example/prometheus-operator-crd-full/*.yaml"], "Apache-2.0"),
    ("Sealed Secrets", "github.com/bitnami-labs/sealed-secrets", "v0.40.0", ["helm/sealed-secrets/crds/*.yaml"], "Apache-2.0"),
    ("Traefik", "github.com/traefik/traefik/v3", "v3.7.13", ["docs/content/reference/dynamic-configuration/traefik.io_*.yaml"], "MIT"),
    ("Velero", "github.com/vmware-tanzu/velero", "v1.18.3", ["config/crd/*/bases/*.yaml"], "Apache-2.0"),
    ("Vertical Pod Autoscaler", "k8s.io/autoscaler/vertical-pod-autoscaler", "v1.8.1", ["deploy/vpa-v1-crd-gen.yaml"], "Apache-2.0"),
    ("volume snapshots", "github.com/kubernetes-csi/external-snapshotter/client/v8", "v8.7.0", ["config/crd/*.yaml"], "Apache-2.0"),
]

HERE = os.path.dirname(os.path.abspath(__file__))
DROPPED = {"description", "example", "externalDocs", "title", "$schema", "id", "x-kubernetes-map-type"}
# A shared schema must be worth its number.
WORTH = 60


class Loader(yaml.CSafeLoader):
    """Reads `=` and dates as text, as Kubernetes does."""


Loader.add_constructor("tag:yaml.org,2002:value", Loader.construct_yaml_str)
Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_str)


def module(path, version):
    """The zip of a module, by way of the go command."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "go.mod"), "w") as out:
            out.write("module packs\n")
        # It says where the zip is even where it would not build the module.
        said = subprocess.run(
            ["go", "mod", "download", "-json", f"{path}@{version}"],
            cwd=folder, stdout=subprocess.PIPE, text=True, env={**os.environ, "GOFLAGS": "-mod=mod"},
        )
        answer = json.loads(said.stdout)
    if "Zip" not in answer:
        raise SystemExit(f"{path}@{version}: {answer.get('Error')}")
    return zipfile.ZipFile(answer["Zip"])


def definitions(path, version, patterns):
    """The CustomResourceDefinitions in files of a module."""
    archive = module(path, version)
    prefix = f"{path}@{version}/"
    # Kustomizations and templates in between are no definitions.
    for name in sorted(archive.namelist()):
        inside = name.removeprefix(prefix)
        if not any(fnmatch.fnmatchcase(inside, p) and inside.count("/") == p.count("/") for p in patterns):
            continue
        for document in yaml.load_all(archive.read(name), Loader):
            if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                yield document


def schema(document):
    """A schema without what has no meaning for the server."""
    nothing = lambda v: v is None or v is False or v == ""
    kept = {k: v for k, v in document.items() if k not in DROPPED and not nothing(v)}
    for key in ("properties",):
        if isinstance(kept.get(key), dict):
            kept[key] = {k: schema(v) for k, v in kept[key].items()}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(kept.get(key), dict):
            kept[key] = schema(kept[key])
    for key in ("allOf", "anyOf", "oneOf"):
        if isinstance(kept.get(key), list):
            kept[key] = [schema(v) for v in kept[key]]
    # A default may be `false` or empty.
    if document.get("default") is not None:
        kept["default"] = document["default"]
    return kept


def definition(release, crd):
    """One definition in the form of the pack."""
    spec = crd["spec"]
    versions = []
    for version in spec["versions"]:
        packed = {"name": version["name"], "served": version.get("served", False)}
        if version.get("deprecated"):
            packed["deprecated"] = True
            if version.get("deprecationWarning"):
                packed["deprecationWarning"] = version["deprecationWarning"]
        if version.get("subresources"):
            packed["subresources"] = version["subresources"]
        packed["schema"] = {"openAPIV3Schema": schema(version["schema"]["openAPIV3Schema"])}
        versions.append(packed)
    return {
        "release": release,
        "spec": {
            "group": spec["group"], "scope": spec["scope"],
            "names": {"kind": spec["names"]["kind"]}, "versions": versions,
        },
    }


def text(document):
    return json.dumps(document, separators=(",", ":"), sort_keys=True)


def is_schema(document):
    return isinstance(document, dict)


def children(document):
    """The schemas directly inside of a schema, with a way to replace each."""
    for key in ("items", "additionalProperties", "not"):
        if is_schema(document.get(key)):
            yield document, key
    for key in ("allOf", "anyOf", "oneOf"):
        for index in range(len(document.get(key, []))):
            yield document[key], index
    for name in sorted(document.get("properties", {})):
        yield document["properties"], name


def share(kinds):
    """Takes out what comes several times."""
    count = collections.Counter()

    def tally(document):
        name = text(document)
        count[name] += 1
        # What is inside of a repeated schema comes once with it.
        if count[name] == 1:
            for holder, key in children(document):
                tally(holder[key])

    roots = [v["schema"] for kind in kinds for v in kind["spec"]["versions"]]
    for root in roots:
        tally(root["openAPIV3Schema"])
    shared, number = [], {}

    def replace(document):
        name = text(document)
        if name in number:
            return {"$ref": number[name]}
        for holder, key in children(document):
            holder[key] = replace(holder[key])
        if count[name] > 1 and len(name) > WORTH:
            number[name] = len(shared)
            shared.append(document)
            return {"$ref": number[name]}
        return document

    for root in roots:
        root["openAPIV3Schema"] = replace(root["openAPIV3Schema"])
    return shared


def write(groups):
    os.makedirs(os.path.join(HERE, "packs"), exist_ok=True)
    for group, kinds in sorted(groups.items()):
        kinds = [kinds[kind] for kind in sorted(kinds)]
        # Python shares what YAML aliased; each place must be its own to be replaced.
        kinds = json.loads(text(kinds))
        pack = text({"shared": share(kinds), "definitions": kinds})
        # No time and no name, so that the same content is the same file.
        with open(os.path.join(HERE, "packs", f"{group}.json.gz"), "wb") as out:
            out.write(gzip.compress(pack.encode() + b"\n", 9, mtime=0))


def tables():
    """The table of packs in the source, and that of origins in README.md."""
    groups = sorted(name.removesuffix(".json.gz") for name in os.listdir(os.path.join(HERE, "packs")))
    with open(os.path.join(HERE, "../../src/schema/custom_packs.rs"), "w") as out:
        out.write("//! The packs by their groups; made by `schemas/custom/pack.py`.\n\n")
        out.write("/// Group and compressed pack, in the order of the groups.\n")
        out.write("#[rustfmt::skip]\npub(super) const PACKS: &[(&str, &[u8])] = &[\n")
        for group in groups:
            out.write(f'    ("{group}", include_bytes!("../../schemas/custom/packs/{group}.json.gz")),\n')
        out.write("];\n")
    rows = io.StringIO()
    for name, path, version, _, licence in RELEASES:
        rows.write(f"| {name} | `{path}` | {version} | {licence} |\n")
    readme = os.path.join(HERE, "README.md")
    with open(readme) as file:
        old = file.read()
    new = re.sub(r"(\| --- \| --- \| --- \| --- \|\n)(\|.*\n)*", lambda found: found[1] + rows.getvalue(), old)
    with open(readme, "w") as file:
        file.write(new)


if __name__ == "__main__":
    groups = collections.defaultdict(dict)
    for name, path, version, patterns, _ in RELEASES:
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        found = 0
        for crd in definitions(path, version, patterns):
            spec = crd["spec"]
            groups[spec["group"]][spec["names"]["kind"]] = definition(f"{name} {version}", crd)
            found += 1
        print(f"{name} {version}: {found} kinds", file=sys.stderr)
    write(groups)
    tables()
