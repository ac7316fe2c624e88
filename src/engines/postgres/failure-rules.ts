import type { Layer } from '../../core/facts/cluster.ts'
import type { Blindness } from '../../core/observation.ts'
import type { Phase } from './failure.ts'

/** The first rule of which all given parts fit decides. */
export interface FailureRule {
  readonly phases?: readonly Phase[]
  readonly code?: RegExp
  /** The server's C function, where one SQLSTATE means several things. */
  readonly routine?: string
  readonly message?: RegExp
  readonly why: Blindness
  readonly layer: Layer
  readonly remedy: string
}

const rule = (
  match: Pick<FailureRule, 'phases' | 'code' | 'routine' | 'message'>,
  [why, layer]: readonly [Blindness, Layer],
  remedy: string,
): FailureRule => ({ ...match, why, layer, remedy })

const pooler = 'point the url of this node at the server itself: a pooler hides which server answers'

/** Measured with node-postgres against 15 and 18, TLS and pgbouncer 1.18; see also the SQLSTATE table of the manual, appendix A. */
export const rules: readonly FailureRule[] = [
  rule(
    { code: /^(ENOTFOUND|EAI_\w+)$/ },
    ['unreachable', 'dns'],
    'correct the host name, or the name service of this host',
  ),
  rule(
    { code: /^ECONNREFUSED$/ },
    ['unreachable', 'tcp'],
    'start the server, or correct host and port: nothing listens there',
  ),
  rule(
    { code: /^(ENOENT|EACCES)$/, phases: ['dns', 'tcp'] },
    ['unreachable', 'tcp'],
    'start the server, or correct the folder of its socket',
  ),
  rule(
    { code: /^CLIENT_DEADLINE$/, phases: ['dns', 'tcp'] },
    ['timed-out', 'tcp'],
    'look at the network and at firewalls between this host and the server',
  ),
  rule(
    { code: /^CLIENT_DEADLINE$/, phases: ['tls', 'startup'] },
    ['timed-out', 'latency'],
    'the port accepts and nobody answers: look whether the server is stopped, starved or behind a silent proxy',
  ),
  rule(
    { code: /^CLIENT_DEADLINE$/ },
    ['timed-out', 'latency'],
    'look at the load of the server: it did not answer in time',
  ),
  rule(
    { code: /^TARGET_SESSION$/ },
    ['not-configured', 'role'],
    'correct the hosts or target_session_attrs of the url: none of its servers is of that kind',
  ),
  rule({ code: /^POOLER$/ }, ['not-configured', 'role'], pooler),
  rule({ code: /^NOT_POSTGRESQL$/ }, ['unreachable', 'tcp'], 'correct the port: what answers there is not PostgreSQL'),
  rule(
    // A cut in the middle of a handshake is still a cut.
    { code: /^E(?:CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|HOSTDOWN)$/, phases: ['tls'] },
    ['unreachable', 'tcp'],
    'look at the network between this host and the server',
  ),
  rule(
    { phases: ['tls'] },
    ['unreachable', 'tls'],
    "compare the server's certificate and `ssl` setting with sslmode and sslrootcert of the url",
  ),
  rule(
    { message: /SSL connection/ },
    ['unreachable', 'tls'],
    "compare the server's `ssl` setting with sslmode of the url",
  ),
  rule(
    { code: /^E[A-Z]+$/, phases: ['dns', 'tcp', 'startup'] },
    ['unreachable', 'tcp'],
    'look at the network between this host and the server',
  ),
  rule({ code: /^08P01$/, message: /startup parameter/ }, ['unreachable', 'query'], pooler),
  rule(
    { code: /^08P01$/, message: /password authentication|auth failed|SASL/i },
    ['no-privilege', 'auth'],
    'correct the password that the pooler knows',
  ),
  rule({ code: /^08P01$/, message: /no such database|no such user/i }, ['not-configured', 'database'], pooler),
  rule({ code: /^08P01$/ }, ['unreachable', 'capacity'], pooler),
  rule(
    { code: /^28000$/, routine: 'ClientAuthentication' },
    ['no-privilege', 'access'],
    'add a line to pg_hba.conf that lets this role in from this host, then reload',
  ),
  rule({ code: /^28000$/ }, ['no-privilege', 'auth'], 'create the role, or give it LOGIN'),
  rule({ code: /^28P01$/ }, ['no-privilege', 'auth'], "correct the password, or the role's verifier and VALID UNTIL"),
  rule(
    { message: /SASL|password must be a string/i },
    ['no-privilege', 'auth'],
    'give the password through the url, .pgpass (mode 0600) or PGPASSWORD',
  ),
  rule({ code: /^3D000$/ }, ['not-configured', 'database'], 'correct the name of the database in the url'),
  rule(
    { code: /^(55000|42501)$/, phases: ['startup'] },
    ['no-privilege', 'database'],
    'allow connections to this database, and grant CONNECT on it to the role',
  ),
  rule(
    { code: /^53300$/ },
    ['unreachable', 'capacity'],
    'free sessions, or raise max_connections or the limit of the role',
  ),
  rule({ code: /^53/ }, ['unreachable', 'capacity'], "look at memory and disk of the server's host"),
  rule(
    { code: /^57P03$/ },
    ['unreachable', 'database'],
    'wait until the server accepts connections; its log says what it waits for',
  ),
  rule(
    { code: /^57P0[125]$/ },
    ['unreachable', 'tcp'],
    'the server ended the session; look whether it was stopped, restarted or crashed',
  ),
  rule(
    { code: /^42704$/, phases: ['startup'] },
    ['unreachable', 'query'],
    'correct `options` in the url: the server does not know the setting',
  ),
  rule({ code: /^42501$/ }, ['no-privilege', 'query'], 'grant pg_monitor to the reading role'),
  rule({ code: /^(42883|42P01|42703)$/ }, ['not-in-this-version', 'query'], 'use PostgreSQL 13 to 18'),
  rule(
    { code: /^(57014|25P0[34])$/ },
    ['timed-out', 'query'],
    'look at the load of the server: it stopped the statement after its timeout',
  ),
  rule(
    { code: /^55P03$/ },
    ['timed-out', 'query'],
    'wait for the change of schema that holds the lock, or look who blocks it',
  ),
  rule(
    { code: /^(25006|40001)$/ },
    ['timed-out', 'role'],
    'try again: a standby cancels reads that conflict with replay',
  ),
  rule(
    { message: /Connection terminated|connection (error|closed)|not queryable/i },
    ['unreachable', 'tcp'],
    'look whether the server was stopped or crashed; its log says why',
  ),
]
