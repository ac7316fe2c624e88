/** Diagnoses with every cause and suspect of the catalogue: what a look-alike test must not do is leave a rival out. */
import type { Case, Diagnosis } from '../src/core/diagnosis.ts'
import { causes } from '../src/diagnosis/causes.generated.ts'
import { diagnose } from '../src/diagnosis/diagnose.ts'
import { suspects } from '../src/diagnosis/suspects.generated.ts'
import { caseOf } from './builders.ts'

export const diagnosed = (more: Partial<Case>): Diagnosis => diagnose(caseOf(more), causes, suspects)

/** Cause and verdict, first to last. */
export const named = (diagnosis: Diagnosis): readonly string[] =>
  diagnosis.causes.map(({ id, verdict }) => `${id} ${verdict}`)
