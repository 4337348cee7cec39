#!/usr/bin/env bash
# Make the secrets of docker-compose.yml under ./secrets, once; nothing that exists is overwritten.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
random() { python3 -c 'import secrets; print(secrets.token_urlsafe(36), end="")'; }
keep() { [ -e "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"; }
keep secret_key "$(random)$(random)"
keep signing_key "$(python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode(), end="")')"
keep postgres_password "$(random)"
keep app_password "$(random)"
keep owner_password "$(random)"
keep master_key "$(python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode(), end="")')"
keep redis_password "$(random)"
keep database_url "postgresql://greffier_app:$(cat secrets/app_password)@postgres/greffier"
keep database_owner_url "postgresql://greffier_owner:$(cat secrets/owner_password)@postgres/greffier"
keep redis_url "redis://:$(cat secrets/redis_password)@valkey:6379/0"
# each container gets its own files only, and reads them as an ordinary user; the folder keeps other people out
chmod 0700 secrets && chmod 0644 secrets/*
