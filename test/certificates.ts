import { execFileSync } from 'node:child_process'
import { chownSync, copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../src/lab/lab.ts'
import { serverOwner } from '../src/lab/owner.ts'

const program = '/usr/bin/openssl'
export const hasOpenssl = existsSync(program)

const openssl = (dir: string, ...args: readonly string[]): void =>
  void execFileSync(program, args, { cwd: dir, stdio: 'pipe' })

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** An authority of our own in a folder; gives the file that clients trust. */
export function makeAuthority(dir: string): string {
  openssl(dir, 'req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '30', '-subj', '/CN=Lab CA')
  return join(dir, 'ca.crt')
}

export interface CertificateWishes {
  /** Of a file in the folder. */
  readonly name: string
  /** `DNS:db1`, `IP:127.0.0.1`. */
  readonly is: string
  /** 0: until now. */
  readonly days: number
  readonly isSelfSigned?: boolean
}

export function makeCertificate(dir: string, { name, is, days, isSelfSigned = false }: CertificateWishes): void {
  const key = ['-keyout', `${name}.key`, '-subj', `/CN=${name}`]
  if (isSelfSigned) {
    const more = ['-days', String(days), '-addext', `subjectAltName=${is}`]
    return openssl(dir, 'req', '-x509', ...newKey, ...key, '-out', `${name}.crt`, ...more)
  }
  writeFileSync(join(dir, `${name}.ext`), `subjectAltName=${is}\n`)
  openssl(dir, 'req', ...newKey, ...key, '-out', `${name}.csr`)
  const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial']
  openssl(
    dir,
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    ...by,
    '-days',
    String(days),
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.crt`,
  )
}

/** Gives a node of a lab this certificate; it counts from the next new connections on. */
export function useCertificate(lab: Lab, node: string, dir: string, name: string): void {
  const owner = serverOwner()
  for (const kind of ['crt', 'key']) {
    const file = join(lab.node(node).dataDir, `${name}.${kind}`)
    copyFileSync(join(dir, `${name}.${kind}`), file)
    if (owner) chownSync(file, owner.uid, owner.gid)
  }
  lab.setConf(node, { ssl: 'on', ssl_cert_file: `${name}.crt`, ssl_key_file: `${name}.key` })
  lab.reload(node)
}
