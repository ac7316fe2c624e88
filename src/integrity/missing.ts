import type { Unchecked } from '../core/finding.ts'
import { unseen } from '../core/observation.ts'
import type { Abilities } from '../engines/postgres/integrity/abilities.ts'
import type { Relation } from '../engines/postgres/integrity/relations.ts'

/** What this role cannot look at on this node, with the statement that would let it. Never a green light. Pure. */
export function missing(node: string, abilities: Abilities, relations: readonly Relation[]): Unchecked[] {
  const { role, amcheck, pageinspect, isSuperuser, checkIndex, checkHeap, checksums } = abilities
  const blind: Unchecked[] = []
  const add = (
    check: string,
    why: 'no-privilege' | 'not-configured' | 'not-in-this-version',
    detail: string,
    remedy: string,
  ): void => {
    blind.push({ check, node, ...unseen(why, detail, remedy) })
  }
  if (amcheck === null)
    add(
      'integrity/amcheck',
      'not-configured',
      'extension amcheck is not installed: indexes are not compared with their tables, nor row headers looked at',
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
