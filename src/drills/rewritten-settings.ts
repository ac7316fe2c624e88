import { subject } from '../core/subject.ts'
import { readKey } from '../lab/app/settings.ts'
import type { ConnectionChange } from '../core/lab-step.ts'
import type { Random } from './random.ts'
import type { Act, Scene, Symptom } from './scene.ts'

const instances = [1, 2, 3] as const

/** How a settings file is named in a subject: its directory is the lab's. */
const fileKey = (instance: number, key: string): string => `*${subject.file(`app${instance}.env`, key)}`

export interface Rewrite {
  /** Of `DB_…`, the key that changes. */
  readonly key: string
  readonly change: ConnectionChange
  /** Does an updater that knows the connections of the reads rewrite them, too? It may or may not, where it is left to the seed. */
  readonly reads: 'always' | 'drawn' | 'never'
  readonly also?: readonly string[]
  readonly symptom: Symptom
}

/** An updater rewrites the settings file of one instance: a third of the users. */
export function rewriteOne({ reads: served, names: { primary } }: Scene, random: Random, rewrite: Rewrite): Act {
  const { key, change, reads, also, symptom } = rewrite
  const instance = random.pick(instances)
  const readsToo = reads === 'always' || (reads === 'drawn' && random.int(3) > 0)
  const keys = [key, ...(readsToo ? served.map(readKey) : [])].map((each) => fileKey(instance, each))
  const rewriting = { main: change, ...(readsToo && { reads: change }) }
  return {
    trigger: [{ do: 'env', instances: [instance], ...rewriting }],
    truth: truthOf(keys, symptom, also),
    change: {
      is: 'command',
      asMade: { does: 'env', instance, ...rewriting },
      corrected: { does: 'env', instance, set: { DB_POOL_MAX: '3' } },
      // What an updater does to a settings file it does to the file, wherever its database is.
      inCopy: false,
      expected: { rules: ['connection/contract-fails'], objects: keys, node: primary, isPutBack: true },
    },
  }
}

/** An updater writes these keys into the settings files of all instances. */
export function rewriteAll(
  set: Readonly<Record<string, string>>,
  { also, symptom }: Pick<Rewrite, 'also' | 'symptom'>,
): Act {
  const keys = instances.flatMap((instance) => Object.keys(set).map((key) => fileKey(instance, key)))
  return { trigger: [{ do: 'env', set }], truth: truthOf(keys, symptom, also) }
}

const truthOf = ([first = '', ...others]: readonly string[], symptom: Symptom, also: readonly string[] = []) => ({
  cause: 'connection/settings-changed',
  subject: first,
  subjects: others,
  trigger: first,
  triggers: others,
  also,
  symptom,
})
