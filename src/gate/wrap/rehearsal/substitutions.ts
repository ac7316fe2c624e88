import { AntemortemError } from '../../../core/error.ts'
import { parts, type Part } from './lab-way.ts'

/** A variable of the environment that leads the command to the copy. */
export interface Substitution {
  readonly variable: string
  /** null: the node to which its present value leads, else the primary. */
  readonly node: string | null
  readonly part: Part
}

/** Reads `DATABASE_URL`, `DATABASE_URL=postgres`, `DATABASE_URL=primary`, `DB_PORT=primary.port`. Throws (exit 2) on anything else. */
export function readSubstitutions(options: readonly string[], nodes: readonly string[]): readonly Substitution[] {
  return options.map((option) => {
    const [, variable, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(option) ?? []
    if (variable === undefined) throw wrong(option, 'expected NAME or NAME=NODE', nodes)
    if (value === undefined) return { variable, node: null, part: 'url' }
    if (nodes.includes(value)) return { variable, node: value, part: 'url' }
    if (value === 'postgres') return { variable, node: null, part: 'url' }
    const dot = value.lastIndexOf('.')
    const [node, part] = [value.slice(0, dot), parts.find((each) => each === value.slice(dot + 1))]
    if (dot > 0 && part !== undefined && nodes.includes(node)) return { variable, node, part }
    throw wrong(option, 'there is no such node', nodes)
  })
}

const wrong = (option: string, what: string, nodes: readonly string[]): AntemortemError =>
  new AntemortemError(
    'usage',
    // What stands behind the = may be an address with its password.
    `gate: --rehearse-with ${option.split('=')[0]?.slice(0, 60) ?? ''}=…: ${what}`,
    `Write DATABASE_URL=${nodes[0] ?? 'primary'}, or DB_PORT=${nodes[0] ?? 'primary'}.port; nodes: ${nodes.join(', ')}; parts: ${parts.join(', ')}.`,
    { exit: 2 },
  )
