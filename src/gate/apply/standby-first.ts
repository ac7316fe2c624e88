import type { Refusal } from '../../core/plan.ts'
import { capacitySettings } from '../../core/node-settings.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { settingOf } from '../files/settings-of.ts'
import { fileOf } from './file-unit.ts'
import type { Unit } from './units.ts'

/** What a change makes of a setting that a standby must have at least as large as its primary. */
interface Turn {
  readonly node: string
  readonly name: string
  readonly isRaised: boolean
}

type Written = Pick<Unit, 'node' | 'statements'>

function turnsOf(units: readonly Written[], { nodes }: Snapshot): readonly Turn[] {
  return units.flatMap(({ node, statements }) => {
    const view = nodes.find(({ name }) => name === node)
    const settings = view?.facts.settings
    const isConcerned =
      view?.role === 'standby' || nodes.some(({ upstream, role }) => upstream === node && role === 'standby')
    if (!isConcerned || !settings?.seen) return []
    return statements.flatMap(({ tree }) => {
      const setting = settingOf(tree)
      if (setting === null || !capacitySettings.has(setting.name)) return []
      const [was, will] = [Number(settings.value[setting.name]), Number(setting.value)]
      return was === will || Number.isNaN(was - will) ? [] : [{ node, name: setting.name, isRaised: will > was }]
    })
  })
}

/** A larger value is written on the standby first; a smaller one on its primary first. Pure. */
export function nodesInOrder(units: readonly Unit[], snapshot: Snapshot): readonly Unit[] {
  const turns = turnsOf(units, snapshot)
  const standbys = new Set(snapshot.nodes.flatMap(({ name, role }) => (role === 'standby' ? [name] : [])))
  const rank = ({ node }: Unit): number => (standbys.has(node) ? 0 : 1)
  return [...new Set(units.map(textOf))].flatMap((file) => {
    const own = units.filter((unit) => textOf(unit) === file)
    const turn = turns.find(({ node }) => own.some((unit) => unit.node === node && fileOf(unit) === 'settings'))
    return turn ? own.toSorted((a, b) => (rank(a) - rank(b)) * (turn.isRaised ? 1 : -1)) : own
  })
}

/** Of which file of the change it is; units come file by file. */
const textOf = ({ statements: [first] }: Unit): string => first?.file ?? ''

/** One of them raised and another one lowered have opposite orders of restarts: no order is right. Pure. */
export function opposed(units: readonly Written[], snapshot: Snapshot): readonly Refusal[] {
  const turns = turnsOf(units, snapshot)
  const nodes = new Set(turns.map(({ node }) => node))
  const [up, down] = [turns.find(({ isRaised }) => isRaised), turns.find(({ isRaised }) => !isRaised)]
  if (!up || !down || nodes.size < 2) return []
  return [
    {
      id: 'opposite-orders',
      why: `${up.name} is raised, for which a standby is restarted first, and ${down.name} is lowered, for which the primary is: make two changes of it`,
      evidence: { raised: up.name, lowered: down.name },
    },
  ]
}

/** In which order the servers are to be restarted one day; null where it does not matter. Pure. */
export function restartOrder(units: readonly Written[], snapshot: Snapshot): string | null {
  const [turn] = turnsOf(units, snapshot)
  if (!turn) return null
  const words = turn.isRaised
    ? `${turn.name} is raised: restart the standbys first, then the primary`
    : `${turn.name} is lowered: restart the primary first, and the standbys when they have replayed that`
  return `${words}; a standby with less room than its primary stops replaying, and does not start again`
}
