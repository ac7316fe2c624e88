import type { Address, TargetSession } from './address.ts'
import { addressText } from './address.ts'
import { classify, type LinkFailure } from './failure.ts'
import type { Opened, Session, SessionOptions } from './session.ts'

type Open = (address: Address, options: SessionOptions) => Promise<Opened>

/**
 * Hosts in their order until one is of the wanted kind, as libpq does: the deadline is each host's own, a server that refuses
 * the login ends the search, and `prefer-standby` goes round twice.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS
 */
export async function openFirst(address: Address, options: SessionOptions, open: Open): Promise<Opened> {
  const failures: LinkFailure[] = []
  const { targetSession, host, port, others } = address
  const turns: readonly TargetSession[] = targetSession === 'prefer-standby' ? ['standby', 'any'] : [targetSession]
  for (const wanted of turns)
    for (const place of [{ host, port }, ...others]) {
      const single: Address = { ...address, ...place, others: [], targetSession: 'any' }
      const opened = await open(single, options)
      if (!opened.ok) {
        if (!goesOn(opened.failure)) return opened
        failures.push(opened.failure)
        continue
      }
      const failure = await mismatch(opened.session, wanted, options, addressText(single))
      if (failure === null) return opened
      await opened.session.close()
      failures.push(failure)
    }
  const last = failures.at(-1) ?? classify(null, 'dns', addressText(address))
  return { ok: false, failure: { ...last, message: [...new Set(failures.map(({ message }) => message))].join('; ') } }
}

/** Nobody there, or nobody there yet. */
const goesOn = ({ layer, code }: LinkFailure): boolean =>
  layer === 'dns' || layer === 'tcp' || layer === 'latency' || code === '57P03'

/** What an address with `target_session_attrs` says in the startup packet itself is not the server's own wish. */
const question = `select pg_catalog.pg_is_in_recovery() as standby,
  (select setting = 'on' and source <> 'client' from pg_catalog.pg_settings where name = 'default_transaction_read_only') as locked`

async function mismatch(
  session: Session,
  wanted: TargetSession,
  { signal, deadlineMs }: SessionOptions,
  where: string,
): Promise<LinkFailure | null> {
  if (wanted === 'any') return null
  const answer = await session.run({ text: question }, { signal, deadlineMs })
  if (!answer.ok) return answer.failure
  const [row] = answer.rows
  const is = (key: string): boolean => typeof row === 'object' && row !== null && Reflect.get(row, key) === true
  const isStandby = is('standby')
  const isReadOnly = isStandby || is('locked')
  const fits: Readonly<Record<Exclude<TargetSession, 'any' | 'prefer-standby'>, boolean>> = {
    primary: !isStandby,
    standby: isStandby,
    'read-only': isReadOnly,
    'read-write': !isReadOnly,
  }
  if (wanted !== 'prefer-standby' && fits[wanted]) return null
  const kind = isStandby ? 'a standby' : isReadOnly ? 'read-only by default' : 'a primary that takes writes'
  return classify({ code: 'TARGET_SESSION', message: `is ${kind}, and ${wanted} is wanted` }, 'ready', where)
}
