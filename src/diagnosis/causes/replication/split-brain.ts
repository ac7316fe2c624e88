import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import { lsnDistance } from '../../../core/lsn.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { rowHarm } from '../../harm.ts'
import { canariesOf, compare, contractsOf, factOf, touchedOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { goodReplication, wasOtherwise } from '../../since-good.ts'
import { isSilent } from '../../standbys.ts'

/** Two nodes of one system take writes: whatever either of them takes, the other does not have. */
const cause: Cause = {
  id: 'replication/split-brain',
  taxonomy: 'multi-writer',
  title: 'two nodes of one cluster take writes',
  follows: [],
  *recognise(c) {
    const writers = c.snapshot.nodes.filter((node) => isWriter(c, node))
    const groups = Map.groupBy(writers, (node) => factOf(node, 'server')?.systemId ?? '')
    for (const group of groups.values()) {
      const [older, ...others] = group.toSorted((a, b) => rankOf(c, a) - rankOf(c, b) || compare(a.name, b.name))
      for (const other of others) if (older && !isSameServer(older, other)) yield matchOf(c, older, other)
    }
  },
}
export default cause

/** A subscriber that was made from a base backup has the same identity, and is meant to be written. */
const isWriter = (c: Case, node: NodeView): boolean =>
  !isSilent(c, node.name) &&
  factOf(node, 'server')?.inRecovery === false &&
  node.role !== 'subscriber' &&
  (factOf(node, 'subscriptionStates') ?? []).length === 0

/** One server that is configured under two names. */
function isSameServer(one: NodeView, other: NodeView): boolean {
  const [here, there] = [one, other].map((node) => ({
    server: factOf(node, 'server'),
    settings: factOf(node, 'settings'),
  }))
  return (
    here?.server?.startedMs === there?.server?.startedMs &&
    here?.settings?.['port'] === there?.settings?.['port'] &&
    here?.settings?.['data_directory'] === there?.settings?.['data_directory']
  )
}

const promotions = (c: Case, { name }: NodeView): ReturnType<typeof newsOf> =>
  newsOf(c, [subject.node(name)], ({ after }) => /not in recovery/.test(after ?? ''))

const wasStandby = (c: Case, { name }: NodeView): boolean =>
  goodReplication(c, name)?.inRecovery === true ||
  wasOtherwise(c, name, (past) => {
    const before = factOf(past, 'server')
    return before && !before.inRecovery
  })

/** The node that came to write later last: what was promoted, else what is on the later timeline. */
const rankOf = (c: Case, node: NodeView): number =>
  (promotions(c, node).length > 0 || wasStandby(c, node) ? 1_000_000 : 0) + (factOf(node, 'wal')?.timeline ?? 0)

function matchOf(c: Case, older: NodeView, other: NodeView): Match {
  const nodes = [older, other]
  const objects = [subject.node(other.name), subject.node(older.name)]
  return {
    subject: subject.node(other.name),
    direct: nodes.map((node) =>
      evidenceOf(
        node.name,
        'pg_is_in_recovery(), pg_control_system()',
        `${node.name} is not in recovery: system ${factOf(node, 'server')?.systemId ?? '?'}, timeline ${factOf(node, 'wal')?.timeline ?? '?'}`,
        { in_recovery: false, timeline: factOf(node, 'wal')?.timeline ?? null },
      ),
    ),
    indirect: [],
    harm: harmOf(c, older, other),
    isNew: nodes.some((node) => promotions(c, node).length > 0 || wasStandby(c, node)),
    explains: [
      ...['availability/split-brain', 'availability/old-primary-returned', 'replication/timeline-diverged'].flatMap(
        (check) => findingsOf(c, check),
      ),
      ...nodes.flatMap(({ name }) => [
        ...rowEffects(c, name),
        ...['replication/standby-connected', 'replication/no-standby', 'replication/topology-unexpected'].flatMap(
          (check) => findingsOf(c, check, name),
        ),
      ]),
    ],
    objects,
    remedy: {
      words: `Stop all writes at once, on both nodes. Then decide with the application's people which one stays; keep the other as it is, because it holds rows that are nowhere else.`,
      commands: [
        ...nodes.map(
          ({ name }) => `on ${name}: alter system set default_transaction_read_only = on; select pg_reload_conf();`,
        ),
        ...nodes.map(
          ({ name }) => `on ${name}: select timeline_id, pg_current_wal_lsn() from pg_control_checkpoint();`,
        ),
      ],
    },
  }
}

/** Both work for clients and write, or their rows differ. */
function harmOf(c: Case, older: NodeView, other: NodeView): readonly Evidence[] {
  const names = [older.name, other.name]
  const writes = [older, other].flatMap((node) => writesOf(c, node))
  const rows = touchedOf(c)
    .filter(
      ({ node, source, verdict, times }) =>
        names.includes(node) && names.includes(source) && verdict === 'different' && times >= 2,
    )
    .map(({ schema, table, node }) =>
      evidenceOf(
        node,
        'touched-table comparison',
        `${schema}.${table} differs between ${older.name} and ${other.name}`,
        {},
      ),
    )
  const answers = canariesOf(c).flatMap(({ contract, answers }) => {
    const [here, there] = names.map((name) => answers.find(({ node }) => node === name))
    return here && there && here.digest !== there.digest
      ? [evidenceOf(other.name, 'contract', `the contract ${contract} is answered otherwise on ${other.name}`, {})]
      : []
  })
  return [...(writes.length === 2 ? writes : []), ...rows, ...answers, ...names.flatMap((name) => rowHarm(c, name))]
}

/** A login of the application is there, and transactions write WAL: a checkpoint alone writes some hundred bytes. */
function writesOf(c: Case, node: NodeView): readonly Evidence[] {
  const past = c.earlier?.nodes.find(({ name }) => name === node.name)
  const [now, before] = [
    factOf(node, 'wal')?.writeLsn,
    past && (factOf(past, 'wal')?.writeLsn ?? factOf(past, 'wal')?.replayLsn),
  ]
  const logins = new Set(contractsOf(c).flatMap(({ role }) => (role === null ? [] : [role])))
  const use = (factOf(node, 'activity')?.use ?? []).filter(({ role }) => role !== null && logins.has(role))
  const sessions = use.reduce((sum, { total }) => sum + total, 0)
  const bytes = now != null && before != null ? lsnDistance(before, now) : 0
  if (sessions === 0 || bytes < 1_000) return []
  return [
    evidenceOf(
      node.name,
      'pg_stat_activity, pg_current_wal_lsn()',
      `the application has ${sessions} sessions on ${node.name}, which wrote ${bytes} bytes of WAL`,
      {
        sessions,
        bytes,
      },
    ),
  ]
}
