import type { NodeView } from '../../core/snapshot.ts'
import { sqlLiteral, sqlName } from '../../core/sql-text.ts'

/** What one server's reading role needs, as statements for people to run there. */
export interface Grants {
  /** `node, database NAME`: servers that need the same. */
  readonly where: readonly { readonly node: string; readonly database: string }[]
  readonly statements: readonly string[]
}

const functions = ['pg_hba_file_rules()', 'pg_show_all_file_settings()'] as const

/** Which functions amcheck has differs from version to version. */
const amcheck = (role: string): string =>
  `do $$ declare f regprocedure; begin for f in select d.objid from pg_depend d join pg_extension e on e.oid = d.refobjid where e.extname = 'amcheck' and d.classid = 'pg_proc'::regclass and d.deptype = 'e' loop execute format('grant execute on function %s to %I', f, ${sqlLiteral(role)}); end loop; end $$;`

/**
 * For each server that has grants of its own: standbys have those of their primary. `docs/reading-role.md` says what each is
 * for, and why never `pg_read_all_data`.
 */
export const grantsFor = (nodes: readonly NodeView[]): readonly Grants[] =>
  [...Map.groupBy(nodes.flatMap(needsOf), ({ statements }) => statements.join('\n')).values()].map((group) => ({
    where: group.map(({ node, database }) => ({ node, database })),
    statements: group[0]?.statements ?? [],
  }))

/** For people: `primary (database auth) and reports (database auth)`. */
export const placesOf = ({ where }: Grants): string =>
  where.map(({ node, database }) => `${node} (database ${database})`).join(' and ')

function needsOf(node: NodeView) {
  const { server, privileges, tables, extensions } = node.facts
  if (node.role === 'standby' || !server.seen) return []
  const name = privileges.seen ? privileges.value.role : 'antemortem'
  const role = sqlName(name)
  const owned = tables.seen ? tables.value : []
  const schemas = [...new Set(['public', ...owned.map(({ schema }) => schema)])].sort()
  const ownersOf = (schema: string): readonly string[] =>
    [...new Set(owned.filter((table) => table.schema === schema).map(({ owner }) => owner))].sort()
  const hasAmcheck = extensions.seen && extensions.value.some((extension) => extension.name === 'amcheck')
  return [
    {
      node: node.name,
      database: server.value.database,
      statements: [
        `grant pg_monitor to ${role};`,
        ...schemas.flatMap((schema) => [
          `grant usage on schema ${sqlName(schema)} to ${role};`,
          ...['tables', 'sequences'].map(
            (what) => `grant select on all ${what} in schema ${sqlName(schema)} to ${role};`,
          ),
          ...ownersOf(schema).flatMap((owner) =>
            ['tables', 'sequences'].map(
              (what) =>
                `alter default privileges for role ${sqlName(owner)} in schema ${sqlName(schema)} grant select on ${what} to ${role};`,
            ),
          ),
        ]),
        ...['pg_hba_file_rules', 'pg_file_settings'].map((view) => `grant select on pg_catalog.${view} to ${role};`),
        ...functions.map((call) => `grant execute on function pg_catalog.${call} to ${role};`),
        ...(hasAmcheck ? [amcheck(name)] : []),
      ],
    },
  ]
}
