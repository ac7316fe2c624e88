import { AntemortemError } from '../../../core/error.ts'
import type { FactKey, PostgresFacts } from '../../../core/facts/postgres/index.ts'
import type { Observation } from '../../../core/observation.ts'
import type { Sample } from '../../../core/snapshot.ts'
import { authBlueprint } from '../../../lab/auth.ts'
import type { Lab } from '../../../lab/lab.ts'
import { startLab } from '../../../lab/start-lab.ts'
import { testLab } from '../../../lab/testing.ts'
import type { NodeLink } from '../connect.ts'
import { openNode } from '../connect.ts'
import { sampleFast, sampleSlow } from '../sample.ts'

const signal = new AbortController().signal
export const options = { signal, deadlineMs: 5000, clock: Date.now }

/** What tests of readers run on. */
export const majors = [18, 15] as const

const labs = new Map<number, Lab>()

/** A clean lab of this version, or the test is skipped. Whoever asks calls `closeLabs` at the end of the file. */
export async function labOf(major: number, skip: (note: string) => never): Promise<Lab> {
  if (major === 18) return testLab()
  const kept = labs.get(major)
  if (kept) {
    await kept.reset()
    return kept
  }
  const lab = await startLab(authBlueprint(), { major }).catch((error: unknown) => {
    if (error instanceof AntemortemError && error.code === 'lab-no-postgres')
      skip(`PostgreSQL ${major} is not installed`)
    throw error
  })
  labs.set(major, lab)
  return lab
}

export async function closeLabs(): Promise<void> {
  for (const lab of labs.values()) await lab.close()
  labs.clear()
}

export async function withLink<T>(
  lab: Lab,
  node: string,
  use: (link: NodeLink) => Promise<T>,
  url = lab.url(node, 'watch'),
): Promise<T> {
  const link = await openNode({ name: node, url, signal, deadlineMs: 5000 })
  try {
    return await use(link)
  } finally {
    await link.close()
  }
}

/** A role of the test's own, with this password. */
export function urlOf(lab: Lab, node: string, role: string, password: string): string {
  const url = new URL(lab.url(node, 'admin'))
  url.username = role
  url.password = password
  return url.href
}

/** Everything that a node can say. */
export const both = async (link: NodeLink): Promise<Sample['facts']> => ({
  ...(await sampleFast(link, options)).facts,
  ...(await sampleSlow(link, options)).facts,
})

/** What was not seen, and what opens it. */
export const why = (facts: Sample['facts']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(facts).flatMap(([key, fact]) => (fact.seen ? [] : [[key, `${fact.why}: ${fact.remedy}`]])),
  )

export function value<K extends FactKey>(facts: Sample['facts'], key: K): PostgresFacts[K] {
  const fact: Observation<PostgresFacts[K]> | undefined = facts[key]
  if (!fact?.seen) throw new Error(`${key} was not seen: ${fact?.detail ?? 'not asked'}`)
  return fact.value
}

/** Each statement in a session of its own. */
export async function run(lab: Lab, node: string, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await lab.rows(node, statement)
}
