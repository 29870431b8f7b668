#!/bin/sh
# Put a bundle (by default the one of the installed package) into the registry $SLOTWISE_REGISTRY; where none is current yet, make it so.
set -eu
bundle=${1:-$(SLOTWISE_BUNDLE='' slotwise settings --json | python -c 'import json, sys; print(json.load(sys.stdin)["bundle"]["value"])')}
added=$(slotwise models add "$bundle")
echo "$added"
if ! [ -L "$SLOTWISE_REGISTRY/current" ]; then
    slotwise models promote "${added%% *}"
fi
