import type { PostgresFacts } from './facts/postgres/index.ts'
import type { FileSettingFact } from './facts/postgres/objects.ts'

/**
 * Lines of the configuration files that keep a server from starting. `setting could not be applied` is said of a bad value, and
 * of a good one that needs a restart: the latter is no error. Only the last line of a name counts, the others are passed over.
 */
export function fileErrors(
  lines: readonly FileSettingFact[],
  { pendingRestart = [], settings = {} }: Partial<PostgresFacts>,
): readonly FileSettingFact[] {
  const waits = ({ name, value, error }: FileSettingFact): boolean =>
    /cannot be changed without restart/.test(error ?? '') ||
    (/could not be applied/.test(error ?? '') &&
      name !== null &&
      (pendingRestart.includes(name) || (startOnly.has(name) && isLike(settings[name], value))))
  return lines.filter((line) => line.error !== null && !waits(line))
}

/** The file may have been edited and not loaded: then nothing is pending yet, and its line looks as bad as a typo. */
const startOnly = new Set([
  'archive_mode',
  'autovacuum_freeze_max_age',
  'autovacuum_max_workers',
  'cluster_name',
  'data_directory',
  'hot_standby',
  'huge_pages',
  'listen_addresses',
  'max_connections',
  'max_files_per_process',
  'max_locks_per_transaction',
  'max_logical_replication_workers',
  'max_pred_locks_per_transaction',
  'max_prepared_transactions',
  'max_replication_slots',
  'max_wal_senders',
  'max_worker_processes',
  'port',
  'reserved_connections',
  'shared_buffers',
  'shared_preload_libraries',
  'superuser_reserved_connections',
  'track_activity_query_size',
  'track_commit_timestamp',
  'unix_socket_directories',
  'wal_buffers',
  'wal_level',
  'wal_log_hints',
])

/** A value of the kind of the one in use: a number with or without a unit, else any word. */
function isLike(inUse: string | undefined, value: string | null): boolean {
  if (inUse === undefined || value === null) return false
  return /^-?\d/.test(inUse) ? /^-?\d+(?:\.\d+)? ?(?:B|kB|MB|GB|TB|us|ms|s|min|h|d)?$/.test(value) : true
}
