import type { NodeView } from '../../core/snapshot.ts'

/** What decides whether a change passes, what replication does with it, and what a new session begins with. */
const copied: readonly string[] = [
  // A standby needs at least the first five of its primary's.
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'superuser_reserved_connections',
  'reserved_connections',
  'max_replication_slots',
  'max_active_replication_origins',
  'max_logical_replication_workers',
  'max_sync_workers_per_subscription',
  'max_parallel_apply_workers_per_subscription',
  'max_slot_wal_keep_size',
  'idle_replication_slot_timeout',
  'max_standby_streaming_delay',
  'hot_standby',
  'hot_standby_feedback',
  'sync_replication_slots',
  'wal_level',
  'track_commit_timestamp',
  'default_transaction_read_only',
  'default_transaction_isolation',
  'default_toast_compression',
  'statement_timeout',
  'lock_timeout',
  'transaction_timeout',
  'idle_session_timeout',
  'idle_in_transaction_session_timeout',
  'search_path',
  'row_security',
  'check_function_bodies',
  'password_encryption',
  'standard_conforming_strings',
  'backslash_quote',
  'transform_null_equals',
  'array_nulls',
  'xmlbinary',
  'xmloption',
  'TimeZone',
  'DateStyle',
  'IntervalStyle',
  'bytea_output',
]

/** A first copy needs a sender and a slot of its own beside each subscription's. */
const least: Readonly<Record<string, (followers: number) => number>> = {
  max_wal_senders: (followers) => 2 * followers + 2,
  max_replication_slots: (followers) => 2 * followers + 2,
  max_connections: () => 20,
}

/** A real node's settings for its copy; what is not seen stays as the lab has it. Pure. */
export function settingsFor(node: NodeView, followers: number): Readonly<Record<string, string>> {
  const { settings } = node.facts
  if (!settings.seen) return {}
  return Object.fromEntries(
    copied.flatMap((name): [string, string][] => {
      const value = settings.value[name]
      if (value === undefined || isOff(name, value)) return []
      const floor = least[name]?.(followers)
      return [[name, floor !== undefined && Number(value) < floor ? String(floor) : value]]
    }),
  )
}

/** A logical slot needs `logical`, whatever a standby or a subscriber has for itself. */
const isOff = (name: string, value: string): boolean => name === 'wal_level' && value !== 'logical'

/** What is another on every machine, or says only where a server's files are. */
const ofPlace =
  /^(?:port|listen_addresses|unix_socket_.*|cluster_name|.*_directory|.*_file|data_.*|log_.*|logging_collector|shared_memory_size.*|shared_buffers|.*_dir|server_version.*|lc_.*|event_source|external_pid_file|primary_conninfo|syslog_.*|config_file|hba_file|ident_file|io_method|num_os_semaphores|block_size|effective_.*_concurrency|huge_pages.*|temp_tablespaces|ssl_.*|krb_.*|dynamic_library_path|.*_cost|(?:jit|enable|debug|trace)_.*|extension_destdir|wal_segment_size|segment_size|huge_page_size|synchronous_standby_names|synchronized_standby_slots|application_name|wal_writer_.*|bgwriter_.*|archive_.*|restore_command|fsync|full_page_writes|wal_receiver_status_interval|wal_retrieve_retry_interval|checkpoint_.*|m(?:ax|in)_wal_size|(?:effective_cache|temp_buffers|wal_buffers).*|.*work_mem|max_stack_depth|jit|commit_timestamp_buffers|.*_buffers)$/

const mostNamed = 8

/** What stays different between a node and its copy, by looking at both; null: nothing that the rehearsal would feel. */
export function differentSettings(real: NodeView, copy: NodeView): string | null {
  const [there, here] = [real.facts.settings, copy.facts.settings]
  if (!there.seen) return `settings of ${real.name}: ${there.detail}`
  if (!here.seen) return null
  const names = Object.keys(there.value).filter(
    (name) => !ofPlace.test(name) && here.value[name] !== undefined && here.value[name] !== there.value[name],
  )
  if (names.length === 0) return null
  const shown = names.slice(0, mostNamed).map((name) => `${name} ${there.value[name]} (copy: ${here.value[name]})`)
  return `settings of ${real.name} that are others in the copy: ${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`
}
