import type { Case, Cause, Evidence } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import { subject } from '../../../core/subject.ts'
import { mayComeFrom } from '../../connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { goodSetting, settingOf } from '../../last-good.ts'
import { contractsOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { refusalsOn } from '../../refusals.ts'

const isSuch = ({ layer }: ContractFact): boolean => layer === 'tls'
const fits = mayComeFrom('tls')

/** What the server says of its TLS. */
const settings = [
  'ssl',
  'ssl_cert_file',
  'ssl_key_file',
  'ssl_ca_file',
  'ssl_crl_file',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
  'ssl_ciphers',
]
/** Codes of a handshake that speak of the certificate itself. */
const ofCertificate = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID)/

/** The handshake fails: the server offers no TLS, another certificate than the client trusts, or one that has ended. */
const cause: Cause = {
  id: 'connection/tls',
  taxonomy: 'connection-parameters-changed',
  title: 'TLS between application and server cannot be negotiated',
  follows: ['connection/settings-changed'],
  *recognise(c) {
    for (const { name } of c.snapshot.nodes) {
      const objects = settings.map((setting) => subject.setting(name, setting))
      const news = newsOf(c, objects, () => true)
      const refusals = refusalsOn(c, name, { isSuch, fits })
      if (refusals.harm.length === 0 && !contractsOf(c).some((result) => result.node === name && isSuch(result)))
        continue
      const changed = changedSettings(c, name)
      const handshake: readonly Evidence[] = refusals.results.map(({ instance, code, message }) => ({
        words: `the handshake of ${instance} with ${name} fails: ${code ?? ''} ${message ?? ''}`.replace('  ', ' '),
        node: name,
        source: 'handshake',
        values: { instance, code },
      }))
      const certificate = refusals.results.some(({ code }) => ofCertificate.test(code ?? ''))
      const [first] = changed
      yield {
        subject: first?.object ?? news[0]?.object ?? (certificate ? subject.setting(name, 'ssl_cert_file') : name),
        direct:
          refusals.mayBeOwn || refusals.results.length === 0 || !(certificate || first)
            ? []
            : [...changed.map(({ evidence }) => evidence), ...handshake],
        indirect: [...changed.map(({ evidence }) => evidence), ...handshake],
        harm: refusals.harm,
        // The contract shook hands when all was good: a certificate that it refuses has ended or is another one.
        isNew: c.lastGoodMs !== null,
        explains: [
          ...contractEffects(c, name, isSuch),
          ...outcomeEffects(c, name, fits),
          ...['connections/tls', 'security/tls-off'].flatMap((check) => findingsOf(c, check, name)),
        ],
        objects: first ? [first.object, ...objects] : objects,
        ...(!certificate &&
          !first && { missing: `ssl and ssl_cert_file of ${name}, and what the client demands: sslmode, sslrootcert` }),
        remedy: {
          words: `Renew or put back the certificate and the ssl settings of ${name}, then reload; do not switch off the client's verification.`,
          commands: [
            `on ${name}: select name, setting, pending_restart from pg_settings where name like 'ssl%';`,
            `on the host of ${name}: openssl x509 -in server.crt -noout -subject -enddate -ext subjectAltName`,
            `on ${name}: select pg_reload_conf();`,
          ],
        },
      }
    }
  },
}
export default cause

/** Settings that are not what they were when all was good. */
function changedSettings(c: Case, node: string): readonly { readonly object: string; readonly evidence: Evidence }[] {
  return settings.flatMap((name) => {
    const [before, now] = [goodSetting(c, node, name), settingOf(c, node, name)]
    if (before === null || now === null || before === now) return []
    return [
      {
        object: subject.setting(node, name),
        evidence: {
          words: `${name} on ${node} is ${now}, and was ${before} when all was good`,
          node,
          source: 'pg_settings',
          values: { name, setting: now, before },
        },
      },
    ]
  })
}
