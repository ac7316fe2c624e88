import type { ContractConfig } from '../../core/configuration.ts'

/** Every settings file that these contracts name, absolute. */
export const settingsFilesOf = (
  contracts: readonly Pick<ContractConfig, 'settings' | 'reads'>[],
): readonly string[] => [
  ...new Set(
    contracts.flatMap(({ settings, reads }) => [
      ...settings.map(({ file }) => file),
      ...reads.flatMap(({ file }) => file ?? []),
    ]),
  ),
]

/** Connections of a settings file that need no server that takes writes: all of them, or those of these keys. */
export interface ReadsOnly {
  readonly isWhole: boolean
  readonly keys: readonly string[]
}

/** What the contracts say of a settings file, under each of the names by which they know it. */
export function readsOnlyIn(
  contracts: readonly Pick<ContractConfig, 'settings' | 'reads' | 'readOnly'>[],
  names: readonly string[],
): ReadsOnly {
  const ofFile = (file: string): boolean => names.includes(file)
  const own = contracts.filter(({ settings }) => settings.some(({ file }) => ofFile(file)))
  return {
    isWhole: names.length > 0 && own.every(({ readOnly }) => readOnly),
    keys: [
      ...own.flatMap(({ reads }) => reads.flatMap(({ file, key }) => (file === null ? (key ?? []) : []))),
      ...contracts.flatMap(({ reads }) => reads.flatMap(({ file, key }) => (ofFile(file ?? '') ? (key ?? []) : []))),
      ...own.flatMap(({ readOnly, settings }) =>
        readOnly ? settings.flatMap(({ file, key }) => (ofFile(file) ? (key ?? []) : [])) : [],
      ),
    ],
  }
}
