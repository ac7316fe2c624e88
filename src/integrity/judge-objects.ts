import { sqlName } from '../core/sql-text.ts'
import { subject } from '../core/subject.ts'
import { words, type Damage } from './damage.ts'
import type { Looks, NodeLook } from './looks.ts'

/** What the catalog promises and nobody has proven. A standby has its primary's catalog: it is told once. */
export const judgeObjects = ({ nodes, standbys }: Looks): readonly Damage[] =>
  nodes.flatMap((look) => [
    ...(standbys.includes(look.node) ? [] : [...constraints(look), ...triggers(look), ...orphans(look)]),
    ...collations(look),
  ])

const constraints = ({ node, objects }: NodeLook): readonly Damage[] =>
  (objects?.constraints ?? []).map(({ schema, table, name, definition }) => ({
    check: 'integrity/not-validated-constraint',
    subject: subject.table(node, schema, table),
    node,
    severity: 'warning',
    message: `constraint ${name} of ${schema}.${table} on ${node} holds for new rows only: nobody has looked at the old ones`,
    evidence: { conname: name, definition },
    remedy: `alter table ${sqlName(schema)}.${sqlName(table)} validate constraint ${sqlName(name)};`,
    mend: words,
  }))

const triggers = ({ node, objects }: NodeLook): readonly Damage[] =>
  (objects?.triggers ?? []).map(({ schema, table, name }) => ({
    check: 'integrity/disabled-trigger',
    subject: subject.table(node, schema, table),
    node,
    severity: 'info',
    message: `trigger ${name} of ${schema}.${table} on ${node} is disabled: what it guards is not guarded`,
    evidence: { tgname: name, tgenabled: 'D' },
    remedy: `If nobody wants that: alter table ${sqlName(schema)}.${sqlName(table)} enable trigger ${sqlName(name)};`,
    mend: words,
  }))

const orphans = (look: NodeLook): readonly Damage[] =>
  look.orphans.map(({ key, orphans: count, some }) => ({
    check: 'integrity/fk-orphans',
    subject: subject.table(look.node, key.schema, key.table),
    node: look.node,
    severity: 'critical',
    message: `${count} rows of ${key.schema}.${key.table} on ${look.node} refer to rows of ${key.parent.join('.')} that are not there (${key.columns.join(', ')} = ${some.join('; ')}), whatever foreign key ${key.name} says`,
    evidence: { conname: key.name, orphans: count, first: some[0] ?? null, convalidated: key.isValid },
    remedy: `Look whether another node still has the parents (antemortem verify --table ${key.parent.join('.')}); if none has, restore them from a backup of before, or decide what becomes of these rows.`,
    mend: words,
  }))

/** Where the library sorts otherwise than it did, a text index keeps the old order, and unique keys may stand twice. */
const collations = ({ node, objects }: NodeLook): readonly Damage[] =>
  (objects?.collations ?? []).map(({ collation, recorded, actual, indexes }) => {
    const names = indexes.map((index) => index.join('.'))
    const reindex = indexes.map(([schema, index]) => `reindex index concurrently ${sqlName(schema)}.${sqlName(index)};`)
    return {
      check: 'integrity/collation-mismatch',
      subject: subject.setting(node, `collation ${collation}`),
      node,
      severity: names.length > 0 ? ('critical' as const) : ('warning' as const),
      message: `collation ${collation} on ${node} was ${recorded} when its indexes were built, and the library is ${actual} now: ${names.length === 0 ? 'no index depends on it' : `${names.length} indexes may be sorted otherwise than they are read (${names.slice(0, 5).join(', ')})`}`,
      evidence: { collversion: recorded, actual, indexes: names.length },
      remedy:
        `${reindex.slice(0, 5).join(' ')} Then alter ${collation.startsWith('the default') ? 'database NAME' : `collation ${collation}`} refresh version;`.trim(),
      mend: words,
    }
  })
