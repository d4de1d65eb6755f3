#!/bin/sh
# The role and the database of AKIG on a new PostgreSQL server, run there as its superuser.
# The role is ordinary on purpose: it owns its tables and stands above none of the rules.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" -U "${POSTGRES_USER:-postgres}" <<'SQL'
CREATE ROLE akig LOGIN PASSWORD :'password' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE DATABASE akig OWNER akig;
SQL
