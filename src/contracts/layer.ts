import type { Layer } from '../core/facts/cluster.ts'
import type { LinkFailure } from '../engines/postgres/index.ts'
import { whileConnecting } from './connecting.ts'
import { identifier } from './identifier.ts'

/** What failed for the application, and what to do about it. */
export interface LayerVerdict {
  /** null: its settings could not be read, so that no connection was made. */
  readonly layer: Layer | null
  readonly code: string | null
  readonly message: string
  readonly remedy: string
}

export interface ProbeContext {
  /** The login. */
  readonly role: string
  readonly database: string
  /** Where the application reads its settings, e.g. `/srv/app/.env (DATABASE_URL)`. */
  readonly source: string
  /** The statement timeout that the session had of itself (role, database or server), in ms; 0 for none, null before it was read. */
  readonly ownTimeoutMs: number | null
  readonly queryTimeoutMs: number
}

interface Rule {
  readonly code: RegExp
  readonly message?: RegExp
  readonly when?: (context: ProbeContext) => boolean
  readonly layer: Layer
  readonly remedy: (context: ProbeContext, message: string) => string
}

/** The session's own limit ended the statement, not the one that the probe gave it. */
const isOwnTimeout = ({ ownTimeoutMs, queryTimeoutMs }: ProbeContext): boolean =>
  ownTimeoutMs === null || (ownTimeoutMs > 0 && ownTimeoutMs <= queryTimeoutMs)

/** After the connection stands: what the engine says of its own reading role means something else for the application's. */
const afterConnect: readonly Rule[] = [
  { code: /^42501$/, layer: 'role', remedy: ({ role }, message) => grantFor(role, message) },
  {
    code: /^57014$/,
    // Where its indicator was lost in between, the server calls it a request.
    message: /statement timeout|user request/,
    when: isOwnTimeout,
    layer: 'role',
    remedy: ({ role }) =>
      `Look at statement_timeout of ${role} and its database (pg_db_role_setting), and in postgresql.conf: it ends the contract's statement.`,
  },
  {
    code: /^57014$/,
    message: /statement timeout/,
    layer: 'latency',
    remedy: () =>
      'See what the server does (pg_stat_activity, wait_event): the canary took longer than the application waits.',
  },
  {
    code: /^(?:57P05|25P0[34])$/,
    layer: 'role',
    remedy: ({ role }) =>
      `Look at idle_session_timeout, idle_in_transaction_session_timeout and transaction_timeout of ${role} and its database (pg_db_role_setting), and in postgresql.conf: one of them ends the application's sessions.`,
  },
  {
    code: /^57P01$/,
    layer: 'tcp',
    remedy: () =>
      'Somebody ended the session (pg_terminate_backend), or the server is being stopped: its log of this moment says which.',
  },
  { code: /^25006$/, layer: 'query', remedy: () => 'A canary only reads: take the writing statement out of it.' },
  {
    code: /^40001$/,
    layer: 'query',
    remedy: () =>
      'The standby cancelled it for replay: look at hot_standby_feedback and max_standby_streaming_delay there.',
  },
  {
    code: /^(?:42P01|42703|42883|3F000)$/,
    layer: 'query',
    remedy: ({ role }) =>
      `Look whether the object is there on this node, and whether search_path of ${role} finds it: show search_path.`,
  },
  {
    code: /^55P03$/,
    layer: 'query',
    remedy: () =>
      "See who holds the lock: select pid, pg_blocking_pids(pid), query from pg_stat_activity where wait_event_type = 'Lock'.",
  },
  { code: /^42601$/, layer: 'query', remedy: () => 'Mend the canary: it must be one select.' },
  {
    code: /^CLIENT_DEADLINE$/,
    layer: 'latency',
    remedy: () => 'The server took the statement and did not answer: look at its load and its disks.',
  },
]

/** The layer that failed, from what the driver said. */
export function layerOf(failure: LinkFailure, context: ProbeContext): LayerVerdict {
  const { code, message } = failure
  if (failure.phase === 'ready') {
    const rule = afterConnect.find(
      (each) => each.code.test(code ?? '') && (each.message?.test(message) ?? true) && (each.when?.(context) ?? true),
    )
    if (rule) return { layer: rule.layer, code, message, remedy: rule.remedy(context, message) }
    const isLost = failure.layer === 'tcp' || failure.layer === 'capacity'
    // A pooler takes the client in, and finds it no session afterwards.
    const known = code === '08P01' ? whileConnecting(failure, context) : null
    if (known) return { ...known, code, message }
    return isLost
      ? { layer: failure.layer, code, message, remedy: sentence(failure.remedy) }
      : {
          layer: 'query',
          code,
          message,
          remedy: `Run the canary by hand as ${context.role}: its error is the evidence.`,
        }
  }
  const known = whileConnecting(failure, context)
  return { layer: known?.layer ?? failure.layer, code, message, remedy: known?.remedy ?? sentence(failure.remedy) }
}

function grantFor(role: string, message: string): string {
  const [, kind = '', name = ''] =
    /permission denied for (table|view|materialized view|foreign table|sequence|schema|function) (\S+)/.exec(message) ??
    []
  const to = `to ${identifier(role)};`
  if (kind === 'schema') return `grant usage on schema ${name} ${to}`
  if (kind === 'function') return `grant execute on function ${name} ${to}`
  if (kind === 'sequence') return `grant select on sequence ${name} ${to}`
  return name === '' ? `Grant ${role} what its canary reads.` : `grant select on ${name} ${to}`
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.;]$/.test(text) ? '' : '.'}`
