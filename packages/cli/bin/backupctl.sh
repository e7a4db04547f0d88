#!/bin/sh
# `backupctl repository` of an agent's archive, with the archive's own Node.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
# Compiled code is kept, where the person may write into the archive's folder: then only who could change the program can
# change what is kept.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE-$root/compiled}"
# Memory of half a MiB and more goes back to the system as soon as it is let go, as backupctl.mjs has it.
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_-524288}"
exec "$root/node/bin/node" --disable-warning=ExperimentalWarning --max-semi-space-size=4 "$root/agent/backupctl.js" "$@"
