import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { LongTransactionFact } from '../../../core/facts/postgres/activity.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { syncStandbys } from '../../../core/sync-standbys.ts'
import { isLate } from '../../connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { settingOf } from '../../last-good.ts'
import { factOf } from '../../look.ts'
import { isSettingNew, settingWords, wasOtherwise } from '../../since-good.ts'
import { isSilent, isStreaming } from '../../standbys.ts'

const setting = 'synchronous_standby_names'

/**
 * Commits wait for a synchronous standby that is not there. The server answers, reads work, and every write hangs: what the
 * setting asks for, who streams, and the sessions that wait in SyncRep say it together.
 */
const cause: Cause = {
  id: 'replication/sync-standby-missing',
  taxonomy: 'replication-stopped',
  title: 'commits wait for a synchronous standby that is not there',
  follows: [
    'server/config-prevents-start',
    'server/port-changed',
    'server/stopped',
    'server/crash',
    'network/partition',
  ],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const match = matchOf(c, node)
      if (match) yield match
    }
  },
}
export default cause

/** Clients give up, and come again: what waits keeps its session, until there is none left. */
const fits = (code: string): boolean => isLate(code) || code === '53300'
const besides = ['capacity/long-transaction', 'capacity/locks-blocking', 'connections/saturation', 'connections/auth']

/** How many synchronous standbys there are; null where it was not seen. */
const countOf = (node: NodeView): number | null =>
  factOf(node, 'senders')?.filter(({ syncState }) => syncState === 'sync' || syncState === 'quorum').length ?? null

function matchOf(c: Case, node: NodeView): Match | null {
  const { name } = node
  const names = settingOf(c, name, setting) ?? ''
  const wanted = syncStandbys(names)
  const have = countOf(node)
  if (wanted === null || have === null || factOf(node, 'server')?.inRecovery !== false || isSilent(c, name)) return null
  if (have >= wanted.count) return null
  const waiting = factOf(node, 'activity')?.long.filter(({ waitEvent }) => waitEvent === 'SyncRep') ?? []
  const standbys = c.snapshot.nodes.filter(({ role, upstream }) => role === 'standby' && upstream === name)
  const read = evidenceOf(
    name,
    'pg_settings, pg_stat_replication',
    `${settingWords(c, name, setting)} on ${name}: it asks for ${wanted.count} synchronous, and ${have} ${have === 1 ? 'is' : 'are'} there`,
    { [setting]: names, wanted: wanted.count, sync: have },
  )
  return {
    subject: subject.setting(name, setting),
    direct: [read],
    indirect: [],
    harm: waitingHarm(name, waiting),
    isNew:
      isSettingNew(c, name, setting) ||
      wasOtherwise(c, name, (past) => {
        const before = countOf(past)
        return before === null ? null : before < wanted.count
      }),
    explains: [
      ...findingsOf(c, 'replication/sync-standby-missing', name),
      // Only while commits do wait: a failure there is another's, else.
      ...(waiting.length === 0
        ? []
        : [
            ...contractEffects(c, name, ({ code }) => fits(code ?? '')),
            ...outcomeEffects(c, name, fits),
            ...besides.flatMap((check) => findingsOf(c, check, name)),
          ]),
    ],
    objects: [subject.setting(name, setting)],
    followsOn: standbys
      .filter((standby) => isSilent(c, standby.name) || !isStreaming(standby))
      .map((standby) => standby.name),
    remedy: {
      words: `Start the standby that is named. If that takes longer than writes may wait, let commits go on without it: from then on a failover can lose them, so put the names back when it streams. Do not restart ${name}: what waits is committed here already.`,
      commands: [
        `on ${name}: select application_name, state, sync_state from pg_stat_replication;`,
        `on ${name}: alter system set ${setting} = ''; select pg_reload_conf();`,
      ],
    },
  }
}

function waitingHarm(node: string, waiting: readonly LongTransactionFact[]): readonly Evidence[] {
  if (waiting.length === 0) return []
  const longest = Math.max(...waiting.map(({ stateMs }) => stateMs))
  return [
    evidenceOf(
      node,
      'pg_stat_activity',
      `${waiting.length} ${waiting.length === 1 ? 'commit waits' : 'commits wait'} in SyncRep on ${node}, for ${Math.round(longest / 1000)} s`,
      { waiting: waiting.length, longest_wait_ms: Math.round(longest) },
    ),
  ]
}
