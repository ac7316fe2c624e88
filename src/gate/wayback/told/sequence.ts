import { literal } from '../../../engines/postgres/rows/sql.ts'
import { asNamed } from '../../change/relations.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { shownNamed } from '../names.ts'
import { relationOid } from './named-in-sql.ts'

/** A sequence that may be there already: it goes where it was not. */
export function sequenceMade(statement: TreeNode): string | null {
  const sequence = child(statement, 'sequence')
  if (sequence === null || statement['if_not_exists'] !== true) return null
  const { schema, name } = asNamed(sequence)
  const drop = literal(`drop sequence ${shownNamed({ schema: schema ?? 'public', name })}`)
  return `select case when ${relationOid({ schema, name })} is null then ${drop} else '' end as words`
}

/** ALTER SEQUENCE: all that defines it, as it was, and its owner. How far it has come is no part of that, and comes back by nothing. */
export function sequenceBefore(statement: TreeNode): string | null {
  const sequence = child(statement, 'sequence')
  const options = list(statement, 'options').map((option) => text(child(option, 'DefElem'), 'defname'))
  if (sequence === null || options.includes('restart')) return null
  const oid = relationOid(asNamed(sequence))
  const parts = [
    ...(options.some((option) => option !== 'owned_by') ? [defined(oid)] : []),
    ...(options.includes('owned_by') ? [owned(oid)] : []),
    ...(statement['missing_ok'] === true ? [`select 2 as turn, '' as words where ${oid} is null`] : []),
  ]
  return `select words from (${parts.join(' union all ')}) w order by turn`
}

const from = (oid: string): string =>
  `from pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace where q.seqrelid = ${oid}`

const defined = (oid: string): string => `select 0 as turn,
    format('alter sequence %I.%I as %s increment by %s minvalue %s maxvalue %s start with %s cache %s %s', n.nspname, c.relname,
      format_type(seqtypid, null), seqincrement, seqmin, seqmax, seqstart, seqcache,
      case when seqcycle then 'cycle' else 'no cycle' end) as words ${from(oid)}`

const owned = (oid: string): string => `select 1 as turn,
    format('alter sequence %I.%I owned by %s', n.nspname, c.relname, coalesce((
      select format('%I.%I.%I', s.nspname, t.relname, a.attname)
      from pg_depend d join pg_class t on t.oid = d.refobjid join pg_namespace s on s.oid = t.relnamespace
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.objid = q.seqrelid and d.refclassid = 'pg_class'::regclass and d.deptype = 'a'),
      'none')) as words ${from(oid)}`
