#!/bin/sh
# Builds the servers that tests/live.rs asks, and prints the folder that holds them as its last line:
#
#   kube-apiserver kube-controller-manager kube-scheduler kubectl etcd   Kubernetes
#   argocd miniredis                                                     all of Argo CD in one program, and its Redis
#   argo-cd-crds/*.yaml argo-cd-config/*.yaml                            Argo CD's own definitions and configuration
#   pre-commit                                                           the packages of pre-commit, for Python's path
#
# Versions are those of the go.mod files beside this script. Each version is built once, into
# ${GITOPSC_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/gitopsc-servers}/<version>, and found again there. What an
# interrupted run leaves behind is never taken for a finished program.
#
# `build.sh NAME…` makes only those of the list above; `build.sh --print` makes nothing.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
version() { sed -n "s|^\(require \)\{0,1\}[[:space:]]*$2 \(v[^ ]*\).*|\2|p" "$here/$1/go.mod"; }
kubernetes=$(version kubernetes k8s.io/kubernetes)
etcd=$(version etcd go.etcd.io/etcd/server/v3)
argocd=$(version argo-cd github.com/argoproj/argo-cd/v3)

pre_commit=4.7.0

cache=${GITOPSC_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/gitopsc-servers}
out=$cache/kubernetes-$kubernetes-etcd-$etcd-argo-cd-$argocd
if [ "${1-}" = --print ]; then
    echo "$out"
    exit 0
fi

wanted=" ${*:-etcd kube-apiserver kube-controller-manager kube-scheduler kubectl \
    argocd miniredis argo-cd-crds argo-cd-config pre-commit} "
missing() {
    case $wanted in *" $1 "*) [ ! -e "$out/$1" ] ;; *) false ;; esac
}

mkdir -p "$out"
find "$out" -maxdepth 1 -name '.build.*' -mtime +1 -exec rm -rf {} +
scratch=$(mktemp -d "$out/.build.XXXXXX")
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
trap 'exit 130' HUP INT TERM
export CGO_ENABLED=0 GOWORK=off

# compile FOLDER FLAGS NAME=PACKAGE…: builds those of the programs that are wanted and not there yet.
compile() {
    folder=$1 flags=$2
    shift 2
    for program in "$@"; do
        name=${program%%=*}
        missing "$name" || continue
        echo "building $name" >&2
        (cd "$here/$folder" && nice go build -mod=readonly -trimpath -ldflags "-s -w $flags" -o "$scratch/$name" "${program#*=}")
        mv "$scratch/$name" "$out/$name"
    done
}

compile etcd "" etcd=go.etcd.io/etcd/server/v3

# Without these the server calls itself v0.0.0, and some clients refuse it.
minor=${kubernetes#v*.}
stamp=k8s.io/component-base/version
stamp="-X $stamp.gitVersion=$kubernetes -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*}"
compile kubernetes "$stamp" \
    kube-apiserver=k8s.io/kubernetes/cmd/kube-apiserver \
    kube-controller-manager=k8s.io/kubernetes/cmd/kube-controller-manager \
    kube-scheduler=k8s.io/kubernetes/cmd/kube-scheduler \
    kubectl=k8s.io/kubernetes/cmd/kubectl

compile argo-cd "" argocd=github.com/argoproj/argo-cd/v3/cmd miniredis=./redis

# copy NAME FILE…: files of Argo CD's module, below its manifests.
copy() {
    name=$1
    shift
    missing "$name" || return 0
    module=$(cd "$here/argo-cd" && go mod download -json github.com/argoproj/argo-cd/v3 | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
    mkdir "$scratch/$name"
    for file in "$@"; do
        cp "$module"/manifests/$file "$scratch/$name/"
    done
    mv "$scratch/$name" "$out/$name"
}

copy argo-cd-crds crds/*-crd.yaml
copy argo-cd-config base/config/argocd-*.yaml

# A newer version takes the place of an older one.
if missing pre-commit || { [ -e "$out/pre-commit" ] && [ ! -e "$out/pre-commit/pre_commit-$pre_commit.dist-info" ]; }; then
    echo "installing pre-commit" >&2
    python3 -m pip install --quiet --target "$scratch/pre-commit" "pre-commit==$pre_commit" >&2
    rm -rf "$out/pre-commit"
    mv "$scratch/pre-commit" "$out/pre-commit"
fi

echo "$out"
