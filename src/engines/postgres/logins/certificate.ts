import { isIP, Socket } from 'node:net'
import { checkServerIdentity, connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { Address } from '../address.ts'
import type { Limits } from '../session.ts'
import { tlsOptions } from '../tls.ts'

/** What a server's TLS says of itself, whoever trusts it or not. */
export interface Certificate {
  /** `TLSv1.3`, or null where no connection stands. */
  readonly protocol: string | null
  readonly cipher: string | null
  /** Names of hosts and addresses that it is for. */
  readonly names: readonly string[]
  readonly issuer: string
  readonly isSelfSigned: boolean
  readonly untilMs: number
  /** Is it for the host of the address? */
  readonly fitsHost: boolean
}

/** What the address's sslmode looks at: nothing, who signed, or the name as well. */
export type Looks = 'nothing' | 'signer' | 'signer-and-name'

export type TlsAnswer =
  | { readonly is: 'certificate'; readonly certificate: Certificate; readonly looks: Looks }
  /** No TLS is wanted, or there is none on a socket of the same machine. */
  | { readonly is: 'plain' }
  /** The server says that it has none. */
  | { readonly is: 'refused' }
  | { readonly is: 'unknown'; readonly why: string }

/** The protocol's question for TLS (manual, "SSLRequest"): answered with one byte, before any login. */
const question = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** The certificate of a server or pooler, by a connection that logs in nowhere: PostgreSQL logs nothing of one that leaves here. */
export async function askCertificate(address: Address, { signal, deadlineMs }: Limits): Promise<TlsAnswer> {
  const { host, port } = address
  const socket = new Socket()
  const until = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  try {
    const options = tlsOptions(address)
    if (options === false) return { is: 'plain' }
    return await new Promise<TlsAnswer>((resolve) => {
      const unknown = (why: string) => (): void => resolve({ is: 'unknown', why })
      const failed = (error: Error): void => unknown(error.message)()
      until.addEventListener('abort', unknown('no answer in time'), { once: true })
      socket.once('error', failed)
      socket.once('close', unknown('the server hung up'))
      socket.once('connect', () => socket.write(question))
      socket.once('data', (bytes) => {
        const answer = bytes.toString('latin1')
        if (answer === 'N') return resolve({ is: 'refused' })
        if (answer !== 'S') return unknown('what answers there is not PostgreSQL')()
        const { ca, cert, key } = options
        const client = {
          ...(ca !== undefined && { ca }),
          ...(cert !== undefined && { cert }),
          ...(key !== undefined && { key }),
        }
        // Whether to trust it is what is asked: it must not end the asking.
        const looking = { ...client, socket, rejectUnauthorized: false, servername: isIP(host) === 0 ? host : '' }
        const secure = connect(looking, () =>
          resolve({ is: 'certificate', certificate: read(secure, host), looks: looksAt(options) }),
        )
        secure.once('error', failed)
        return undefined
      })
      if (until.aborted) unknown('no answer in time')()
      else socket.connect(port, host)
    })
  } catch (error) {
    // A file of the address that is not there.
    return { is: 'unknown', why: error instanceof Error ? error.message : String(error) }
  } finally {
    socket.destroy()
    signal.throwIfAborted()
  }
}

const looksAt = ({ rejectUnauthorized, checkServerIdentity: name }: ConnectionOptions): Looks =>
  rejectUnauthorized === false ? 'nothing' : name === undefined ? 'signer-and-name' : 'signer'

function read(secure: TLSSocket, host: string): Certificate {
  const peer = secure.getPeerCertificate()
  return {
    protocol: secure.getProtocol(),
    cipher: secure.getCipher()?.name ?? null,
    names: namesOf(peer),
    issuer: nameOf(peer.issuer),
    isSelfSigned: JSON.stringify(peer.issuer) === JSON.stringify(peer.subject),
    untilMs: Date.parse(peer.valid_to),
    fitsHost: checkServerIdentity(host, peer) === undefined,
  }
}

const namesOf = ({ subject, subjectaltname }: PeerCertificate): readonly string[] => {
  const others = (subjectaltname ?? '').split(', ').flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? [])
  return others.length > 0 ? others : [nameOf(subject)]
}

/** A part may stand in it several times. */
const nameOf = (name: PeerCertificate['issuer'] | undefined): string => {
  const part: unknown = name?.CN ?? name?.O ?? name?.OU
  return Array.isArray(part) ? part.join(', ') : typeof part === 'string' ? part : 'nobody'
}
