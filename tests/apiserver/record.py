#!/usr/bin/env python3
"""Write custom.jsonl.gz: what a real kube-apiserver says of objects of custom kinds.

Usage: record.py FOLDER [COUNT], the folder that holds `kube-apiserver` and `etcd` (the last line
of `tests/servers/build.sh --print`). Starts both on loopback, creates the definitions in `custom/`,
makes COUNT random objects of each served version from its schema (a seed by kind and version: the
same on each run), and asks with a dry run and `fieldValidation=Strict`. Needs PyYAML.
"""
import gzip
import http.client
import json
import os
import random
import re
import secrets
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
TEXTS = [
    "a", "abc", "web", "1h", "90m", "10s", "22 ns", "10.0.0.0/8", "10.0.0.1/24", "192.168.1.1", "010.1.1.1", "::1",
    "a@b.c", "https://x.example.com/z", "http://a b", "80", "10%", "1Gi", "50m", "true", "", "A_b", "x.example.com",
    "2026-01-31T12:00:00Z", "2025-01-31t12:00:00.5+01:00", "2026-02-30", "2026-01-01", "*", "/path", "foo/bar",
    "a" * 70, "é" * 5, "aGk=", "aGVsbG8=", "-1", "#fff", "01:23:45:67:89:ab", "123e4567-e89b-42d3-a456-426614174000",
    "123e4567-e89b-12d3-a456-426614174000", "507f1f77bcf86cd799439011", "078-05-1120", "c]", "١٢", "1.5h",
]
FORMATS = {
    "byte": "aGk=", "cidr": "10.0.0.0/16", "date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "duration": "1h",
    "hostname": "a.example.com", "ipv4": "10.0.0.1", "ipv6": "::1", "uri": "https://a.b/c",
    "uuid": "123e4567-e89b-42d3-a456-426614174000", "uuid4": "123e4567-e89b-42d3-a456-426614174000",
}


class Server:
    """etcd and kube-apiserver on loopback."""

    def __init__(self, programs, folder):
        client, peer, self.port = free_ports(3)
        self.token = secrets.token_hex(16)
        self.connection = None
        with open(os.path.join(folder, "tokens.csv"), "w") as out:
            out.write(f"{self.token},admin,admin,system:masters\n")
        log = open(os.path.join(folder, "log"), "w")
        start = lambda *command: subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        client, peer = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
        self.etcd = start(
            os.path.join(programs, "etcd"), "--data-dir=etcd", "--unsafe-no-fsync", "--log-level=warn",
            f"--listen-client-urls={client}", f"--advertise-client-urls={client}", f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=default={peer}",
        )
        self.api = start(
            os.path.join(programs, "kube-apiserver"), f"--etcd-servers={client}", f"--secure-port={self.port}",
            "--service-cluster-ip-range=10.96.0.0/16", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none", "--cert-dir=certificates", "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc", "--token-auth-file=tokens.csv",
            "--service-account-key-file=certificates/apiserver.crt", "--disable-admission-plugins=ServiceAccount",
            "--service-account-signing-key-file=certificates/apiserver.key",
        )
        for _ in range(300):
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        self.stop()
        raise SystemExit("kube-apiserver is not ready")

    def ask(self, method, path, body=None):
        """Status and answer."""
        if self.connection is None:
            context = ssl._create_unverified_context()
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            self.connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            raise OSError(error) from error
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, {"message": text.decode(errors="replace")}

    def stop(self):
        # Without its etcd an API server hangs in its shutdown.
        for process in (self.api, self.etcd):
            process.terminate()
            process.wait()


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Maker:
    """Makes objects that mostly are as their schema says."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, part):
        return self.random.random() < part

    def text(self, schema):
        pick = self.random.choice
        if "enum" in schema and self.chance(0.85):
            return pick(schema["enum"])
        if schema.get("format") in FORMATS and self.chance(0.5):
            return FORMATS[schema["format"]]
        fits = [
            text for text in TEXTS
            if schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", 99)
            and re.search(schema.get("pattern", ""), text)
        ]
        return pick(fits) if fits and self.chance(0.6) else pick(TEXTS)

    def number(self, schema):
        pick = self.random.choice
        if "enum" in schema and self.chance(0.85):
            return pick(schema["enum"])
        low, high = schema.get("minimum", 0), schema.get("maximum", 20)
        # No `2.0`: out of YAML it is `2`, out of JSON it is not.
        near = [low, high, low - 1, high + 1, 0, 1, 5, 10, 0.5, 1.25, 1.5, -3, 2**31, 2**40, 1e20, 1e40]
        if schema.get("type") == "integer" and self.chance(0.7):
            return self.random.randint(int(low), int(min(high, low + 100)))
        return pick(near)

    def metadata(self):
        metadata = {"name": "x"}
        if self.chance(0.25):
            metadata.update(self.random.choice([
                {"name": "Web"}, {"name": ""}, {"name": "a.b"}, {"name": "web"}, {"name": "y"}, {"generateName": "x-"},
                {"labels": {"a": "b"}}, {"labels": {"a": 1}}, {"labels": {"-a": "b"}}, {"labels": {"a": "b c"}},
                {"labels": None}, {"annotations": {"a/b": "c d"}}, {"annotations": {"a b": "c"}}, {"finalizers": ["x"]},
                {"finalizers": ["a b"]}, {"ownerReferences": [{"name": "x"}]}, {"namee": "x"}, {"creationTimestamp": None},
                {"annotations": {"a": None}},
            ]))
        return metadata

    def value(self, schema, depth=0):
        pick = self.random.choice
        if not isinstance(schema, dict):
            return pick(["x", 1, {"a": 1}, [1], True, None])
        if self.chance(0.02):
            return pick([None, "x", 1, 1.5, True, {}, [], {"zz": 1}, ["x"], [{"a": 1}], -1, 2**31, ""])
        if (schema.get("nullable") or "default" in schema) and self.chance(0.15):
            return None
        if schema.get("x-kubernetes-int-or-string"):
            return pick([80, "http", "10%", 0, 101, "101%", 1.5])
        kind = schema.get("type")
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            items = [self.value(schema.get("items"), depth + 1) for _ in range(pick([0, 1, 1, 2, 2, 3]))]
            if len(items) > 1 and self.chance(0.2):
                items[1] = items[0]
            return items
        if kind == "string":
            return self.text(schema)
        if kind in ("integer", "number"):
            return self.number(schema)
        if kind == "boolean":
            return self.chance(0.5)
        return pick(["x", 1, {"a": {"b": None}}, [1, {"b": 2}], True, None])

    def object(self, schema, depth):
        pick = self.random.choice
        made = {}
        if schema.get("x-kubernetes-embedded-resource"):
            made = {"apiVersion": pick(["v1", "v1", "a/b/c", ""]), "kind": pick(["Thing", "Thing", "a b", 1])}
            made["metadata"] = self.metadata()
            if self.chance(0.1):
                del made[pick(list(made))]
        wanted = set(schema.get("required", []))
        for form in ("oneOf", "anyOf", "allOf"):
            if form in schema:
                wanted |= set(pick(schema[form]).get("required", []))
        for name, field in schema.get("properties", {}).items():
            if self.chance(0.95 if name in wanted else (0.9 if depth == 0 else 0.16 if depth == 1 else 0.4)):
                made[name] = self.value(field, depth + 1)
        if self.chance(0.02):
            made[pick(["unknown", "Spec", "metadata"])] = pick([1, "x", {"a": 1}, None])
        others = schema.get("additionalProperties")
        for name in ("k", "k2", "a.b/c") if others is not None else ():
            if self.chance(0.4):
                made[name] = self.value(others, depth + 1)
        if schema.get("x-kubernetes-preserve-unknown-fields") and self.chance(0.5):
            made["free"] = pick([1, "x", {"a": {"b": None}}, None, [{"a": 1}]])
        return made


def cases(server, crd, count):
    spec = crd["spec"]
    for version in spec["versions"]:
        maker = Maker(f"{spec['names']['kind']} {version['name']}")
        place = "namespaces/default/" if spec["scope"] == "Namespaced" else ""
        path = f"/apis/{spec['group']}/{version['name']}/{place}{spec['names']['plural']}"
        for index in range(count if version["served"] else 2):
            body = maker.value(version["schema"]["openAPIV3Schema"])
            made = {"apiVersion": f"{spec['group']}/{version['name']}", "kind": spec["names"]["kind"]}
            made["metadata"] = maker.metadata()
            if isinstance(body, dict):
                made.update((name, value) for name, value in body.items() if name not in made)
            made = json.loads(json.dumps(made))
            status, answer = server.ask("POST", f"{path}?dryRun=All&fieldValidation=Strict", made)
            causes = (answer.get("details") or {}).get("causes", [])
            yield {
                "id": f"{spec['names']['kind']}.{version['name']}.{index}", "object": made,
                "accept": status in (200, 201), "code": status,
                "message": "" if status in (200, 201) else answer.get("message", ""),
                "causes": [[c.get("reason"), c.get("field"), c.get("message")] for c in causes],
            }


def main(programs, count):
    crds = []
    for name in sorted(os.listdir(os.path.join(HERE, "custom"))):
        with open(os.path.join(HERE, "custom", name)) as file:
            crds.append(yaml.safe_load(file))
    lines = [{"crd": crd} for crd in crds]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(programs, folder)
        try:
            for crd in crds:
                status, answer = server.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
                if status != 201:
                    raise SystemExit(answer.get("message"))
            # A definition is served a moment after it is there.
            time.sleep(5)
            for crd in crds:
                lines.extend(cases(server, crd, count))
        finally:
            server.stop()
    text = "".join(json.dumps(line, separators=(",", ":"), sort_keys=True) + "\n" for line in lines)
    with open(os.path.join(HERE, "custom.jsonl.gz"), "wb") as out:
        out.write(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 400)
