import { redact } from './redact.ts'

/** Shell commands hold whatever people put into them. */
const commands = /_command$/

/**
 * A setting as it may be kept: secrets masked, but so that a change of one is still seen. `digest` is keyed by its caller, and
 * says nothing to anybody else.
 */
export function maskSetting(name: string, value: string, digest: (text: string) => string): string {
  if (value === '') return value
  if (commands.test(name)) return `*** (#${digest(value)})`
  const masked = redact(value)
  return masked === value ? value : `${masked} (#${digest(value)})`
}
