import type { Change } from '../core/change.ts'
import type { HostFact } from '../core/facts/cluster.ts'
import { subject } from '../core/subject.ts'
import { pairByName, type Difference } from './difference.ts'

/**
 * What has changed on a host between two looks: settings in the files (not yet in force, perhaps), the access rules, and the
 * port of the running server. What could not be seen at either look says nothing.
 */
export function hostChanges(before: HostFact, after: HostFact): readonly Change[] {
  const times = new Map<string, number>()
  return [...differences(before, after)].map((difference) => {
    const base = `chg-${after.atMs}-file-${difference.object.replaceAll(' ', '-')}`
    const nth = (times.get(base) ?? 0) + 1
    times.set(base, nth)
    return {
      id: nth === 1 ? base : `${base}-${nth}`,
      atMs: after.atMs,
      notBeforeMs: Math.min(before.atMs, after.atMs),
      ...difference,
      source: 'file',
    }
  })
}

function* differences(before: HostFact, after: HostFact): Iterable<Difference> {
  const { node } = after
  // Files that stand still are not read again: their settings are the same object.
  const isSame = before.configured === after.configured && before.misconfigured === after.misconfigured
  if (!isSame && sawConfiguration(before) && sawConfiguration(after)) {
    const settings = pairByName(effective(before), effective(after), ({ name }) => name)
    for (const [name, old, now] of settings)
      if (old?.value !== now?.value)
        yield {
          kind: 'setting',
          object: subject.setting(node, name),
          before: old?.value ?? null,
          after: now?.value ?? null,
        }
    yield* wrongLines(node, before, after)
  }
  const [oldRules, rules] = [before.accessRulesDigest, after.accessRulesDigest]
  if (oldRules !== null && rules !== null && oldRules !== rules)
    yield { kind: 'access', object: subject.accessRules(node), before: `rules ${oldRules}`, after: `rules ${rules}` }
  if (before.port !== null && after.port !== null && before.port !== after.port)
    yield {
      kind: 'connection',
      object: subject.setting(node, 'port'),
      before: `listens on port ${before.port}`,
      after: `listens on port ${after.port}`,
    }
}

const sawConfiguration = ({ unseen }: HostFact): boolean => !unseen.some(({ what }) => what === 'configuration')

/** By name; of a setting that stands there more than once the last counts. */
const effective = ({ configured }: HostFact): readonly { readonly name: string; readonly value: string }[] => [
  ...new Map(configured.map((setting) => [setting.name, setting])).values(),
]

/** A line that is no setting: the server will refuse the whole file. */
function* wrongLines(node: string, before: HostFact, after: HostFact): Iterable<Difference> {
  const named = ({ misconfigured }: HostFact): readonly { readonly key: string; readonly text: string }[] =>
    misconfigured.map(({ file, text }) => ({ key: `${file} ${text}`, text }))
  for (const [, old, now] of pairByName(named(before), named(after), ({ key }) => key)) {
    if (old && now) continue
    const text = (now ?? old)?.text ?? ''
    const name = /^([A-Za-z_][\w.]{0,62})/.exec(text)?.[1]?.toLowerCase()
    yield {
      kind: 'setting',
      object: name === undefined ? subject.node(node) : subject.setting(node, name),
      before: old ? `a line that is no setting: ${old.text}` : null,
      after: now ? `a line that is no setting: ${now.text}` : null,
    }
  }
}
