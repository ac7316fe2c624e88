import type { ClusterConfig } from '../../core/configuration.ts'

/** Every settings file that a contract names, absolute. */
export const contractFiles = ({ contracts }: ClusterConfig): readonly string[] => [
  ...new Set(
    contracts.flatMap(({ settings, reads }) => [
      ...settings.map(({ file }) => file),
      ...reads.flatMap(({ file }) => file ?? []),
    ]),
  ),
]
