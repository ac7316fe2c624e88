import type { Case } from '../core/diagnosis.ts'
import { startRefusals } from '../core/start-refusals.ts'
import { hostOf } from './server-log.ts'

/** What in a server's files keeps it from starting, read from its host: where no log says what a start ended in. */
export interface StartObstacle {
  /** null for a line that is no setting. */
  readonly setting: string | null
  /** `postgresql.conf:42`; null where a default takes part. */
  readonly place: string | null
  readonly value: string | null
  readonly words: string
}

export function startObstacle(c: Case, node: string): StartObstacle | null {
  const host = hostOf(c, node)
  if (!host) return null
  const at = (setting: string): Pick<StartObstacle, 'setting' | 'place' | 'value'> => {
    const line = host.configured.findLast(({ name }) => name.toLowerCase() === setting)
    return { setting, place: line ? `${line.file}:${line.line}` : null, value: line?.value ?? null }
  }
  const [broken] = host.misconfigured
  // The text of a line that is no setting can be anything, a password too.
  if (broken)
    return {
      setting: null,
      place: `${broken.file}:${broken.line}`,
      value: null,
      words: `line ${broken.line} of ${broken.file} is no setting`,
    }
  const [library] = host.missingLibraries ?? []
  if (library !== undefined)
    return {
      ...at('shared_preload_libraries'),
      words: `shared_preload_libraries names ${library}, which is not installed`,
    }
  const [refusal] = startRefusals(new Map(host.configured.map(({ name, value }) => [name.toLowerCase(), value])))
  if (refusal === undefined) return null
  // The words begin with the setting.
  return { ...at(/^\w+/.exec(refusal)?.[0] ?? refusal), words: refusal }
}
