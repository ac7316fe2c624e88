import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import { damageMatch, damagesOn, type Damage } from '../../damage.ts'
import type { IsSuch } from '../../log-errors.ts'
import { hasPath, relationSubject } from '../../relations.ts'

const codes = ['58P01']
/** Of a relation: a library or a file of the configuration that is not found has the same code. */
const isRelation: IsSuch = (entry) => entry.code === '58P01' && entry.severity !== 'FATAL' && hasPath(entry)

/** A relation's file is gone from the disk, or the whole place of its tablespace. */
const cause: Cause = {
  id: 'integrity/file-missing',
  taxonomy: 'table-corruption',
  title: 'the file of a table or index is gone',
  follows: [],
  *recognise(c) {
    for (const { name } of c.snapshot.nodes) {
      const damages = damagesOn(c, name, isRelation)
      for (const damage of damages) yield matchOf(c, name, damage, damages.length === 1)
    }
  },
}
export default cause

function matchOf(c: Case, node: string, damage: Damage, isOnly: boolean): Match {
  const { relation } = damage
  const name = relationSubject(node, relation)
  const isTablespace = damage.entries.some(({ message }) => message.includes('pg_tblspc/'))
  return {
    ...damageMatch(c, { node, damage, codes, isOnly }),
    indirect: [],
    remedy: {
      words: isTablespace
        ? `Look whether the file system of the tablespace is mounted on ${node}, and mount it again before anything is created in its place.`
        : relation?.kind === 'index'
          ? `Build the index ${name} again: its table is whole.`
          : `Do not create the file. Find out who removed it and what else; bring ${name} from another node or the last backup that was proven.`,
      commands: isTablespace
        ? [
            `on ${node}: select spcname, pg_tablespace_location(oid) from pg_tablespace;`,
            `on ${node}'s host: mount, ls -l PATH`,
          ]
        : relation?.kind === 'index'
          ? [`on ${node}: reindex index concurrently ${relation.schema}.${relation.index ?? ''};`]
          : [`on ${node}'s host: ls -l DATA/base/*/ and the log of whoever cleans up there`],
    },
  }
}
