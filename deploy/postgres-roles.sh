#!/bin/sh
# Run once by PostgreSQL's image, on an empty volume: the roles of FirstRead, each with the password
# of its own secret. What each may do is given by `firstread db upgrade`.
set -eu
for role in owner gateway deliver worker web reader; do
    psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<SQL
\\set password \`cat /run/secrets/${role}_password\`
CREATE ROLE firstread_$role LOGIN PASSWORD :'password';
SQL
done
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<SQL
ALTER DATABASE "$POSTGRES_DB" OWNER TO firstread_owner;
SQL
