import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAuthority, makeCertificate, useCertificate } from '../../../test/certificates.ts'
import { waitUntil } from '../../lab/wait.ts'
import { app, lab, type Break } from './scene.ts'

/** A server that has this certificate, and a client that looks at it. */
export const withTls =
  (name: string, wishes: { readonly is: string; readonly days: number; readonly isSelfSigned?: boolean }): Break =>
  async (mend) => {
    const dir = mkdtempSync(join(tmpdir(), 'certificates-'))
    mend.defer(() => {
      rmSync(dir, { recursive: true, force: true })
      lab.setConf('primary', { ssl: 'off' })
      lab.reload('primary')
    })
    const authority = makeAuthority(dir)
    makeCertificate(dir, { name, ...wishes })
    useCertificate(lab, 'primary', dir, name)
    await waitUntil('the server has TLS', async () => (await lab.rows('primary', 'show ssl'))[0]?.['ssl'] === 'on')
    // One for 0 days ends with the second in which it was made.
    if (wishes.days === 0) await new Promise((resolve) => setTimeout(resolve, 1_100))
    return { url: `${app()}?sslmode=verify-full&sslrootcert=${authority}` }
  }

/** What a client that looks at certificates does not take. */
export const breakTls = {
  'tls-self-signed': withTls('alone', { is: 'IP:127.0.0.1', days: 90, isSelfSigned: true }),
  'tls-expired': withTls('ended', { is: 'IP:127.0.0.1', days: 0 }),
  'tls-name': withTls('db1', { is: 'DNS:db1', days: 90 }),
  'tls-version': async (mend) => {
    const broken = await withTls('old', { is: 'IP:127.0.0.1', days: 90 })(mend)
    mend.defer(() => {
      lab.setConf('primary', { ssl_min_protocol_version: 'TLSv1.2', ssl_max_protocol_version: '' })
      lab.reload('primary')
    })
    lab.setConf('primary', { ssl_min_protocol_version: 'TLSv1', ssl_max_protocol_version: 'TLSv1.1' })
    lab.reload('primary')
    await waitUntil('the older TLS counts', async () => {
      const [row] = await lab.rows('primary', 'show ssl_max_protocol_version')
      return row?.['ssl_max_protocol_version'] === 'TLSv1.1'
    })
    return broken
  },
} satisfies Readonly<Record<string, Break>>
