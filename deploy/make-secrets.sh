#!/bin/sh
# Write the secrets of docker-compose.yml into a folder (by default deploy/secrets): one file each; those that are there stay.
# The folder is for its owner alone, the files in it for any user of a container that they are mounted into.
set -eu
umask 077
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
secret() { [ -e "$folder/$1" ] || { printf '%s' "$2" > "$folder/$1"; chmod 0644 "$folder/$1"; }; }

secret postgres_password "$(random)"
secret grafana_password "$(random)"
secret slotwise_corrections "postgresql://slotwise:$(cat "$folder/postgres_password")@postgres/slotwise"
secret slotwise_parse_keys ''  # hashes that `slotwise key` prints, separated by commas; empty: all may parse
secret slotwise_admin_keys ''  # empty: nobody may administer
