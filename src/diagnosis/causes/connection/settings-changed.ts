import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { ContractFact, Layer } from '../../../core/facts/cluster.ts'
import { subject } from '../../../core/subject.ts'
import { mayComeFrom } from '../../connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractEvidence, failsAlike, failsSinceMs, instanceHarm, placesOf } from '../../instances.ts'
import { compare, contractsOf } from '../../look.ts'
import { lateByOwnLimit, poolUsesUp } from '../../own-limits.ts'
import { changedKeys, explainingKey, type ChangedKey } from '../../settings-keys.ts'
import { silenceOf } from '../../silence.ts'
import { isBlocked } from '../../waiting.ts'

/** What fails for want of the old value of a key: found by the watcher's own probe, or told by the application. */
interface Failure {
  readonly key: ChangedKey
  readonly node: string
  readonly layer: Layer | null
  readonly evidence: readonly Evidence[]
  /** Why it is this key and nothing on the server; none where it only coincides. */
  readonly proof: readonly Evidence[]
}

/**
 * An application's own settings file is not what it was when it last worked, and the old settings still work from the same host.
 * The server knows nothing of it: often no connection ever arrives. Where it explains all, it is the root of what follows from it.
 */
const cause: Cause = {
  id: 'connection/settings-changed',
  taxonomy: 'connection-parameters-changed',
  title: "an application's own connection settings changed",
  follows: [],
  *recognise(c) {
    const changed = changedKeys(c)
    const failures = [...failingContracts(c, changed), ...failingOutcomes(c, changed)]
    // Files that changed in the same keys were changed by the same hand: one updater rewrites them all.
    const groups = Map.groupBy(changed, ({ file }) =>
      changed
        .filter((other) => other.file.file === file.file)
        .map(({ key }) => key.key)
        .join(' '),
    )
    for (const keys of groups.values()) yield matchOf(c, keys, failures)
  },
}
export default cause

/** A contract that has failed since before its file was written does not fail because of it. */
const slackMs = 2_000
/** New settings are probed at once: what fails much later fails of something else. */
const soonMs = 60_000

function failingContracts(c: Case, changed: readonly ChangedKey[]): readonly Failure[] {
  return contractsOf(c).flatMap((result): readonly Failure[] => {
    const key = result.ok || result.route !== 'application' ? null : explainingKey(changed, result)
    if (!key || isOfAnother(c, result, key)) return []
    const evidence = [contractEvidence(result)]
    const base = { key, node: result.node, layer: result.layer, evidence }
    if (result.layer === 'capacity') return [{ ...base, proof: poolUsesUp(c, changed, result.node) }]
    const byNumbers = result.layer === null ? [] : lateByOwnLimit(c, key, result.node, result.layer)
    return [{ ...base, proof: [...byNumbers, ...oldWorks(key, result)] }]
  })
}

/** It fails since before, or others whose files are as they were fail alike, or the node is gone or waits for a lock. */
function isOfAnother(c: Case, result: ContractFact, { change }: ChangedKey): boolean {
  const sinceMs = failsSinceMs(c, result)
  if (change && (result.atMs < change.notBeforeMs || (sinceMs !== null && isApart(sinceMs, change)))) return true
  if (result.layer === 'capacity') return false
  const unchanged = new Set(changedKeys(c).map(({ file }) => file.instance))
  if (failsAlike(c, result, ({ instance }) => !unchanged.has(instance))) return true
  return (result.layer === 'latency' && isBlocked(c, result.node)) || silenceOf(c, result.node) !== null
}

const isApart = (sinceMs: number, { notBeforeMs, atMs }: NonNullable<ChangedKey['change']>): boolean =>
  sinceMs < notBeforeMs - slackMs || sinceMs > atMs + soonMs

const oldWorks = ({ key, file }: ChangedKey, result: ContractFact): readonly Evidence[] =>
  key.oldWorks === true
    ? [
        {
          words: `with ${key.key} as it was, ${result.instance} works from ${result.from}; as ${file.file} is now, it does not`,
          node: null,
          source: 'settings file, probe',
          values: { file: file.file, key: key.key, old_works: true, now: result.layer },
        },
      ]
    : []

/** What the application itself says, where its probe says nothing of it. */
function failingOutcomes(c: Case, changed: readonly ChangedKey[]): readonly Failure[] {
  const instances = new Set(changed.map(({ file }) => file.instance))
  const fromMs = Math.min(...changed.map(({ change }) => change?.notBeforeMs ?? 0))
  return placesOf(c).nodes.flatMap((node) =>
    toldLayers.flatMap((layer): readonly Failure[] => {
      if (layer === 'latency' && isBlocked(c, node)) return []
      // Slots that are used up are missing for all.
      const whose = { instances: layer === 'capacity' ? null : instances, fromMs }
      const fits = layer === 'capacity' ? (code: string) => code === '53300' : mayComeFrom(layer)
      const evidence = instances.size === 0 ? [] : instanceHarm(c, node, whose, fits)
      if (evidence.length === 0) return []
      return [...instances].sort(compare).flatMap((instance) => {
        const key = explainingKey(changed, { instance, node, layer })
        if (!key || contractsOf(c).some((result) => result.instance === instance && result.node === node && !result.ok))
          return []
        const proof = layer === 'capacity' ? poolUsesUp(c, changed, node) : lateByOwnLimit(c, key, node, layer)
        return [{ key, node, layer, evidence, proof }]
      })
    }),
  )
}

/** Layers that codes of the application tell apart well enough to look for a key. */
const toldLayers = ['tcp', 'tls', 'auth', 'database', 'capacity', 'latency'] as const

function matchOf(c: Case, keys: readonly ChangedKey[], all: readonly Failure[]): Match {
  const failures = all.filter(({ key }) => keys.includes(key))
  const first = mostTelling(keys, failures)
  const isSame = ({ key }: ChangedKey): boolean => key.key === first.key.key
  const objects = [...keys.filter(isSame), ...keys.filter((key) => !isSame(key))].map(({ file, key }) =>
    subject.file(file.file, key.key),
  )
  const proof = failures.flatMap((failure) => failure.proof)
  const explainedNodes = [...new Set(failures.map(({ node }) => node))]
  const isSuch = (result: ContractFact): boolean =>
    failures.some(({ key, node, layer }) => {
      const isIts = key.file.instance === result.instance || layer === 'capacity'
      return isIts && node === result.node && layer === result.layer
    })
  const refused = failures.length > 0 && keys.every(({ key }) => key.oldWorks === false) && proof.length === 0
  return {
    subject: subject.file(first.file.file, first.key.key),
    direct: proof.length > 0 ? [...keys.map(difference), ...proof] : [],
    indirect: keys.map(difference),
    harm: failures.flatMap(({ evidence }) => evidence),
    isNew: c.lastGoodMs !== null,
    explains: explainedNodes.flatMap((node) => [
      ...contractEffects(c, node, isSuch),
      ...outcomeEffects(c, node, (code) =>
        failures.some((failure) => failure.node === node && failure.layer !== null && mayComeFrom(failure.layer)(code)),
      ),
      ...besides.flatMap((check) => findingsOf(c, check, node)),
    ]),
    objects,
    ...(refused && {
      refutedBy: {
        words: `the settings that last worked, tried again, do not work either`,
        node: null,
        source: 'settings file, probe',
        values: { file: first.file.file, tried: 1, worked: 0 },
      },
    }),
    ...(proof.length === 0 &&
      !refused && {
        missing: `the old ${first.key.key} of ${first.file.file}, tried from the same host: does it still work?`,
      }),
    remedy: {
      words: 'Put the file back as it last worked, and let the application read it again; then ask who rewrites it.',
      commands: keys.map(
        ({ file, key }) =>
          `in ${file.file}: ${key.lastGood == null ? `take ${key.key} out` : `${key.key}=${key.isSecret ? '(the old secret)' : key.lastGood}`}`,
      ),
    },
  }
}

/** Findings that say the same in other words. */
const besides = ['connections/auth', 'connections/tls', 'connections/dns-and-target', 'connections/saturation']

/** The key that explains most of what fails; of several alike the one with a proof, then a part rather than a whole URL. */
function mostTelling(keys: readonly ChangedKey[], failures: readonly Failure[]): ChangedKey {
  const weigh = (each: ChangedKey): number => {
    const own = failures.filter(({ key }) => key.key.key === each.key.key)
    return own.length * 4 + (own.some(({ proof }) => proof.length > 0) ? 2 : 0) + (each.part === 'url' ? 0 : 1)
  }
  return keys.reduce((a, b) => (weigh(b) > weigh(a) ? b : a))
}

const difference = ({ file, key }: ChangedKey): Evidence => ({
  words: key.isSecret
    ? `${key.key} in ${file.file} is another secret than when it last worked`
    : `${key.key} in ${file.file} is ${key.value === '' ? 'empty' : key.value}, and was ${key.lastGood ?? 'not there'} when it last worked`,
  node: null,
  source: 'settings file',
  values: { file: file.file, key: key.key, instance: file.instance },
})
