import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import { applyDelayMs } from '../../../core/lag.ts'
import { capacitySettings } from '../../../core/node-settings.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { staleHarm } from '../../harm.ts'
import { factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { goodReplication, isSettingNew, settingNews, settingWords, wasOtherwise } from '../../since-good.ts'
import { caughtUp, isSilent, isStreaming, physicalPairs, type PhysicalPair } from '../../standbys.ts'

const delay = 'recovery_min_apply_delay'
/** Less than this nobody takes for old rows. */
const leastDelayMs = 1_000

/** The standby has the WAL and does not replay it, because somebody paused or delayed it, or because its settings do not suffice. */
const cause: Cause = {
  id: 'replication/delayed-apply',
  taxonomy: 'replication-lag',
  title: 'replay on a standby is paused or delayed by an order or a setting',
  follows: [],
  *recognise(c) {
    for (const pair of physicalPairs(c)) {
      if (isSilent(c, pair.standby.name)) continue
      const settings = factOf(pair.standby, 'settings')
      const isPaused = factOf(pair.standby, 'wal')?.replayPaused === true
      const low = isPaused ? lowSettings(pair) : []
      for (const name of low) yield tooLow(c, pair, name, low.length)
      if (isPaused && low.length === 0) yield paused(c, pair)
      if (settings && applyDelayMs(settings) > 0) yield delayed(c, pair, applyDelayMs(settings), isPaused)
    }
  },
}
export default cause

/** Settings that the WAL carries and that are lower here: https://www.postgresql.org/docs/18/hot-standby.html#HOT-STANDBY-ADMIN */
function lowSettings({ standby, upstream }: PhysicalPair): readonly string[] {
  const [here, there] = [factOf(standby, 'settings'), factOf(upstream, 'settings')]
  return [...capacitySettings].filter((name) => Number(here?.[name]) < Number(there?.[name])).sort()
}

const common = (c: Case, node: string): Pick<Match, 'explains'> => ({
  explains: [
    ...rowEffects(c, node),
    ...[
      'replication/replay-paused',
      'replication/lag-time',
      'replication/lag-bytes',
      'replication/delayed-standby',
    ].flatMap((check) => findingsOf(c, check, node)),
  ],
})

/** Nothing is old on a standby that has replayed all: whatever hurts there is something else. */
const refuted = (pair: PhysicalPair): Pick<Match, 'refutedBy'> => {
  const evidence = caughtUp(pair)
  return evidence ? { refutedBy: evidence } : {}
}

const isPausedThen: Parameters<typeof wasOtherwise>[2] = (past) => factOf(past, 'wal')?.replayPaused ?? null

const pausedEvidence = (node: string): Evidence =>
  evidenceOf(node, 'pg_get_wal_replay_pause_state()', `replay on ${node} is paused`, { pause_state: 'paused' })

function tooLow(c: Case, pair: PhysicalPair, name: string, count: number): Match {
  const { standby, upstream } = pair
  const [here, there] = [standby, upstream].map((node) => factOf(node, 'settings')?.[name] ?? '?')
  const objects = [subject.setting(upstream.name, name), subject.setting(standby.name, name)]
  const news = newsOf(c, objects, () => true)
  const isNew = [upstream, standby].some((node) => isSettingNew(c, node.name, name))
  const read = [
    pausedEvidence(standby.name),
    evidenceOf(
      standby.name,
      'pg_settings on both nodes',
      `${name} is ${here} on ${standby.name} and ${there} on ${upstream.name}: replay pauses`,
      {
        here: here ?? null,
        there: there ?? null,
      },
    ),
  ]
  // Of several that are too low only those that changed can have paused it now.
  const isIt = count === 1 || isNew
  return {
    ...common(c, standby.name),
    ...refuted(pair),
    subject: subject.setting(standby.name, name),
    direct: isIt ? read : [],
    indirect: read,
    harm: staleHarm(c, standby.name, { isMeant: () => true, news }),
    isNew,
    objects,
    remedy: {
      words: `Do not resume replay: ${standby.name} would shut down. Give it at least what ${upstream.name} has, and restart it.`,
      commands: [`on ${standby.name}: alter system set ${name} = ${there};`, `on ${standby.name}: restart the server`],
    },
  }
}

function paused(c: Case, pair: PhysicalPair): Match {
  const { standby, upstream } = pair
  const node = standby.name
  // What the settings of both are decides between an order and a setting that is too low.
  const isSure = factOf(standby, 'settings') !== null && factOf(upstream, 'settings') !== null
  const news = newsOf(c, [subject.node(node)], ({ after }) => /paused/.test(after ?? ''))
  return {
    ...common(c, node),
    ...refuted(pair),
    subject: subject.node(node),
    direct: isSure ? [pausedEvidence(node)] : [],
    indirect: [pausedEvidence(node)],
    harm: staleHarm(c, node, { isMeant: () => true, news }),
    isNew: news.length > 0 || goodReplication(c, node)?.replayPaused === false || wasOtherwise(c, node, isPausedThen),
    objects: [subject.node(node), subject.setting(node, 'recovery_target_action')],
    ...(!isSure && {
      missing: `max_connections and its like on ${node} and ${upstream.name}: a standby with less pauses too`,
    }),
    remedy: {
      words: 'Find out who paused it and why: a backup or a look at the past may need it. Then let it go on.',
      commands: [
        `on ${node}: select pg_wal_replay_resume();`,
        `on ${node}: select pg_get_wal_replay_pause_state(), pg_last_wal_replay_lsn();`,
      ],
    },
  }
}

function delayed(c: Case, pair: PhysicalPair, delayMs: number, isPaused: boolean): Match {
  const { standby, upstream } = pair
  const node = standby.name
  const news = settingNews(c, node, [delay])
  const read = evidenceOf(node, 'pg_settings', `${settingWords(c, node, delay)} (ms) on ${node}`, { [delay]: delayMs })
  // Paused, or without a stream, it would be old all the same.
  const isIt = delayMs >= leastDelayMs && !isPaused && (isStreaming(standby) || isSilent(c, upstream.name))
  return {
    ...common(c, node),
    ...refuted(pair),
    subject: subject.setting(node, delay),
    direct: isIt ? [read] : [],
    indirect: [read],
    harm: delayMs >= leastDelayMs ? staleHarm(c, node, { isMeant: () => true, news }) : [],
    isNew: isSettingNew(c, node, delay),
    objects: [subject.setting(node, delay)],
    remedy: {
      words: `Take the delay away, or take the application's reads off ${node}: a standby that is delayed on purpose is not for reading.`,
      commands: [`on ${node}: alter system reset ${delay}; select pg_reload_conf();`, `on ${node}: show ${delay};`],
    },
  }
}
