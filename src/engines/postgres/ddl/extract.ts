import { z } from 'zod'
import { AntemortemError } from '../../../core/error.ts'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'
import { dependencies } from './dependencies.ts'
import type { LeftOut } from './left-out.ts'
import { leftOut, leftOutRow } from './left-out.ts'
import type { DdlObject } from './order.ts'
import { inOrder } from './order.ts'
import { publications } from './publications.ts'
import type { RoleDdl } from './roles.ts'
import { roleRow, roles } from './roles.ts'
import { constraints } from './sources/constraints.ts'
import { defaultPrivileges } from './sources/default-privileges.ts'
import { grants } from './sources/grants.ts'
import { indexes, replicaIdentities } from './sources/indexes.ts'
import { policies } from './sources/policies.ts'
import { routines } from './sources/routines.ts'
import { extensions, schemas } from './sources/schemas.ts'
import { ownedSequences, sequences } from './sources/sequences.ts'
import { sessionDefaults } from './sources/session-defaults.ts'
import { tables } from './sources/tables.ts'
import { triggers } from './sources/triggers.ts'
import { types } from './sources/types.ts'
import { views } from './sources/views.ts'
import type { SubscriptionDdl } from './subscriptions.ts'
import { subscriptionRow, subscriptions } from './subscriptions.ts'

/** A statement, and what it makes: one object may need several. */
export interface DdlStatement {
  readonly sql: string
  readonly what: string
}

/** The definitions of one database, to be made again elsewhere. */
export interface Ddl {
  readonly database: string
  readonly versionNum: number
  readonly roles: readonly RoleDdl[]
  /** In an order that works with `check_function_bodies = off`, as superuser. */
  readonly statements: readonly DdlStatement[]
  readonly publications: readonly DdlStatement[]
  readonly subscriptions: readonly SubscriptionDdl[]
  readonly leftOut: readonly LeftOut[]
}

const sources = [
  schemas,
  extensions,
  ...types,
  sequences,
  routines,
  tables,
  ownedSequences,
  ...constraints,
  indexes,
  replicaIdentities,
  views,
  triggers,
  ...policies,
  ...grants,
  defaultPrivileges,
  sessionDefaults,
  publications,
]

const objects = `select rank, key, what, array_remove(sql, null) as sql from (
${sources.map(({ rank, sql }) => `select ${rank} as rank, o.* from (${sql}) o(key, what, sql)`).join('\nunion all\n')}
) made`

const objectRow: z.ZodType<DdlObject> = z.object({
  rank: z.number(),
  key: z.string(),
  what: z.string(),
  sql: z.array(z.string()),
})
const edgeRow = z.object({ key: z.string(), needs: z.string() })

/** Reads the catalog only: what `pg_monitor` may see is enough, and no table is opened. */
export async function extractDdl({ session, hello }: ReaderSession, limits: Limits): Promise<Ddl> {
  const ask = async <T>(row: z.ZodType<T>, text: string): Promise<readonly T[]> => {
    const answer = await session.run({ text }, limits)
    if (answer.ok) return z.array(row).parse(answer.rows)
    const { message, remedy } = answer.failure
    throw new AntemortemError('catalog-unreadable', `the definitions could not be read: ${message}`, remedy)
  }
  const found = await ask(objectRow, objects)
  const ordered = inOrder(found, await ask(edgeRow, dependencies))
  const statements = (isPublication: boolean): readonly DdlStatement[] =>
    ordered
      .filter(({ rank }) => (rank === publications.rank) === isPublication)
      .flatMap(({ what, sql }) => sql.map((one) => ({ what, sql: one })))
  return {
    database: hello.database,
    versionNum: hello.versionNum,
    roles: await ask(roleRow, roles),
    statements: statements(false),
    publications: statements(true),
    subscriptions: await ask(subscriptionRow, subscriptions(hello.versionNum)),
    leftOut: await ask(leftOutRow, leftOut),
  }
}
