import { literal } from '../../../engines/postgres/rows/sql.ts'
import type { Named } from '../../change/relations.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { shown, shownNamed } from '../names.ts'

/** A name without a schema means `public`, as in the session that applies a change. */
const qualified = ({ schema, name }: Named): string => shownNamed({ schema: schema ?? 'public', name })

/** Without `to_regclass`, which wants USAGE on the schema: who reads the catalog need not have it. Null in SQL where there is none. */
export const relationOid = ({ schema, name }: Named): string =>
  `(select r.oid from pg_class r join pg_namespace s on s.oid = r.relnamespace
    where s.nspname = ${literal(schema ?? 'public')} and r.relname = ${literal(name)})`

type Types = readonly (TreeNode | null)[]

/** The function that a name and its types mean; null where its types are taken from a column. */
export function functionOid(names: readonly unknown[], types: Types): string | null {
  const { schema, name } = nameOf(names)
  const oids = types.map(typeOid)
  if (oids.includes(null)) return null
  const signature = `array_to_string(array[${oids.join(', ')}]::oid[], ' ', '?')`
  return `(select f.oid from pg_proc f join pg_namespace s on s.oid = f.pronamespace
    where s.nspname = ${literal(schema ?? 'public')} and f.proname = ${literal(name)} and f.proargtypes::text = ${signature})`
}

/** As one would type it. */
export const functionSignature = (names: readonly unknown[], types: Types): string =>
  `${qualified(nameOf(names))}(${types.map(typeText).join(', ')})`

const nameOf = (names: readonly unknown[]): Named => {
  const parts = names.map(wordOf)
  return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' }
}

const wordOf = (part: unknown): string => text(child(part, 'String'), 'sval') ?? ''

/** A type without its length: that is no part of a signature. */
function typeOid(type: TreeNode | null): string | null {
  if (type === null || type['pct_type'] === true) return null
  const { schema, name } = nameOf(list(type, 'names'))
  const oid = list(type, 'arrayBounds').length > 0 ? 'y.typarray' : 'y.oid'
  const schemas = schema === null ? `'pg_catalog', 'public'` : literal(schema)
  return `(select ${oid} from pg_type y join pg_namespace s on s.oid = y.typnamespace
    where s.nspname in (${schemas}) and y.typname = ${literal(name)} order by s.nspname = 'pg_catalog' desc limit 1)`
}

const typeText = (type: TreeNode | null): string =>
  `${list(type, 'names')
    .map((part) => shown(wordOf(part)))
    .join('.')}${'[]'.repeat(list(type, 'arrayBounds').length)}`

/** `ObjectWithArgs`; where the statement leaves its types out, the only one of its name. */
export function objectFunction(object: TreeNode | null): string | null {
  if (object === null) return null
  const names = list(object, 'objname')
  if (object['args_unspecified'] !== true)
    return functionOid(
      names,
      list(object, 'objargs').map((type) => child(type, 'TypeName')),
    )
  const { schema, name } = nameOf(names)
  return `(select max(f.oid::text)::oid from pg_proc f join pg_namespace s on s.oid = f.pronamespace
    where s.nspname = ${literal(schema ?? 'public')} and f.proname = ${literal(name)} having count(*) = 1)`
}

/** Names of roles; null where one is meant otherwise than by its name. */
export function roleNames(roles: readonly unknown[]): readonly string[] | null {
  const names = roles.map((role) => {
    const spec = child(role, 'RoleSpec') ?? role
    return text(spec, 'roletype') === 'ROLESPEC_PUBLIC' ? 'public' : text(spec, 'rolename')
  })
  return names.flatMap((name) => name ?? []).length === names.length ? names.flatMap((name) => name ?? []) : null
}

/** `grantee (name, oid, shown)`, as a part of WITH. */
export const granteesIn = (names: readonly string[]): string =>
  `grantee as (select name, case name when 'public' then 0 else (select r.oid from pg_roles r where r.rolname = name) end as oid,
      case name when 'public' then name else quote_ident(name) end as shown
      from (select distinct unnest(array[${names.map(literal).join(', ')}]::text[])) as given (name))`
