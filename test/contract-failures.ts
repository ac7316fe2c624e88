import type { Layer } from '../src/core/facts/cluster.ts'

/** A way in which a connection fails: what is said of it, and the words by which one knows what to do. */
export interface ContractFailure {
  readonly what: string
  readonly layer: Layer
  readonly code: string | null
  /** Stands in the remedy. */
  readonly remedy: string
}

/**
 * Every failure that an application meets between its settings and its first answer. src/contracts/failures.lab.test.ts makes each
 * of them on real servers; docs/contracts.md has this table.
 */
export const contractFailures = {
  name: {
    what: 'the host name is not known',
    layer: 'dns',
    code: 'ENOTFOUND',
    remedy: 'the name service of this host',
  },
  'port-closed': {
    what: 'nothing listens on the port',
    layer: 'tcp',
    code: 'ECONNREFUSED',
    remedy: 'nothing listens there',
  },
  'packets-dropped': {
    what: 'no answer to the connection (a firewall)',
    layer: 'tcp',
    code: 'CLIENT_DEADLINE',
    remedy: 'firewalls between this host and the server',
  },
  reset: {
    what: 'the connection is reset at once',
    layer: 'tcp',
    code: 'ECONNRESET',
    remedy: 'the network between this host and the server',
  },
  silent: {
    what: 'the port accepts and nobody answers',
    layer: 'latency',
    code: 'CLIENT_DEADLINE',
    remedy: 'accepts and nobody answers',
  },
  'not-postgres': {
    what: 'something else listens there',
    layer: 'tcp',
    code: 'NOT_POSTGRESQL',
    remedy: 'Correct the port',
  },
  'socket-missing': {
    what: 'the folder has no socket',
    layer: 'tcp',
    code: 'ENOENT',
    remedy: 'the folder of its socket',
  },
  'root-missing': {
    what: 'the file of sslrootcert is not there',
    layer: 'tls',
    code: 'ENOENT',
    remedy: 'the files that it names',
  },
  'tls-none': {
    what: 'the server has no TLS and the client wants it',
    layer: 'tls',
    code: null,
    remedy: 'Set ssl = on',
  },
  'tls-self-signed': {
    what: 'the certificate has signed itself',
    layer: 'tls',
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    remedy: 'signed itself',
  },
  'tls-expired': {
    what: 'the certificate has ended',
    layer: 'tls',
    code: 'CERT_HAS_EXPIRED',
    remedy: 'Renew ssl_cert_file',
  },
  'tls-name': {
    what: 'the certificate is for another name',
    layer: 'tls',
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    remedy: 'The certificate is for db1',
  },
  'tls-version': {
    what: 'the server has only an older TLS than the client takes',
    layer: 'tls',
    code: 'EPROTO',
    remedy: 'ssl_max_protocol_version',
  },
  'access-rule': {
    what: 'no line of pg_hba.conf lets it in',
    layer: 'access',
    code: '28000',
    remedy: 'pg_hba_file_rules',
  },
  nologin: { what: 'the role may not log in', layer: 'auth', code: '28000', remedy: 'alter role app login' },
  password: { what: 'the password is wrong', layer: 'auth', code: '28P01', remedy: 'the password in /srv/app/.env' },
  'unknown-role': { what: 'the role does not exist', layer: 'auth', code: '28P01', remedy: 'There is no role nobody' },
  'valid-until': { what: 'VALID UNTIL of the role has passed', layer: 'auth', code: '28P01', remedy: 'valid until' },
  'md5-verifier': {
    what: 'the role has an md5 verifier, pg_hba.conf asks for scram-sha-256',
    layer: 'auth',
    code: '28P01',
    remedy: 'its verifier is of another kind',
  },
  'no-password': { what: 'the settings have no password', layer: 'auth', code: null, remedy: 'Give /srv/app/.env' },
  database: {
    what: 'the database does not exist',
    layer: 'database',
    code: '3D000',
    remedy: 'There is no database autth',
  },
  'database-closed': {
    what: 'the database has ALLOW_CONNECTIONS false',
    layer: 'database',
    code: '55000',
    remedy: 'allow_connections true',
  },
  'connect-revoked': {
    what: 'CONNECT on the database was revoked',
    layer: 'database',
    code: '42501',
    remedy: 'grant connect on database auth',
  },
  'role-limit': {
    what: 'the role has all its sessions',
    layer: 'capacity',
    code: '53300',
    remedy: 'alter role app connection limit',
  },
  'database-limit': {
    what: 'the database has all its sessions',
    layer: 'capacity',
    code: '53300',
    remedy: 'alter database auth connection limit',
  },
  'reserved-slots': { what: 'only reserved places are left', layer: 'capacity', code: '53300', remedy: 'reserved' },
  'too-many-clients': { what: 'no place is left', layer: 'capacity', code: '53300', remedy: 'max_connections' },
  starting: { what: 'the server is starting', layer: 'database', code: '57P03', remedy: 'is starting' },
  'hot-standby-off': {
    what: 'a standby with hot_standby = off',
    layer: 'database',
    code: '57P03',
    remedy: 'hot_standby',
  },
  terminated: {
    what: 'somebody ends the session (pg_terminate_backend, a stop)',
    layer: 'tcp',
    code: '57P01',
    remedy: 'pg_terminate_backend',
  },
  crash: {
    what: 'a process of the server crashed, or it was stopped at once',
    layer: 'tcp',
    code: null,
    remedy: 'its log says why',
  },
  'idle-session': {
    what: 'idle_session_timeout ends the session',
    layer: 'role',
    code: '57P05',
    remedy: 'idle_session_timeout',
  },
  'idle-transaction': {
    what: 'idle_in_transaction_session_timeout ends the session',
    layer: 'role',
    code: '25P03',
    remedy: 'idle_in_transaction_session_timeout',
  },
  'recovery-conflict': {
    what: 'replay on a standby cancels the query',
    layer: 'query',
    code: '40001',
    remedy: 'max_standby_streaming_delay',
  },
  'read-only-default': {
    what: 'default_transaction_read_only is on for the role',
    layer: 'role',
    code: '25006',
    remedy: 'pg_db_role_setting',
  },
  standby: {
    what: 'a contract that writes reaches a standby',
    layer: 'role',
    code: '25006',
    remedy: 'still the primary',
  },
  'canary-writes': { what: 'the canary writes', layer: 'query', code: '25006', remedy: 'A canary only reads' },
  'no-writes': {
    what: 'the role may not write the table',
    layer: 'role',
    code: '42501',
    remedy: 'grant insert, update, delete on public.users to app',
  },
  'search-path': {
    what: 'search_path does not find the table',
    layer: 'query',
    code: '42P01',
    remedy: 'set search_path = public',
  },
  renamed: { what: 'the table is gone', layer: 'query', code: '42P01', remedy: 'renamed or dropped' },
  privilege: {
    what: 'the role may not read the table',
    layer: 'role',
    code: '42501',
    remedy: 'grant select on users to app',
  },
  'own-timeout': {
    what: 'statement_timeout of the role ends the query',
    layer: 'role',
    code: '57014',
    remedy: 'statement_timeout of app',
  },
  slow: {
    what: 'the query takes longer than the application waits',
    layer: 'latency',
    code: '57014',
    remedy: 'what the server does',
  },
  lock: { what: 'a lock is held for too long', layer: 'query', code: '55P03', remedy: 'who holds the lock' },
  'unknown-option': {
    what: 'the settings name a parameter that the server does not have',
    layer: 'query',
    code: '42704',
    remedy: 'options',
  },
  'pool-sum': {
    what: 'the pools of all instances are larger than the server',
    layer: 'capacity',
    code: '53300',
    remedy: 'Lower POOL_MAX',
  },
  'pooler-password': { what: 'pgbouncer: the password is wrong', layer: 'auth', code: '08P01', remedy: 'the pooler' },
  'pooler-database': {
    what: 'pgbouncer: it has no such database',
    layer: 'database',
    code: '08P01',
    remedy: '[databases]',
  },
  'pooler-full': {
    what: 'pgbouncer: no session in time (query_wait_timeout)',
    layer: 'capacity',
    code: '08P01',
    remedy: 'SHOW POOLS',
  },
  'pooler-clients': {
    what: 'pgbouncer: no more clients (max_client_conn)',
    layer: 'capacity',
    code: '08P01',
    remedy: 'max_client_conn',
  },
  'pooler-server-password': {
    what: 'pgbouncer: the server refuses its password',
    layer: 'auth',
    code: '08P01',
    remedy: 'auth_file',
  },
  'pooler-server-down': {
    what: 'pgbouncer: it does not reach the server',
    layer: 'tcp',
    code: '08P01',
    remedy: 'The pooler does not get to it',
  },
  'pooler-prepared': {
    what: 'pgbouncer in transaction mode: a named prepared statement',
    layer: 'query',
    code: '26000',
    remedy: 'pool_mode = session',
  },
} as const satisfies Readonly<Record<string, ContractFailure>>

export type ContractFailureId = keyof typeof contractFailures
