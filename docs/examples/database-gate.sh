#!/usr/bin/env bash
# database-gate.sh review BASE   what the branch adds to BASE, by its text alone; needs no database
# database-gate.sh rehearse      what is not deployed yet, on a copy of the cluster
# database-gate.sh deploy        the same into production; then the tag "deployed" moves
#
# Exit: 0 passed; 1 the gate says no; 2 the change or the configuration is wrong; 3 the cluster cannot be
# seen or copied; 4 it was begun and did not come to its end: read the output before anything else is deployed.
set -euo pipefail

migrations=db
antemortem() { npx antemortem "$@"; }

# The migrations that are in this checkout and were not when the tag was set, in the order of their numbers.
pending() {
  local list
  list=$(mktemp)
  git diff -z --name-only --diff-filter=AM deployed HEAD -- "$migrations/*.sql" > "$list"
  sort -zV -o "$list" "$list"
  mapfile -d '' -t files < "$list"
  rm "$list"
}

case "${1:-}" in
  review)
    antemortem gate review --since "${2:?the branch or commit that this one is for}" --text-only "$migrations"
    ;;
  rehearse)
    pending
    if [ ${#files[@]} -gt 0 ]; then
      antemortem gate rehearse "${files[@]}"
    fi
    ;;
  deploy)
    pending
    if [ ${#files[@]} -gt 0 ]; then
      antemortem gate apply "${files[@]}"
    fi
    git tag --force deployed
    git push --force origin deployed
    ;;
  *)
    sed -n '2,4s/^# //p' "$0"
    exit 2
    ;;
esac
