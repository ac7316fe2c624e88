import type { ServerFact } from '../core/facts/postgres/server.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'

/** 180004 as people write it: 18.4. */
const versionText = (versionNum: number): string => `${Math.floor(versionNum / 10_000)}.${versionNum % 10_000}`

const instant = (ms: number): string => new Date(ms).toISOString()

/** Another version, another start, another role, another database: what happens to the server itself. */
export function* serverDifferences(node: string, before: ServerFact, after: ServerFact): Iterable<Difference> {
  const object = subject.node(node)
  if (before.versionNum !== after.versionNum)
    yield {
      kind: 'software',
      object,
      before: `PostgreSQL ${versionText(before.versionNum)}`,
      after: `PostgreSQL ${versionText(after.versionNum)}`,
    }
  if (before.systemId !== after.systemId)
    yield { kind: 'topology', object, before: `system ${before.systemId}`, after: `system ${after.systemId}` }
  if (before.database !== after.database)
    yield { kind: 'connection', object, before: `database ${before.database}`, after: `database ${after.database}` }
  if (before.inRecovery !== after.inRecovery)
    yield {
      kind: 'topology',
      object,
      before: before.inRecovery ? 'in recovery' : 'not in recovery',
      after: after.inRecovery ? 'in recovery' : 'promoted: not in recovery',
    }
  if (before.startedMs !== after.startedMs)
    yield {
      kind: 'topology',
      object,
      before: `started ${instant(before.startedMs)}`,
      after: `restarted ${instant(after.startedMs)}`,
    }
}
