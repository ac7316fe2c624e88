import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import { countedOn, damageMatch, damagesOn, type Damage } from '../../damage.ts'
import { withCode } from '../../log-errors.ts'
import { compare } from '../../look.ts'

const codes = ['XX001']

/** Pages of a table cannot be read. Other nodes read the same rows: they are what it is mended from. */
const cause: Cause = {
  id: 'integrity/table-corruption',
  taxonomy: 'table-corruption',
  title: 'pages of a table are damaged',
  follows: [],
  *recognise(c) {
    for (const { name } of c.snapshot.nodes) {
      const damages = damagedOn(c, name)
      for (const damage of damages.filter(({ relation }) => relation?.kind !== 'index'))
        yield matchOf(c, name, damage, damages.length === 1)
    }
  },
}
export default cause

const damagedOn = (c: Case, node: string): readonly Damage[] => {
  const told = damagesOn(c, node, withCode(...codes))
  return told.length > 0 ? told : countedOn(c, node)
}

function matchOf(c: Case, node: string, damage: Damage, isOnly: boolean): Match {
  const { relation } = damage
  const told = damageMatch(c, { node, damage, codes, isOnly })
  const table = relation ? `${relation.schema}.${relation.table}` : null
  const other = c.snapshot.nodes
    .filter(({ name, role }) => name !== node && role !== null && damagedOn(c, name).length === 0)
    .map(({ name }) => name)
    .sort(compare)[0]
  return {
    ...told,
    // A file that belongs to no table that is read may be an index's.
    direct: relation ? told.direct : [],
    indirect: told.direct,
    ...(!relation && {
      missing:
        damage.entries.length > 0
          ? `which relation the file in the log of ${node} belongs to: select pg_filenode_relation(0, NUMBER);`
          : `the log of ${node}: it names the file that is damaged, of a table or of an index. Give the node a host in the configuration`,
    }),
    remedy: {
      words: `Take reads${table === null ? '' : ` of ${table}`} off ${node}, and write as little there as can be. Keep a copy of its files before anything is mended; then bring the rows from ${other ?? 'the last backup that was proven'}, and look why pages are damaged (disk, memory, fsync) before the node is trusted again.`,
      commands: [
        `on ${node}: select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'data_checksums');`,
        ...(table === null ? [] : [`on ${other ?? 'the restored backup'}: select count(*) from ${table};`]),
        `stop ${node}, and copy its data directory away`,
        'antemortem integrity --repair plan',
      ],
    },
  }
}
