#!/bin/bash
# Run by the image's entrypoint, once, on an empty data directory. The role owns its database and
# nothing else: POSTGRES_USER would have made the application a superuser.
set -euo pipefail

# psql reads the environment itself, so no password shows up in a process list.
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv database DATABASE_NAME
\getenv role DATABASE_USER
\getenv password DATABASE_PASSWORD
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
