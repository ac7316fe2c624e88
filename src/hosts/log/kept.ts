import type { LogMessage } from './message.ts'

/** Of the LOG lines, those that tell of starts, ends, crashes, settings and replication. In English: others cannot be told apart. */
const matters: readonly RegExp[] = [
  /^starting PostgreSQL /,
  /^listening on /,
  /^could not /,
  /^database system (?:is|was) /,
  /^received (?:fast|smart|immediate) shutdown request/,
  /^received (?:immediate|promote|SIGHUP)/,
  /^shutting down/,
  /^abort(?:ing|ed) .*(?:transactions|startup)/,
  /(?:was terminated by (?:signal|exception)|exited with exit code)/,
  /^terminating any other active server processes/,
  /^all server processes terminated; reinitializing/,
  /^(?:redo (?:starts|done|is not required)|consistent recovery state reached|entering standby mode|crash recovery)/,
  /^(?:started streaming WAL|restarted WAL streaming|replication terminated by primary|selected new timeline|archive recovery complete|new target timeline|waiting for WAL to become available)/,
  /^(?:invalid (?:record|resource manager|magic number|page at)|unexpected (?:pageaddr|timeline)|record with incorrect prev-link|incorrect resource manager)/,
  /^(?:recovery (?:still|finished) waiting|recovery has paused|pausing at the end of recovery)/,
  /^parameter ".*" (?:changed to|cannot be changed|removed from)/,
  /contains errors; |^syntax error in file |^invalid value for parameter |^unrecognized configuration parameter/,
  /(?:pg_hba|pg_ident)\S*(?:" )?.*(?:was not reloaded|line \d|error|invalid)|^(?:invalid|missing) .*(?:authentication|hba)/i,
  /^(?:logical replication|background worker ".*logical replication|subscription ".*" has been disabled|conflict detected on relation)/,
  /^(?:invalidating|terminating process \d+ to release) .*slot/,
  /^(?:terminating walsender|unexpected EOF on standby|standby ".*" is now)/,
  /^(?:archive command failed|archive recovery|archiving )/,
  /^(?:restore command|recovery_end_command)/,
  /^process \d+ (?:still waiting for|avoided deadlock|detected deadlock)/,
  /out of (?:memory|shared memory|disk)|No space left/i,
]

const not: readonly RegExp[] = [
  /^connection (?:received|authenticated|authorized|ready)/,
  /^logical decoding|^starting logical decoding/,
  /^(?:duration|statement|execute|parse|bind): /,
]

/** Warnings that applications cause all day, and that tell of nothing. */
const dull =
  /^(?:there is (?:no|already a) transaction in progress|nonstandard use of|SET LOCAL can only|setting an MD5-encrypted|.*skipping.*(?:only|---)|transaction ID wrap limit is)/
const dullCodes = new Set(['25P01', '25001', '22P06', '01P01'])

/** Is it one of those that are kept? Our own sessions' messages are our own business. */
export function isKept({ severity, message, code, application }: LogMessage): boolean {
  if (application?.startsWith('antemortem') === true) return false
  if (severity === 'ERROR' || severity === 'FATAL' || severity === 'PANIC') return true
  if (severity === 'WARNING') return !dull.test(message) && (code === null || !dullCodes.has(code))
  if (severity !== 'LOG') return false
  const head = message.slice(0, 400)
  return !not.some((pattern) => pattern.test(head)) && matters.some((pattern) => pattern.test(head))
}
