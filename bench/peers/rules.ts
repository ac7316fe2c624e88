/** An alert rule, as Prometheus takes it. */
interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  /** The cause of our catalogue that its words would lead to by themselves; absent where they tell only of an effect. */
  readonly names?: string
  readonly summary: string
}

/**
 * What teams usually alert on with postgres_exporter, in our own words: the same subjects and the usual limits of the collections
 * of rules that people take over. Where a usual rule looks back further than a measurement lasts, ours looks back a minute,
 * and what is few is less than a tenth of what the lab's application does.
 */
export const rules: readonly Rule[] = [
  {
    alert: 'TargetDown',
    expr: 'up == 0',
    for: '1m',
    summary: 'the exporter of {{ $labels.node }} does not answer',
  },
  {
    alert: 'ServerDown',
    expr: 'pg_up == 0',
    for: '1m',
    summary: 'PostgreSQL on {{ $labels.node }} does not answer',
  },
  {
    alert: 'ExporterError',
    expr: 'pg_exporter_last_scrape_error > 0',
    summary: 'the exporter of {{ $labels.node }} could not read everything',
  },
  {
    alert: 'Restarted',
    expr: 'time() - pg_postmaster_start_time_seconds < 60',
    summary: 'PostgreSQL on {{ $labels.node }} has restarted',
  },
  {
    alert: 'SettingsChanged',
    expr: '{__name__=~"pg_settings_.+"} != on (__name__, node) {__name__=~"pg_settings_.+"} offset 1m',
    summary: 'a setting of {{ $labels.node }} is not what it was',
  },
  {
    alert: 'ReplicationLagSeconds',
    expr: 'pg_replication_lag > 30',
    names: 'replication/lag-load',
    summary: '{{ $labels.node }} is {{ $value }} s behind',
  },
  {
    alert: 'ReplicationLagBytes',
    expr: 'pg_stat_replication_pg_wal_lsn_diff > 100e6',
    for: '1m',
    names: 'replication/lag-load',
    summary: 'a follower of {{ $labels.node }} is {{ $value }} bytes behind',
  },
  {
    alert: 'ReplicationSlotInactive',
    expr: 'pg_replication_slots_active == 0',
    for: '1m',
    names: 'replication/subscriber-disconnected',
    summary: 'nobody reads slot {{ $labels.slot_name }} of {{ $labels.node }}',
  },
  {
    alert: 'ReplicationSlotRetainsWal',
    expr: 'pg_replication_slots_pg_wal_lsn_diff > 1e9',
    names: 'capacity/slot-retains-wal',
    summary: 'slot {{ $labels.slot_name }} of {{ $labels.node }} holds {{ $value }} bytes of WAL',
  },
  {
    alert: 'FollowerGone',
    expr: 'count by (node) (pg_stat_replication_pg_wal_lsn_diff) < count by (node) (pg_stat_replication_pg_wal_lsn_diff offset 1m)',
    summary: '{{ $labels.node }} has fewer followers than a minute ago',
  },
  {
    alert: 'TooManyConnections',
    expr: 'sum by (node) (pg_stat_activity_count) / on (node) pg_settings_max_connections > 0.8',
    for: '2m',
    summary: 'more than 80 % of the connections of {{ $labels.node }} are taken',
  },
  {
    alert: 'FewConnections',
    expr: 'sum by (node) (pg_stat_activity_count{datname!~"template.*|postgres|"}) < 5',
    for: '2m',
    summary: 'hardly anybody is connected to {{ $labels.node }}',
  },
  {
    alert: 'Deadlocks',
    expr: 'increase(pg_stat_database_deadlocks{datname!~"template.*|postgres|"}[1m]) > 5',
    summary: 'sessions of {{ $labels.datname }} on {{ $labels.node }} wait for each other',
  },
  {
    alert: 'HighRollbackRate',
    expr: 'rate(pg_stat_database_xact_rollback{datname!~"template.*|postgres|"}[3m]) / (rate(pg_stat_database_xact_rollback[3m]) + rate(pg_stat_database_xact_commit[3m])) > 0.02',
    summary: 'more than 2 % of the transactions of {{ $labels.datname }} on {{ $labels.node }} are rolled back',
  },
  {
    alert: 'FewCommits',
    expr: 'rate(pg_stat_database_xact_commit{datname!~"template.*|postgres|"}[5m]) < 0.5',
    for: '2m',
    summary: 'hardly anything is committed in {{ $labels.datname }} on {{ $labels.node }}',
  },
  {
    alert: 'LongTransaction',
    expr: 'max by (node, datname) (pg_stat_activity_max_tx_duration{state="active"}) > 60',
    summary: 'a statement on {{ $labels.node }} runs for {{ $value }} s',
  },
  {
    alert: 'IdleInTransaction',
    expr: 'max by (node, datname) (pg_stat_activity_max_tx_duration{state="idle in transaction"}) > 300',
    summary: 'a transaction on {{ $labels.node }} is open and idle for {{ $value }} s',
  },
  {
    alert: 'ReplayConflicts',
    expr: 'increase(pg_stat_database_conflicts{datname!~"template.*|postgres|"}[3m]) > 0',
    names: 'replication/replay-conflict',
    summary: 'queries on {{ $labels.node }} were cancelled for the replay',
  },
  {
    alert: 'LowCacheHitRatio',
    expr: 'rate(pg_stat_database_blks_hit{datname!~"template.*|postgres|"}[5m]) / (rate(pg_stat_database_blks_hit[5m]) + rate(pg_stat_database_blks_read[5m]) + 1) < 0.9',
    for: '2m',
    summary: '{{ $labels.datname }} on {{ $labels.node }} reads much from the disk',
  },
  {
    alert: 'TemporaryFiles',
    expr: 'rate(pg_stat_database_temp_bytes[5m]) > 100e6',
    summary: 'queries of {{ $labels.datname }} on {{ $labels.node }} need much temporary space',
  },
  {
    alert: 'ManyLocks',
    expr: 'sum by (node) (pg_locks_count) / on (node) (pg_settings_max_locks_per_transaction * pg_settings_max_connections) > 0.2',
    for: '2m',
    summary: 'many locks are held on {{ $labels.node }}',
  },
  {
    alert: 'ArchivingFails',
    expr: 'increase(pg_stat_archiver_failed_count[5m]) > 0',
    summary: '{{ $labels.node }} could not archive WAL',
  },
]
