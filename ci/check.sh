#!/bin/sh
# All that a pipeline asks of a change. Each question is asked, whatever the answer to the others; the exit code is the
# gravest of theirs.
#
#   check.sh BASE DIRECTORY FORMAT…
#
# BASE is the revision that the change is held against; without one (an empty argument) nothing is compared. In
# DIRECTORY lie afterwards `diff.md` and the report that is told as FORMAT=NAME; FORMAT alone is written to standard
# output. The tool is $GITOPSC, or `gitopsc` on the PATH.
set -u

tool=${GITOPSC:-gitopsc}
base=$1 reports=$2
shift 2
# What lies in a directory of our own is no source. One that was there is somebody's, with its `.gitignore`.
if [ ! -d "$reports" ]; then
    mkdir -p "$reports" && echo '*' > "$reports/.gitignore" || exit 2
fi
# What git keeps was not written by an earlier run.
for form in diff.md "$@"; do
    case $form in diff.md | *=*) ;; *) continue ;; esac
    if git ls-files --error-unmatch -- "$reports/${form#*=}" >/dev/null 2>&1; then
        echo "\`$reports/${form#*=}\` is a file of the repository: name another directory for the reports" >&2
        exit 2
    fi
done
# What an earlier run left is not the answer of this one.
rm -f "$reports/diff.md"

worst=0
ask() {
    "$@"
    code=$?
    [ "$code" -le "$worst" ] || worst=$code
}

for form in "$@"; do
    shift
    case $form in
    *=*) set -- "$@" -o "${form%%=*}=$reports/${form#*=}" ;;
    *) set -- "$@" -o "$form" ;;
    esac
done

# Is the tree what the sources say? Of a pull request this is asked of the result of merging it.
ask "$tool" build --check --quiet
ask "$tool" check "$@"
if [ -n "$base" ]; then
    ask "$tool" diff --render "$base..HEAD" -o markdown="$reports/diff.md"
fi
exit "$worst"
