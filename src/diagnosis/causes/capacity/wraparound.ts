import type { Cause } from '../../../core/diagnosis.ts'
import type { DatabaseFact } from '../../../core/facts/postgres/activity.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm, outcomeHarm } from '../../harm.ts'
import { beganSinceGood, clientHarm, entryEvidence, errorsOn, logEffects, type IsSuch } from '../../log-errors.ts'
import { factOf } from '../../look.ts'
import { wasOtherwise } from '../../since-good.ts'

/**
 * Three million transactions before the ids come round the server gives none any more, to whomever: 2³¹ − 1 − 3,000,000. A little
 * less, because an age is read some transactions before the last.
 * https://www.postgresql.org/docs/18/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
 */
const stopAge = 2 ** 31 - 1 - 3_000_000 - 100_000

const isRefused = (code: string): boolean => code === '54000'
/** Other limits of the program have the same code. */
const isWraparound: IsSuch = ({ code, message }) =>
  isRefused(code ?? '') && /not (?:accepting commands|assigning)|wraparound/.test(message)

const isAtEnd = ({ xidAge, mxidAge }: DatabaseFact): boolean => Math.max(xidAge, mxidAge) >= stopAge

/** The server protects itself from ids that come round: it takes no write until the old ones are frozen. */
const cause: Cause = {
  id: 'capacity/wraparound',
  taxonomy: 'id-exhaustion',
  title: 'the server has no transaction ids left to give',
  follows: [],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const { name } = node
      if (factOf(node, 'server')?.inRecovery !== false) continue
      const worst = (factOf(node, 'databases') ?? []).filter(isAtEnd)
      const lines = errorsOn(c, name, isWraparound)
      if (worst.length === 0 && lines.length === 0) continue
      const ages = worst.map(({ name: database, xidAge, mxidAge }) =>
        evidenceOf(
          name,
          'pg_database',
          `database ${database} on ${name} is ${xidAge} transactions old (${mxidAge} multixacts): the server stops at 2³¹ − 3,000,000`,
          {
            database,
            age: xidAge,
            mxid_age: mxidAge,
          },
        ),
      )
      const databases = worst.map(({ name: database }) => database)
      yield {
        subject: subject.node(name),
        direct: worst.length > 0 || lines.length > 0 ? [...ages, ...lines.map(entryEvidence)] : [],
        indirect: [],
        harm: [
          ...outcomeHarm(c, name, isRefused),
          ...contractHarm(c, name, ({ code }) => isRefused(code ?? '')),
          ...clientHarm(c, name, isWraparound),
        ],
        isNew:
          beganSinceGood(c, lines) || wasOtherwise(c, name, (past) => factOf(past, 'databases')?.some(isAtEnd) ?? null),
        explains: [
          ...['capacity/xid-wraparound', 'capacity/xmin-horizon'].flatMap((check) => findingsOf(c, check, name)),
          ...outcomeEffects(c, name, isRefused),
          ...contractEffects(c, name, ({ code }) => isRefused(code ?? '')),
          ...logEffects(c, name, isWraparound),
        ],
        objects: [subject.node(name)],
        remedy: {
          words: `End what holds old transactions (long ones, prepared ones, slots), then vacuum the oldest tables of ${databases.join(', ') || 'the database that the log names'}, as a superuser and without full or freeze options that need ids. Single-user mode is not needed.`,
          commands: [
            `on ${name}: select pid, age(backend_xmin), state, application_name from pg_stat_activity where backend_xmin is not null order by 2 desc limit 5;`,
            `on ${name}: select gid, prepared from pg_prepared_xacts; select slot_name, age(xmin), age(catalog_xmin) from pg_replication_slots;`,
            `on ${name}: select oid::regclass, age(relfrozenxid) from pg_class where relkind in ('r', 't', 'm') order by 2 desc limit 10;`,
            `on ${name}: vacuum (verbose) TABLE;`,
          ],
        },
      }
    }
  },
}
export default cause
