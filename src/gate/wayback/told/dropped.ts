import { literal } from '../../../engines/postgres/rows/sql.ts'
import { dottedName } from '../../change/relations.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { givenByDefault } from './default-privileges.ts'
import { objectFunction, relationOid } from './named-in-sql.ts'
import { policyAsItWas, policyOf } from './policy.ts'
import { viewAsItWas } from './view.ts'

/** What was dropped, as it was; an empty row where `if exists` found nothing to drop. What goes along by CASCADE is not known. */
export function droppedBefore(statement: TreeNode): string | null {
  const [object, ...others] = list(statement, 'objects')
  if (object === undefined || others.length > 0 || text(statement, 'behavior') === 'DROP_CASCADE') return null
  const found = droppedObject(text(statement, 'removeType') ?? '', object)
  if (found === null) return null
  const absent = statement['missing_ok'] === true ? ` union all select '' where not (${found.isThere})` : ''
  return `select words from (${found.words}) w${absent}`
}

interface Found {
  readonly words: string
  readonly isThere: string
}

function droppedObject(type: string, object: unknown): Found | null {
  switch (type) {
    case 'OBJECT_INDEX': {
      const oid = relationOid(dottedName(object))
      return { words: indexAsItWas(oid), isThere: `${oid} is not null` }
    }
    case 'OBJECT_VIEW': {
      const oid = relationOid(dottedName(object))
      return { words: `select words from (${viewAsItWas(oid)}) v order by turn, words`, isThere: `${oid} is not null` }
    }
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE': {
      const oid = objectFunction(child(object, 'ObjectWithArgs'))
      return oid === null ? null : { words: functionAsItWas(oid), isThere: `${oid} is not null` }
    }
    case 'OBJECT_TRIGGER': {
      const parts = list(child(object, 'List'), 'items').map((part) => text(child(part, 'String'), 'sval') ?? '')
      const table = relationOid({ schema: parts.at(-3) ?? null, name: parts.at(-2) ?? '' })
      const where = `tgrelid = ${table} and tgname = ${literal(parts.at(-1) ?? '')} and not tgisinternal`
      return { words: triggerAsItWas(where), isThere: `exists (select from pg_trigger where ${where})` }
    }
    case 'OBJECT_POLICY': {
      const parts = list(child(object, 'List'), 'items').map((part) => text(child(part, 'String'), 'sval') ?? '')
      const where = policyOf({ schema: parts.at(-3) ?? null, name: parts.at(-2) ?? '' }, parts.at(-1) ?? '')
      return { words: policyAsItWas(where), isThere: `exists (select from pg_policy where ${where})` }
    }
    default:
      return null
  }
}

/**
 * Built anew beside the writers; what an attempt of it has left goes first. One of a partitioned table, or by which rows are
 * identified, is not.
 */
function indexAsItWas(oid: string): string {
  const index = `(select c.oid, c.relname, c.relnamespace from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.oid = ${oid} and c.relkind = 'i' and i.indisvalid and not i.indisreplident and not i.indisclustered) c`
  return `select words from (
    select 0 as turn, format('drop index concurrently if exists %I.%I', n.nspname, c.relname) as words
      from ${index} join pg_namespace n on n.oid = c.relnamespace
    union all select 1, regexp_replace(pg_get_indexdef(c.oid), '^CREATE (UNIQUE )?INDEX ', 'create \\1index concurrently ')
      from ${index}
  ) i order by turn`
}

function functionAsItWas(oid: string): string {
  const routine = `(select p.oid, p.pronamespace as schema, p.proowner as owner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl,
    p.proacl is not null or exists (select from pg_default_acl d where d.defaclobjtype = 'f') as is_granted,
    format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as shown
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid = ${oid}) routine`
  return `select words from (
    select 0 as turn, pg_get_functiondef(oid) as words from ${routine}
    union all select 1, format('alter routine %s owner to %I', shown, pg_get_userbyid(owner)) from ${routine}
    union all select 2, format('revoke all on routine %s from public', shown) from ${routine} where is_granted
    union all select 2, format('revoke all on routine %s from %s', shown, g.grantee)
      from ${routine}, lateral (${givenByDefault('f', 'routine.schema', 'routine.owner')}) g where g.grantee <> 'public'
    union all select 3, format('grant %s on routine %s to %s%s', a.privilege_type, shown,
        case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
        case when a.is_grantable then ' with grant option' else '' end) from ${routine}, aclexplode(acl) a where is_granted
  ) f order by turn, words`
}

const triggerAsItWas = (where: string): string => `select words from (
    select 0 as turn, pg_get_triggerdef(oid) as words from pg_trigger where ${where}
    union all select 1, format('alter table %s %s trigger %I', tgrelid::regclass,
      case tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end, tgname)
      from pg_trigger where ${where} and tgenabled <> 'O'
  ) t order by turn`
