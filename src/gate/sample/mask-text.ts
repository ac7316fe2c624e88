import type { Digits } from './digits.ts'

export type Write = (value: string, digits: Digits) => string

const lower = 'abcdefghijklmnopqrstuvwxyz'
export const numbers = '0123456789'

/** Letter for letter and digit for digit; what stands between them stays: an address stays one. */
export const text: Write = (value, digits) =>
  Array.from(value, (sign) => {
    if (/\d/.test(sign)) return digits.of(numbers, '0')
    if (/[A-Z]/.test(sign)) return digits.of(lower.toUpperCase(), 'A')
    if (/[a-z]/.test(sign)) return digits.of(lower, 'a')
    if (!/\p{L}/u.test(sign)) return sign
    // As many bytes as it had.
    return sign < '\u0800' ? digits.of('àáâãäåçèéêëìíîïñòóôõö', 'é') : digits.of('的一是不了人我在有他', '的')
  }).join('')
