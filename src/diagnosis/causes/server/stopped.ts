import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { crashSince, hostOf, isLogRead, stopSince } from '../../server-log.ts'
import { goneEffects, goneHarm, isAbsentOn, silenceOf, untold, type Silence } from '../../silence.ts'
import { startFailure } from '../../start-failure.ts'

/** A planned restart is over by then. */
const restartMs = 30_000

/** Shut down in good order, and not started again: the log says so, and nobody has answered for longer than a restart takes. */
const cause: Cause = {
  id: 'server/stopped',
  taxonomy: 'primary-down',
  title: 'the server was shut down in good order and not started again',
  follows: [],
  *recognise(c) {
    for (const { name: node } of c.snapshot.nodes) {
      const silence = silenceOf(c, node)
      const stop = silence && stopSince(c, node)
      const host = hostOf(c, node)
      // What was started again and failed, or runs elsewhere, is another cause's.
      if (!silence || startFailure(c, node) || host?.postmaster === 'running') continue
      if (!stop) {
        if (!isLogRead(c, node) && !crashSince(c, node)) yield unsaid(c, silence)
        continue
      }
      // An order to shut down in the middle of a crash is the crash's.
      const crash = crashSince(c, node)
      if (crash && crash.firstMs < stop.firstMs) continue
      const isLong = silence.ms > restartMs
      const said = {
        words: `the log of ${node}: ${stop.message}, and no start after it`,
        node,
        source: 'server log',
        values: { message: stop.message, ago_ms: Math.round(c.atMs - stop.lastMs) },
      }
      const absent = absence(c, node)
      yield {
        subject: subject.node(node),
        direct: isLong ? [said, ...absent] : [],
        indirect: [said, ...absent, silence.evidence],
        harm: isLong ? goneHarm(c, silence) : [],
        isNew: c.lastGoodMs !== null && stop.lastMs > c.lastGoodMs,
        explains: goneEffects(c, node),
        objects: [subject.node(node)],
        ...(!isLong && { missing: `does ${node} come back? A planned restart is over within ${restartMs / 1000} s` }),
        remedy: remedyOf(node),
      }
    }
  },
}
export default cause

const absence = (c: Case, node: string): readonly Evidence[] =>
  hostOf(c, node)?.postmaster === 'absent'
    ? [
        {
          words: `no postmaster runs on the host of ${node}`,
          node,
          source: 'postmaster.pid',
          values: { postmaster: 'absent' },
        },
      ]
    : []

/** Nobody reads the log that has the order. Gone is gone: as likely as a crash, and never more than probable. */
function unsaid(c: Case, silence: Silence): Match {
  const { node } = silence
  return {
    subject: subject.node(node),
    direct: [],
    indirect: isAbsentOn(c, silence) ? [...absence(c, node), silence.evidence] : [],
    harm: goneHarm(c, silence),
    isNew: c.lastGoodMs !== null,
    explains: goneEffects(c, node),
    objects: [subject.node(node)],
    missing: untold(c, silence),
    remedy: remedyOf(node),
  }
}

const remedyOf = (node: string): Match['remedy'] => ({
  words: `Ask who stopped it and why, then start it; where it must stay down, fence it before a standby is promoted.`,
  commands: [`on the host of ${node}: pg_ctl -D DATA start`],
})
