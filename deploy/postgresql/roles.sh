#!/bin/sh
# Makes the two roles of Pumpurs, once, in a new database: the owner of the tables, which migrates,
# and the role of the service, which owns nothing and which row-level security binds.
set -eu
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 \
  --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" \
  --set database="$POSTGRES_DB" \
  --set owner_password="$OWNER_PASSWORD" --set service_password="$SERVICE_PASSWORD" <<'SQL'
CREATE ROLE pumpurs_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE
  PASSWORD :'owner_password';
CREATE ROLE pumpurs LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE
  PASSWORD :'service_password';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO pumpurs_owner, pumpurs;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO pumpurs_owner;
GRANT USAGE ON SCHEMA public TO pumpurs;
ALTER DEFAULT PRIVILEGES FOR ROLE pumpurs_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO pumpurs;
ALTER DEFAULT PRIVILEGES FOR ROLE pumpurs_owner IN SCHEMA public
  GRANT USAGE ON SEQUENCES TO pumpurs;
SQL
