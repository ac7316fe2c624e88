import type { Unchecked } from '../core/finding.ts'
import { unseen } from '../core/observation.ts'
import type { Abilities } from '../engines/postgres/integrity/abilities.ts'
import type { Relation } from '../engines/postgres/integrity/relations.ts'

type Add = (
  check: string,
  why: 'no-privilege' | 'not-configured' | 'not-in-this-version',
  detail: string,
  remedy: string,
) => void

/** Before, pg_check_visible reported rows that were visible to everybody while an older snapshot came and went. */
const strictSince = 170_000

/** Can the visibility map be compared with its table? */
export const canLookAtMap = ({ visibility, checkVisible, versionNum }: Abilities): boolean =>
  visibility !== null && checkVisible?.may === true && versionNum >= strictSince

/** What this role cannot look at on this node, with the statement that would let it. Never a green light. Pure. */
export function missing(node: string, abilities: Abilities, relations: readonly Relation[]): Unchecked[] {
  const { role, amcheck, pageinspect, isSuperuser, checkIndex, checkHeap, checkGin, checksums, isInRecovery } =
    abilities
  const blind: Unchecked[] = []
  const add: Add = (check, why, detail, remedy) => {
    blind.push({ check, node, ...unseen(why, detail, remedy) })
  }
  if (amcheck === null)
    add(
      'integrity/amcheck',
      'not-configured',
      'extension amcheck is not installed: indexes are not compared with their tables, nor row headers and large values looked at',
      'On the primary: create extension amcheck;',
    )
  else {
    for (const [what, ability] of [
      ['indexes', checkIndex],
      ['row headers', checkHeap],
    ] as const) {
      if (ability === null)
        add(
          'integrity/amcheck',
          'not-in-this-version',
          `this version of amcheck does not look at ${what}`,
          'alter extension amcheck update;',
        )
      else if (!ability.may)
        add(
          'integrity/amcheck',
          'no-privilege',
          `role ${role} may not look at ${what} by amcheck`,
          `On the primary: grant execute on function ${ability.call} to ${role};`,
        )
    }
  }
  const gin = relations.filter(({ kind, method }) => kind === 'i' && method === 'gin')
  if (gin.length > 0 && checkGin?.may === false)
    add(
      'integrity/amcheck',
      'no-privilege',
      `role ${role} may not look at GIN indexes by amcheck (${named(gin)})`,
      `On the primary: grant execute on function ${checkGin.call} to ${role};`,
    )
  const closed = relations.filter(
    ({ kind, method }) => kind === 'i' && method !== 'btree' && !(method === 'gin' && checkGin !== null),
  )
  if (closed.length > 0)
    add(
      'integrity/amcheck',
      'not-in-this-version',
      `nothing looks inside of indexes of these kinds${isInRecovery ? '' : ', only at the length of their files'}: ${named(closed)}`,
      'Where one is in doubt, build it anew: reindex index concurrently NAME;',
    )
  addVisibility(abilities, add)
  if (pageinspect === null)
    add(
      'integrity/zero-pages',
      'not-configured',
      'extension pageinspect is not installed: pages of zeros are seen by the comparison with a standby alone',
      'create extension pageinspect; only a superuser may use it.',
    )
  else if (!isSuperuser)
    add(
      'integrity/zero-pages',
      'no-privilege',
      `pageinspect is for superusers, and ${role} is none: pages of zeros are seen by the comparison with a standby alone`,
      'Look by hand, as a superuser (docs/integrity.md).',
    )
  if (!checksums)
    add(
      'integrity/checksum-failures',
      'not-configured',
      'data_checksums is off: a damaged page is read as if it were whole',
      'pg_checksums --enable, with the server stopped; standbys first.',
    )
  const unreadable = relations.filter(({ kind, isReadable }) => kind === 'r' && !isReadable)
  if (unreadable.length > 0)
    add(
      'integrity/unreadable-blocks',
      'no-privilege',
      `role ${role} may not read all rows of ${unreadable.map(({ schema, name }) => `${schema}.${name}`).join(', ')}`,
      unreadable.map(({ schema, name }) => `grant select on ${schema}.${name} to ${role};`).join(' '),
    )
  return blind
}

const named = (indexes: readonly Relation[]): string =>
  `${indexes
    .slice(0, 8)
    .map(({ schema, name, method }) => `${schema}.${name} (${method})`)
    .join(', ')}${indexes.length > 8 ? ` and ${indexes.length - 8} more` : ''}`

function addVisibility({ role, versionNum, visibility, checkVisible }: Abilities, add: Add): void {
  const check = 'integrity/visibility-map'
  if (versionNum < strictSince)
    add(
      check,
      'not-in-this-version',
      'before PostgreSQL 17 pg_check_visible tells of rows that are well',
      'Nothing can be done.',
    )
  else if (visibility === null)
    add(
      check,
      'not-configured',
      'extension pg_visibility is not installed: nobody looks whether the visibility map is right, by which an index alone answers',
      'On the primary: create extension pg_visibility;',
    )
  else if (checkVisible?.may !== true)
    add(
      check,
      'no-privilege',
      `role ${role} may not compare the visibility map with its tables`,
      `On the primary: grant pg_stat_scan_tables to ${role};`,
    )
}
