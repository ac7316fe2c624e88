import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { AntemortemError } from '../../core/error.ts'
import { canonicalJson } from '../../core/json.ts'

/** What a second person puts the signature under: the plan as it is printed, and when it was signed. */
export interface Approval<P> {
  readonly format: 'antemortem-approved-plan/1'
  readonly plan: P
  readonly approved_at: string
  /** Ed25519 over the canonical JSON of the rest, in base64. */
  readonly signature: string
}

/** Signs with the private key of whoever approves; PEM, as `openssl genpkey -algorithm ed25519` writes it. */
export function approve<P>(plan: P, approvedAt: string, privateKey: string): Approval<P> {
  const key = keyOf(privateKey, createPrivateKey)
  return {
    format,
    plan,
    approved_at: approvedAt,
    signature: sign(null, signed(plan, approvedAt), key).toString('base64'),
  }
}

const format = 'antemortem-approved-plan/1'

/** The plan of an approval that this key's owner has signed, as it was signed; throws for any other. */
export function approvedPlan(approval: unknown, publicKey: string): unknown {
  const part = (name: string): unknown =>
    typeof approval === 'object' && approval !== null ? Reflect.get(approval, name) : undefined
  const [plan, approvedAt, signature] = [part('plan'), part('approved_at'), part('signature')]
  if (part('format') !== format || typeof approvedAt !== 'string' || typeof signature !== 'string')
    throw refused('plan-invalid', 'the file holds no approved plan', 'Name a file that --approve has written.')
  const key = keyOf(publicKey, createPublicKey)
  if (verify(null, signed(plan, approvedAt), key, Buffer.from(signature, 'base64'))) return plan
  throw refused(
    'plan-not-signed',
    'the signature under the plan is not that of the given key, or the plan was changed after it was signed',
    'Have the change approved anew: --approve OUT.',
  )
}

const signed = (plan: unknown, approvedAt: string): Buffer => Buffer.from(canonicalJson([format, plan, approvedAt]))

function keyOf(pem: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    const key = read(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
  throw refused(
    'key-invalid',
    'the key is no Ed25519 key in PEM',
    'Make one: openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out key.pub',
  )
}

const refused = (code: string, message: string, hint: string): AntemortemError =>
  new AntemortemError(code, message, hint, { exit: 2 })
