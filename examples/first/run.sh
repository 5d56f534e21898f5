#!/bin/sh
# The first minute: makes a small repository in FOLDER, edits its request, and shows what that changes.
# A second run shows what your own edits there change. Usage: run.sh FOLDER; infra-scale and git must be on the PATH.
set -eu
example=$(cd "$(dirname "$0")" && pwd)
commit() {
    # The snapshot of this cluster is from that morning: dates of commits decide how old it is.
    GIT_AUTHOR_DATE=2026-01-01T12:00:00Z GIT_COMMITTER_DATE=2026-01-01T12:00:00Z \
        git -c user.name=You -c user.email=you@example.com -c commit.gpgSign=false \
        commit --quiet --no-verify --message "Before the edit"
}

if [ ! -d "$1/.git" ]; then
    rm -rf "$1" "$1.new"
    mkdir -p "$1.new"
    cp -R "$example/repository/." "$1.new"
    (
        cd "$1.new"
        infra-scale compile >.compiled
        rm .compiled
        git init --quiet --initial-branch=main
        git add --all
        commit
        cp "$example/edited.yaml" requests/shop/checkout.yaml
    )
    mv "$1.new" "$1"
fi
cd "$1"

echo '$ git diff requests'
git --no-pager -c color.ui=false diff --unified=0 requests | grep '^+ ' || true
echo '$ infra-scale diff'
infra-scale diff
echo "next: edit $1/requests/shop/checkout.yaml, and run make again; infra-scale compile there writes the plan"
