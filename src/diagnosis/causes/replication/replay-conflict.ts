import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { LongTransactionFact } from '../../../core/facts/postgres/activity.ts'
import type { DatabaseFact } from '../../../core/facts/postgres/activity.ts'
import { growthOf } from '../../../core/growth.ts'
import { lsnDistance } from '../../../core/lsn.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm, outcomeHarm, staleHarm } from '../../harm.ts'
import { beganSinceGood, clientHarm, entryEvidence, errorsOn, logEffects, type IsSuch } from '../../log-errors.ts'
import { factOf, nodeOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { isSettingNew, settingNews, settingWords } from '../../since-good.ts'
import { isSilent, physicalPairs, type PhysicalPair } from '../../standbys.ts'

const wait = 'max_standby_streaming_delay'
const settings = [wait, 'max_standby_archive_delay', 'hot_standby_feedback']

/** Replay and the standby's queries stand in each other's way: either the queries are cancelled, or replay waits. */
const cause: Cause = {
  id: 'replication/replay-conflict',
  taxonomy: 'replication-conflict',
  title: "replay cancels a standby's queries, or waits for them",
  follows: [],
  *recognise(c) {
    for (const pair of physicalPairs(c)) {
      if (isSilent(c, pair.standby.name)) continue
      const match = cancels(c, pair.standby) ?? holds(c, pair)
      if (match) yield match
    }
  },
}
export default cause

const isCancel = (code: string): boolean => code === '40001' || code === '40P01'
/** Of the server's own words: a transaction of the application may fail with 40001 as well, but not for a recovery. */
const isConflict: IsSuch = ({ code, message }) => isCancel(code ?? '') && /recovery/.test(message)

const totalOf = ({ conflicts }: DatabaseFact): number =>
  Object.values(conflicts).reduce((sum: number, count: number) => sum + count, 0)

function cancelled(c: Case, standby: NodeView): number {
  const past = c.earlier?.nodes.find(({ name }) => name === standby.name)
  if (!past || factOf(past, 'server')?.startedMs !== factOf(standby, 'server')?.startedMs) return 0
  const [now, before] = [standby, past].map((node) => factOf(node, 'databases') ?? [])
  return (now ?? []).reduce((sum, database) => {
    const earlier = before?.find(({ name }) => name === database.name)
    return sum + (earlier ? (growthOf([totalOf(earlier)], totalOf(database)) ?? 0) : 0)
  }, 0)
}

const settingsRead = (c: Case, node: string): readonly Evidence[] =>
  settings
    .filter((name) => isSettingNew(c, node, name))
    .map((name) => evidenceOf(node, 'pg_settings', `${settingWords(c, node, name)} on ${node}`, {}))

function cancels(c: Case, standby: NodeView): Match | null {
  const node = standby.name
  const count = cancelled(c, standby)
  const lines = errorsOn(c, node, isConflict)
  if (count < 2 && lines.length === 0) return null
  const news = settingNews(c, node, settings)
  const counted =
    count > 0
      ? [
          evidenceOf(node, 'pg_stat_database_conflicts', `replay on ${node} cancelled ${count} queries`, {
            confl: count,
          }),
        ]
      : []
  return {
    subject: subject.setting(node, wait),
    direct: [...counted, ...lines.map(entryEvidence), ...settingsRead(c, node)],
    indirect: [],
    harm: [
      ...outcomeHarm(c, node, isCancel),
      ...contractHarm(c, node, ({ code }) => isCancel(code ?? '')),
      ...clientHarm(c, node, isConflict),
    ],
    isNew: news.length > 0 || settings.some((name) => isSettingNew(c, node, name)) || beganSinceGood(c, lines),
    explains: [
      ...findingsOf(c, 'replication/standby-conflicts', node),
      ...outcomeEffects(c, node, isCancel),
      ...contractEffects(c, node, ({ code }) => isCancel(code ?? '')),
      ...logEffects(c, node, isConflict),
    ],
    objects: settings.map((name) => subject.setting(node, name)),
    remedy: {
      words: `Let replay wait for the queries of ${node}, or let the primary know of them; long reports belong on a standby of their own.`,
      commands: [
        `on ${node}: alter system set ${wait} = '30s'; alter system set hot_standby_feedback = on; select pg_reload_conf();`,
        `on ${node}: select * from pg_stat_database_conflicts;`,
      ],
    },
  }
}

/** Replay stands still while WAL comes in, a session holds a snapshot, and the setting lets replay wait for it. */
function holds(c: Case, { standby, upstream }: PhysicalPair): Match | null {
  const node = standby.name
  const wal = factOf(standby, 'wal')
  const limitMs = Number(factOf(standby, 'settings')?.[wait])
  const past = c.earlier?.nodes.find(({ name }) => name === node)
  const before = past ? factOf(past, 'wal') : null
  if (!wal?.replayLsn || !wal.receiveLsn || wal.replayPaused || Number.isNaN(limitMs)) return null
  const waiting = lsnDistance(wal.replayLsn, wal.receiveLsn)
  const standsStill = before?.replayLsn === wal.replayLsn
  const session = oldest(standby)
  // A session that is younger than the wait cannot be what it waits for, and after the limit it would have been cancelled.
  if (waiting <= 0 || !session || (limitMs !== -1 && session.xactMs > limitMs + 30_000)) return null
  const news = newsOf(c, [subject.setting(node, wait)], () => true)
  const words = `${session.application || (session.role ?? 'a session')} (pid ${session.pid}) on ${node} has been in its transaction for ${Math.round(session.xactMs / 1000)} s, and ${waiting} bytes of WAL wait to be replayed`
  const read = [
    evidenceOf(node, 'pg_stat_activity, pg_last_wal_replay_lsn()', words, {
      pid: session.pid,
      application: session.application,
      state: session.state,
      [wait]: limitMs,
      waiting_bytes: waiting,
    }),
  ]
  const isDelayed = Number(factOf(standby, 'settings')?.['recovery_min_apply_delay'] ?? 0) > 0
  return {
    subject: subject.setting(node, wait),
    direct: standsStill && !isDelayed ? read : [],
    indirect: read,
    harm: staleHarm(c, node, { isMeant: () => true, news }),
    isNew: c.lastGoodMs !== null && (c.atMs - session.xactMs > c.lastGoodMs || isSettingNew(c, node, wait)),
    explains: [
      ...rowEffects(c, node),
      ...[
        'replication/lag-time',
        'replication/lag-bytes',
        'capacity/long-transaction',
        'connections/idle-in-transaction',
      ].flatMap((check) => findingsOf(c, check, node)),
    ],
    objects: [subject.setting(node, wait), subject.application(node, session.application)],
    ...(!standsStill &&
      nodeOf(c, upstream.name) && {
        missing: `does replay on ${node} stand still, or is it slow? Look again in a minute`,
      }),
    remedy: {
      words: `End the session that replay waits for, having asked whose it is; then give ${wait} a limit that the readers can live with.`,
      commands: [
        `on ${node}: select pg_terminate_backend(${session.pid});`,
        `on ${node}: alter system set ${wait} = '30s'; select pg_reload_conf();`,
      ],
    },
  }
}

const oldest = (standby: NodeView): LongTransactionFact | null =>
  (factOf(standby, 'activity')?.long ?? []).find(({ backendType }) => backendType === 'client backend') ?? null
