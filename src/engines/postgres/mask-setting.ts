import { createHmac, randomBytes } from 'node:crypto'
import { maskSetting as mask } from '../../core/mask-setting.ts'
import { redact } from '../../core/redact.ts'

/**
 * Of this process alone: equal masks mean equal secrets, and say nothing else to anybody. Whoever reads the same settings from
 * files masks them with the same key, so that they can be compared.
 */
export const maskKey: Uint8Array = randomBytes(16)

const digest = (value: string): string => createHmac('sha256', maskKey).update(value).digest('hex').slice(0, 8)

/** A setting as it may be kept: secrets masked, but so that a change of one is still seen. */
export const maskSetting = (name: string, value: string): string => mask(name, value, digest)

/** An option of an access rule, `name=value`: `ldapbindpasswd`, `radiussecrets` and their like without any trace of the value. */
export const maskOption = (option: string): string =>
  /^[^=]*(?:passw|secret|token)[^=]*=/i.test(option) ? `${option.slice(0, option.indexOf('='))}=***` : redact(option)
