import { diff } from '../../changes/diff.ts'
import { fingerprintOf, type Fingerprint, type FingerprintKey } from '../../changes/fingerprint.ts'
import type { Change } from '../../core/change.ts'
import type { TableFact } from '../../core/facts/postgres/schema.ts'
import { canonicalJson } from '../../core/json.ts'
import type { Seen } from '../../core/observation.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { isMasked } from '../../core/sql-text.ts'

/** What decides whether a rehearsal still speaks of this cluster. Restarts and rows do not. */
const keys: readonly FingerprintKey[] = [
  'tables',
  'publications',
  'subscriptions',
  'settings',
  'roles',
  'roleSettings',
  'accessRules',
  'functions',
  'triggers',
  'extensions',
]

/** Every node's fingerprint, so that two of the same cluster at two moments, read by two processes, are the same. */
export const stateOf = ({ nodes }: Snapshot): readonly Fingerprint[] =>
  [...nodes].sort((a, b) => (a.name < b.name ? -1 : 1)).map((node) => steady(fingerprintOf(node)))

function steady({ node, facts }: Fingerprint): Fingerprint {
  const { tables, settings, roleSettings, accessRules, ...rest } = facts
  return {
    node,
    facts: {
      ...rest,
      // Estimates and file numbers change with every vacuum.
      ...(tables && { tables: of(tables, tables.value.map(withoutRows)) }),
      // Another process masks the same secret with another key.
      ...(settings && {
        settings: of(
          settings,
          Object.fromEntries(Object.entries(settings.value).filter(([, value]) => !isMasked(value))),
        ),
      }),
      ...(roleSettings && {
        roleSettings: of(
          roleSettings,
          roleSettings.value.filter(({ value }) => !isMasked(value)),
        ),
      }),
      ...(accessRules && { accessRules: of(accessRules, { ...accessRules.value, digest: '' }) }),
    },
  }
}

const noFiles = { table: 0, toast: null, indexes: {} }

const withoutRows = (table: TableFact): TableFact => ({ ...table, rowsEstimated: 0, files: noFiles })

const of = <T>(fact: Seen<T>, value: T): Seen<T> => ({ ...fact, value })

/** One text for one state: without the moments at which it was seen. */
export const stateText = (state: readonly Fingerprint[]): string =>
  canonicalJson(state.map(({ node, facts }) => [node, keys.map((key) => [key, facts[key]?.value ?? null])]))

/** What is different in a later state, said by the very comparison that watches production. */
export const changesBetween = (before: readonly Fingerprint[], after: readonly Fingerprint[]): readonly Change[] =>
  after.flatMap((now) => {
    const was = before.find(({ node }) => node === now.node)
    return was ? diff(was, now).filter(({ after: words }) => !isRestart(words)) : []
  })

/** A planned restart changes nothing of what a rehearsal has shown. */
const isRestart = (words: string | null): boolean => words?.startsWith('restarted ') ?? false
