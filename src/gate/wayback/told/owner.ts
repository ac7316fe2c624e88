import { literal } from '../../../engines/postgres/rows/sql.ts'
import { child, text, type TreeNode } from '../../change/tree.ts'
import { asNamed } from '../../change/relations.ts'
import { objectFunction, relationOid } from './named-in-sql.ts'

/** `alter … owner to`: the same statement with the owner of before. */
export function ownerBefore(statement: TreeNode, words: string): string | null {
  const object = statement['object']
  const name = literal(text(child(object, 'String'), 'sval') ?? '')
  switch (text(statement, 'objectType')) {
    case 'OBJECT_SCHEMA':
      return withOwner(words, `select nspowner, nspacl from pg_namespace where nspname = ${name}`)
    case 'OBJECT_DATABASE':
      return withOwner(words, `select datdba, datacl from pg_database where datname = ${name}`)
    case 'OBJECT_PUBLICATION':
      return withOwner(words, `select pubowner, null::aclitem[] from pg_publication where pubname = ${name}`)
    case 'OBJECT_SUBSCRIPTION':
      return withOwner(words, `select subowner, null::aclitem[] from pg_subscription where subname = ${name}`)
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE': {
      const oid = objectFunction(child(object, 'ObjectWithArgs'))
      return oid === null ? null : withOwner(words, `select proowner, proacl from pg_proc where oid = ${oid}`)
    }
    default:
      return null
  }
}

/** Of a view, a sequence or a materialized view, which the parser takes for a table. */
export function relationOwnerBefore(statement: TreeNode, words: string): string | null {
  const relation = child(statement, 'relation')
  return relation === null
    ? null
    : withOwner(words, `select relowner, relacl from pg_class where oid = ${relationOid(asNamed(relation))}`)
}

/** What was granted to the new owner melts into what owners have, and does not come out again: then nothing is known. */
function withOwner(words: string, owner: string): string | null {
  const [, head, next] = /^(.*\sowner\s+to\s+)("(?:[^"]|"")+"|[\w$]+)\s*;?\s*$/is.exec(words) ?? []
  if (head === undefined || next === undefined) return null
  const name = next.startsWith('"') ? next.slice(1, -1).replaceAll('""', '"') : next.toLowerCase()
  return `select ${literal(head)} || quote_ident(pg_get_userbyid(owner)) as words from (${owner}) o (owner, acl)
    where not exists (select from aclexplode(acl) a join pg_roles r on r.oid = a.grantee
      where r.rolname = ${literal(name)} and a.grantee <> owner)`
}
