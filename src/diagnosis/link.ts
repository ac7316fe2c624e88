import type { Case, Evidence } from '../core/diagnosis.ts'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'
import { sqlName } from '../core/sql-text.ts'
import { subject } from '../core/subject.ts'
import { evidenceOf } from './evidence.ts'
import { goodNode } from './last-good.ts'
import { beganSinceGood, entryEvidence, errorsOn } from './log-errors.ts'
import { factOf } from './look.ts'
import { newsOf } from './news.ts'
import { isSettingNew, settingWords } from './since-good.ts'

/** Why a standby or a subscriber cannot log in where its WAL comes from: its conninfo, the access rules there, the login there. */

export interface Link {
  readonly from: NodeView
  readonly to: NodeView
  /** What the access rules call the place: `replication` for a standby, else the database. */
  readonly database: string
  /** Its worker's lines in its own log. */
  readonly isWorker: (entry: LogEntryFact) => boolean
}

export interface LinkFault {
  readonly direct: readonly Evidence[]
  readonly indirect: readonly Evidence[]
  readonly isNew: boolean
  readonly objects: readonly string[]
  readonly words: string
  readonly commands: readonly string[]
}

/** A worker tries again every five seconds. */
const retriedMs = 20_000

/** The words of the server that was reached, in the text of the one that tried. */
const refusals =
  /no pg_hba\.conf entry|pg_hba\.conf rejects|authentication failed|is not permitted to log in|role "[^"]*" does not exist|permission denied|too many connections|exceeds max_wal_senders|must be superuser or replication role/

export function linkFault(c: Case, link: Link): LinkFault {
  const { from, to } = link
  const lines = errorsOn(
    c,
    from.name,
    (entry) => link.isWorker(entry) && /could not connect/.test(entry.message),
    retriedMs,
  )
  const text = lines.map(({ message, detail }) => `${message} ${detail ?? ''}`).join('\n')
  const login = loginOf(link, text)
  const faults = [conninfo(c, link, text), access(c, link, text, login), role(c, link, text, login)].flatMap((found) =>
    found === null ? [] : [found],
  )
  const seen = lines.map(entryEvidence)
  // Two of them changed at once: neither excludes the other, unless the server's own words name it.
  const sure = faults.filter(({ isNamed }) => isNamed)
  const [only] = sure.length === 1 ? sure : faults.length === 1 ? faults.filter(({ suffices }) => suffices) : []
  return {
    direct: only ? [...only.evidence, ...seen] : [],
    indirect: only ? [] : [...faults.flatMap(({ evidence }) => evidence), ...seen],
    isNew: only !== undefined && (only.isNew || beganSinceGood(c, lines)),
    objects: (only ? [only] : faults).flatMap(({ object }) => [object]),
    words:
      only?.words ??
      `Read the log of ${from.name}: it says with which words ${to.name} refuses it, or that nobody answers.`,
    commands: only?.commands ?? [`on ${to.name}: select * from pg_stat_replication;`],
  }
}

interface Fault {
  readonly evidence: readonly Evidence[]
  readonly isNew: boolean
  /** The words of a log say that it is this. */
  readonly isNamed: boolean
  /** Read as it is, it keeps the link down, whatever else there is: a change beside it would not. */
  readonly suffices: boolean
  readonly object: string
  readonly words: string
  readonly commands: readonly string[]
}

const wordOf = (text: string, key: string): string | null =>
  new RegExp(String.raw`\b${key}\s*=\s*'?([^\s']+)`).exec(text)?.[1] ?? null

const conninfoOf = ({ from }: Link): string => factOf(from, 'settings')?.['primary_conninfo'] ?? ''

function loginOf(link: Link, text: string): string | null {
  const said = /(?:user|role) "([^"]+)"/.exec(text)?.[1]
  return said ?? (link.database === 'replication' ? wordOf(conninfoOf(link), 'user') : null)
}

/** It looks for its source where that is not, or as somebody else. Of a subscription only the log says where it looks. */
function conninfo(c: Case, link: Link, text: string): Fault | null {
  const { from, to } = link
  const port = factOf(to, 'settings')?.['port'] ?? null
  const tried = /port (\d{1,5}) failed/.exec(text)?.[1] ?? null
  const isStandby = link.database === 'replication'
  const named = isStandby ? wordOf(conninfoOf(link), 'port') : tried
  const isElsewhere = port !== null && named !== null && named !== port
  const isOther = isStandby && isSettingNew(c, from.name, 'primary_conninfo')
  const isEmpty = isStandby && conninfoOf(link) === '' && factOf(from, 'settings') !== null
  if (!isElsewhere && !isOther && !isEmpty) return null
  const evidence = [
    ...(isOther || isEmpty
      ? [evidenceOf(from.name, 'pg_settings', `${from.name}: ${settingWords(c, from.name, 'primary_conninfo')}`, {})]
      : []),
    ...(isElsewhere
      ? [
          evidenceOf(
            from.name,
            isStandby ? 'pg_settings' : 'server log',
            `${from.name} looks for its source on port ${named}; ${to.name} listens on port ${port}`,
            {
              tried: named,
              port,
            },
          ),
        ]
      : []),
  ]
  return {
    evidence,
    isNew: isOther,
    isNamed: (isElsewhere && tried === named) || isEmpty || (isOther && namesIt(c, link, text)),
    suffices: isElsewhere || isEmpty,
    object: isStandby ? subject.setting(from.name, 'primary_conninfo') : subject.node(from.name),
    words: `Give ${from.name} the address and the login of ${to.name} again.`,
    commands: isStandby
      ? [
          `on ${from.name}: alter system set primary_conninfo = 'host=… port=${port ?? '…'} user=… …'; select pg_reload_conf();`,
        ]
      : [`on ${from.name}: alter subscription … connection 'host=… port=${port ?? '…'} dbname=… user=…';`],
  }
}

/** The log speaks of what is otherwise in it: a host that it did not name before, or a login that is refused. */
function namesIt(c: Case, { from }: Link, text: string): boolean {
  const change = newsOf(c, [subject.setting(from.name, 'primary_conninfo')], () => true).at(-1)
  if (!change) return false
  const [before, after] = [change.before ?? '', change.after ?? '']
  const host = wordOf(after, 'host')
  const user = wordOf(after, 'user')
  if (host !== null && host !== wordOf(before, 'host')) return text.includes(host)
  if (user !== null && user !== wordOf(before, 'user')) return text.includes(`"${user}"`)
  const isAddress = ['host', 'port'].every((key) => wordOf(after, key) === wordOf(before, key))
  return isAddress && /password authentication failed/.test(text)
}

/** The access rules of its source have no line for it any more. */
function access(c: Case, { from, to, database }: Link, text: string, login: string | null): Fault | null {
  const rules = factOf(to, 'accessRules')
  const object = subject.accessRules(to.name)
  const good = goodNode(c, to.name)?.accessRulesDigest ?? null
  const news = newsOf(c, [object], () => true)
  const isNew = news.length > 0 || (good !== null && rules !== null && good !== rules.digest)
  const isSaid = /no pg_hba\.conf entry|pg_hba\.conf rejects/.test(text)
  const fitting = rules?.rules.filter(
    ({ databases, roles, method, error }) =>
      error === null &&
      method !== 'reject' &&
      databases.some((name) => name === database || (name === 'all' && database !== 'replication')) &&
      roles.some((name) => name === 'all' || name === login || name.startsWith('+') || login === null),
  )
  const isLacking = rules !== null && fitting?.length === 0
  if (!isSaid && !(isNew && isLacking)) return null
  // Without the rules it is only the log's word, of which nobody knows whether the file is as it should be.
  const read = rules
    ? [
        evidenceOf(
          to.name,
          'pg_hba_file_rules',
          `pg_hba.conf on ${to.name} has ${fitting?.length ?? 0} lines that let ${login ?? 'it'} into ${database}`,
          {
            lines: rules.rules.length,
            fitting: fitting?.length ?? 0,
          },
        ),
      ]
    : []
  return {
    evidence: read,
    isNew,
    isNamed: isSaid && rules !== null,
    suffices: isLacking,
    object,
    words: `Put back the line of pg_hba.conf on ${to.name} that lets ${from.name} in, and reload.`,
    commands: [
      `on ${to.name}: host ${database} ${login ?? 'ROLE'} ADDRESS scram-sha-256, in pg_hba.conf above what refuses it`,
      `on ${to.name}: select pg_reload_conf();`,
    ],
  }
}

/** Its role there may not log in any more, or not as a replication. */
function role(c: Case, { to, database }: Link, text: string, login: string | null): Fault | null {
  const roles = factOf(to, 'roles')
  const nowMs = factOf(to, 'server')?.nowMs ?? c.atMs
  if (!roles || login === null) return null
  const row = roles.find(({ name }) => name === login)
  const object = subject.role(to.name, login)
  const reasons = row
    ? [
        row.canLogin ? '' : 'may not log in',
        row.validUntilMs !== null && row.validUntilMs <= nowMs ? 'has a password that has expired' : '',
        row.replication || row.superuser ? '' : 'has lost the right to replicate',
        row.connectionLimit === 0 ? 'may have no connection' : '',
      ].filter((reason) => reason !== '')
    : ['is not there']
  if (reasons.length === 0) return null
  return {
    evidence: [
      evidenceOf(to.name, 'pg_roles', `the role ${login} on ${to.name} ${reasons.join(', and ')}`, {
        rolcanlogin: row?.canLogin ?? null,
        rolreplication: row?.replication ?? null,
        rolconnlimit: row?.connectionLimit ?? null,
      }),
    ],
    isNew: newsOf(c, [object], () => true).length > 0,
    isNamed: refusals.test(text) && !/pg_hba/.test(text),
    suffices: true,
    object,
    words: `Give the role ${login} on ${to.name} back what it needs to replicate${database === 'replication' ? '' : ` ${database}`}.`,
    commands: [
      `on ${to.name}: alter role ${sqlName(login)} login replication valid until 'infinity' connection limit -1;`,
    ],
  }
}
