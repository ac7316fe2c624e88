import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf } from '../../effects.ts'
import { goodSetting } from '../../last-good.ts'
import { newsOf } from '../../news.ts'
import { crashSince, hostOf, isLogRead, stopSince } from '../../server-log.ts'
import { goneEffects, goneHarm, isAbsentOn, isUntold, silenceOf, untold, type Silence } from '../../silence.ts'
import { startFailure, type StartFailure } from '../../start-failure.ts'
import { startObstacle } from '../../start-obstacle.ts'

/**
 * The server was started and ended at once, because of what its configuration says. Its last FATAL names it; from outside it looks
 * like any server that is gone.
 */
const cause: Cause = {
  id: 'server/config-prevents-start',
  taxonomy: 'database-misconfigured-by-update',
  title: 'the server does not start because of its configuration',
  follows: [],
  *recognise(c) {
    for (const { name: node, upstream } of c.snapshot.nodes) {
      const failure = startFailure(c, node)
      const silence = silenceOf(c, node)
      // A start that failed and then succeeded hurts no longer; one that runs did not fail.
      if (!silence || hostOf(c, node)?.postmaster === 'running') continue
      if (!failure) {
        if (!isLogRead(c, node) && !crashSince(c, node) && !stopSince(c, node)) yield* unsaid(c, silence)
        continue
      }
      const { entry, setting, place, value } = failure
      const what = objectOf(node, setting)
      // A standby must follow some of its primary's settings.
      const objects = [what, ...(upstream === null ? [] : [objectOf(upstream, setting)])]
      const news = newsOf(c, objects, () => true)
      const before = setting === null ? null : goodSetting(c, node, setting)
      const isOther = before !== null && value !== null && normal(before) !== normal(value)
      yield {
        subject: what,
        direct: [saidBy(node, failure)],
        indirect: [silence.evidence, ...(isOther ? [differs(node, failure, before)] : [])],
        harm: goneHarm(c, silence),
        isNew: c.lastGoodMs !== null && entry.lastMs > c.lastGoodMs && (news.length > 0 || isOther),
        explains: goneEffects(c, node),
        objects,
        ...(news.length === 0 &&
          !isOther && {
            missing: `${setting ?? 'the configuration'} on the host of ${node}, as it is in the file and as it was when the server last ran`,
          }),
        remedy: remedyOf(node, { setting, place, before }),
      }
    }
  },
}
export default cause

/**
 * No log says in what the last start ended. Files with which no server starts say it nearly as well; where not even they are read,
 * it is as possible as a crash.
 */
function* unsaid(c: Case, silence: Silence): Iterable<Match> {
  const { node } = silence
  const obstacle = isAbsentOn(c, silence) ? startObstacle(c, node) : null
  if (!obstacle && !isUntold(c, silence)) return
  const setting = obstacle?.setting ?? null
  const place = obstacle?.place ?? null
  const what = objectOf(node, setting)
  const read: readonly Evidence[] = obstacle
    ? [
        {
          words: `${node} does not run and would not start: ${obstacle.words}${place === null ? '' : ` (${place})`}`,
          node,
          source: 'postmaster.pid, configuration file',
          values: { setting, place, value: obstacle.value },
        },
        silence.evidence,
      ]
    : []
  yield {
    subject: what,
    direct: [],
    indirect: read,
    harm: goneHarm(c, silence),
    isNew: c.lastGoodMs !== null,
    explains: [...goneEffects(c, node), ...(obstacle ? besides.flatMap((check) => findingsOf(c, check, node)) : [])],
    objects: [what],
    missing: untold(c, silence),
    remedy: remedyOf(node, { setting, place, before: setting === null ? null : goodSetting(c, node, setting) }),
  }
}

/** The same, said of the files. */
const besides = ['configuration/would-not-start', 'configuration/preload-library-missing', 'configuration/file-error']

const objectOf = (node: string, setting: string | null): string => {
  if (setting === null) return subject.node(node)
  return setting === 'pg_hba.conf' ? subject.accessRules(node) : subject.setting(node, setting)
}

/** Files quote what `pg_settings` does not. */
const normal = (value: string): string => value.replaceAll(/['\s]/g, '').toLowerCase()

const saidBy = (node: string, { entry, setting, place, value }: StartFailure): Evidence => ({
  words: `the log of ${node} says why it did not start: ${entry.severity} ${entry.message}${place === null ? '' : ` (${place})`}`,
  node,
  source: 'server log',
  values: { severity: entry.severity, code: entry.code, setting, place, value, count: entry.count },
})

const differs = (node: string, { setting, value, place }: StartFailure, before: string): Evidence => ({
  words: `${setting ?? ''} is ${value ?? ''} in ${place ?? 'the file'}, and was ${before === '' ? 'empty' : before} when ${node} last ran`,
  node,
  source: 'configuration file',
  values: { setting, value, before },
})

function remedyOf(
  node: string,
  { setting, place, before }: Pick<StartFailure, 'setting' | 'place'> & { readonly before: string | null },
): Match['remedy'] {
  const what =
    place === null
      ? `Take ${setting ?? 'what the log names'} back in the configuration of ${node}`
      : `Mend ${place} (${setting ?? 'the line that the log names'})`
  const was = before === null ? '' : `: it was ${before === '' ? 'empty' : before}`
  return {
    words: `${what}${was}, let the server itself read it, and start it. If that takes longer than the users can wait, a standby that is in order can be promoted: fence ${node} first.`,
    commands: [
      `on the host of ${node}: ${setting === null || setting === 'pg_hba.conf' ? 'postgres -D DATA -C data_directory' : `postgres -D DATA -C ${setting}`}`,
      `on the host of ${node}: pg_ctl -D DATA start`,
    ],
  }
}
