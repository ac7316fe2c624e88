import { asNamed } from '../../change/relations.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { relationOid } from './named-in-sql.ts'

const switches = new Set([
  'AT_EnableRowSecurity',
  'AT_DisableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_NoForceRowSecurity',
])

/** What ALTER TABLE says of row security in general. */
export const isRowSecurity = (subtype: string | null): boolean => switches.has(subtype ?? '')

/** No constraint can have this name. */
export const ofRowSecurity = ''

/** Both switches of a table as they stand, for an ALTER TABLE that turns one of them. */
export function rowSecurityBefore(statement: TreeNode): string | null {
  const relation = child(statement, 'relation')
  const isAsked = list(statement, 'cmds').some((each) => isRowSecurity(text(child(each, 'AlterTableCmd'), 'subtype')))
  if (relation === null || !isAsked) return null
  return `select '${ofRowSecurity}' as name, format('%s row level security, %s row level security',
      case when relrowsecurity then 'enable' else 'disable' end, case when relforcerowsecurity then 'force' else 'no force' end) as words
    from pg_class where oid = ${relationOid(asNamed(relation))}`
}
