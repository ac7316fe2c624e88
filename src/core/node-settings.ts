/** The WAL carries these five: a standby with less room than its primary has used cannot replay it. */
export const capacitySettings: ReadonlySet<string> = new Set([
  'max_connections',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'max_wal_senders',
  'max_worker_processes',
])

/** Where a server runs, whom it follows, how it writes its log, what it computed at its start: each node's own. */
const local: ReadonlySet<string> = new Set([
  'allow_alter_system',
  'archive_cleanup_command',
  'archive_command',
  'archive_library',
  'bonjour_name',
  'cluster_name',
  'config_file',
  'data_directory',
  'data_directory_mode',
  'effective_wal_level',
  'event_source',
  'external_pid_file',
  'hba_file',
  'hot_standby',
  'hot_standby_feedback',
  'huge_pages_status',
  'ident_file',
  'in_hot_standby',
  // Computed from max_connections and shared_buffers.
  'io_max_concurrency',
  'listen_addresses',
  'num_os_semaphores',
  'port',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'restore_command',
  'server_version',
  'server_version_num',
  'shared_memory_size',
  'shared_memory_size_in_huge_pages',
  'sync_replication_slots',
  'synchronized_standby_slots',
  'synchronous_standby_names',
  'transaction_read_only',
  'unix_socket_directories',
  'unix_socket_group',
])
const localFamily = /^(?:wal_receiver_|recovery_|max_standby_|log_|syslog_|debug_)|_file$/

/** May differ between a primary and its standby without anything being wrong. */
export const isNodeLocal = (name: string): boolean => local.has(name) || localFamily.test(name)
