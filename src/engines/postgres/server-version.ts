import { newestTriedMajor, oldestMajor } from './reader.ts'

/** Every test runs from here on. */
const oldestTriedMajor = 15

/** 180004 as people write it: 18.4. */
export const versionText = (versionNum: number): string =>
  `PostgreSQL ${Math.floor(versionNum / 10_000)}.${versionNum % 10_000}`

/** Why a server is not read at all; null where it is. */
export const refusal = (versionNum: number): string | null =>
  versionNum < oldestMajor * 10_000 ? `${versionText(versionNum)} is older than ${oldestMajor}` : null

/** What to think of an answer of this version; null: nothing. */
export function versionNote(versionNum: number): string | null {
  const major = Math.floor(versionNum / 10_000)
  if (major > newestTriedMajor)
    return `newer than this program knows: read as ${newestTriedMajor} is; what it does not understand, it says`
  return major < oldestTriedMajor && major >= oldestMajor
    ? `older than ${oldestTriedMajor}: read as far as it tells`
    : null
}
