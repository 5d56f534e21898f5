#!/bin/sh
# The first minute: edits the request of a small repository, which it makes in FOLDER, and shows what that changes.
# Usage: run.sh FOLDER; infra-scale and git have to be on the PATH.
set -eu
example=$(cd "$(dirname "$0")" && pwd)

rm -rf "$1"
mkdir -p "$1"
cp -R "$example/repository/." "$1"
cd "$1"

# The snapshot of this cluster is from that morning: dates of commits decide how old it is.
GIT_AUTHOR_DATE=2026-01-01T12:00:00Z GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
infra-scale compile >.compiled
rm .compiled
git init --quiet --initial-branch=main
git add --all
git -c user.name=You -c user.email=you@example.com -c commit.gpgSign=false commit --quiet --no-verify --message "Before the edit"

cp "$example/edited.yaml" requests/shop/checkout.yaml
echo '$ git diff requests'
git --no-pager -c color.ui=false diff --unified=0 requests | grep '^[-+] '
echo
echo '$ infra-scale diff'
infra-scale diff
echo
echo "next: edit requests/shop/checkout.yaml in $1, then run infra-scale diff and infra-scale compile there"
