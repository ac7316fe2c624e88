import type { Case, Cause, Evidence } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { goodSetting } from '../../last-good.ts'
import { factOf, nodeOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { hostOf, logOf } from '../../server-log.ts'
import { goneEffects, goneHarm, silenceOf } from '../../silence.ts'

/** The server lives and listens elsewhere: another port, or addresses that nobody uses. The old port refuses. */
const cause: Cause = {
  id: 'server/port-changed',
  taxonomy: 'database-misconfigured-by-update',
  title: 'the server listens elsewhere than its clients look for it',
  follows: [],
  *recognise(c) {
    for (const { name: node } of c.snapshot.nodes) {
      const silence = silenceOf(c, node)
      const moved = silence && movedTo(c, node, silence.sinceMs)
      if (!silence || !moved) continue
      const what = subject.setting(node, moved.setting)
      const news = newsOf(c, [what], () => true)
      yield {
        subject: what,
        direct: [moved.evidence],
        indirect: [silence.evidence],
        harm: goneHarm(c, silence),
        isNew: c.lastGoodMs !== null && (news.length > 0 || moved.before !== null),
        explains: goneEffects(c, node),
        objects: [what],
        remedy: {
          words: `Put ${moved.setting} of ${node} back${moved.before === null ? '' : ` to ${moved.before}`} and restart it: many clients know the old place, only this server the new one.`,
          commands: [
            `on the host of ${node}: grep -n '^ *${moved.setting}' DATA/postgresql.conf DATA/postgresql.auto.conf`,
            `on the host of ${node}: pg_ctl -D DATA restart`,
          ],
        },
      }
    }
  },
}
export default cause

interface Moved {
  readonly setting: 'port' | 'listen_addresses'
  readonly before: string | null
  readonly evidence: Evidence
}

function movedTo(c: Case, node: string, sinceMs: number): Moved | null {
  const view = nodeOf(c, node)
  const known = (name: string): string | null =>
    goodSetting(c, node, name) ?? (view && factOf(view, 'settings')?.[name]) ?? null
  const before = known('port')
  const host = hostOf(c, node)
  const isAlive = host !== null && host.postmaster === 'running' && host.atMs >= sinceMs
  if (isAlive && host.port !== null && before !== null && String(host.port) !== before)
    return {
      setting: 'port',
      before,
      evidence: {
        words: `the server of ${node} runs with pid ${host.pid ?? '?'} and listens on port ${host.port}; it was ${before}`,
        node,
        source: 'postmaster.pid',
        values: { port: host.port, before, pid: host.pid },
      },
    }
  if (host?.postmaster === 'absent') return null
  const line = logOf(c, node).findLast(
    // Lines of one kind are counted together, in the words of the first.
    ({ message, firstMs }) => message.startsWith('listening on IP') && firstMs >= sinceMs - 5_000,
  )
  const port = /port (\d+)/.exec(line?.message ?? '')?.[1]
  if (line && port !== undefined && before !== null && port !== before)
    return {
      setting: 'port',
      before,
      evidence: {
        words: `the log of ${node}: ${line.message}; it was port ${before}`,
        node,
        source: 'server log',
        values: { port: Number(port), before },
      },
    }
  const addresses = known('listen_addresses')
  const now = host?.configured.findLast(({ name }) => name === 'listen_addresses')?.value ?? null
  if (!isAlive || addresses === null || now === null || now === addresses) return null
  return {
    setting: 'listen_addresses',
    before: addresses,
    evidence: {
      words: `the server of ${node} runs with pid ${host.pid ?? '?'} and listens on ${now === '' ? 'no address' : now}; it was ${addresses}`,
      node,
      source: 'postgresql.conf, postmaster.pid',
      values: { listen_addresses: now, before: addresses },
    },
  }
}
