#!/usr/bin/env bash
# The two database roles of Greffier: the owner makes tables, the application uses them. Neither is a superuser.
set -euo pipefail
# psql reads the passwords itself: a command line is read by everybody on the machine
export OWNER_PASSWORD_FILE APP_PASSWORD_FILE
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" <<'SQL'
\set owner_password `cat "$OWNER_PASSWORD_FILE"`
\set app_password `cat "$APP_PASSWORD_FILE"`
CREATE ROLE greffier_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE greffier_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE DATABASE greffier OWNER greffier_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE greffier FROM PUBLIC;
GRANT CONNECT ON DATABASE greffier TO greffier_app;
SQL
