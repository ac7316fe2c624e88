import { redact } from './redact.ts'

/** Shell commands hold whatever people put into them. */
const commands = /_command$/

/** Extensions and applications keep secrets under names that say so. `password_encryption` is none. */
const secret =
  /(?:^|[._-])(?:password|passwd|passphrase|pwd|secret|token|salt|credentials?|(?:api|access|private|secret|encryption|signing)[_-]?key)s?$/i

/** In names with a dot, which are not the server's own, also in the middle: `app.jwt_secret_v2`. */
const secretInside = /\..*(?:secret|passw(?:or)?d|token)(?![a-z])/i

/**
 * A setting as it may be kept: secrets masked, but so that a change of one is still seen. `digest` is keyed by its caller, and
 * says nothing to anybody else.
 */
export function maskSetting(name: string, value: string, digest: (text: string) => string): string {
  if (value === '') return value
  if ([commands, secret, secretInside].some((pattern) => pattern.test(name))) return `*** (#${digest(value)})`
  const masked = redact(value)
  return masked === value ? value : `${masked} (#${digest(value)})`
}
