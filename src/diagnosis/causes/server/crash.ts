import type { Cause, Evidence } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { crashSince, hostOf, isLogRead, startedMs, stopSince } from '../../server-log.ts'
import { goneEffects, goneHarm, isUntold, leastMs, silenceOf, untold } from '../../silence.ts'
import { startFailure } from '../../start-failure.ts'
import { startObstacle } from '../../start-obstacle.ts'

/**
 * The instance is gone, and neither an order to shut down nor its configuration is why. Its host must have said that no postmaster
 * runs: a firewall that rejects looks the same from afar.
 */
const cause: Cause = {
  id: 'server/crash',
  taxonomy: 'primary-down',
  title: 'the server is gone without an order and without an error of its configuration',
  follows: [],
  *recognise(c) {
    for (const { name: node } of c.snapshot.nodes) {
      const silence = silenceOf(c, node)
      const host = hostOf(c, node)
      if (!silence || host?.postmaster === 'running' || startFailure(c, node)) continue
      const line = crashSince(c, node)
      const stop = stopSince(c, node)
      if (stop && !(line && line.firstMs < stop.firstMs)) continue
      // What was started since we lost it comes back; its host may have been looked at before that.
      const upMs = startedMs(c, node)
      const isAbsent = host?.postmaster === 'absent' && host.atMs >= Math.max(silence.sinceMs, upMs)
      if (upMs > silence.sinceMs && !isAbsent && !line) continue
      const seen: readonly Evidence[] = isAbsent
        ? [
            {
              words: `no postmaster runs on the host of ${node}${isLogRead(c, node) ? ', and nobody ordered it to stop' : ''}`,
              node,
              source: isLogRead(c, node) ? 'postmaster.pid, server log' : 'postmaster.pid',
              values: { postmaster: 'absent', pid: host.pid },
            },
          ]
        : []
      const said: readonly Evidence[] = line
        ? [
            {
              words: `the log of ${node}: ${line.severity} ${line.message}`,
              node,
              source: 'server log',
              values: { severity: line.severity, code: line.code },
            },
          ]
        : []
      // Without the log, an order to stop or a start that failed cannot be excluded; files that are wrong may be why.
      const isClear = isAbsent && isLogRead(c, node) && startObstacle(c, node) === null && silence.ms >= leastMs
      yield {
        subject: subject.node(node),
        direct: isClear ? [...seen, ...said] : [],
        // Silence is as much a cut path's: only a refusal tells that the host lives and nothing listens. And where nobody else
        // tells anything, a refusal says no more than that it is gone.
        indirect:
          isAbsent || line || (silence.isRefused && !isUntold(c, silence)) ? [...seen, ...said, silence.evidence] : [],
        harm: goneHarm(c, silence),
        isNew: c.lastGoodMs !== null,
        explains: goneEffects(c, node),
        objects: [subject.node(node)],
        ...(!isClear && {
          missing: !isLogRead(c, node)
            ? untold(c, silence)
            : host
              ? `the log of ${node}: was it ordered to stop, or did a start fail?`
              : `the host of ${node}: is its postmaster there? Give the node a host in the configuration`,
        }),
        remedy: {
          words: `Look at the end of its log and of the kernel's (out of memory, disks) before it is started: the start replays what was not written. Where it does not come back soon, fence it, then promote a standby.`,
          commands: [`on the host of ${node}: dmesg -T | tail`, `on the host of ${node}: pg_ctl -D DATA start`],
        },
      }
    }
  },
}
export default cause
