import { hostname } from 'node:os'
import type { Json } from '../../src/core/json.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { Look } from './look.ts'
import { jsonOf, lookOf } from './recording.ts'

/** When every recording begins. */
const t0 = Date.parse('2026-03-05T09:04:00.000Z')
const firstPort = 5432
/** What only this machine and this hour have: a number is a time since the epoch from here on. */
const leastEpochMs = 1e12
const pidKeys: ReadonlySet<string> = new Set(['pid', 'activePid', 'workerPid', 'blockerPid'])
const portKeys: ReadonlySet<string> = new Set(['port', 'senderPort'])

/** Looks as any lab on any machine would give them: its ports, folders, processes, systems and hours have other names. */
export function plainLooks(looks: readonly Look[], lab: Lab, folder: string): readonly Look[] {
  const zeroMs = looks[0]?.snapshot.atMs ?? 0
  const ports = new Map(lab.nodes.map(({ port }, n) => [port, firstPort + n]))
  const words: (readonly [RegExp, string])[] = [
    [new RegExp(escaped(lab.dir), 'g'), '/lab'],
    [new RegExp(escaped(folder), 'g'), '/srv'],
    [new RegExp(`\\b${escaped(hostname())}\\b`, 'g'), 'here'],
    ...[...ports].map(([port, plain]) => [new RegExp(`\\b${port}\\b`, 'g'), String(plain)] as const),
  ]
  const pids = named<number>((n) => 100 + n)
  const systems = named<string>((n) => String(7_000_000_000_000_000_000n + BigInt(n)))
  const digests = named<string>((n) => `#digest-${n}`)
  const textOf = (text: string): string =>
    words.reduce((all, [from, to]) => all.replace(from, to), text).replace(/#[0-9a-f]{12}\b/g, digests)
  const walk = (value: Json, key: string): Json => {
    if (Array.isArray(value)) return value.map((child) => walk(child, key))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, walk(child, name)]))
    if (typeof value === 'string') return key === 'systemId' ? systems(value) : textOf(value)
    if (typeof value !== 'number') return value
    if (pidKeys.has(key) && value > 0) return pids(value)
    if (portKeys.has(key)) return ports.get(value) ?? value
    if (key.endsWith('Ms') && value > leastEpochMs) return Math.round(value - zeroMs) + t0
    return Number.isInteger(value) ? value : Math.round(value * 100) / 100
  }
  return looks.map((look) => lookOf(walk(jsonOf(look), '')))
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/** Each value's own name, in the order in which they come. */
function named<T extends string | number>(name: (n: number) => T): (value: T) => T {
  const names = new Map<T, T>()
  return (value) => {
    const known = names.get(value) ?? name(names.size + 1)
    names.set(value, known)
    return known
  }
}
