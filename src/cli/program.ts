import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { withCustomChecks } from '../checks/custom.ts'
import { checks } from '../checks/list.generated.ts'
import type { InvariantConfig } from '../core/configuration.ts'
import { canonicalJson } from '../core/json.ts'
import { causes } from '../diagnosis/causes.generated.ts'
import { suspects } from '../diagnosis/suspects.generated.ts'
import type { Thresholds } from '../findings/inspect.ts'
import type { Catalogue } from '../watch/evaluate.ts'

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** Name and version, as bundles and proofs carry it. */
export const program = `antemortem ${typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, 'version')) : ''}`

/** All that judges, with the configuration's limits and the team's own checks of this cluster. */
export const catalogue = (thresholds: Thresholds, invariants: readonly InvariantConfig[] = []): Catalogue => ({
  checks: withCustomChecks(checks, invariants),
  causes,
  suspects,
  thresholds,
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
