import { defineCheck } from '../../core/check.ts'
import { sqlName } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** What a failed CREATE INDEX CONCURRENTLY leaves: every write pays for it, no query uses it, and a unique one does not hold. */
export default defineCheck({
  id: 'integrity/invalid-index',
  on: ['postgres'],
  severity: 'warning',
  needs: ['badIndexes'],
  limits: {
    sustainMs: {
      default: 300_000,
      unit: 'ms',
      why: 'an index that is being made is invalid between two of its phases',
    },
  },
  sustainMs: 'sustainMs',
  question: 'Is any index invalid, and not being built?',
  seeds: [0, 3],
  *run({ nodes }) {
    for (const node of nodes) {
      // It has its primary's catalog, and cannot see what is being built there.
      if (node.role === 'standby') continue
      for (const { schema, table, name, isUnique, isBuilding } of node.badIndexes) {
        if (isBuilding) continue
        const index = `${sqlName(schema)}.${sqlName(name)}`
        const isLeftover = /_cc(?:new|old)\d*$/.test(name)
        yield {
          subject: subject.index(node.name, schema, name),
          node: node.name,
          severity: isUnique ? 'error' : 'warning',
          message: `index ${schema}.${name} of ${table} on ${node.name} is invalid${isUnique ? ': what it should keep unique may not be' : ''}`,
          evidence: {
            index: `${schema}.${name}`,
            table: `${schema}.${table}`,
            indisvalid: false,
            indisunique: isUnique,
          },
          remedy: isLeftover
            ? `A reindex left it behind. On ${node.name}: drop index concurrently ${index};`
            : `${isUnique ? 'Remove duplicates first: its columns grouped, having count(*) > 1. Then on' : 'On'} ${node.name}: reindex index concurrently ${index}; or, if nobody needs it: drop index concurrently ${index};`,
        }
      }
    }
  },
})
