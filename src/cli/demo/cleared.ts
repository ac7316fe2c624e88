import type { MeasuredSuspect } from '../../core/diagnosis.ts'

/** A suspect that was ruled out, and by what. */
export interface Ruled {
  readonly id: string
  readonly measured: number
  readonly limit: number | null
  readonly unit: string
}

const names: Readonly<Record<MeasuredSuspect['id'], string>> = {
  network: 'the network',
  load: 'the load',
  'server-down': 'a dead server',
  deployment: 'the deployment',
  'application-code': 'the application',
}

/** How a number is said, by the beginning of its unit: one suspect is measured in several ways. */
const said: readonly (readonly [unit: string, words: (measured: number, limit: number | null) => string])[] = [
  ['ms more', (ms, limit) => `${Math.round(ms)} ms slower than the fastest path, ${limit ?? '–'} would count`],
  ['paths cut', (paths) => `${paths} paths cut`],
  ['active sessions', (active, limit) => `${active} active sessions, usual are up to ${limit ?? '–'}`],
  ['s unanswered', (seconds) => `longest silence ${seconds} s`],
  ['share of failures', (share) => `${Math.round(share * 100)} % fail on the other nodes`],
  ['failing nodes', () => 'without its code the same fails'],
  ['deployments', (count) => `${count} deployments in the last hour`],
  [
    'nodes that answer wrong',
    (nodes) => `asked without it, ${nodes} ${nodes === 1 ? 'node answers' : 'nodes answer'} wrong`,
  ],
]

const inNumbers = ({ measured, limit, unit }: Ruled): string =>
  said.find(([beginning]) => unit.startsWith(beginning))?.[1](measured, limit) ?? `${measured} ${unit}`

export const suspectName = (id: string): string => Object.entries(names).find(([known]) => known === id)?.[1] ?? id

/** `the load: 3 active sessions, usual are up to 8`. */
export const clearedBy = (ruled: Ruled): string => `${suspectName(ruled.id)}: ${inNumbers(ruled)}`
