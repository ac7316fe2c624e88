import type { Certificate, Looks, TlsAnswer } from '../../engines/postgres/logins/certificate.ts'
import { info, listed, type ContractNote } from './note.ts'

const limits = {
  warningDays: { default: 30, unit: 'days', why: 'a month is enough to renew it without haste' },
  errorDays: { default: 7, unit: 'days', why: 'a week may be a holiday: whoever renews it must be found now' },
} as const

const dayMs = 24 * 3_600_000
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export interface TlsContext {
  readonly sslMode: string
  readonly nowMs: number
}

/**
 * What encrypts the connection, and for how long it still does. An end that is near fails only a contract whose client looks at
 * certificates: for the others it ends nothing. Pure.
 */
export function tlsNotes(answer: TlsAnswer, context: TlsContext): readonly ContractNote[] {
  if (answer.is === 'plain') return []
  if (answer.is === 'refused')
    return [info('tls', 'tls', `the server has no TLS: with sslmode ${context.sslMode} all goes in plain text`)]
  if (answer.is === 'unknown') return [info('tls', 'tls', `its certificate was not seen: ${answer.why}`)]
  const { certificate, looks } = answer
  const notes = [info('tls', 'tls', certificateText(certificate, looks, context))]
  const days = Math.floor((certificate.untilMs - context.nowMs) / dayMs)
  if (days >= limits.warningDays.default) return notes
  const isLookedAt = looks !== 'nothing'
  const ends =
    days < 0 ? `ended on ${day(certificate.untilMs)}` : `ends on ${day(certificate.untilMs)}, in ${days} days`
  const message = isLookedAt
    ? `the certificate ${ends}: no new connection of this contract after that`
    : `the certificate ${ends}; sslmode ${context.sslMode} does not look at it, clients with verify-ca or verify-full do`
  return [
    ...notes,
    {
      about: 'tls',
      severity: isLookedAt && days < limits.errorDays.default ? 'error' : 'warning',
      layer: 'tls',
      code: 'CERT_HAS_EXPIRED',
      message,
      remedy: renew,
    },
  ]
}

const renew =
  'Renew ssl_cert_file (of the pooler, where one is between) and reload: select pg_reload_conf(); new connections get the new one.'

const lookedAt: Readonly<Record<Looks, string>> = {
  nothing: 'looks at neither signer nor name',
  signer: 'looks at the signer, not at the name',
  'signer-and-name': 'looks at signer and name',
}

function certificateText(certificate: Certificate, looks: Looks, { sslMode }: TlsContext): string {
  const { protocol, cipher, names, issuer, isSelfSigned, untilMs } = certificate
  const signed = isSelfSigned ? 'signed by itself' : `signed by ${issuer}`
  return `${protocol ?? 'TLS'}, ${cipher ?? 'cipher unknown'}; certificate of ${listed(names)}, ${signed}, until ${day(untilMs)}; sslmode ${sslMode} ${lookedAt[looks]}`
}

/** What the certificate itself says about why it was refused; null where it does not explain it. Pure. */
export function tlsRefusal(
  { code, host }: { readonly code: string | null; readonly host: string },
  answer: TlsAnswer,
  source: string,
): string | null {
  if (answer.is === 'refused')
    return `Set ssl = on with a certificate on the server and reload, or give ${source} the sslmode that the server has.`
  if (answer.is !== 'certificate') return null
  const { names, issuer, isSelfSigned, untilMs, fitsHost } = answer.certificate
  if (code === 'CERT_HAS_EXPIRED') return `It ended on ${day(untilMs)}. ${renew} (${source} is as it was.)`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' && !fitsHost)
    return `The certificate is for ${listed(names)}, and ${source} says ${host}: connect by a name that it has, or have it made with this one.`
  if (/SELF_SIGNED|VERIFY|ISSUER/.test(code ?? ''))
    return isSelfSigned
      ? `The certificate has signed itself: give ${source} that very certificate as sslrootcert, or have it signed by an authority that it knows.`
      : `The certificate is signed by ${issuer}: give ${source} that authority's certificate as sslrootcert.`
  return null
}
