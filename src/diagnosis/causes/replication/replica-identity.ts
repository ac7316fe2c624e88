import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { PublicationFact, PublishedTableFact } from '../../../core/facts/postgres/publication.ts'
import type { TableFact } from '../../../core/facts/postgres/schema.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm, outcomeHarm } from '../../harm.ts'
import { clientHarm, errorsOn, logEffects, type IsSuch } from '../../log-errors.ts'
import { factOf } from '../../look.ts'
import { aboutIdentity, newsOf } from '../../news.ts'
import { isLogRead } from '../../server-log.ts'

const codes = ['55000', '42P10']
const fits = (code: string): boolean => codes.includes(code)

/** Updates and deletes of a published table fail on the publisher: it cannot say which row is meant. */
const cause: Cause = {
  id: 'replication/replica-identity',
  taxonomy: 'missing-primary-key',
  title: 'updates or deletes of a published table fail, because its rows cannot be identified',
  follows: [],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const [tables, publications] = [factOf(node, 'tables'), factOf(node, 'publications')]
      if (!tables || !publications || factOf(node, 'server')?.inRecovery) continue
      const found = tables.flatMap((table) =>
        lacks(table, publications)
          .slice(0, 1)
          .map((lack) => ({ table, lack })),
      )
      for (const { table, lack } of found) yield matchOf(c, node, table, lack, found.length)
    }
  },
}
export default cause

interface Lack {
  readonly publication: string
  readonly words: string
}

/** Why the server refuses `update` and `delete` of this table: https://www.postgresql.org/docs/18/logical-replication-publication.html */
function lacks(table: TableFact, publications: readonly PublicationFact[]): readonly Lack[] {
  return publications.flatMap((publication) => {
    if (!publication.publishes.update && !publication.publishes.delete) return []
    return publication.tables
      .filter(({ schema, name }) => schema === table.schema && name === table.name)
      .flatMap((entry) => lackOf(table, entry).map((words) => ({ publication: publication.name, words })))
  })
}

function lackOf(table: TableFact, { columns, rowFilter }: PublishedTableFact): readonly string[] {
  const { replicaIdentity, primaryKey } = table
  if (replicaIdentity === 'n') return ['its replica identity is nothing']
  if (replicaIdentity === 'd' && primaryKey.length === 0)
    return ['it has no primary key, and no other replica identity']
  // Whether the index of `i` is still there is not in what is read; the columns of its key are not either.
  const key =
    replicaIdentity === 'f' ? table.columns.map(({ name }) => name) : replicaIdentity === 'd' ? primaryKey : null
  if (key === null) return []
  const outside = columns === null ? [] : key.filter((name) => !columns.includes(name))
  if (outside.length > 0) return [`the column list leaves out ${outside.join(', ')}, which identifies its rows`]
  const words = new Set(rowFilter?.replaceAll(/'(?:[^']|'')*'/g, '').match(/[A-Za-z_]\w*/g))
  const filtered = table.columns.map(({ name }) => name).filter((name) => words.has(name) && !key.includes(name))
  return filtered.length > 0 ? [`the row filter asks for ${filtered.join(', ')}, which does not identify its rows`] : []
}

function matchOf(c: Case, node: NodeView, table: TableFact, lack: Lack, rivals: number): Match {
  const name = `${table.schema}.${table.name}`
  const objects = [
    subject.table(node.name, table.schema, table.name),
    subject.publicationTable(node.name, lack.publication, table.schema, table.name),
    subject.publication(node.name, lack.publication),
  ]
  // The message names the table in quotes: `cannot update table "users" …`. An `on conflict` without its index does not.
  const isOfTable: IsSuch = ({ code, message }) => fits(code ?? '') && message.includes(`"${table.name}"`)
  const isNamed = errorsOn(c, node.name, isOfTable).length > 0
  // Where the log is read and does not name the table, the failures are not its own.
  const mayBe = isNamed || (!isLogRead(c, node.name) && rivals === 1)
  const read: Evidence = evidenceOf(
    node.name,
    'pg_class, pg_index, pg_publication_tables',
    `${name} is published by ${lack.publication} for updates or deletes, and ${lack.words}`,
    { relreplident: table.replicaIdentity, primary_key: table.primaryKey.join(', '), publication: lack.publication },
  )
  const harm = mayBe
    ? [
        ...outcomeHarm(c, node.name, fits),
        ...contractHarm(c, node.name, ({ code }) => fits(code ?? '')),
        ...clientHarm(c, node.name, isOfTable),
      ]
    : []
  return {
    subject: subject.table(node.name, table.schema, table.name),
    direct: [read],
    indirect: [],
    harm,
    isNew: newsOf(c, objects, aboutIdentity).length > 0,
    explains: [
      ...findingsOf(c, 'replication/replica-identity', node.name),
      ...findingsOf(c, 'schema/no-primary-key', node.name),
      ...(harm.length > 0
        ? [
            ...outcomeEffects(c, node.name, fits),
            ...contractEffects(c, node.name, ({ code }) => fits(code ?? '')),
            ...logEffects(c, node.name, isOfTable),
          ]
        : []),
    ],
    objects,
    isTrigger: aboutIdentity,
    ...(harm.length === 0 && { missing: `the log of ${node.name}: which table do its errors 55000 and 42P10 name?` }),
    remedy: {
      words: `Give ${name} a primary key again. Until that is built, let whole rows identify themselves, or publish inserts only.`,
      commands: [
        `on ${node.name}: alter table ${name} replica identity full;`,
        `on ${node.name}: create unique index concurrently … on ${name} (…); alter table ${name} add primary key using index …; alter table ${name} replica identity default;`,
      ],
    },
  }
}
