import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { CanaryFact } from '../../../core/facts/cluster.ts'
import type { TableFact } from '../../../core/facts/postgres/schema.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { mayComeFromRows } from '../../codes.ts'
import { contractEffects, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm } from '../../harm.ts'
import { instanceHarm } from '../../instances.ts'
import { clientHarm, errorsOn, logEffects, type IsSuch } from '../../log-errors.ts'
import { canariesOf, factOf, touchedOf } from '../../look.ts'
import { aboutContents, newsOf, type IsAbout } from '../../news.ts'

/** Rows or a whole table are gone from the primary, and from every node that follows it: the nodes agree, and are all wrong. */
const cause: Cause = {
  id: 'integrity/data-deleted',
  taxonomy: 'data-deleted',
  title: 'rows or a table were removed by a statement',
  follows: [],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const tables = factOf(node, 'tables')
      if (node.role !== 'primary' || !tables) continue
      yield* dropped(c, node, tables)
      const found = tables.flatMap((table) => emptied(c, node, table) ?? [])
      // A contract's query may name several tables: the one that lost rows is meant.
      const counted = found.filter(({ indirect }) => indirect.some(({ source }) => source !== 'contract'))
      yield* counted.length > 0 ? counted : found
    }
  },
}
export default cause

const isDrop: IsAbout = ({ after }) => after === null
const noTable = (code: string): boolean => code === '42P01'

/** A table that is not there any more, not under another name either, and for which somebody asks. */
function* dropped(c: Case, node: NodeView, tables: readonly TableFact[]): Iterable<Match> {
  const gone = c.changes.filter(
    ({ object, before, after, kind }) =>
      kind === 'schema' &&
      after === null &&
      before !== null &&
      /^(?:partitioned )?table /.test(before) &&
      object.startsWith(`${node.name}:`),
  )
  for (const object of new Set(gone.map((change) => change.object))) {
    const [schema = '', name = ''] = object.slice(node.name.length + 1).split(/\.(.*)/s)
    if (tables.some((table) => table.schema === schema && table.name === name)) continue
    const isOwn: IsSuch = ({ code, message }) =>
      noTable(code ?? '') && [`"${name}"`, `"${schema}.${name}"`].some((word) => message.includes(word))
    const asked = contractHarm(
      c,
      node.name,
      ({ code, message }) => noTable(code ?? '') && (message ?? '').includes(name),
    )
    const lines = clientHarm(c, node.name, isOwn)
    const isNamed = asked.length > 0 || errorsOn(c, node.name, isOwn).length > 0
    yield {
      subject: object,
      direct: [evidenceOf(node.name, 'pg_class', `${node.name} has no table ${schema}.${name} any more`, {})],
      indirect: [],
      harm: isNamed ? [...asked, ...lines, ...instanceHarm(c, node.name, { instances: null }, noTable)] : [],
      isNew: newsOf(c, [object], isDrop).length > 0,
      explains: isNamed
        ? c.snapshot.nodes.flatMap((each) => [
            ...outcomeEffects(c, each.name, noTable),
            ...contractEffects(c, each.name, ({ code }) => noTable(code ?? '')),
            ...logEffects(c, each.name, isOwn),
          ])
        : [],
      objects: [object],
      isTrigger: isDrop,
      ...(!isNamed && {
        missing: `does anybody ask for ${schema}.${name}? The log of ${node.name} names the table that is not found`,
      }),
      remedy: restore(node.name, `${schema}.${name}`),
    }
  }
}

const restore = (node: string, table: string): Match['remedy'] => ({
  words: `Keep every backup and every replica that may still have the rows, and pause the delayed ones. Find the statement; then restore ${table} beside the server, to the moment before it, and bring the rows from there.`,
  commands: [
    'on each standby that has not replayed it: select pg_wal_replay_pause();',
    `restore the last proven backup to the time before the statement, and: pg_dump --table ${table}`,
    `on ${node}: look at what was written since before any row is put back`,
  ],
})

/** A table that lost this share of its rows was not tidied up. */
const leastShare = 0.5

/** What was there a moment ago: by comparison behind a fence, else by the server's own estimate. */
function rowsOf(
  c: Case,
  node: NodeView,
  table: TableFact,
): { readonly now: number; readonly before: number; readonly source: string } | null {
  const isTable = (each: { schema: string; table: string; source: string; sourceRows: number | null }): boolean =>
    each.schema === table.schema && each.table === table.name && each.source === node.name && each.sourceRows !== null
  const past = c.earlier?.nodes.find(({ name }) => name === node.name)
  const compared = touchedOf(c).find(isTable)?.sourceRows
  const touched = c.earlier?.facts.touched
  const earlier = touched?.seen ? touched.value.find(isTable)?.sourceRows : undefined
  if (compared != null && earlier != null) return { now: compared, before: earlier, source: 'touched-table comparison' }
  const old = past && factOf(past, 'tables')?.find(({ oid }) => oid === table.oid)
  if (!old || old.rowsEstimated <= 0) return null
  // A table that was emptied by truncate is as if never counted: -1.
  return { now: Math.max(0, table.rowsEstimated), before: old.rowsEstimated, source: 'pg_class.reltuples' }
}

function emptied(c: Case, node: NodeView, table: TableFact): Match | null {
  const name = `${table.schema}.${table.name}`
  const object = subject.table(node.name, table.schema, table.name)
  const rows = rowsOf(c, node, table)
  const fell = rows !== null && rows.before - rows.now >= leastShare * rows.before
  const canaries = fallen(c, table)
  if (!fell && canaries.length === 0) return null
  const read: readonly Evidence[] = fell
    ? [
        evidenceOf(
          node.name,
          rows.source,
          `${name} has ${rows.now} rows on ${node.name}, and had ${rows.before} a moment ago`,
          {
            rows: rows.now,
            before: rows.before,
          },
        ),
      ]
    : []
  // Harm of this very table: the contract's own query of it finds less than it did, on every node alike.
  const harm =
    canaries.length > 0 ? [...canaries, ...instanceHarm(c, node.name, { instances: null }, mayComeFromRows)] : []
  const suffering = instanceHarm(c, node.name, { instances: null }, mayComeFromRows)
  return {
    subject: object,
    direct: suffering.length > 0 ? read : [],
    indirect: [...read, ...canaries],
    harm: suffering.length > 0 ? harm : [],
    isNew: c.lastGoodMs !== null,
    explains:
      canaries.length > 0 && suffering.length > 0
        ? c.snapshot.nodes.flatMap((each) => [...outcomeEffects(c, each.name, mayComeFromRows)])
        : [],
    objects: [object],
    isTrigger: aboutContents,
    ...(read.length === 0 && { missing: `on ${node.name}: select count(*) from ${name}; against the last backup` }),
    ...(canaries.length === 0 && { missing: `does the application miss rows of ${name}? No canary reads it` }),
    remedy: restore(node.name, name),
  }
}

/** Contracts that name the table, whose answer has fewer rows than a moment ago, the same on every node. */
function fallen(c: Case, table: TableFact): readonly Evidence[] {
  const past = c.earlier?.facts.canaries
  const before: readonly CanaryFact[] = past?.seen ? past.value : []
  return canariesOf(c).flatMap((canary) => {
    const old = before.find(({ contract }) => contract === canary.contract)
    const [first] = canary.answers
    if (
      !old ||
      !first ||
      !canary.tables.some((name) => name === table.name || name === `${table.schema}.${table.name}`)
    )
      return []
    const agree = canary.answers.every(({ digest }) => digest === first.digest)
    const had = Math.min(...old.answers.map(({ rows }) => rows))
    if (!agree || old.answers.length === 0 || first.rows >= had) return []
    return [
      evidenceOf(
        first.node,
        'contract',
        `the query of contract ${canary.contract} finds ${first.rows} rows on every node, and found ${had} a moment ago`,
        {
          rows: first.rows,
          before: had,
        },
      ),
    ]
  })
}
