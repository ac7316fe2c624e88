import { HostLooker } from './look/look.ts'
import { LogFollower } from './log/follow.ts'
import { LogWatch } from './log/watch-log.ts'
import type { HostReader, HostReaderOptions } from './reader.ts'
import { read, unread } from './reading.ts'

/** Where a server lies on this host. */
export interface LocalPlace {
  readonly dataDir: string
  /** Log file, or the folder of the collector's files; null: it is not read. */
  readonly log: string | null
}

/** Reads this host. */
export function openLocalHost({ dataDir, log }: LocalPlace, { maskKey, onLog }: HostReaderOptions): HostReader {
  const looker = new HostLooker({ dataDir, log, maskKey })
  const follower = log === null ? null : new LogFollower(log, dataDir)
  const watch = log === null ? null : new LogWatch(log, onLog)
  return {
    aheadMs: 0,
    look: async () => read(await looker.look()),
    log: async (position) =>
      follower
        ? follower.read(position)
        : unread('where its log lies is not said', 'name the file, or the folder of the collector: `log`, or `--log`'),
    async close() {
      watch?.close()
      await follower?.close()
    },
  }
}
