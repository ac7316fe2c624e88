import type { HostLook } from './look/look.ts'
import type { LogChunk, LogPosition } from './log/position.ts'
import type { Reading } from './reading.ts'

/** What can be asked of a server's host. It reads, and nothing else. No question waits for ever. */
export interface HostReader {
  /** Processes, files and disks; its `atMs` is on this side's clock. */
  look(): Promise<Reading<HostLook>>
  /** The log from a position on; null: from near its end. */
  log(position: LogPosition | null): Promise<Reading<LogChunk>>
  /** How far the host's clock is ahead of ours, as far as we know. */
  readonly aheadMs: number
  close(): Promise<void>
}

export interface HostReaderOptions {
  /** Key of the masks over secrets in settings: whoever has the same key has the same masks. */
  readonly maskKey: Uint8Array
  /** Called when the log has perhaps grown: a moment later it is worth reading. */
  readonly onLog: () => void
}
