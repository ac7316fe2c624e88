import { readTableRights } from '../../engines/postgres/ddl/table-rights.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { child, list, text } from '../change/tree.ts'
import { describedOf, followersOf } from '../described.ts'
import type { UncopiedTable } from '../rehearsal.ts'
import type { Stage } from './stage.ts'
import { linkOf } from './stage.ts'
import type { Step } from './targets.ts'

/** As which role each subscription of production is connected to its primary. */
export interface SubscriptionLogins {
  readonly roles: ReadonlyMap<string, string>
  /** What default privileges may give in production: the copy makes its tables and schemas as another role. */
  readonly defaults: readonly Default[]
}

interface Default {
  readonly on: 'tables' | 'schemas'
  /** null: in all. */
  readonly schema: string | null
}

/** Of the definitions of a server, by their names. Pure. */
export const defaultsIn = (statements: readonly { readonly what: string }[]): readonly Default[] =>
  statements.flatMap(({ what }): readonly Default[] => {
    const [, on, schema = null] = /^default privileges of .* on (tables|schemas)(?: in (.*))?$/s.exec(what) ?? []
    return on === 'tables' || on === 'schemas' ? [{ on, schema }] : []
  })

interface Changed {
  readonly before: Snapshot
  readonly changed: Snapshot
  readonly steps: readonly Step[]
  readonly logins: SubscriptionLogins
}

const deadlineMs = 10_000

/**
 * Tables that a subscription newly carries and its login in production may not read: the first copy reads them by that login.
 * The copy's own login may read everything, so that its first copies pass.
 */
export async function uncopiedTables(
  stage: Stage,
  { before, changed, steps, logins: { roles, defaults } }: Changed,
): Promise<readonly UncopiedTable[]> {
  const silent = withoutCopy(steps)
  const wanted = followersOf(changed, 'subscriber').flatMap(({ name: node }) => {
    const had = new Set(carriedBy(before, node).map(({ key }) => key))
    return carriedBy(changed, node).flatMap(({ key, subscription, schema, table }) => {
      const role = roles.get(subscription)
      if (role === undefined || had.has(key) || silent.has(subscription)) return []
      return [{ node, subscription, role, schema, table }]
    })
  })
  if (wanted.length === 0) return []
  const reached = await linkOf(stage, stage.primary).reach(stage.signal)
  if (!reached.ok) return []
  const asked = [...new Set(wanted.map(({ role }) => role))]
  const rights = await readTableRights(reached.reader, asked, { signal: stage.signal, deadlineMs })
  return wanted.flatMap((one): readonly UncopiedTable[] => {
    // A role that could not be made in the copy.
    if (!rights.some(({ role }) => role === one.role)) return []
    const own = rights.find(
      ({ role, schema, table }) => role === one.role && schema === one.schema && table === one.table,
    )
    const lacks = own?.rights.includes('select') !== true ? 'select' : own.barred.includes('select') ? 'policy' : null
    // Without a right on the schema it has none on its tables, whatever they grant.
    const missed = own === undefined ? 'schemas' : 'tables'
    const isGiven = defaults.some(({ on, schema }) => on === missed && (schema === null || schema === one.schema))
    return lacks === null ? [] : [{ ...one, lacks, isCertain: lacks === 'policy' || !isGiven }]
  })
}

const carriedBy = (snapshot: Snapshot, node: string) =>
  (describedOf(snapshot, node)?.subscriptions ?? []).flatMap(({ name: subscription, tables }) =>
    tables.map(({ schema, name: table }) => ({
      key: JSON.stringify([subscription, schema, table]),
      subscription,
      schema,
      table,
    })),
  )

/** Subscriptions of which the change says `copy_data = false`: nothing is read for them. */
function withoutCopy(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(
    steps.flatMap(({ statement: { tree } }) => {
      const said = child(tree, 'AlterSubscriptionStmt') ?? child(tree, 'CreateSubscriptionStmt')
      const isOff = list(said, 'options').some((option) => {
        const element = child(option, 'DefElem')
        return (
          text(element, 'defname') === 'copy_data' &&
          /false|off|"ival":0|\{"Integer":\{\}\}/.test(JSON.stringify(element))
        )
      })
      const name = text(said, 'subname')
      return isOff && name !== null ? [name] : []
    }),
  )
}
