#!/usr/bin/env python3
"""Write lifecycle.tsv: since when kinds are deprecated and gone, and what stands in for them.

Usage: lifecycle.py DIRECTORY..., sources of the Go modules k8s.io/api,
k8s.io/apiextensions-apiserver and k8s.io/kube-aggregator, oldest first: what a later one says
of a kind counts. The facts are what the methods APILifecycle* return, which a server asks for
its warnings.
"""
import glob
import os
import re
import sys

METHOD = re.compile(
    r"func \(in \*(\w+)\) APILifecycle(Introduced|Deprecated|Removed)\(\) \(major, minor int\) \{\s*return 1, (\d+)"
)
REPLACEMENT = re.compile(
    r"func \(in \*(\w+)\) APILifecycleReplacement\(\) schema\.GroupVersionKind \{\s*"
    r'return schema\.GroupVersionKind\{Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"\}'
)
GROUP = re.compile(r'(?:const GroupName = |\+groupName=)"?([a-z0-9.-]*)"?')


def group(directory):
    """The API group of a package."""
    for name in ("register.go", "doc.go"):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            if found := GROUP.search(file.read()):
                return found[1]
    return ""


def main():
    kinds = {}
    for module in sys.argv[1:]:
        pattern = os.path.join(module, "**", "zz_generated.prerelease-lifecycle.go")
        for path in sorted(glob.glob(pattern, recursive=True)):
            directory = os.path.dirname(path)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            found = {}
            for kind, what, minor in METHOD.findall(text):
                found.setdefault(kind, {})[what] = minor
            for kind, *target in REPLACEMENT.findall(text):
                found.setdefault(kind, {})["Replacement"] = "/".join(filter(None, target[:2])) + " " + target[2]
            for kind, facts in found.items():
                kinds[group(directory), os.path.basename(directory), kind] = facts
    out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lifecycle.tsv")
    with open(out, "w", encoding="utf-8") as file:
        file.write("# group\tversion\tkind\tdeprecated\tremoved\tinstead; minor versions of Kubernetes 1; made by lifecycle.py\n")
        for (group_, version, kind), facts in sorted(kinds.items()):
            if "Deprecated" not in facts or kind.endswith(("List", "Options")):
                continue
            columns = [facts.get(key, "") for key in ("Deprecated", "Removed", "Replacement")]
            file.write("\t".join([group_, version, kind, *columns]) + "\n")


main()
