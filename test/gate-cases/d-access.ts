import { access, breaks, conf, sql, type GateCase } from './case.ts'

const settings = 'connection/role-settings'
const rules = 'connection/access-rules'
const credentials = 'connection/credentials'
const all = 'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256'

/** Who gets in, and what their sessions begin with. */
export const accessCases: readonly GateCase[] = [
  conf(
    'D01',
    'the server listens elsewhere',
    `listen_addresses = '10.9.9.9'`,
    breaks(['server/port-changed', 'server/stopped', 'network/partition'], 'listen_addresses', 'primary'),
    { seenBy: 'topology' },
  ),
  conf('D02', 'another port', 'port = 6543', breaks('server/port-changed', 'port', 'primary'), { seenBy: 'text' }),
  access(
    'D03',
    'the line of the application is gone',
    'host auth antemortem 127.0.0.1/32 scram-sha-256\nhost all replicator 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 scram-sha-256',
    breaks(rules, 'pg_hba.conf', 'primary'),
    { seenBy: 'topology' },
  ),
  access(
    'D03b',
    'the line of replication is gone',
    'host all app,antemortem,postgres 127.0.0.1/32 scram-sha-256',
    breaks([rules, 'replication/standby-disconnected'], 'pg_hba.conf', 'primary'),
    { seenBy: 'topology' },
  ),
  access(
    'D04',
    'a line that the server cannot read',
    `host all all 127.0.0.1/32 scram-sha-265\n${all}`,
    breaks([rules, 'server/config-prevents-start'], 'pg_hba.conf', 'primary'),
    { seenBy: 'text' },
  ),
  conf('D06', 'TLS without a certificate', 'ssl = on', breaks('server/config-prevents-start', 'ssl', 'primary'), {
    seenBy: 'text',
  }),
  access(
    'D07',
    'only with TLS, which the server does not have',
    'hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl replication all 127.0.0.1/32 scram-sha-256',
    breaks(rules, 'pg_hba.conf', 'primary'),
    { seenBy: 'topology' },
  ),
  sql(
    'D08',
    'the same password under another method',
    `set password_encryption = 'md5';\nalter role app password 'same';`,
    breaks(credentials, 'role app', 'primary'),
    { seenBy: 'text' },
  ),
  sql('D09', 'another password', `alter role app password 'other';`, breaks(credentials, 'role app', 'primary'), {
    seenBy: 'text',
  }),
  sql('D10', 'a login is withdrawn', 'alter role app nologin;', breaks(credentials, 'role app', 'primary'), {
    seenBy: 'text',
  }),
  sql(
    'D11',
    'one connection for the application',
    'alter role app connection limit 1;',
    breaks('connection/role-limit', 'role app', 'primary'),
    { seenBy: 'text' },
  ),
  conf(
    'D13',
    'six connections for all',
    'max_connections = 6',
    breaks(['connection/exhausted', 'server/config-prevents-start'], 'max_connections', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'D14',
    'another search path for the application',
    `alter role app set search_path = 'elsewhere';`,
    breaks(settings, 'role app search_path', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'D15',
    'the database gets another name',
    'alter database auth rename to login;',
    breaks(
      ['connection/settings-changed', 'connection/credentials', 'connection/wrong-node', 'application/error'],
      'database auth',
      'primary',
    ),
    { seenBy: 'text' },
  ),
  sql(
    'D16',
    'nobody may connect to the database',
    'revoke connect on database auth from public;',
    breaks(credentials, 'database auth', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'D17',
    'the application may not read a table',
    'revoke select on users from app;',
    breaks(['application/error', credentials], 'public.users', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'D19',
    'the database takes no connections',
    'alter database auth allow_connections false;',
    breaks(credentials, 'database auth', 'primary'),
    { seenBy: 'text' },
  ),
  {
    id: 'D20',
    title: 'the application is sent to the standby',
    files: [{ name: 'D20/.env', text: 'DATABASE_URL=postgres://app@{standby}/auth\n' }],
    breaks: breaks('connection/wrong-node', 'DATABASE_URL', 'standby'),
    seenBy: 'topology',
  },
  sql(
    'D21',
    'the application may only read',
    'alter role app set default_transaction_read_only = on;',
    breaks(settings, 'role app default_transaction_read_only', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'D22',
    'a millisecond for each statement of the application',
    `alter role app set statement_timeout = '1ms';`,
    breaks(settings, 'role app statement_timeout', 'primary'),
    { seenBy: 'text' },
  ),
  conf(
    'D23',
    'idle sessions end at once',
    'idle_session_timeout = 300ms',
    breaks(settings, 'idle_session_timeout', 'primary'),
    { seenBy: 'text' },
  ),
  {
    id: 'D28',
    title: 'a pooler hands sessions on between transactions',
    files: [
      {
        name: 'D28/pgbouncer.ini',
        text: '[databases]\nauth = host=127.0.0.1\n[pgbouncer]\npool_mode = transaction\nmax_prepared_statements = 0\n',
      },
    ],
    breaks: breaks('application/error', 'pool_mode', 'primary'),
    seenBy: 'text',
  },
  sql(
    'D28b',
    'a new password behind a pooler that has the old one',
    `alter role app with login password 'rotated';`,
    breaks(credentials, 'role app', 'primary'),
    { seenBy: 'text' },
  ),
]
