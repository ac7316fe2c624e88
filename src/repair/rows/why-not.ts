import type { Refusal } from '../../core/plan.ts'
import type { TableLook, TargetLook } from '../../engines/postgres/act/repair-look.ts'
import { grantsOf } from '../../engines/postgres/act/repair-look.ts'
import { shown, shownTable } from '../names.ts'
import { changedColumns, isChanged, isExtra, isMissing, type Direction, type TableRows } from './table-rows.ts'
import { concerns, mustReplace } from './writing.ts'

const limits = {
  rows: {
    default: 10_000,
    unit: 'rows',
    why: 'more of them are copied faster as a table, and are no slip of a single row',
  },
} as const

type Why = Pick<Refusal, 'id' | 'why'> & { readonly evidence?: Refusal['evidence'] }

/** Why the node is not written at all. `expected`: the server that its reading address leads to. */
export function whyNotTarget(
  { target, source, left, right, subscription }: Direction,
  look: TargetLook,
  expected: string | null,
): Refusal | null {
  const reached = `${look.systemId}/${look.database}`
  if (expected !== null && reached !== expected)
    return {
      id: 'other-server',
      why: `${target}: its act address leads to another server or database than its url`,
      evidence: { node: target, reached, expected },
    }
  if (look.isInRecovery)
    return {
      id: 'standby',
      why: `${target} is a physical standby: its rows cannot be written, and a copy whose bytes have gone wrong is not to be trusted in others. ${
        subscription === null && target === right
          ? `Re-clone it: stop it, move its data directory aside, pg_basebackup --write-recovery-conf from ${left}, start it, compare again. Where ${left} is the one that is wrong: antemortem verify --repair plan --to ${left} takes the rows from ${source === left ? target : source}.`
          : 'Write its primary.'
      }`,
      evidence: { node: target, pg_is_in_recovery: true },
    }
  return null
}

/** Why the rows of a table are left as they are; null: they can be repaired. */
export function whyNotTable(direction: Direction, target: TargetLook, rows: TableRows): Refusal | null {
  const why = ofReport(direction, rows) ?? ofTable(direction, target, rows)
  return (
    why && { ...why, why: `${shownTable(rows)}: ${why.why}`, evidence: { table: shownTable(rows), ...why.evidence } }
  )
}

function ofReport({ target, source }: Direction, rows: TableRows): Why | null {
  const said = rows.detail === null ? '' : ` (${rows.detail})`
  if (rows.verdict === 'corrupt')
    return {
      id: 'corrupt',
      why: `it cannot be read whole${said}: rows beside damaged pages are not repaired one by one. antemortem integrity --repair plan`,
    }
  if (rows.problem) return { id: 'unreadable', why: `${rows.problem.why}. ${rows.problem.remedy}` }
  if (rows.verdict === 'unverifiable' || rows.verdict === 'lagging')
    return { id: rows.verdict, why: `it was not compared to its end${said}: what is not known is not repaired` }
  if (rows.key.length === 0)
    return {
      id: 'no-key',
      why: 'it has no primary key or unique index over columns that are not null: a row cannot be named',
    }
  if (rows.more || rows.rows.length > limits.rows.default)
    return {
      id: 'too-many-rows',
      why: `more rows differ than are repaired one by one${said}. Copy it anew: empty it on ${target} and have it copied from ${source}, or rebuild it (antemortem integrity --repair plan)`,
    }
  return null
}

function ofTable({ target, source }: Direction, server: TargetLook, rows: TableRows): Why | null {
  const { look } = rows
  if (!look) return { id: 'table-gone', why: `${target} has no such table` }
  if (look.kind !== 'r' && look.kind !== 'p') return { id: 'not-a-table', why: `on ${target} it is no table` }
  if (!look.isPermanent) return { id: 'unlogged', why: 'it is unlogged or temporary' }
  if (look.isInherited) return { id: 'inherited', why: 'other tables inherit from it: repair these by themselves' }
  if (look.hasPolicy)
    return {
      id: 'row-security',
      why: `a policy hides rows from the acting role. On ${target}: alter role ${server.role} bypassrls`,
    }
  const lacking = ['SELECT', ...needs(rows, look)].filter((privilege) => !look.may.includes(privilege))
  if (lacking.length > 0)
    return {
      id: 'not-allowed',
      why: `the acting role lacks ${lacking.join(', ')}. On ${target}: grant usage on schema ${shown(rows.schema)} to ${server.role}; grant ${lacking.join(', ').toLowerCase()} on ${shownTable(rows)} to ${server.role}`,
      evidence: { role: server.role, lacking: lacking.join(', ') },
    }
  if (!look.uniques.some((columns) => sameNames(columns, rows.key)))
    return { id: 'no-key-there', why: `on ${target} no unique index is over ${rows.key.join(', ')}` }
  const narrow = rows.compared.find((name) => !rows.columns.some((column) => column.name === name))
  if (narrow !== undefined) return { id: 'column-missing', why: `${target} has no column ${narrow}` }
  return ofWriting(rows, look, server) ?? ofFollowers(rows, look, server, { target, source })
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

/** The rows that are exchanged are locked, too, and that needs the right to update. */
function needs({ rows }: TableRows, look: TableLook): readonly string[] {
  const replaces = mustReplace(rows, look)
  return [
    'UPDATE',
    ...(replaces || rows.some(isMissing) ? ['INSERT'] : []),
    ...(replaces || rows.some(isExtra) ? ['DELETE'] : []),
  ]
}

function ofWriting({ rows, compared }: TableRows, look: TableLook, server: TargetLook): Why | null {
  const bare = look.columns.find(
    ({ name, notNull, hasDefault, identity, generated }) =>
      notNull && !hasDefault && identity === '' && generated === '' && !compared.includes(name),
  )
  if (bare && rows.some(isMissing))
    return {
      id: 'own-column',
      why: `its column ${bare.name} is not null, has no default, and the source has no such column`,
    }
  const hidden = look.foreignKeys.find((key) => !key.isReadable && concerns(key, rows))
  if (hidden && server.mayReplicate) {
    const other = hidden.isParent
      ? { schema: hidden.childSchema, table: hidden.child }
      : { schema: hidden.parentSchema, table: hidden.parent }
    return {
      id: 'not-allowed',
      why: `foreign key ${hidden.name} could not be checked afterwards. On the node: grant select on ${shownTable(other)} to ${server.role}`,
    }
  }
  if (server.mayReplicate) return null
  const grant = grantsOf.replicate(server.role)
  if (mustReplace(rows, look))
    return {
      id: 'needs-replica-role',
      why: `rows of it can only be deleted and inserted again, and ${server.role} may not switch foreign keys and triggers off. As a superuser: ${grant} (15 and later)`,
    }
  const cascade = look.foreignKeys.find(
    ({ isParent, onDelete, onUpdate, parentColumns }) =>
      isParent &&
      ((!'ar'.includes(onDelete) && rows.some(isExtra)) ||
        (!'ar'.includes(onUpdate) &&
          rows.some((row) => changedColumns(row).some((name) => parentColumns.includes(name))))),
  )
  return cascade
    ? {
        id: 'would-cascade',
        why: `${cascade.name} of ${cascade.childSchema}.${cascade.child} would change rows there, and ${server.role} may not switch it off. As a superuser: ${grant} (15 and later)`,
      }
    : null
}

/** What is written on a node that publishes is sent on: an insert of a row that is there already stops a subscription. */
function ofFollowers(
  { rows, sentOn }: TableRows,
  look: TableLook,
  server: TargetLook,
  { target, source }: Pick<Direction, 'target' | 'source'>,
): Why | null {
  const writes = look.publications.filter(
    (publication) =>
      (publication.update && rows.some(isChanged)) || (publication.delete && rows.some((row) => !isMissing(row))),
  )
  if (writes.length > 0 && !look.hasIdentity)
    return {
      id: 'no-replica-identity',
      why: `publication ${writes.map(({ name }) => name).join(', ')} of ${target} carries it, and it has no replica identity there: ${target} refuses its updates and deletes`,
    }
  const [follower] = sentOn
  if (!follower) return null
  const { node, subscription, rows: count } = follower
  const isBack = node === source
  // Without a mark a subscription that wants no origin is sent it all the same.
  const grant = server.mayOriginate
    ? ''
    : ` As a superuser of ${target}: ${grantsOf.originate(server.role)} (14 and later).`
  return {
    id: isBack ? 'would-return' : 'would-be-sent-on',
    why: `${target} publishes it, and ${
      isBack
        ? `${count} of the rows would be sent back to ${node}, over whatever it has by then: subscription ${subscription} would write or stop there`
        : `${node} has ${count} of the rows that would be inserted: subscription ${subscription} would stop at the first`
    }. On ${node} (16 and later): alter subscription ${subscription} set (origin = none)${isBack ? '' : '; plan again, and set it back to any afterwards'}.${grant}`,
    evidence: { node, subscription, rows: count },
  }
}
