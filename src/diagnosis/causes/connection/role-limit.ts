import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import type { Change } from '../../../core/change.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { isUsedUp, slotsOf } from '../../own-limits.ts'
import { refusalsOn } from '../../refusals.ts'

const fits = (code: string): boolean => code === '53300'

/**
 * `53300` by the limit of a role or a database, while the server has slots left. The sessions that are open go on: the limit holds
 * for the next one.
 */
const cause: Cause = {
  id: 'connection/role-limit',
  taxonomy: 'connections-exhausted',
  title: 'a role or database has as many sessions as its limit allows',
  follows: ['connection/settings-changed'],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const use = factOf(node, 'activity')?.use
      if (!use) continue
      for (const { name, connectionLimit } of factOf(node, 'roles') ?? []) {
        const held = use.filter(({ role }) => role === name).reduce((sum, { total }) => sum + total, 0)
        const what = {
          kind: 'role' as const,
          name,
          limit: connectionLimit,
          held,
          subject: subject.role(node.name, name),
        }
        yield* matchOf(c, node, what)
      }
      for (const { name, connectionLimit, backends } of factOf(node, 'databases') ?? []) {
        const object = subject.database(node.name, name)
        const what = { kind: 'database' as const, name, limit: connectionLimit, held: backends, subject: object }
        yield* matchOf(c, node, what)
      }
    }
  },
}
export default cause

interface Limited {
  readonly kind: 'role' | 'database'
  readonly name: string
  readonly limit: number
  readonly held: number
  readonly subject: string
}

function* matchOf(c: Case, node: NodeView, { kind, name, limit, held, subject: what }: Limited): Iterable<Match> {
  if (limit < 0 || held < limit) return
  const above = node.upstream === null ? [] : [what.replace(`${node.name}:`, `${node.upstream}:`)]
  const objects = [what, ...above]
  const news = newsOf(c, objects, aboutLimit)
  const isSuch = ({ layer, role, message }: ContractFact): boolean => {
    if (layer !== 'capacity') return false
    return kind === 'role'
      ? role === name && /too many connections for role/.test(message ?? '')
      : /too many connections for database/.test(message ?? '')
  }
  const refusals = refusalsOn(c, node.name, { isSuch, fits, news })
  const slots = slotsOf(c, node.name)
  // Told by outcomes alone, the code is also that of a server without slots.
  const isClear = refusals.results.length > 0 || (slots !== null && !isUsedUp(slots))
  const limited = {
    words: `${kind} ${name} on ${node.name} has ${held} sessions, and its limit is ${limit}`,
    node: node.name,
    source: kind === 'role' ? 'pg_roles, pg_stat_activity' : 'pg_database, pg_stat_database',
    values: { limit, sessions: held },
  }
  yield {
    subject: what,
    direct: isClear && !refusals.mayBeOwn ? [limited] : [],
    indirect: [limited],
    harm: isClear ? refusals.harm : [],
    // A limit that stood when all was good may be reached by more work: that is nobody's change.
    isNew: c.lastGoodMs !== null && news.length > 0,
    explains: isClear
      ? [
          ...contractEffects(c, node.name, isSuch),
          ...outcomeEffects(c, node.name, fits),
          ...['connections/role-limit', 'connections/auth'].flatMap((check) => findingsOf(c, check, node.name)),
        ]
      : [],
    objects,
    ...(news.length === 0 && {
      missing: `was the limit of ${name} lowered, or has it more sessions than it used to have?`,
    }),
    remedy: {
      words: `Give ${name} the sessions that its application needs, and no more than the server has left.`,
      commands: [
        `on ${node.name}: select application_name, state, count(*) from pg_stat_activity where ${kind === 'role' ? 'usename' : 'datname'} = '${name}' group by 1, 2;`,
        `on the primary: alter ${kind} ${name} connection limit -1;`,
      ],
    },
  }
}

/** Its limit became another one; a password or a right did not lower it. */
const aboutLimit = ({ before, after }: Change): boolean =>
  before === null || [before, after].some((text) => text !== null && /limit|-1|^\d+$/.test(text))
