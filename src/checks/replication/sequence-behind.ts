import { carriage } from '../../core/carriage.ts'
import { defineCheck } from '../../core/check.ts'
import { sqlLiteral, sqlName } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** Logical replication carries rows and no sequences: after a failover the subscriber hands out keys that are taken. */
export default defineCheck({
  id: 'replication/sequence-behind',
  on: ['postgres'],
  severity: 'warning',
  needs: ['sequences', 'publications', 'subscriptions'],
  wants: ['privileges'],
  limits: {
    behind: { default: 1, unit: 'count', why: 'a single value behind is a duplicate key after a failover' },
  },
  question: 'Has every sequence of a subscriber reached the values that its publisher has handed out?',
  seeds: [0, 4],
  *run({ nodes, limits }) {
    for (const node of nodes) {
      const publisher = nodes.find(({ name }) => name === node.upstream)
      if (node.role !== 'subscriber' || !publisher) continue
      const { privileges } = node.wanted
      const readsAll = privileges !== undefined && (privileges.superuser || privileges.readAllData)
      for (const there of publisher.sequences) {
        const here = node.sequences.find(({ schema, name }) => schema === there.schema && name === there.name)
        if (!here || there.lastValue === null) continue
        const { column } = there
        if (column && carriage(publisher.publications, node.subscriptions, column.schema, column.table).gap !== null)
          continue
        const sign = there.increment < 0 ? -1n : 1n
        const behind = here.lastValue === null ? null : (BigInt(there.lastValue) - BigInt(here.lastValue)) * sign
        if (behind !== null && behind < BigInt(limits.behind)) continue
        // null means never used, or hidden from the reading role: only one that reads all can tell.
        const isHidden = behind === null && !readsAll
        const full = [there.schema, there.name].map(typed).join('.')
        yield {
          subject: subject.sequence(node.name, there.schema, there.name),
          node: node.name,
          severity: isHidden ? 'info' : 'warning',
          message: isHidden
            ? `sequence ${full} on ${node.name} was never used there, or may not be seen: it is not known to have reached ${there.lastValue}`
            : `sequence ${full} on ${node.name} is at ${here.lastValue ?? 'its start'}, on ${publisher.name} at ${there.lastValue}`,
          evidence: {
            last_value: here.lastValue,
            last_value_of_publisher: there.lastValue,
            behind: behind === null ? null : String(behind),
            increment: there.increment,
            column: column ? `${column.schema}.${column.table}.${column.name}` : null,
          },
          remedy: isHidden
            ? `To see it, on ${node.name}: grant select on sequence ${full} to ${privileges?.role ?? 'antemortem'};`
            : `Before ${node.name} takes writes, and not before the publisher has stopped: select setval(${sqlLiteral(full)}, ${String(BigInt(there.lastValue) + sign * margin(there.increment))});`,
        }
      }
    }
  },
})

/** Quoted only where it must be. */
const typed = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : sqlName(name))

/** A thousand values ahead: sessions of the publisher may hold cached ones, and use some before it stops. */
const margin = (increment: number): bigint => 1000n * BigInt(Math.abs(increment))
