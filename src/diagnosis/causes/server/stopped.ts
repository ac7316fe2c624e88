import type { Cause } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { crashSince, hostOf, stopSince } from '../../server-log.ts'
import { goneEffects, goneHarm, silenceOf } from '../../silence.ts'
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
      if (!stop || startFailure(c, node) || host?.postmaster === 'running') continue
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
      const absent =
        host?.postmaster === 'absent'
          ? [
              {
                words: `no postmaster runs on the host of ${node}`,
                node,
                source: 'postmaster.pid',
                values: { postmaster: 'absent' },
              },
            ]
          : []
      yield {
        subject: subject.node(node),
        direct: isLong ? [said, ...absent] : [],
        indirect: [said, ...absent, silence.evidence],
        harm: isLong ? goneHarm(c, silence) : [],
        isNew: c.lastGoodMs !== null && stop.lastMs > c.lastGoodMs,
        explains: goneEffects(c, node),
        objects: [subject.node(node)],
        ...(!isLong && { missing: `does ${node} come back? A planned restart is over within ${restartMs / 1000} s` }),
        remedy: {
          words: `Ask who stopped it and why, then start it; where it must stay down, fence it before a standby is promoted.`,
          commands: [`on the host of ${node}: pg_ctl -D DATA start`],
        },
      }
    }
  },
}
export default cause
