import { createHmac, randomBytes } from 'node:crypto'
import { redact } from '../../core/redact.ts'

/** Of this process alone: equal masks mean equal secrets, and say nothing else to anybody. */
const key = randomBytes(16)

const digest = (value: string): string => createHmac('sha256', key).update(value).digest('hex').slice(0, 8)

/** Shell commands hold whatever people put into them. */
const commands = /_command$/

/** A setting as it may be kept: secrets masked, but so that a change of one is still seen. */
export function maskSetting(name: string, value: string): string {
  if (value === '') return value
  if (commands.test(name)) return `*** (#${digest(value)})`
  const masked = redact(value)
  return masked === value ? value : `${masked} (#${digest(value)})`
}
