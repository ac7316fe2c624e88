/** What `synchronous_standby_names` asks for. */
export interface SyncStandbys {
  /** So many must confirm a commit. */
  readonly count: number
  /** `ANY`: whichever; else the first ones of the list that are there. */
  readonly any: boolean
}

/** Reads the setting: `a, b`, `2 (a, b, c)`, `FIRST 2 (…)`, `ANY 1 (…)`, `*`; null where no commit waits. */
export function syncStandbys(setting: string): SyncStandbys | null {
  if (setting.trim() === '') return null
  const parts = /^\s*(?:(any|first)\s+)?(\d+)\s*\(/i.exec(setting)
  return { count: Number(parts?.[2] ?? 1), any: parts?.[1]?.toLowerCase() === 'any' }
}
