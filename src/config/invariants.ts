import type { InvariantConfig } from '../core/configuration.ts'
import type { YamlDocument } from './document.ts'
import { pathText, type Problem } from './problem.ts'
import type { InvariantShape } from './schema.ts'
import { notOneSelect, withoutEnd } from './select.ts'

/** A team's own invariant; what is no single select is refused here, with its place, and not by a server at night. */
export function readInvariant(
  name: string,
  { sql, expect, on }: InvariantShape,
  path: readonly PropertyKey[],
  document: YamlDocument,
): { readonly invariant: InvariantConfig; readonly problems: readonly Problem[] } {
  const wrong = notOneSelect(sql)
  const at = [...path, 'sql']
  return {
    invariant: {
      name,
      sql: withoutEnd(sql).trim(),
      expect: String(expect),
      on: typeof on === 'string' ? [on] : on,
    },
    problems: wrong === null ? [] : [{ ...document.placeOf(at), path: pathText(at), message: wrong }],
  }
}
