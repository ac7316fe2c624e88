import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import type { Address } from './address.ts'

const readIfThere = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** TLS as libpq means each sslmode; false for a plain connection. A named file that is missing throws. */
export function tlsOptions(address: Address): ConnectionOptions | false {
  // There is no TLS on a socket of the same machine.
  if (address.sslMode === 'disable' || address.sslMode === 'allow' || address.host.startsWith('/')) return false
  const own = (name: string): string => join(homedir(), '.postgresql', name)
  const root = address.sslRootCert
  const ca = root === 'system' ? null : root === null ? readIfThere(own('root.crt')) : readFileSync(root, 'utf8')
  const cert = address.sslCert === null ? readIfThere(own('postgresql.crt')) : readFileSync(address.sslCert, 'utf8')
  const key = address.sslKey === null ? readIfThere(own('postgresql.key')) : readFileSync(address.sslKey, 'utf8')
  const client = { ...(ca === null ? {} : { ca }), ...(cert === null || key === null ? {} : { cert, key }) }
  if (address.sslMode === 'verify-full') return client
  // `require` with a root certificate is `verify-ca`: https://www.postgresql.org/docs/current/libpq-ssl.html
  if (address.sslMode === 'verify-ca' || (address.sslMode === 'require' && ca !== null))
    return { ...client, checkServerIdentity: () => undefined }
  return { ...client, rejectUnauthorized: false }
}
