import { breaks, conf, sql, type GateCase } from './case.ts'

const start = 'server/config-prevents-start'
const raised = (id: string, name: string, value: string): GateCase =>
  conf(
    id,
    `${name} is raised on the primary first: replay pauses, streaming stays green`,
    `${name} = ${value}`,
    breaks(start, name, 'standby'),
    { seenBy: 'text' },
  )

/** Settings of the server. */
export const settingCases: readonly GateCase[] = [
  raised('C01', 'max_connections', '200'),
  sql(
    'C01b',
    'the same by alter system',
    'alter system set max_connections = 300;',
    breaks(start, 'max_connections', 'standby'),
    { seenBy: 'text' },
  ),
  raised('C02', 'max_wal_senders', '40'),
  raised('C03', 'max_prepared_transactions', '20'),
  raised('C04b', 'max_worker_processes', '64'),
  conf('C05', 'less WAL than a logical slot needs', 'wal_level = replica', breaks(start, 'wal_level', 'primary'), {
    seenBy: 'text',
  }),
  conf('C06', 'less WAL than a standby needs', 'wal_level = minimal', breaks(start, 'wal_level', 'primary'), {
    seenBy: 'text',
  }),
  conf(
    'C07',
    'the standby takes no readers',
    '# antemortem:on standby\nhot_standby = off',
    // Where slots for failover are kept on it, as here, it does not even start.
    breaks(['application/error', 'server/config-prevents-start'], 'hot_standby', 'standby'),
    { seenBy: 'text' },
  ),
  conf(
    'C08',
    'the standby looks for another primary',
    `# antemortem:on standby\nprimary_conninfo = 'host=10.9.9.9 port=5432 user=replicator'`,
    breaks('replication/standby-disconnected', 'primary_conninfo', 'standby'),
    { seenBy: 'topology' },
  ),
  conf(
    'C09b',
    'a restore command that always fails, on a standby that streams',
    `# antemortem:on standby\nrestore_command = 'false'`,
    null,
    { seenBy: 'nothing', mayWarn: true },
  ),
  conf(
    'C10',
    'an archive command that always fails',
    `archive_mode = on\narchive_command = 'false'`,
    breaks('capacity/disk-full', 'archive_command', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'C11',
    'commits wait for a standby that there is not',
    `alter system set synchronous_standby_names = 'nobody';`,
    breaks('replication/sync-standby-missing', 'synchronous_standby_names', 'primary'),
    { seenBy: 'text' },
  ),
  conf(
    'C13',
    'the standby asks for a slot that there is not',
    `# antemortem:on standby\nprimary_slot_name = 'other_slot'`,
    breaks(['replication/slot-missing', 'replication/standby-disconnected'], 'primary_slot_name', 'standby'),
    { seenBy: 'topology' },
  ),
  conf(
    'C14',
    'one sender for two consumers',
    'max_wal_senders = 1',
    breaks(
      ['replication/standby-disconnected', 'replication/subscriber-disconnected', 'connection/exhausted'],
      'max_wal_senders',
      'primary',
    ),
    { seenBy: 'text' },
  ),
  conf(
    'C16',
    'the standby waits ten minutes before it replays',
    '# antemortem:on standby\nrecovery_min_apply_delay = 10min',
    breaks('replication/delayed-apply', 'recovery_min_apply_delay', 'standby'),
    { seenBy: 'text' },
  ),
  conf('C18', 'a number that is none', 'max_connections = sixty', breaks(start, 'max_connections', 'primary'), {
    seenBy: 'text',
  }),
  conf('C18b', 'a name that is none', 'max_conections = 100', breaks(start, 'max_conections', 'primary'), {
    seenBy: 'text',
  }),
  conf(
    'C19',
    'a library that is not there',
    `shared_preload_libraries = 'pg_nothing'`,
    breaks(start, 'shared_preload_libraries', 'primary'),
    { seenBy: 'topology' },
  ),
  conf(
    'C20',
    'the same on the standby',
    `# antemortem:on standby\nshared_preload_libraries = 'pg_nothing'`,
    breaks(start, 'shared_preload_libraries', 'standby'),
    { seenBy: 'topology' },
  ),
  conf('C21', 'more memory than a machine has', 'shared_buffers = 400GB', breaks(start, 'shared_buffers', 'primary'), {
    seenBy: 'text',
  }),
  conf(
    'C22',
    'durability is switched off',
    'fsync = off\nfull_page_writes = off\nautovacuum = off\nignore_checksum_failure = on',
    breaks('integrity/table-corruption', 'fsync', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'C27',
    'new sessions may only read',
    'alter system set default_transaction_read_only = on;',
    breaks('connection/role-settings', 'default_transaction_read_only', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'C28',
    'every statement ends after a millisecond',
    `alter system set statement_timeout = '1ms';`,
    breaks('connection/role-settings', 'statement_timeout', 'primary'),
    { seenBy: 'text' },
  ),
  conf(
    'C30',
    'the subscriber may run no apply worker',
    '# antemortem:on reports\nmax_logical_replication_workers = 0',
    breaks('replication/subscriber-disconnected', 'max_logical_replication_workers', 'reports'),
    { seenBy: 'text' },
  ),
  conf('C31', 'an impatient sender, which no idle cluster notices', 'wal_sender_timeout = 50ms', null, {
    seenBy: 'nothing',
    mayWarn: true,
  }),
  sql(
    'C33',
    'replay is paused and left so',
    '-- antemortem:on standby\nselect pg_wal_replay_pause();',
    breaks('replication/delayed-apply', 'pg_wal_replay_pause', 'standby'),
    { seenBy: 'text' },
  ),
  sql(
    'C34',
    'the standby is promoted',
    '-- antemortem:on standby\nselect pg_promote();',
    breaks('replication/split-brain', 'pg_promote', 'standby'),
    { seenBy: 'text' },
  ),
  sql(
    'C35',
    'the subscription is sent to another database',
    `-- antemortem:on reports\nalter subscription reports_sub connection 'host=127.0.0.1 dbname=nowhere user=replicator';`,
    breaks('replication/subscriber-disconnected', 'subscription reports_sub', 'reports'),
    { seenBy: 'topology' },
  ),
  conf(
    'C36',
    'readers of the standby are cut off at once',
    '# antemortem:on standby\nmax_standby_streaming_delay = 0',
    breaks('replication/replay-conflict', 'max_standby_streaming_delay', 'standby'),
    { seenBy: 'text' },
  ),
]
