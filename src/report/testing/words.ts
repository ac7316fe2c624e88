import fc from 'fast-check'
import { makeStyle } from '../style.ts'

const style = makeStyle(true)

/** Lines of words with what is hard to count among them: wide, joined, combined and coloured ones. */
export const words = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('数据库', '👩‍💻', 'e\u0301', style.bad('red'), style.name('名')),
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(' ').replace(/[\r\n]/g, ''))
