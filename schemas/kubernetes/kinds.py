#!/usr/bin/env python3
"""Write kinds.tsv: which native kinds are namespaced.

Usage: kinds.py DIRECTORY, a directory of `v1.N.json.gz` documents with the
resources that a real API server of that minor version serves.
"""
import glob
import gzip
import json
import os
import sys

kinds = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json.gz"))):
    for resource in json.load(gzip.open(path))["resources"]:
        kinds[resource["group"], resource["kind"]] = resource["namespaced"]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "kinds.tsv"), "w") as out:
    out.write("# group\tkind\tscope, as served by kube-apiserver 1.28 to 1.37; made by kinds.py\n")
    for (group, kind), namespaced in sorted(kinds.items()):
        out.write(f"{group}\t{kind}\t{'Namespaced' if namespaced else 'Cluster'}\n")
