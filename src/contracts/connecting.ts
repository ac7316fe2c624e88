import type { Layer } from '../core/facts/cluster.ts'
import type { LinkFailure } from '../engines/postgres/index.ts'
import { identifier } from './identifier.ts'
import type { ProbeContext } from './layer.ts'

interface ConnectingRule {
  /** By the engine's reading of it; any where absent. */
  readonly at?: Layer
  readonly code?: RegExp
  readonly message?: RegExp
  /** Where it belongs for an application, if not where the engine has it. */
  readonly layer?: Layer
  readonly remedy: (context: ProbeContext) => string
}

/** pgbouncer says 08P01 to everything: only its words tell its causes apart (1.18, and as far as they are alike in later ones). */
const pooler: readonly ConnectingRule[] = [
  {
    message: /no more connections allowed/,
    layer: 'capacity',
    remedy: ({ source }) =>
      `Raise max_client_conn of the pooler (and the open files that it may have), or lower POOL_MAX in ${source}.`,
  },
  {
    // The server's own words, passed on; a client's own failure is said without the user.
    message: /password authentication failed for user/,
    layer: 'auth',
    remedy: ({ role }) =>
      `The server refuses the password that the pooler has for ${role} (its auth_file, or password= in its [databases]): give it the present one and RELOAD; the application's own was taken.`,
  },
  {
    message: /password authentication failed|auth failed|SASL/i,
    layer: 'auth',
    remedy: ({ role, source }) =>
      `Compare the password in ${source} with what the pooler has for ${role} (its auth_file or auth_query).`,
  },
  {
    message: /no such (?:database|user)|database "[^"]*" does not exist/i,
    layer: 'database',
    remedy: ({ source }) =>
      `Compare the database in ${source} with [databases] of the pooler, and its dbname= there with what the server has.`,
  },
  {
    message: /cannot connect to server|server_login_retry|server login/i,
    layer: 'tcp',
    remedy: () =>
      'It is the pooler that does not get to the server: compare host= and port= in its [databases] with where the server listens; its log says why.',
  },
  {
    message: /startup parameter/,
    layer: 'query',
    remedy: ({ source }) =>
      `The pooler takes no such parameter: take options out of ${source}, or name it in ignore_startup_parameters.`,
  },
]

const sslFiles = /, open '/

/** Of a connection for replication: its lines, its attribute and its places are others than those of sessions. */
const receiver: readonly ConnectingRule[] = [
  {
    at: 'access',
    message: /replication connection/,
    remedy: ({ role }) =>
      `Look at pg_hba_file_rules for the line with the database replication (all does not mean it) that should let ${role} in from this host; reload after a change. A stream that runs hides it until it reconnects.`,
  },
  {
    code: /^42501$/,
    message: /wal ?sender/i,
    layer: 'role',
    remedy: ({ role }) => `alter role ${identifier(role)} replication;`,
  },
  {
    at: 'capacity',
    message: /max_wal_senders/,
    remedy: () =>
      'See who has the walsenders (pg_stat_replication by application_name): one that was cut off holds its place until wal_sender_timeout. Raise max_wal_senders, on standbys first.',
  },
]

/** While connecting: the engine's layer is right but for files, its remedy speaks of a url in our own configuration. */
const direct: readonly ConnectingRule[] = [
  ...receiver,
  {
    code: /^(?:ENOENT|EACCES)$/,
    message: sslFiles,
    layer: 'tls',
    remedy: ({ source }) =>
      `Look at sslrootcert, sslcert and sslkey in ${source}: the files that it names must be there for who connects.`,
  },
  { at: 'dns', remedy: ({ source }) => `Correct the host in ${source}, or the name service of this host.` },
  {
    at: 'tls',
    message: /does not support SSL/,
    remedy: ({ source }) =>
      `Set ssl = on with a certificate on the server and reload, or give ${source} the sslmode that the server has.`,
  },
  {
    at: 'tls',
    code: /SELF_SIGNED|VERIFY|ISSUER/,
    remedy: ({ source }) => `Give ${source} the certificate of who signed the server's as sslrootcert.`,
  },
  {
    at: 'tls',
    code: /^CERT_HAS_EXPIRED$/,
    remedy: ({ source }) =>
      `Renew ssl_cert_file of the server and reload; nothing is wrong with ${source}, nor with the clock, if that of this host is right.`,
  },
  {
    at: 'tls',
    code: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    remedy: ({ source }) => `Put a host into ${source} that the certificate is for, or have it made with this one.`,
  },
  {
    at: 'tls',
    code: /^EPROTO$|^ERR_SSL_/,
    remedy: ({ source }) =>
      `Compare ssl_min_protocol_version, ssl_max_protocol_version and ssl_ciphers of the server with what the client of ${source} takes (TLS 1.2 at least).`,
  },
  {
    at: 'tls',
    remedy: ({ source }) =>
      `Compare sslmode and the certificates in ${source} with ssl and ssl_cert_file of the server.`,
  },
  {
    at: 'access',
    remedy: ({ role }) =>
      `Look at pg_hba_file_rules for the line that should let ${role} in from this host; reload after a change.`,
  },
  {
    at: 'auth',
    message: /password must be a/i,
    remedy: ({ role, source }) => `Give ${source} the password of ${role}: it has none, and the server wants one.`,
  },
  {
    at: 'auth',
    remedy: ({ role, source }) =>
      `Compare the password in ${source} with the role ${role}: its password, VALID UNTIL and LOGIN.`,
  },
  {
    at: 'database',
    code: /^57P03$/,
    message: /not (?:yet )?accepting/,
    remedy: () =>
      'It is a standby that takes no sessions: look at hot_standby there, and in its log whether it has become consistent.',
  },
  {
    at: 'database',
    code: /^57P03$/,
    message: /shutting down/,
    remedy: () => 'The server is being stopped: its log says by whom, and pg_ctl status when it is over.',
  },
  {
    at: 'database',
    code: /^57P03$/,
    remedy: () => 'The server is starting or recovers after a crash: wait; its log says how far it is.',
  },
  {
    at: 'database',
    code: /^55000$/,
    remedy: ({ database }) => `alter database ${identifier(database)} allow_connections true;`,
  },
  {
    at: 'database',
    code: /^42501$/,
    remedy: ({ role, database }) => `grant connect on database ${identifier(database)} to ${identifier(role)};`,
  },
  {
    at: 'database',
    code: /^3D000$/,
    remedy: ({ database, source }) => `There is no database ${database}: correct it in ${source}, or create it.`,
  },
  {
    at: 'database',
    remedy: ({ role, source }) =>
      `Compare the database in ${source} with pg_database (datallowconn), and grant connect on it to ${role}.`,
  },
  {
    at: 'capacity',
    message: /connections for role/,
    remedy: ({ role }) =>
      `See who holds the sessions of ${role} (pg_stat_activity by application_name), then: alter role ${identifier(role)} connection limit N.`,
  },
  {
    at: 'capacity',
    message: /connections for database/,
    remedy: ({ database }) =>
      `See who holds the sessions of this database (pg_stat_activity by usename), then: alter database ${identifier(database)} connection limit N.`,
  },
  {
    at: 'capacity',
    message: /reserved for/,
    remedy: ({ role }) =>
      `Only the reserved places are left, which ${role} may not have: see who holds the others (pg_stat_activity by usename), and compare all pools with max_connections less what is reserved.`,
  },
  {
    at: 'capacity',
    remedy: ({ role }) =>
      `See who holds the sessions (pg_stat_activity by usename), the limit of ${role} (rolconnlimit) and max_connections; where a pooler is between, ask its SHOW POOLS.`,
  },
  {
    at: 'query',
    code: /^42704$/,
    remedy: ({ source }) => `Correct options in ${source}: the server does not have this parameter.`,
  },
]

/** The layer and the remedy of a connection that did not come to stand, for who uses it; null where the engine's own words do. */
export function whileConnecting(
  { layer, code, message }: LinkFailure,
  context: ProbeContext,
): { readonly layer: Layer; readonly remedy: string } | null {
  const rules = code === '08P01' ? [...pooler, ...direct] : direct
  const rule = rules.find(
    (each) =>
      (each.at === undefined || each.at === layer) &&
      (each.code?.test(code ?? '') ?? true) &&
      (each.message?.test(message) ?? true),
  )
  return rule ? { layer: rule.layer ?? layer, remedy: rule.remedy(context) } : null
}
