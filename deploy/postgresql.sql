-- Two roles for web and tally. Once for each of the three databases, as the cluster's administrator, and once more for the
-- first of them after the first start and after each upgrade:
--     psql -d callroom         -v tally=callroom_tally -v web=callroom_web -f deploy/postgresql.sql
--     psql -d callroom_issuing -v tally=callroom_tally -v web=callroom_web -f deploy/postgresql.sql
--     psql -d callroom_sealed  -v tally=callroom_tally -v web=callroom_web -f deploy/postgresql.sql
-- Before: CREATE ROLE callroom_tally LOGIN; CREATE ROLE callroom_web LOGIN; and the databases, owned by callroom_tally. An
-- installation of one role keeps that one as the tally's. CALLROOM_DATABASE_URL then stands in /etc/callroom/tally.env and
-- in /etc/callroom/web.env (mode 0600), each with its own role.
\set ON_ERROR_STOP on

-- What there is already.
GRANT USAGE ON SCHEMA public TO :"web";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"web";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"web";

-- What the tally will make: tables of an upgrade, and a schema for each round's sealed answers.
ALTER DEFAULT PRIVILEGES FOR ROLE :"tally" GRANT USAGE ON SCHEMAS TO :"web";
ALTER DEFAULT PRIVILEGES FOR ROLE :"tally" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"web";
ALTER DEFAULT PRIVILEGES FOR ROLE :"tally" GRANT USAGE, SELECT ON SEQUENCES TO :"web";

-- A round that is open now, where one role becomes two.
SELECT format('GRANT USAGE ON SCHEMA %I TO %I; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I',
              nspname, :'web', nspname, :'web')
  FROM pg_namespace WHERE nspname LIKE 'wave\_%' \gexec

-- The chain is the tally's to write: the web only reads it.
SELECT format('REVOKE INSERT, UPDATE, DELETE ON %s FROM %I', relation, :'web')
  FROM unnest(ARRAY[to_regclass('pulse_chainheader'), to_regclass('pulse_chainpayload')]) AS relation
 WHERE relation IS NOT NULL \gexec
