import type { LogMessage } from './message.ts'

/**
 * SQLSTATE of well-known messages, for logs whose prefix has no `%e` (manual, appendix A). English, as with
 * `lc_messages = 'C'`; the severity where the same words occur with others.
 */
const codes: readonly (readonly [RegExp, string])[] = [
  [/^invalid page in block \d+ of relation /, 'XX001'],
  [
    /^(?:could not read blocks?|could not access status of transaction|missing chunk number|unexpected chunk number) /,
    'XX001',
  ],
  [/^(?:index ".*" (?:contains|is not a btree|has wrong hash)|right sibling's left-link doesn't match)/, 'XX002'],
  [/^could not (?:access|open) (?:file|directory) .*: No such file or directory/, '58P01'],
  [/^could not (?:access|load|find) .*: No such file or directory/, '58P01'],
  [/(?:could not (?:extend|write)|: ).*No space left on device/, '53100'],
  [/^requested WAL segment \S+ has already been removed/, '58P01'],
  [/^password authentication failed for user /, '28P01'],
  [/^(?:no pg_hba\.conf entry for |pg_hba\.conf rejects |\S+ authentication failed for user )/, '28000'],
  [/^role ".*" (?:does not exist|is not permitted to log in)$/, '28000'],
  [/^database ".*" does not exist$/, '3D000'],
  [
    /^(?:sorry, too many clients already|remaining connection slots are reserved|too many connections for (?:role|database) )/,
    '53300',
  ],
  [/^number of requested standby connections exceeds /, '53300'],
  [/^out of memory/, '53200'],
  [/^out of shared memory/, '53200'],
  [
    /^the database system is (?:starting up|shutting down|in recovery mode|not yet accepting connections|not accepting connections)/,
    '57P03',
  ],
  [/^terminating connection due to (?:administrator command|unexpected postmaster exit)/, '57P01'],
  [/^terminating connection because of crash of another server process/, '57P02'],
  [/^terminating connection due to idle-session timeout/, '57P05'],
  [/^terminating connection due to idle-in-transaction timeout/, '25P03'],
  [/^(?:terminating connection|canceling statement) due to conflict with recovery/, '40001'],
  [/^canceling statement due to lock timeout/, '55P03'],
  [/^canceling statement due to /, '57014'],
  [/^deadlock detected$/, '40P01'],
  [/^could not serialize access /, '40001'],
  [/^cannot execute .* in a read-only transaction$/, '25006'],
  [/^relation ".*" does not exist/, '42P01'],
  [/^column .* does not exist/, '42703'],
  [/^function .* does not exist/, '42883'],
  [/^schema ".*" does not exist/, '3F000'],
  [/^permission denied for /, '42501'],
  [/^permission denied to /, '42501'],
  [/^must be owner of /, '42501'],
  [/^syntax error at /, '42601'],
  [/^current transaction is aborted, /, '25P02'],
  [/^duplicate key value violates unique constraint /, '23505'],
  [/violates foreign key constraint /, '23503'],
  [/violates not-null constraint/, '23502'],
  [/violates check constraint /, '23514'],
  [/^value too long for type /, '22001'],
  [/^invalid input syntax for /, '22P02'],
  [/^nextval: reached (?:maximum|minimum) value of sequence /, '2200H'],
  [/^logical replication target relation .* (?:is missing|does not exist)/, '55000'],
  [/^publication ".*" does not exist/, '42704'],
  [/^unrecognized configuration parameter /, '42704'],
  [/^replication slot ".*" does not exist/, '42704'],
  [/^replication slot ".*" is active for PID /, '55006'],
  [/^can no longer (?:get changes from|access) replication slot /, '55000'],
  [/^database is not accepting commands /, '54000'],
]

/** The code that the line has, else the one that its words mean; null where they mean none that we know. */
export function codeOf({ code, severity, message }: Pick<LogMessage, 'code' | 'severity' | 'message'>): string | null {
  if (code !== null || severity === 'LOG') return code
  const head = message.slice(0, 400)
  return codes.find(([pattern]) => pattern.test(head))?.[1] ?? null
}
