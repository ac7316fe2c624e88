import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Copies the logs of a lab that is about to be removed, and returns where they lie; null where nobody has said anything. */
export function keepLogs(dir: string): string | null {
  const logs = readdirSync(dir, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).size > 0)
  if (logs.length === 0) return null
  // Not with a lab's name: those are cleared away.
  const kept = mkdtempSync(join(tmpdir(), 'antemortem-logs-'))
  try {
    for (const file of logs) copyFileSync(file, join(kept, basename(file)))
  } catch (error) {
    rmSync(kept, { recursive: true })
    throw error
  }
  return kept
}
