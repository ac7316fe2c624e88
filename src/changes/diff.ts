import type { Change } from '../core/change.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import { accessRuleDifferences } from './access-rules.ts'
import { databaseDifferences } from './databases.ts'
import type { Difference } from './difference.ts'
import { extensionDifferences } from './extensions.ts'
import type { Fingerprint, FingerprintKey } from './fingerprint.ts'
import { functionDifferences } from './functions.ts'
import { publicationDifferences } from './publications.ts'
import { roleSettingDifferences } from './role-settings.ts'
import { roleDifferences } from './roles.ts'
import { serverDifferences } from './server.ts'
import { settingDifferences } from './settings.ts'
import { subscriptionDifferences } from './subscriptions.ts'
import { tableDifferences } from './tables.ts'
import { triggerDifferences } from './triggers.ts'

type Compare<K extends FingerprintKey> = (
  node: string,
  before: PostgresFacts[K],
  after: PostgresFacts[K],
) => Iterable<Difference>

/**
 * What has changed between two fingerprints of one node. A fact that either of them does not have says nothing: what was
 * not seen has not changed. Ids are unique among all changes of a cluster, because a later look has a later time.
 */
export function diff(before: Fingerprint, after: Fingerprint): readonly Change[] {
  const changes: Change[] = []
  const times = new Map<string, number>()
  const compare = <K extends FingerprintKey>(key: K, differences: Compare<K>): void => {
    const [old, now] = [before.facts[key], after.facts[key]]
    // What is known to be still so has a later time and the same value: there is nothing to compare, second by second.
    if (!old || !now || old.value === now.value) return
    for (const difference of differences(after.node, old.value, now.value)) {
      const base = `chg-${now.atMs}-${difference.object.replaceAll(' ', '-')}`
      // One object may change in several ways at once.
      const nth = (times.get(base) ?? 0) + 1
      times.set(base, nth)
      const id = nth === 1 ? base : `${base}-${nth}`
      changes.push({
        id,
        atMs: now.atMs,
        notBeforeMs: Math.min(old.atMs, now.atMs),
        ...difference,
        source: 'fingerprint',
      })
    }
  }
  compare('server', serverDifferences)
  // The catalogs of a standby are its primary's: what changes there is told once, by the primary.
  const copies = before.facts.server?.value.inRecovery === true || after.facts.server?.value.inRecovery === true
  if (!copies) {
    compare('tables', tableDifferences)
    compare('publications', publicationDifferences)
    compare('subscriptions', subscriptionDifferences)
    compare('functions', functionDifferences)
    compare('triggers', triggerDifferences)
    compare('extensions', extensionDifferences)
    compare('roles', roleDifferences)
    compare('roleSettings', roleSettingDifferences)
    compare('databases', databaseDifferences)
  }
  compare('settings', settingDifferences)
  compare('accessRules', accessRuleDifferences)
  return changes
}
