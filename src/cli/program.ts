import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { withCustomChecks } from '../checks/custom.ts'
import { checks } from '../checks/list.generated.ts'
import type { InvariantConfig, Mute } from '../core/configuration.ts'
import { canonicalJson } from '../core/json.ts'
import { causes } from '../diagnosis/causes.generated.ts'
import { suspects } from '../diagnosis/suspects.generated.ts'
import type { Thresholds } from '../findings/inspect.ts'
import type { Catalogue } from '../watch/evaluate.ts'

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** Name and version, as bundles and proofs carry it. */
export const program = `antemortem ${typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, 'version')) : ''}`

/** All that judges, with the configuration's limits, the team's own checks of this cluster, and what is muted. */
export const catalogue = (
  thresholds: Thresholds,
  own: { readonly invariants?: readonly InvariantConfig[]; readonly mutes?: readonly Mute[] } = {},
): Catalogue => ({
  checks: withCustomChecks(checks, own.invariants ?? []),
  causes,
  suspects,
  thresholds,
  mutes: own.mutes ?? [],
})

/** Digest of what judges: another set of checks, causes and suspects gives another one. */
export const catalogueDigest = (): string =>
  createHash('sha256')
    .update(
      canonicalJson({
        checks: checks.map(({ id, severity, limits }) => ({ id, severity, limits })),
        causes: causes.map(({ id }) => id),
        suspects: suspects.map(({ id }) => id),
      }),
    )
    .digest('hex')
    .slice(0, 16)
