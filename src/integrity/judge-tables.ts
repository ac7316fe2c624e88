import { subject } from '../core/subject.ts'
import { blockText, words, type Damage, type Mend } from './damage.ts'
import { judgeMap } from './judge-map.ts'
import type { Looks, NodeLook, StillThere, TableLook } from './looks.ts'

/** Pages of tables: what cannot be read, what is empty where it should not be, what is cut off. */
export const judgeTables = (looks: Looks): readonly Damage[] =>
  looks.nodes.flatMap((node) =>
    node.tables.flatMap((table) => [
      ...unreadable(looks, node, table),
      ...zero(looks, node, table),
      ...headers(looks, node, table),
      ...short(looks, node, table),
      ...judgeMap(looks, node, table),
    ]),
  )

const clone = (node: string, from: string | null): string =>
  `${node} is a standby: take it out of reading, and clone it anew from ${from ?? 'the primary'} (pg_basebackup). A physical standby is never written.`

/** Who still has the rows, and what follows from it. */
function wayBack(
  looks: Looks,
  { node }: NodeLook,
  { schema, table }: TableLook,
  has: readonly StillThere[],
): { readonly mend: Mend; readonly remedy: string } {
  if (node !== looks.primary && looks.standbys.includes(node))
    return { mend: words, remedy: clone(node, looks.primary) }
  const healthy = (peer: string): boolean =>
    looks.standbys.includes(peer) &&
    looks.nodes.some(
      (other) =>
        other.node === peer &&
        !other.tables.some(
          (t) =>
            t.schema === schema && t.table === table && t.unreadable.length + t.problems.length + t.zero.length > 0,
        ),
    )
  const donor = has.map(({ peer }) => peer).find(healthy) ?? looks.standbys.find(healthy)
  return donor === undefined
    ? {
        mend: words,
        remedy: `No physical copy of ${schema}.${table} is well: restore it from a backup of before the damage, into another table, and compare.`,
      }
    : {
        mend: { kind: 'rebuild', schema, table, donor },
        remedy: `Make ${schema}.${table} anew from ${donor}: antemortem integrity --repair plan`,
      }
}

const peersOf = ({ stillThere }: Looks, node: string, { schema, table }: TableLook): readonly StillThere[] =>
  stillThere.filter((each) => each.node === node && each.schema === schema && each.table === table)

const hasWords = (has: readonly StillThere[], standbys: readonly string[]): string =>
  has.length === 0
    ? standbys.length === 0
      ? '; there is no physical copy that could still have its rows'
      : '; no other node could be read there'
    : `; ${has.map(({ peer, rows }) => `${peer} still reads ${rows} rows there`).join(', ')}`

function unreadable(looks: Looks, node: NodeLook, table: TableLook): readonly Damage[] {
  if (table.unreadable.length === 0) return []
  const has = peersOf(looks, node.node, table)
  return [
    {
      check: 'integrity/unreadable-blocks',
      subject: subject.table(node.node, table.schema, table.table),
      node: node.node,
      severity: 'critical',
      message: `${table.schema}.${table.table} on ${node.node} cannot be read in ${table.unreadable.length} of ${table.blocks} blocks (${blockText(table.unreadable)}): their rows are lost there${hasWords(has, looks.standbys)}`,
      evidence: {
        blocks: table.unreadable.length,
        first_block: table.unreadable[0] ?? null,
        of_blocks: table.blocks,
        message: table.words,
        rows_elsewhere: has[0]?.rows ?? null,
        still_on: has.map(({ peer }) => peer).join(', ') || null,
      },
      ...wayBack(looks, node, table, has),
    },
  ]
}

function zero(looks: Looks, node: NodeLook, table: TableLook): readonly Damage[] {
  // A table grows by empty pages at its end, and a crash may leave them.
  const has = peersOf(looks, node.node, table)
  const lost = has.some(({ rows }) => rows > 0)
  if (table.zero.length === 0 || (has.length > 0 && !lost)) return []
  return [
    {
      check: 'integrity/zero-pages',
      subject: subject.table(node.node, table.schema, table.table),
      node: node.node,
      severity: lost ? 'critical' : 'warning',
      message: `${table.schema}.${table.table} on ${node.node} has ${table.zero.length} pages of nothing but zeros (${blockText(table.zero)}), which everybody reads as empty${hasWords(has, looks.standbys)}`,
      evidence: { blocks: table.zero.length, first_block: table.zero[0] ?? null, rows_elsewhere: has[0]?.rows ?? null },
      ...wayBack(looks, node, table, has),
    },
  ]
}

function headers(looks: Looks, node: NodeLook, table: TableLook): readonly Damage[] {
  const [first] = table.problems
  if (!first) return []
  return [
    {
      check: 'integrity/amcheck',
      subject: subject.table(node.node, table.schema, table.table),
      node: node.node,
      severity: 'critical',
      message: `rows of ${table.schema}.${table.table} on ${node.node} are not what PostgreSQL writes: ${first.words} (block ${first.block}${table.problems.length > 1 ? `, and ${table.problems.length - 1} more` : ''})`,
      evidence: { problems: table.problems.length, blkno: first.block, offnum: first.offset, msg: first.words },
      ...wayBack(looks, node, table, peersOf(looks, node.node, table)),
    },
  ]
}

/**
 * Only vacuum and truncate make a file shorter, and both write the catalog; a vacuum that was killed in between is no damage.
 * Nor are pages that a table was given and that were never written: they are counted, and WAL tells no standby of them.
 */
function short(looks: Looks, node: NodeLook, table: TableLook): readonly Damage[] {
  if (table.blocks >= table.pages) return []
  const has = peersOf(looks, node.node, table)
  if (has.length > 0 && has.every(({ rows }) => rows === 0)) return []
  const other = looks.nodes
    .filter(({ node: peer, abilities }) => peer !== node.node && abilities.systemId === node.abilities.systemId)
    .flatMap(({ node: peer, tables }) =>
      tables
        .filter((t) => t.schema === table.schema && t.table === table.table && t.blocks > table.blocks)
        .map((t) => ({ peer, blocks: t.blocks })),
    )
  const [longer] = other
  return [
    {
      check: 'integrity/file-length',
      subject: subject.table(node.node, table.schema, table.table),
      node: node.node,
      severity: longer ? 'critical' : 'warning',
      message: `the file of ${table.schema}.${table.table} on ${node.node} has ${table.blocks} blocks, and the catalog has counted ${table.pages}: ${table.pages - table.blocks} are cut off${longer ? `; on ${longer.peer} it has ${longer.blocks}` : ''}${hasWords(has, looks.standbys)}`,
      evidence: {
        blocks: table.blocks,
        relpages: table.pages,
        longer_on: longer?.peer ?? null,
        rows_elsewhere: has[0]?.rows ?? null,
      },
      ...wayBack(looks, node, table, has),
    },
  ]
}
