import { readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Has a server of this host read its files where no session can tell it to: the signal that `pg_ctl reload` sends. False where
 * the process that `postmaster.pid` names is not seen to run in this very data directory.
 */
export function wakeServer(dataDir: string): boolean {
  try {
    const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])
    if (!Number.isInteger(pid) || pid <= 1) return false
    // A server stands in its data directory; a number alone may be somebody else's by now.
    if (readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(dataDir)) return false
    return process.kill(pid, 'SIGHUP')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
